package approval

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"byskriver/robots/invoice/plans"
	"byskriver/runner"
)

// Work puts a changed sheet before a second person, and lets it take effect when
// that person has approved it.
func (k *Keeper[S]) Work(ctx context.Context, c runner.Case, change Change[S]) error {
	problems := runner.Mask(ProblemText(change.Problems))
	switch d := c.Item().Decision; {
	case change.Sheet == nil:
		return refuse(k.Words.Broken, "{fejl}", problems)
	case k.author(*change.Sheet) == "":
		return refuse(k.Words.Unknown)
	case d != nil && d.Action == Action:
		return k.approve(ctx, c, change, *d)
	}
	old, since, err := k.Approved(ctx)
	if err != nil {
		return err
	}
	said := k.Words.Changed
	if since.IsZero() {
		said = k.Words.First
	}
	if len(change.Problems) > 0 {
		said.Text += " " + k.Words.Remarks + problems
	}
	return refuseWith(said, []runner.Choice{{Action: Action, Label: "Godkend"}, runner.Manual()},
		"{af}", k.author(*change.Sheet), "{ændringer}", k.Describe(old, *change.Sheet))
}

// approve lays the sheet on the shelf. Nobody approves his own change, and only
// the sheet as it is now, against the version as it is now, can be approved.
func (k *Keeper[S]) approve(ctx context.Context, c runner.Case, change Change[S], d runner.Decision) error {
	by := k.author(*change.Sheet)
	if strings.EqualFold(by, strings.TrimSpace(d.By)) {
		return refuseWith(k.Words.Same, []runner.Choice{{Action: Action, Label: "Godkend"}, runner.Manual()}, "{af}", by, "{godkender}", d.By)
	}
	now, err := k.Changed(ctx)
	switch {
	case err != nil:
		return err
	case now == nil:
		return k.approvedAlready(ctx, change)
	case k.key(*now) != k.key(change):
		return refuse(k.Words.Superseded)
	}
	data, err := json.Marshal(change.Sheet)
	if err != nil {
		return fmt.Errorf("encode the approved %s: %w", k.Words.Missing, err)
	}
	return k.Shelf.Put(ctx, runner.Paper{Name: k.Paper, Data: data, By: []string{by, d.By}, At: c.Now()})
}

// approvedAlready settles an approval where the sheet as it is now is in effect:
// either this very approval was carried out and only its end not noted, or another
// version was approved meanwhile.
func (k *Keeper[S]) approvedAlready(ctx context.Context, change Change[S]) error {
	sheet, _, err := k.Approved(ctx)
	if err != nil {
		return err
	}
	digest, err := k.Digest(sheet)
	if err == nil && digest != change.Digest {
		return refuse(k.Words.Superseded)
	}
	return err
}

func refuse(s Said, pairs ...string) error {
	return refuseWith(s, []runner.Choice{runner.Manual()}, pairs...)
}

func refuseWith(s Said, choices []runner.Choice, pairs ...string) error {
	return runner.Refuse(s.Code, strings.TrimSpace(strings.NewReplacer(pairs...).Replace(s.Text)), "", choices...)
}

// mostProblems bounds how many problems one reason spells out.
const mostProblems = 4

// ProblemText is what is wrong with a sheet as one text.
func ProblemText(problems []plans.Problem) string {
	var texts []string
	for i, p := range problems {
		if i == mostProblems {
			texts = append(texts, fmt.Sprintf("Der er %d til.", len(problems)-i))
			break
		}
		texts = append(texts, p.String())
	}
	return strings.Join(texts, " ")
}
