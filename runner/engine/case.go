package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"sync"
	"time"

	"byskriver/runner"
	"byskriver/runner/runlog"
	"byskriver/runner/store"
)

// itemCase is what Work is given.
type itemCase struct {
	run  *run
	row  store.Row
	item runner.Item
	keys store.Keys

	mu        sync.Mutex
	decided   hash.Hash // over the decisions recorded in this attempt
	uncertain error     // set by Once; no robot can talk it away
	held      *parked   // set by Once, too
	panicked  string
	label     string
	entered   []string // systems
	waitsAt   string   // the system whose closed door it has met
}

var _ runner.Case = (*itemCase)(nil)

// Item is the item as it was claimed.
func (c *itemCase) Item() runner.Item { return c.item }

// Now is the time by the engine's clock.
func (c *itemCase) Now() time.Time { return c.run.Clock.Now() }

// Label says what the case is called in the source system.
func (c *itemCase) Label(label string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.label = label
}

// Decided records a decision of a pure rule.
func (c *itemCase) Decided(ctx context.Context, d runner.Decided) error {
	sealed, err := c.keys.SealDecided(d)
	if err != nil {
		return err
	}
	c.mu.Lock()
	if c.decided == nil {
		c.decided = sha256.New()
	}
	fmt.Fprintf(c.decided, "%s\n%d\n%s\n%d\n%s\n", d.Rule, len(d.Input), d.Input, len(d.Verdict), d.Verdict)
	c.mu.Unlock()
	return c.run.Store.Write(ctx, func(t *store.Tx) error {
		return t.PutDecided(c.row, d.Rule, c.run.row.Number, c.run.Clock.Now(), sealed)
	})
}

// decidedDigest ties the recorded decisions to the run log: their digest, salted
// by the entry's commitment, stands in the outcome's entry.
func (c *itemCase) decidedDigest() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.decided == nil {
		return ""
	}
	return hex.EncodeToString(c.decided.Sum(nil))
}

// LookUp logs a look-up of a person's data, and returns when that is committed.
func (c *itemCase) LookUp(ctx context.Context, l runner.LookUp) error {
	e := c.entry("person.looked_up")
	e.Subject, e.Fields = l.Subject, map[string]string{"system": l.System, "purpose": l.Purpose}
	return c.append(ctx, e)
}

func (c *itemCase) append(ctx context.Context, e runlog.Entry) error {
	entry, err := c.run.Log.Seal(c.keys.Log, e)
	if err != nil {
		return err
	}
	return c.run.Store.Write(ctx, func(t *store.Tx) error { return c.run.Log.Write(t.Context(), t, entry...) })
}

// Reserve notes a mark and returns those of other items beside it.
func (c *itemCase) Reserve(ctx context.Context, m runner.Mark, from, to time.Time) ([]runner.Mark, error) {
	mac := c.run.Store.MarkMAC(c.row.Robot, m)
	var others []runner.Mark
	err := c.run.Store.Write(ctx, func(t *store.Tx) error {
		var err error
		others, err = t.Reserve(c.row, m, mac, from, to)
		return err
	})
	return others, err
}

// Keep stores evidence, sealed, and logs its digest.
func (c *itemCase) Keep(ctx context.Context, e runner.Evidence) (string, error) {
	sealed := c.keys.SealEvidence(e)
	sum := sha256.Sum256(e.Data)
	entry := c.entry("evidence.kept")
	entry.Fields = map[string]string{"name": e.Name, "sha256": hex.EncodeToString(sum[:])}
	rows, err := c.run.Log.Seal(c.keys.Log, entry)
	if err != nil {
		return "", err
	}
	return e.Name, c.run.Store.Write(ctx, func(t *store.Tx) error {
		if err := t.Keep(c.row, e.Name, entry.At, sealed); err != nil {
			return err
		}
		return c.run.Log.Write(t.Context(), t, rows...)
	})
}
