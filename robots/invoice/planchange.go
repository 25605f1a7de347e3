package invoice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"byskriver/robots/invoice/plans"
	"byskriver/runner"
)

// paperPlans is the approved plan sheet's place on the robot's shelf.
const paperPlans = "payment-plans"

// ActionApprove is a second person's decision to let a changed plan sheet take
// effect.
const ActionApprove = "approve"

// collectPlans reports a plan sheet that says something else than the approved
// one, or that cannot be used.
func (r *Robot) collectPlans(ctx context.Context, found runner.Finder) error {
	change, err := r.planChange(ctx)
	if err != nil || change == nil {
		return err
	}
	b, err := json.Marshal(Content{Plans: change})
	if err != nil {
		return fmt.Errorf("encode the changed payment plans: %w", err)
	}
	_, err = found(runner.Found{Key: "plans/" + change.key(), Content: b, Label: "Betalingsplaner", Source: r.settings.Plans})
	return err
}

func (r *Robot) planChange(ctx context.Context) (*PlanChange, error) {
	sheet, problems, err := plans.Read(r.settings.Plans, plans.DefaultFileLimits())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the payment plan sheet is missing: %w", err)
	}
	if err != nil {
		return nil, err
	}
	if plans.Refused(problems) {
		return &PlanChange{Digest: "file/" + sheet.Meta.FileDigest, Problems: problems}, nil
	}
	digest, err := sheet.ContentDigest()
	if err != nil {
		return nil, err
	}
	old, since, err := r.approved(ctx)
	if err != nil {
		return nil, err
	}
	if !since.IsZero() {
		have, err := old.ContentDigest()
		if err != nil || have == digest {
			return nil, err
		}
	}
	// When and where the file was saved is no part of what is approved, and would
	// make the same change look like another.
	sheet.Meta = plans.Meta{LastModifiedBy: sheet.Meta.LastModifiedBy}
	return &PlanChange{Digest: digest, After: since.UTC().Format(time.RFC3339Nano), Sheet: &sheet, Problems: problems}, nil
}

// key tells one change from another: going back to an earlier version is a
// change of its own, since another version was approved in between.
func (p PlanChange) key() string {
	if p.Sheet == nil {
		return p.Digest
	}
	return p.After + "/" + p.Digest + "/" + author(*p.Sheet)
}

// workPlans puts a changed sheet before a second person, and lets it take effect
// when that person has approved it.
func (r *Robot) workPlans(ctx context.Context, c runner.Case, change PlanChange) error {
	if change.Sheet == nil {
		return runner.Refuse("PLANER-FEJL", "Arket med betalingsplaner kan ikke bruges. Robotten arbejder videre efter de godkendte planer. "+problemText(change.Problems)+" Ret arket og gem det.", "", runner.Manual())
	}
	if d := c.Item().Decision; d != nil && d.Action == ActionApprove {
		return r.approve(ctx, c, change, *d)
	}
	old, _, err := r.approved(ctx)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("Betalingsplanerne er ændret (gemt af %s). En anden end den, der har ændret dem, skal godkende, før de gælder. %s",
		author(*change.Sheet), plans.Describe(plans.Diff(old, *change.Sheet)))
	return runner.Refuse("PLANER-ÆNDRET", text, "", runner.Choice{Action: ActionApprove, Label: "Godkend"}, runner.Manual())
}

// approve lays the sheet on the shelf. Nobody approves his own change.
func (r *Robot) approve(ctx context.Context, c runner.Case, change PlanChange, d runner.Decision) error {
	by := author(*change.Sheet)
	if strings.EqualFold(strings.TrimSpace(by), strings.TrimSpace(d.By)) || by == unknownAuthor {
		return runner.Refuse("PLANER-SAMME", fmt.Sprintf("Planerne er gemt af %s og kan ikke godkendes af %s. Lad en anden godkende dem.", by, d.By), "",
			runner.Choice{Action: ActionApprove, Label: "Godkend"}, runner.Manual())
	}
	if err := r.superseded(ctx, change); err != nil {
		return err
	}
	data, err := json.Marshal(change.Sheet)
	if err != nil {
		return fmt.Errorf("encode the approved payment plans: %w", err)
	}
	return r.shelf.Put(ctx, runner.Paper{Name: paperPlans, Data: data, By: []string{by, d.By}, At: c.Now()})
}

// superseded refuses an approval where the sheet has been changed again since.
func (r *Robot) superseded(ctx context.Context, change PlanChange) error {
	now, err := r.planChange(ctx)
	if err != nil {
		return err
	}
	if now != nil && now.Digest != change.Digest {
		return runner.Refuse("PLANER-FORÆLDET", "Arket er ændret igen siden denne udgave. Godkend den nyeste i stedet.", "", runner.Manual())
	}
	return nil
}

const unknownAuthor = "ukendt"

func author(s plans.Sheet) string {
	if a := strings.TrimSpace(s.Meta.LastModifiedBy); a != "" {
		return a
	}
	return unknownAuthor
}

func problemText(problems []plans.Problem) string {
	var texts []string
	for i, p := range problems {
		if i == maxReasons {
			texts = append(texts, fmt.Sprintf("Der er %d til.", len(problems)-i))
			break
		}
		texts = append(texts, p.String())
	}
	return strings.Join(texts, " ")
}
