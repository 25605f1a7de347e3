package attest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"byskriver/robots/attest/rules"
	"byskriver/schedules"
)

// phase is where one certificate of an order stands.
type phase string

// The phases of a certificate.
const (
	phaseConsent phase = "consent" // the person has not been asked, or has not agreed
	phaseWanted  phase = "wanted"  // to be laid into a batch, or in one
	phaseSent    phase = "sent"    // ordered from the police
	phaseTwin    phase = "twin"    // another order has the same
	phaseEnded   phase = "ended"
)

// end is how a certificate ended.
type end string

// The ends. With the first four the person may start.
const (
	endClean    end = "clean"
	endReused   end = "reused"
	endApproved end = "approved" // by the payroll office
	endNone     end = "none"     // none is needed
	endRefused  end = "refused"  // no consent
	endRejected end = "rejected" // by the payroll office
	endManual   end = "manual"   // by a person, outside of the robot
)

func (e end) good() bool { return slices.Contains([]end{endClean, endReused, endApproved, endNone}, e) }

// record is what is known of one certificate of an order. No word of an answer is
// ever in it.
type record struct {
	Name   string         `json:"name"` // its entry in the drawer
	Order  rules.Order    `json:"order"`
	Digest string         `json:"digest"` // of the order as it was seen last
	Need   rules.Need     `json:"need"`
	Phase  phase          `json:"phase"`
	Seen   phase          `json:"seen,omitempty"`   // the phase that the item knows of
	Listed bool           `json:"listed,omitempty"` // the item is on a person's list
	Batch  string         `json:"batch,omitempty"`  // the batch that it was sent in
	Sent   schedules.Date `json:"sent,omitzero"`
	Times  int            `json:"times,omitempty"`  // how often it was sent
	Extra  int            `json:"extra,omitempty"`  // working days more that a person has granted
	Answer string         `json:"answer,omitempty"` // the message that answers it
	Twin   string         `json:"twin,omitempty"`   // the record that has the same
	End    end            `json:"end,omitempty"`
	Ended  schedules.Date `json:"ended,omitzero"`
}

// batch is up to 50 people for one order to the police.
type batch struct {
	ID    string         `json:"id"`
	Type  string         `json:"type"`
	Basis string         `json:"basis"`
	Laid  schedules.Date `json:"laid"`
	Late  bool           `json:"late,omitempty"` // told of as not sent
	Lines []line         `json:"lines"`
}

type line struct {
	Record string `json:"record"`
	CPR    string `json:"cpr"`
	Name   string `json:"name"`
}

// Prefixes of the drawer's names.
const (
	inOrders  = "ordre/"
	inBatches = "bundt/"
	inPost    = "post/"
	inUnclear = "uklar/"
	inHandOut = "udleveret/"
	inDays    = "dag/"
)

// hashed is a name that tells nothing of what it is made from.
func hashed(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:12])
}

func recordName(order, typ string) string { return inOrders + hashed(order, typ) }

// register are the records and batches, in memory and in the drawer. What is in the
// drawer is the truth; each change is written there first.
type register struct {
	drawer Drawer

	mu      sync.Mutex
	loaded  bool
	records map[string]record
	batches map[string]batch
	fresh   map[string]rules.Order // the open orders as they were fetched last
}

func newRegister(d Drawer) *register {
	return &register{drawer: d, records: map[string]record{}, batches: map[string]batch{}, fresh: map[string]rules.Order{}}
}

// load reads everything anew.
func (g *register) load(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.read(ctx)
}

// have reads everything that no run of this program has read yet: an item that a dead
// process was at is worked before anything is collected, or on another machine.
func (g *register) have(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.loaded {
		return nil
	}
	return g.read(ctx)
}

// read is load; the lock is held.
func (g *register) read(ctx context.Context) error {
	records, batches := map[string]record{}, map[string]batch{}
	err := g.drawer.Each(ctx, inOrders, func(name string, data []byte) error {
		var rec record
		err := json.Unmarshal(data, &rec)
		records[name] = rec
		return err
	})
	if err != nil {
		return fmt.Errorf("read the orders that are under way: %w", err)
	}
	err = g.drawer.Each(ctx, inBatches, func(name string, data []byte) error {
		var b batch
		err := json.Unmarshal(data, &b)
		batches[name] = b
		return err
	})
	if err != nil {
		return fmt.Errorf("read the batches that lie ready: %w", err)
	}
	g.records, g.batches, g.loaded = records, batches, true
	return nil
}

// all are the records, in a fixed order.
func (g *register) all() []record {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := make([]record, 0, len(g.records))
	for _, rec := range g.records {
		list = append(list, rec)
	}
	slices.SortFunc(list, func(a, b record) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func (g *register) get(name string) (record, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	rec, ok := g.records[name]
	return rec, ok
}

// change alters a record under the register's lock and keeps it. With changed false
// nothing is kept.
func (g *register) change(ctx context.Context, name string, how func(rec *record, others map[string]record) (changed bool)) (record, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	rec := g.records[name]
	rec.Name = name
	if !how(&rec, g.records) {
		return rec, nil
	}
	if err := g.lay(ctx, name, rec); err != nil {
		return rec, err
	}
	g.records[name] = rec
	return rec, nil
}

func (g *register) lay(ctx context.Context, name string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return g.drawer.Lay(ctx, name, data)
}

// finish ends a certificate, if it has not ended yet.
func (g *register) finish(ctx context.Context, name string, how end, today schedules.Date) error {
	_, err := g.change(ctx, name, func(rec *record, _ map[string]record) bool {
		if rec.Phase == phaseEnded {
			return false
		}
		rec.Phase, rec.End, rec.Ended = phaseEnded, how, today
		return true
	})
	return err
}

// drop deletes a record.
func (g *register) drop(ctx context.Context, name, rule string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.drawer.Clear(ctx, name, rule); err != nil {
		return err
	}
	delete(g.records, name)
	return nil
}

// ready are the batches that lie ready, by id.
func (g *register) ready() []batch {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := make([]batch, 0, len(g.batches))
	for _, b := range g.batches {
		list = append(list, b)
	}
	slices.SortFunc(list, func(a, b batch) int { return strings.Compare(a.ID, b.ID) })
	return list
}

func (g *register) batch(id string) (batch, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	b, ok := g.batches[inBatches+id]
	return b, ok
}

func (g *register) putBatch(ctx context.Context, b batch) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.lay(ctx, inBatches+b.ID, b); err != nil {
		return err
	}
	g.batches[inBatches+b.ID] = b
	return nil
}

func (g *register) dropBatch(ctx context.Context, id, rule string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.drawer.Clear(ctx, inBatches+id, rule); err != nil {
		return err
	}
	delete(g.batches, inBatches+id)
	return nil
}

// freshOrder is the order as it was fetched last, or as it was.
func (g *register) freshOrder(o rules.Order) rules.Order {
	g.mu.Lock()
	defer g.mu.Unlock()
	if f, ok := g.fresh[o.ID]; ok {
		return f
	}
	return o
}

func (g *register) setFresh(list map[string]rules.Order) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fresh = list
}
