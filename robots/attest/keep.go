package attest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"byskriver/robots/attest/rules"
	"byskriver/runner"
	"byskriver/schedules"
)

// openOrder is an order as it was fetched last; ok is false where it has ended.
func (g *register) openOrder(id string) (rules.Order, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	o, ok := g.fresh[id]
	return o, ok
}

// cleanUp deletes what may no longer be kept: answers that were handed out, lists of
// start dates, and what is known of orders that ended long ago.
func (r *Robot) cleanUp(ctx context.Context) error {
	if err := r.overdue(ctx); err != nil {
		return err
	}
	first := map[string]bool{} // records that others follow
	for _, rec := range r.register.all() {
		if rec.Phase == phaseTwin {
			first[rec.Twin] = true
		}
	}
	for _, rec := range r.register.all() {
		told := rec.Seen == phaseEnded && !rec.Listed
		if rec.Phase == phaseEnded && told && !first[rec.Name] && r.today().After(rec.over().AddDays(r.settings.Policy.Ended)) {
			if err := r.register.drop(ctx, rec.Name, "bestillingens opbevaringstid udløbet"); err != nil {
				return err
			}
		}
	}
	return nil
}

// over is the day from which what is known of an ended certificate is kept for a time
// only: its end, and where nobody may start on it the start too. Till then it is on the
// list of start dates.
func (rec record) over() schedules.Date {
	if !rec.End.good() && rec.Order.Start.After(rec.Ended) {
		return rec.Order.Start
	}
	return rec.Ended
}

// overdue deletes what was handed out and the lists whose time is up: files in the
// robot's own folders, which go on their date whatever else fails.
func (r *Robot) overdue(ctx context.Context) error {
	var failed error
	if err := r.takeBack(ctx); err != nil {
		failed = fmt.Errorf("take back what was handed out: %w", err)
	}
	if err := r.oldLists(); err != nil {
		failed = errors.Join(failed, fmt.Errorf("delete old lists: %w", err))
	}
	return failed
}

// takeBack deletes the files in the payroll office's folder whose time is up, or
// whose answer is settled.
func (r *Robot) takeBack(ctx context.Context) error {
	kept := map[string]bool{}
	err := r.drawer.Each(ctx, inPost, func(name string, _ []byte) error {
		kept[strings.TrimPrefix(name, inPost)] = true
		return nil
	})
	if err != nil {
		return err
	}
	var gone []string
	err = r.drawer.Each(ctx, inHandOut, func(name string, data []byte) error {
		var h handed
		if err := json.Unmarshal(data, &h); err != nil {
			return err
		}
		if kept[strings.TrimPrefix(name, inHandOut)] && r.clock.Now().Before(h.Until) {
			return nil
		}
		for _, file := range []string{h.File, h.File + ".tmp"} {
			if err := os.Remove(filepath.Join(r.settings.HandOut, file)); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
		gone = append(gone, name)
		return nil
	})
	for _, name := range gone {
		err = errors.Join(err, r.drawer.Clear(ctx, name, "udlevering udløbet"))
	}
	return err
}

// Spent reports which entries of the drawer the house's policy of deletion may take,
// also while the robot stands still: answers that somebody has, and days of lists. Orders
// and batches under way go by the robot's own policy, and an answer that nobody has
// looked at yet is not lost.
func (r *Robot) Spent(name string, data []byte, state func(key string) runner.State) bool {
	if strings.HasPrefix(name, inDays) {
		return true
	}
	var l letter
	if !strings.HasPrefix(name, inPost) || json.Unmarshal(data, &l) != nil {
		return false
	}
	switch state("post/" + l.ID) {
	case runner.Exception, runner.Waiting, runner.Done:
		return true
	}
	return false
}
