package attest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"byskriver/robots/attest/rules"
	"byskriver/robots/internal/orders"
	"byskriver/runner"
	"byskriver/schedules"
)

// Collect finds the work: messages, orders, what has changed about an order since
// its item was worked, and batches to be sent. It also deletes what may no longer be
// kept, and writes the day's lists of start dates.
func (r *Robot) Collect(ctx context.Context, found runner.Finder) error {
	if err := r.register.load(ctx); err != nil {
		return err
	}
	// What may no longer be kept goes first, whatever else fails, and in a shadow run too.
	failed := r.overdue(ctx)
	failed = errors.Join(failed, r.collectPost(ctx, found))
	open, unknown, err := r.openOrders(ctx)
	failed = errors.Join(failed, unknown)
	if err != nil {
		return errors.Join(err, failed, r.withoutOrders(ctx, found))
	}
	return errors.Join(r.collectOrders(ctx, found, open), failed)
}

// withoutOrders does what needs no order system, while that is away. The day's lists wait
// for it: without its orders they would leave somebody out.
func (r *Robot) withoutOrders(ctx context.Context, found runner.Finder) error {
	if r.shadow {
		return nil
	}
	return errors.Join(r.collectBatches(ctx, found, false), r.cleanUp(ctx))
}

// collectOrders reports the orders and what has changed about them.
func (r *Robot) collectOrders(ctx context.Context, found runner.Finder, open []rules.Order) error {
	fresh := false
	noting := func(f runner.Found) (runner.Standing, error) {
		s, err := found(f)
		fresh = fresh || s.New
		return s, err
	}
	for _, o := range open {
		if err := r.collectOrder(ctx, noting, o); err != nil {
			return err
		}
	}
	if r.shadow {
		return nil
	}
	for _, step := range []func(context.Context, runner.Finder) error{r.clarified, r.wake} {
		if err := step(ctx, found); err != nil {
			return err
		}
	}
	// While new orders are being worked there are only some of them to lay into a
	// batch. The run collects again when they are done.
	if err := r.collectBatches(ctx, found, !fresh); err != nil {
		return err
	}
	if err := r.cleanUp(ctx); err != nil {
		return err
	}
	return r.startLists(ctx, open)
}

// digest tells whether an order has changed. It is no personal data: it is kept
// where the order itself is.
func digest(o rules.Order) string {
	b, err := json.Marshal(o)
	if err != nil {
		panic("attest: an order that cannot be written: " + err.Error()) // it has been read from the same form
	}
	return hashed(string(b))
}

// unclear is an order that people have been asked about.
type unclear struct {
	Order  rules.Order `json:"order"`
	Digest string      `json:"digest"`
}

// collectOrder reports each certificate that an order needs, or that it is not clear.
func (r *Robot) collectOrder(ctx context.Context, found runner.Finder, o rules.Order) error {
	verdict := rules.NeedsOf(rules.OrderInput{Order: o, Policy: r.settings.Policy.Rules})
	if verdict.Refusal != nil {
		return r.collectUnclear(ctx, found, o)
	}
	if err := r.nowClear(ctx, o); err != nil {
		return err
	}
	if len(verdict.Needs) == 0 {
		_, err := found(r.foundOrder(o, typeNothing))
		return err
	}
	for _, n := range verdict.Needs {
		rec, known := r.register.get(recordName(o.ID, n.Type))
		f := r.foundOrder(o, n.Type)
		if known && rec.Digest == digest(o) {
			continue
		}
		if known && !r.shadow && rec.Phase != phaseConsent {
			if _, err := r.register.change(ctx, rec.Name, func(rec *record, _ map[string]record) bool {
				if rec.Digest = digest(o); o.CPR == rec.Order.CPR {
					rec.Order, rec.Need = o, n
				}
				return true
			}); err != nil {
				return err
			}
		}
		f.Again = known && rec.Phase != phaseEnded && !r.shadow
		if _, err := found(f); err != nil {
			return err
		}
	}
	return nil
}

// foundOrder is the piece of work that one certificate of an order is. The same
// order with other words is the same work.
func (r *Robot) foundOrder(o rules.Order, typ string) runner.Found {
	data, err := json.Marshal(content{Order: &o, Type: typ})
	if err != nil {
		panic("attest: an order that cannot be written: " + err.Error())
	}
	return runner.Found{Key: "ordre/" + o.ID + "/" + typ, Content: data, Same: o.ID + "/" + typ, Label: o.ID, Source: "Bestilling", Area: o.Unit, Due: due(o)}
}

// due is the day before the start.
func due(o rules.Order) (t timeOf) {
	if o.Start.IsZero() {
		return t
	}
	return midnight(o.Start.AddDays(-1))
}

// collectUnclear reports an order that is not clear: once, and again when it has
// changed. One that a person has settled is told to the order system.
func (r *Robot) collectUnclear(ctx context.Context, found runner.Finder, o rules.Order) error {
	name := inUnclear + hashed(o.ID)
	var before unclear
	if err := r.drawer.Each(ctx, name, func(_ string, data []byte) error { return json.Unmarshal(data, &before) }); err != nil {
		return err
	}
	f := r.foundOrder(o, typeUnclear)
	f.Again = before.Digest != "" && before.Digest != digest(o) && !r.shadow
	standing, err := found(f)
	if err != nil || r.shadow {
		return err
	}
	if standing.Settled() {
		if err := r.keepUnclear(ctx, o); err != nil {
			return err
		}
		// To put the same again changes nothing.
		return r.systems.Orders.PutStatus(ctx, o.ID, typeUnclear, orders.Status{Status: "behandlet manuelt", Text: "Bestillingen er behandlet af en medarbejder.", Ended: true})
	}
	if before.Digest == digest(o) {
		return nil
	}
	return r.register.lay(ctx, name, unclear{o, digest(o)})
}

// keepUnclear notes an order that a person has settled although it was never clear:
// the order system ends it, and the list of start dates must not lose it.
func (r *Robot) keepUnclear(ctx context.Context, o rules.Order) error {
	_, err := r.register.change(ctx, recordName(o.ID, typeUnclear), func(rec *record, _ map[string]record) bool {
		if rec.Phase == phaseEnded {
			return false
		}
		rec.Order, rec.Digest, rec.Need = o, digest(o), rules.Need{Type: typeUnclear}
		rec.Phase, rec.Seen, rec.End, rec.Ended = phaseEnded, phaseEnded, endManual, r.today()
		return true
	})
	return err
}

// nowClear drops what keepUnclear has noted of an order that has been opened again:
// its certificates are on the list themselves.
func (r *Robot) nowClear(ctx context.Context, o rules.Order) error {
	name := recordName(o.ID, typeUnclear)
	if _, noted := r.register.get(name); !noted || r.shadow {
		return nil
	}
	return r.register.drop(ctx, name, "bestillingen er blevet klar")
}

// clarified wakes the items of orders that are clear by now, or gone.
func (r *Robot) clarified(ctx context.Context, found runner.Finder) error {
	var names []string
	var items []runner.Found
	err := r.drawer.Each(ctx, inUnclear, func(name string, data []byte) error {
		var u unclear
		if err := json.Unmarshal(data, &u); err != nil {
			return err
		}
		now, open := r.register.openOrder(u.Order.ID)
		if open && rules.NeedsOf(rules.OrderInput{Order: now, Policy: r.settings.Policy.Rules}).Refusal != nil {
			return nil
		}
		f := r.foundOrder(u.Order, typeUnclear)
		f.Again = open
		names, items = append(names, name), append(items, f)
		return nil
	})
	if err != nil {
		return err
	}
	for i, f := range items {
		if _, err := found(f); err != nil {
			return err
		}
		if err := r.drawer.Clear(ctx, names[i], "afklaret"); err != nil {
			return err
		}
	}
	return nil
}

// wake has the items worked whose orders have come further than they know, and ends
// the orders whose items a person has settled by hand.
func (r *Robot) wake(ctx context.Context, found runner.Finder) error {
	for _, rec := range r.register.all() {
		twinEnded := false
		if first, ok := r.register.get(rec.Twin); rec.Phase == phaseTwin && (!ok || first.Phase == phaseEnded) {
			twinEnded = !rec.Listed
		}
		// One that is not sent yet goes to a person when its order no longer asks for it, and
		// comes back when it does.
		turned := rec.Phase == phaseWanted && rec.Listed != (r.grounds(rec, r.register.freshOrder(rec.Order)) != nil)
		behind := rec.Seen != rec.Phase || twinEnded || turned
		if !behind && !rec.Listed {
			continue
		}
		f := r.foundOrder(rec.Order, rec.Need.Type)
		f.Again = behind
		standing, err := found(f)
		if err != nil {
			return err
		}
		if !standing.Settled() || rec.Phase == phaseEnded && rec.Seen == phaseEnded && !rec.Listed {
			continue
		}
		if err := r.settledByHand(ctx, rec); err != nil {
			return err
		}
	}
	return nil
}

// settledByHand ends a certificate that a person has taken over, and tells the
// leader. To put the same again changes nothing.
func (r *Robot) settledByHand(ctx context.Context, rec record) error {
	err := r.systems.Orders.PutStatus(ctx, rec.Order.ID, rec.Need.Type, orders.Status{Status: "behandlet manuelt",
		Text: "Bestillingen er behandlet af en medarbejder. Kontakt lønkontoret, hvis du er i tvivl.", Ended: true})
	if err != nil {
		return fmt.Errorf("tell the order system what a person has settled: %w", err)
	}
	_, err = r.register.change(ctx, rec.Name, func(now *record, _ map[string]record) bool {
		if now.Phase != phaseEnded {
			now.Phase, now.End, now.Ended = phaseEnded, endManual, r.today()
		}
		now.Seen, now.Listed = phaseEnded, false
		return true
	})
	return err
}

// collectBatches lays what is wanted into batches, and reports each that lies ready;
// one that should have been sent by now is looked at again.
func (r *Robot) collectBatches(ctx context.Context, found runner.Finder, lay bool) error {
	if lay {
		if err := r.layReady(ctx); err != nil {
			return err
		}
	}
	for _, b := range r.register.ready() {
		again := !b.Late && !r.today().Before(b.sendBy()) || slices.ContainsFunc(b.Lines, func(l line) bool { return r.unfounded(b, l) })
		data, err := json.Marshal(content{Batch: b.ID})
		if err != nil {
			return err
		}
		standing, err := found(runner.Found{Key: "bundt/" + b.ID, Content: data, Label: b.ID, Source: "Bundt til politiet", Area: r.settings.Areas.Ordering, Due: midnight(b.sendBy()), Again: again})
		if err != nil {
			return err
		}
		if standing.Settled() {
			// Nobody is asked about it any more: what was not sent goes into another one.
			if err := r.batchGone(ctx, b, "afsluttet"); err != nil {
				return err
			}
		}
	}
	return nil
}

// sendBy is the day by which a batch is to be sent: the next working day.
func (b batch) sendBy() schedules.Date { return schedules.AddWorkingDays(b.Laid, 1) }

// layReady makes batches of at most 50 of what is wanted and in no batch, per type
// and legal basis, those first whose certificate must be there first.
func (r *Robot) layReady(ctx context.Context) error {
	in := r.register.batched()
	groups := map[[2]string][]record{}
	for _, rec := range r.register.all() {
		if rec.Phase == phaseWanted && in[rec.Name] == "" && r.grounds(rec, r.register.freshOrder(rec.Order)) == nil {
			key := [2]string{rec.Need.Type, rec.Need.Basis}
			groups[key] = append(groups[key], rec)
		}
	}
	keys := slices.SortedFunc(maps.Keys(groups), func(a, b [2]string) int { return strings.Compare(a[0]+a[1], b[0]+b[1]) })
	for _, key := range keys {
		slices.SortStableFunc(groups[key], func(a, b record) int { return a.Need.By.Compare(b.Need.By) })
		for part := range slices.Chunk(groups[key], MostInBatch) {
			id, err := r.batchID(ctx)
			if err != nil {
				return err
			}
			b := batch{ID: id, Type: key[0], Basis: key[1], Laid: r.today()}
			for _, rec := range part {
				b.Lines = append(b.Lines, line{Record: rec.Name, CPR: rec.Order.CPR, Name: rec.Order.Name})
			}
			if err := r.register.putBatch(ctx, b); err != nil {
				return err
			}
		}
	}
	return nil
}
