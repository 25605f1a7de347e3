package invoice

import (
	"context"

	"byskriver/robots/invoice/approval"
	"byskriver/robots/invoice/plans"
	"byskriver/runner"
)

// paperPlans is the approved plan sheet's place on the robot's shelf.
const paperPlans = "payment-plans"

// ActionApprove is a second person's decision to let a changed plan sheet take
// effect.
const ActionApprove = approval.Action

// PlanChange is a plan sheet that differs from the approved one.
type PlanChange = approval.Change[plans.Sheet]

// planWords are what staff read about a changed plan sheet.
var planWords = approval.Words{
	Changed: approval.Said{Code: "PLANER-ÆNDRET",
		Text: "Betalingsplanerne er ændret (gemt af {af}). En anden end den, der har gemt dem, skal godkende, før de gælder. {ændringer}"},
	First: approval.Said{Code: "PLANER-ÆNDRET",
		Text: "Kommunen har endnu ingen godkendte betalingsplaner. Her er de første (gemt af {af}). En anden end den, der har gemt dem, skal godkende, før de gælder. {ændringer}"},
	Broken: approval.Said{Code: "PLANER-FEJL",
		Text: "Arket med betalingsplaner kan ikke bruges. Robotten arbejder videre efter de godkendte planer. {fejl} Ret arket og gem det."},
	Unknown: approval.Said{Code: "PLANER-UKENDT",
		Text: "Filen med betalingsplaner siger ikke, hvem der har gemt den, så det kan ikke ses, at en anden godkender den. Gem arket igen med dit navn som bruger i Excel."},
	Same: approval.Said{Code: "PLANER-SAMME",
		Text: "Planerne er gemt af {af} og kan ikke godkendes af {godkender}. Lad en anden godkende dem."},
	Superseded: approval.Said{Code: "PLANER-FORÆLDET",
		Text: "Arket er ændret igen siden denne udgave. Godkend den nyeste i stedet."},
	Remarks: "Bemærk: ", Label: "Betalingsplaner", Missing: "payment plan sheet", Key: "plans/",
}

// planKeeper keeps the plan sheet.
func (r *Robot) planKeeper() *approval.Keeper[plans.Sheet] {
	return &approval.Keeper[plans.Sheet]{Path: r.settings.Plans, Paper: paperPlans, Words: planWords, Shelf: r.shelf, Parse: plans.Parse,
		Digest: plans.Sheet.ContentDigest, Meta: func(s *plans.Sheet) *plans.Meta { return &s.Meta },
		Describe: func(old, new plans.Sheet) string { return plans.Describe(plans.Diff(old, new)) }}
}

// collectPlans reports a plan sheet that says something else than the approved
// one, or that cannot be used.
func (r *Robot) collectPlans(ctx context.Context, found runner.Finder) error {
	return r.planKeeper().Collect(ctx, found, func(c PlanChange) any { return Content{Plans: &c} })
}
