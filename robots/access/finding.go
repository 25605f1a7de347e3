package access

import (
	"context"
	"maps"
	"slices"
	"strings"

	"byskriver/robots/access/review"
	"byskriver/runner"
	"byskriver/schedules"
)

// acceptedMonths is how long IT's word that a finding is in order counts.
const acceptedMonths = 12

// noted is one finding that IT was told of.
type noted struct {
	Finding review.Finding `json:"finding"`
	Since   schedules.Date `json:"since"`
	Told    bool           `json:"told,omitempty"` // it is an item
	Gone    bool           `json:"gone,omitempty"` // it is no longer so
}

// actionAccept is IT's word that a finding is as it should be.
const actionAccept = "accept"

func findingKey(f review.Finding) string {
	return strings.Join([]string{f.Code, f.System, f.Account, f.Person}, "\x1f")
}

// noteFindings notes what IT is to be told of now, of the codes that were looked for. What is no
// longer so is kept until its item knows; what was accepted a year ago is told anew.
func (r *Robot) noteFindings(ctx context.Context, now []review.Finding, looked func(code string) bool) error {
	old, _, err := get[map[string]noted](ctx, r.books, inFindings)
	if err != nil {
		return err
	}
	next := map[string]noted{}
	for key, n := range old {
		if looked(n.Finding.Code) {
			n.Gone = true
		}
		next[key] = n
	}
	for _, f := range now {
		n, known := old[findingKey(f)]
		expired := known && review.MonthOf(r.today())-review.MonthOf(n.Since) >= acceptedMonths
		if !known || n.Gone || expired {
			n = noted{Since: r.today()}
		}
		n.Finding, n.Gone = f, false
		next[findingKey(f)] = n
	}
	if same(old, next) {
		return nil
	}
	return r.books.put(ctx, inFindings, next)
}

// collectFindings makes items of what is new, and wakes those of what is no longer so.
func (r *Robot) collectFindings(ctx context.Context, found runner.Finder) error {
	list, _, err := get[map[string]noted](ctx, r.books, inFindings)
	if err != nil {
		return err
	}
	changed := false
	for _, key := range slices.Sorted(maps.Keys(list)) {
		n := list[key]
		if n.Told && !n.Gone {
			continue
		}
		label := n.Finding.Account
		if label == "" {
			label = n.Finding.Code
		}
		f := r.found("fund/"+key+"/"+n.Since.String(), content{Finding: &n.Finding, Key: key}, label, "Læsning", r.settings.Areas.IT, schedules.Date{})
		f.Again = n.Gone
		if _, err := found(f); err != nil {
			return err
		}
		n.Told, changed = true, true
		if list[key] = n; n.Gone {
			delete(list, key)
		}
	}
	if !changed {
		return nil
	}
	return r.books.put(ctx, inFindings, list)
}

// workFinding lays a finding before IT, until it is no longer so or is accepted.
func (r *Robot) workFinding(ctx context.Context, c runner.Case, key string, f review.Finding) error {
	list, _, err := get[map[string]noted](ctx, r.books, inFindings)
	if err != nil {
		return err
	}
	n, stands := list[key]
	if d := c.Item().Decision; !stands || n.Gone || d != nil && d.Action == actionAccept {
		return nil
	}
	return runner.Refuse(n.Finding.Code, n.Finding.Text, "",
		runner.Choice{Action: actionAccept, Label: "Det er i orden", NeedsNote: true}, runner.Manual())
}
