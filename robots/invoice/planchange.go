package invoice

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
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
	_, err = found(runner.Found{Key: "plans/" + change.key(), Content: b, Same: change.key(), Label: "Betalingsplaner", Source: r.settings.Plans})
	return err
}

func (r *Robot) planChange(ctx context.Context) (*PlanChange, error) {
	sheet, problems, file, err := readSheet(r.settings.Plans)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the payment plan sheet is missing: %w", err)
	}
	if err != nil {
		return nil, err
	}
	if plans.Refused(problems) {
		return &PlanChange{Digest: "file/" + file, Problems: problems}, nil
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

// readSheet reads the plan sheet together with the SHA-256, in hex, of its file,
// which plans.Read gives for a sheet that can be used only.
func readSheet(path string) (sheet plans.Sheet, problems []plans.Problem, digest string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sheet, nil, "", fmt.Errorf("open the payment plans: %w", err)
	}
	defer f.Close()
	limits := plans.DefaultFileLimits()
	// One byte more than the limit, so that Parse sees that the file is too large.
	data, err := io.ReadAll(io.LimitReader(f, limits.FileBytes+1))
	if err != nil {
		return sheet, nil, "", fmt.Errorf("read the payment plans %s: %w", path, err)
	}
	sum := sha256.Sum256(data)
	sheet, problems = plans.Parse(data, limits)
	return sheet, problems, hex.EncodeToString(sum[:]), nil
}

// key tells one change from another: going back to an earlier version is a
// change of its own, since another version was approved in between. Remarks count
// too: a sheet with rows newly hidden is another one to look through.
func (p PlanChange) key() string {
	if p.Sheet == nil {
		return p.Digest
	}
	key := p.After + "/" + p.Digest + "/" + author(*p.Sheet)
	for _, problem := range p.Problems {
		key += "/" + problem.String()
	}
	return key
}

// workPlans puts a changed sheet before a second person, and lets it take effect
// when that person has approved it.
func (r *Robot) workPlans(ctx context.Context, c runner.Case, change PlanChange) error {
	switch d := c.Item().Decision; {
	case change.Sheet == nil:
		return runner.Refuse("PLANER-FEJL", "Arket med betalingsplaner kan ikke bruges. Robotten arbejder videre efter de godkendte planer. "+problemText(change.Problems)+" Ret arket og gem det.", "", runner.Manual())
	case author(*change.Sheet) == "":
		return runner.Refuse("PLANER-UKENDT", "Filen med betalingsplaner siger ikke, hvem der har gemt den, så det kan ikke ses, at en anden godkender den. Gem arket igen med dit navn som bruger i Excel.", "", runner.Manual())
	case d != nil && d.Action == ActionApprove:
		return r.approve(ctx, c, change, *d)
	}
	old, since, err := r.approved(ctx)
	if err != nil {
		return err
	}
	text := "Betalingsplanerne er ændret (gemt af %s). En anden end den, der har gemt dem, skal godkende, før de gælder. %s"
	if since.IsZero() {
		text = "Kommunen har endnu ingen godkendte betalingsplaner. Her er de første (gemt af %s). En anden end den, der har gemt dem, skal godkende, før de gælder. %s"
	}
	text = fmt.Sprintf(text, author(*change.Sheet), plans.Describe(plans.Diff(old, *change.Sheet)))
	if len(change.Problems) > 0 {
		text += "Bemærk: " + problemText(change.Problems)
	}
	return runner.Refuse("PLANER-ÆNDRET", text, "", runner.Choice{Action: ActionApprove, Label: "Godkend"}, runner.Manual())
}

// approve lays the sheet on the shelf. Nobody approves his own change, and only
// the sheet as it is now, against the plans as they are now, can be approved.
func (r *Robot) approve(ctx context.Context, c runner.Case, change PlanChange, d runner.Decision) error {
	by := author(*change.Sheet)
	if strings.EqualFold(by, strings.TrimSpace(d.By)) {
		return runner.Refuse("PLANER-SAMME", fmt.Sprintf("Planerne er gemt af %s og kan ikke godkendes af %s. Lad en anden godkende dem.", by, d.By), "",
			runner.Choice{Action: ActionApprove, Label: "Godkend"}, runner.Manual())
	}
	now, err := r.planChange(ctx)
	switch {
	case err != nil:
		return err
	case now == nil:
		return r.approvedAlready(ctx, change)
	case now.key() != change.key():
		return superseded()
	}
	data, err := json.Marshal(change.Sheet)
	if err != nil {
		return fmt.Errorf("encode the approved payment plans: %w", err)
	}
	return r.shelf.Put(ctx, runner.Paper{Name: paperPlans, Data: data, By: []string{by, d.By}, At: c.Now()})
}

// approvedAlready settles an approval where the sheet as it is now is in effect:
// either this very approval was carried out and only its end not noted, or another
// version was approved meanwhile.
func (r *Robot) approvedAlready(ctx context.Context, change PlanChange) error {
	sheet, _, err := r.approved(ctx)
	if err != nil {
		return err
	}
	digest, err := sheet.ContentDigest()
	if err == nil && digest != change.Digest {
		return superseded()
	}
	return err
}

// superseded refuses the approval of a sheet that has been changed again since.
func superseded() error {
	return runner.Refuse("PLANER-FORÆLDET", "Arket er ændret igen siden denne udgave. Godkend den nyeste i stedet.", "", runner.Manual())
}

// author is who saved the sheet last, as the file says; "" where it does not.
func author(s plans.Sheet) string { return strings.TrimSpace(s.Meta.LastModifiedBy) }

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
