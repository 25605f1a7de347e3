package cli

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"byskriver/runner"
	"byskriver/runner/runlog"
	"byskriver/runner/seal"
	"byskriver/runner/store"
)

type retainCmd struct {
	DryRun bool `help:"Say what would be deleted, and delete nothing."`
}

// Run deletes what the configuration says may no longer be kept.
func (c *retainCmd) Run(e *env) error {
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	by, err := operator(h.conf)
	if err != nil {
		return err
	}
	r := &retention{env: e, house: h, by: by, dry: c.DryRun, say: func(text string) { fmt.Fprintln(e.Stdout, text) }}
	return r.all(e.ctx)
}

// retention deletes by policy. Each deletion is an entry of the run log, with the rule
// that asked for it, in the commit that destroys the key; the proof of what happened
// stays whole.
type retention struct {
	env   *env
	house *house
	by    string
	dry   bool
	say   func(string)
	gone  int // pieces deleted
}

// atOnce is how many items are deleted in one commit.
const atOnce = 50

// all goes through every robot that has a policy.
func (r *retention) all(ctx context.Context) error {
	var failed []error
	policies := 0
	for _, name := range slices.Sorted(maps.Keys(r.house.conf.Robots)) {
		if !r.house.conf.Robots[name].Keep.Given() {
			continue
		}
		policies++
		if err := r.robot(ctx, name); err != nil {
			failed = append(failed, fmt.Errorf("delete what robot %s may no longer keep: %w", name, err))
		}
	}
	if policies == 0 {
		r.say("ingen robot har en slettepolitik (robots.NAVN.keep), så intet slettes")
	}
	if r.gone > 0 && !r.dry {
		// Only now are the bytes gone from the store's files, too.
		failed = append(failed, r.house.store.Scrub(ctx), r.house.prove(ctx))
	}
	return errors.Join(failed...)
}

func (r *retention) robot(ctx context.Context, name string) error {
	keep := r.house.conf.Robots[name].Keep
	var failed []error
	for _, p := range []struct {
		key, what string
		days      int
		do        func(context.Context, job) error
	}{
		{"evidence", "beviser om sager", keep.Evidence, r.evidence},
		{"content", "indhold af sager", keep.Content, r.content},
		{"log", "logtekster om sager", keep.Log, r.logs},
		{"drawer", "poster i robottens gemmer", keep.Drawer, r.drawer},
		{"papers", "ældre udgaver af ark", keep.Papers, r.papers},
	} {
		if p.days == 0 {
			continue
		}
		j := job{robot: name, what: p.what, days: p.days, rule: fmt.Sprintf("robots.%s.keep.%s: %d days", name, p.key, p.days),
			before: r.house.clock.Now().AddDate(0, 0, -p.days)}
		failed = append(failed, p.do(ctx, j))
	}
	return errors.Join(append(failed, r.overdue(ctx, name))...)
}

// job is one rule of one robot, carried out now.
type job struct {
	robot, what, rule string
	days              int
	before            time.Time
}

// told says what came of a rule.
func (r *retention) told(j job, n int) {
	if n == 0 {
		return
	}
	r.gone += n
	verb := "slettet"
	if r.dry {
		verb = "ville blive slettet"
	}
	r.say(fmt.Sprintf("%s: %d %s fra før %s %s (%s)", j.robot, n, j.what, r.house.when(j.before), verb, j.rule))
}

func (r *retention) evidence(ctx context.Context, j job) error {
	return r.items(ctx, j, store.Evidence, func(t *store.Tx, rows []store.Row) (int, error) {
		return r.parts(t, j, rows, store.Evidence, "item.evidence_deleted")
	})
}

func (r *retention) content(ctx context.Context, j job) error {
	return r.items(ctx, j, store.Content, func(t *store.Tx, rows []store.Row) (int, error) {
		return r.parts(t, j, rows, store.Content, "item.content_deleted")
	})
}

// logs removes texts, fields and persons of items' entries, and destroys the keys that
// sealed them. The log itself records which entries they were.
func (r *retention) logs(ctx context.Context, j job) error {
	return r.items(ctx, j, store.LogText, func(t *store.Tx, rows []store.Row) (int, error) {
		numbers := make([]string, len(rows))
		for i, row := range rows {
			numbers[i] = row.Number
		}
		if _, err := r.house.log.Remove(t.Context(), t, runlog.Removal{Items: numbers, Policy: j.rule, By: r.by}); err != nil {
			return 0, err
		}
		return r.parts(t, j, rows, store.LogText, "item.log_deleted")
	})
}

// items carries a rule out on the items that it has come to, some in each commit.
func (r *retention) items(ctx context.Context, j job, p store.Part, do func(*store.Tx, []store.Row) (int, error)) error {
	n, after := 0, int64(0)
	for {
		rows, err := r.house.store.Expired(ctx, j.robot, p, j.before, after, atOnce)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			r.told(j, n)
			return nil
		}
		after = rows[len(rows)-1].ID
		if r.dry {
			n += len(rows)
			continue
		}
		done := 0
		err = r.house.store.Write(ctx, func(t *store.Tx) (err error) {
			done, err = do(t, rows)
			return err
		})
		if err != nil {
			return err
		}
		n += done
	}
}

// parts destroys a part of each item and logs that. An item that somebody else has
// seen to meanwhile is passed over.
func (r *retention) parts(t *store.Tx, j job, rows []store.Row, p store.Part, code string) (int, error) {
	n := 0
	for _, row := range rows {
		held, err := r.house.store.LogKeys(t.Context(), t, []string{row.Number})
		if err != nil {
			return n, err
		}
		d, err := t.Delete(row, p)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return n, err
		}
		e := runlog.Entry{At: r.house.clock.Now(), Code: code, Item: row.Number, Fields: map[string]string{
			"item": row.Number, "robot": j.robot, "rule": j.rule, "by": r.by, "pieces": fmt.Sprint(d.Pieces), "sha256": hex.EncodeToString(d.Digest)}}
		key := held[0].Key
		if p == store.LogText || !key.Valid() {
			e.Item, key = "", seal.Key{} // the house's: the item's own log key is gone
		}
		if err := r.house.log.Append(t.Context(), t, key, e); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// papers deletes the versions of sheets that were replaced long ago.
func (r *retention) papers(ctx context.Context, j job) error {
	old, err := r.house.store.OldPapers(ctx, j.robot, j.before)
	if err != nil || r.dry {
		r.told(j, len(old))
		return err
	}
	n := 0
	for _, p := range old {
		err := r.house.store.Write(ctx, func(t *store.Tx) error {
			d, err := t.DeletePaper(p)
			if err != nil {
				return err
			}
			return r.house.log.Append(t.Context(), t, seal.Key{}, runlog.Entry{At: r.house.clock.Now(), Code: "paper.deleted", Fields: map[string]string{
				"robot": j.robot, "name": p.Name, "rule": j.rule, "by": r.by, "laid": p.At.Format(time.RFC3339), "sealed_sha256": hex.EncodeToString(d.Digest)}})
		})
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		n++
	}
	r.told(j, n)
	return nil
}

// spender is a robot that can say whether anything still to be done hangs on what
// lies in its drawer.
type spender interface {
	// Spent reports that an entry may be deleted once its time is up. state tells how
	// the live item of a business key stands, "" if there is none.
	Spent(name string, data []byte, state func(key string) runner.State) bool
}

// stateOf tells how the items of a robot stand. What cannot be read has no state.
func (r *retention) stateOf(ctx context.Context, robot string) func(string) runner.State {
	return func(key string) runner.State {
		row, err := r.house.store.ItemByKey(ctx, robot, runner.Live, key)
		if err != nil {
			return ""
		}
		return row.State
	}
}

// drawer clears what has lain in the robot's drawer for too long and is spent.
func (r *retention) drawer(ctx context.Context, j job) (err error) {
	robot, done, err := r.env.robot(r.house.conf, j.robot, r.house.shelf, &drift{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	s, ok := robot.(spender)
	if !ok {
		return usage("robots.%s.keep.drawer: robot %s has nothing in a drawer that may be deleted by days; leave it out", j.robot, j.robot)
	}
	laid, err := r.house.store.Drawer(ctx, j.robot, "")
	if err != nil {
		return err
	}
	n, state := 0, r.stateOf(ctx, j.robot)
	for _, l := range laid {
		if !l.At.Before(j.before) || !s.Spent(l.Name, l.Data, state) {
			continue
		}
		if n++; r.dry {
			continue
		}
		if err := (shelf{r.house.store.Shelf(j.robot), r.house, j.robot}).Clear(ctx, l.Name, j.rule); err != nil {
			return err
		}
	}
	r.told(j, n)
	return nil
}

// overdue tells of items that are older than the content may be and not over: they are
// somebody's work still, and no policy deletes work.
func (r *retention) overdue(ctx context.Context, name string) error {
	days := r.house.conf.Robots[name].Keep.Content
	if days == 0 {
		return nil
	}
	n, oldest, err := r.house.store.Overdue(ctx, name, r.house.clock.Now().AddDate(0, 0, -days))
	if err == nil && n > 0 {
		r.say(fmt.Sprintf("%s: %d sager er ældre end %d dage og ikke afsluttet, så de slettes ikke; den ældste er fra %s. Afslut dem, så følger de politikken.", name, n, days, r.house.when(oldest)))
	}
	return err
}

// removedText says of an item whose content was deleted when that was and by which rule,
// as far as the log can be read; "" where the content is there.
func (h *house) removedText(ctx context.Context, row store.Row, keys store.Keys) (string, error) {
	if keys.Content.Valid() {
		return "", nil
	}
	text := row.Number + ": slettet efter regel: sagens indhold er slettet efter slettepolitikken"
	for e, err := range h.log.Entries(ctx, h.store.Reader(), runlog.Filter{Item: row.Number, Code: "item.content_deleted"}) {
		if err != nil {
			return "", err
		}
		text += " " + h.when(e.At)
		if rule := e.Fields["rule"]; rule != "" {
			text += " (" + runner.Mask(rule) + ")"
		}
		if e.Seq > 0 {
			text += fmt.Sprintf(". Post %d i loggen beviser det (byskriver log prove %d)", e.Seq, e.Seq)
		}
		break
	}
	return text + ".", nil
}
