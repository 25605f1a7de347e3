package cli

import (
	"context"
	"fmt"
	"os"

	"byskriver/runner/config"
	"byskriver/runner/runlog"
	"byskriver/runner/seal"
	"byskriver/runner/store"
)

type storeCmd struct {
	Move storeMoveCmd `cmd:"" help:"Move all of the store into another, empty database, and check it row by row. Go on with the same command if it was cut off."`
}

type storeMoveCmd struct {
	To     string `arg:"" help:"The configuration to go on with: as the present one, but for its store."`
	GiveUp bool   `help:"Stay with the present store; what was copied is of no use any more."`
}

// Run moves the municipality from the store of the present configuration to that of
// another. Nobody works on either until it is done.
func (c *storeMoveCmd) Run(e *env) error {
	from, err := e.moving(e.configFile)
	if err != nil {
		return err
	}
	defer from.close()
	unlock, err := from.alone(e.ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if c.GiveUp {
		return (&store.Move{From: from.store}).GiveUp(e.ctx)
	}
	to, err := e.moving(c.To)
	if err != nil {
		return err
	}
	defer to.close()
	if err := sameMunicipality(from, to); err != nil {
		return err
	}
	return e.move(from, to)
}

// moving opens the store and the log of a configuration to move them.
func (e *env) moving(file string) (*house, error) {
	other := *e
	other.configFile, other.toMove = file, true
	return other.open()
}

// alone makes sure that no program works on the store, and that none begins to.
func (h *house) alone(ctx context.Context) (unlock func(), err error) {
	var locks []*os.File
	unlock = func() {
		for _, f := range locks {
			f.Close()
		}
	}
	if h.store.Shared() {
		var busy []string
		err := h.store.Write(ctx, func(t *store.Tx) (err error) {
			busy, err = t.Machines()
			return err
		})
		if err == nil && len(busy) > 0 {
			err = fmt.Errorf("%v still works on this store; stop byskriver on all machines first", busy)
		}
		return unlock, err
	}
	names := []string{"serve"}
	for name := range h.conf.Robots {
		names = append(names, name)
	}
	for _, name := range names {
		f, err := lockAlone(h.store.LockPath(name), fmt.Sprintf("another program still works on this store (%s); stop it first", name))
		if err != nil {
			unlock()
			return func() {}, err
		}
		locks = append(locks, f)
	}
	return unlock, nil
}

// sameMunicipality makes sure that the other configuration can read what is moved.
func sameMunicipality(from, to *house) error {
	if from.conf.Municipality != to.conf.Municipality {
		return &config.Problem{File: to.conf.File, Text: fmt.Sprintf("municipality is %q here and %q in %s; they must be the same", to.conf.Municipality, from.conf.Municipality, from.conf.File)}
	}
	for _, k := range []struct {
		name string
		a, b config.Secret
	}{{"store.key", from.conf.Store.Key, to.conf.Store.Key}, {"log.key", from.conf.Log.Key, to.conf.Log.Key}} {
		a, err := k.a.Reveal()
		if err != nil {
			return err
		}
		b, err := k.b.Reveal()
		if err != nil {
			return err
		}
		if a != b {
			return &config.Problem{File: to.conf.File, Text: k.name + " is not the same secret as in " + from.conf.File + "; what is moved could not be read"}
		}
	}
	return nil
}

func (e *env) move(from, to *house) error {
	m := &store.Move{From: from.store, To: to.store, Progress: func(table string, rows int64) {
		if rows%10000 == 0 {
			fmt.Fprintf(e.Stderr, "%s: %d rows\n", table, rows)
		}
	}}
	fresh, err := m.Begin(e.ctx)
	if err != nil {
		return err
	}
	if fresh {
		if err := from.lastEntry(e); err != nil {
			return err
		}
		if err := m.Leave(e.ctx); err != nil {
			return err
		}
	}
	if err := m.Copy(e.ctx); err != nil {
		return err
	}
	if err := m.Compare(e.ctx); err != nil {
		return err
	}
	proved, err := sameLog(e, from, to)
	if err != nil {
		return err
	}
	if err := m.Finish(e.ctx); err != nil {
		return err
	}
	fmt.Fprintf(e.Stdout, "moved: %d items, %d log entries proved by the old checkpoints, %d rows compared one by one; use %s from now on\n",
		proved.items, proved.entries, m.Rows, to.conf.File)
	return nil
}

// lastEntry says in the log that the store is moved, and proves all that is in it.
func (h *house) lastEntry(e *env) error {
	err := h.store.Write(e.ctx, func(t *store.Tx) error {
		return h.log.Append(t.Context(), t, seal.Key{}, runlog.Entry{At: h.clock.Now(), Code: "store.moved", Text: "Alt herfra flyttes til en anden database, hvor loggen fortsætter."})
	})
	if err != nil {
		return err
	}
	return h.prove(e.ctx)
}

type proved struct{ items, entries int64 }

// sameLog verifies the moved log, held against the newest checkpoint of the old store
// and those in the folders, and opens every item.
func sameLog(e *env, from, to *house) (proved, error) {
	var p proved
	_, signed, err := from.log.Newest(e.ctx, from.store.Reader())
	if err != nil {
		return p, err
	}
	opts := runlog.VerifyOptions{}
	if len(signed) > 0 {
		opts.Checkpoints = [][]byte{signed}
	}
	report, err := to.log.Verify(e.ctx, to.store.Reader(), opts)
	if err != nil {
		return p, err
	}
	if !report.OK() {
		return p, &failure{exitUnproven, fmt.Errorf("the moved log does not verify (%d problems, the first: %s); the old store is as it was", len(report.Problems), report.Problems[0].Text)}
	}
	p.entries = report.Size
	for row, err := range to.store.All(e.ctx) {
		if err == nil {
			_, _, err = to.store.Load(e.ctx, row)
		}
		if err != nil {
			return p, fmt.Errorf("open the moved items: %w", err)
		}
		p.items++
	}
	return p, nil
}
