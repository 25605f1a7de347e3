package invoice

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"byskriver/robots/invoice/coding"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

// What the robot remembers of invoices from run to run are marks: that a supplier's
// number has been seen, that an account was paid, that an invoice was rejected. The
// store keeps them as keyed hashes, so that nobody can read them out of it.

// The kinds of marks. They are stored, and never change.
const (
	markNumber   = "number"        // supplier, kind and number, however it is written
	markExact    = "number-exact"  // ... as it is written
	markAmount   = "number-amount" // ... and the amount
	markAlike    = "alike"         // supplier, kind, amount, and period or citizens
	markNear     = "near"          // supplier, kind, period or citizens, and the number but for one sign
	markSupplier = "supplier"      // an invoice of the supplier was posted
	markPayee    = "payee"         // ... to this account
	markRejected = "rejected"      // the invoice was sent back
	markReturned = coding.MarkReturned
	markCredit   = "credit" // an invoice of the supplier was credited
)

// never is the day of a mark that is made in order to look at the others: none
// that looks sees it.
func never() time.Time { return time.Unix(0, 0).UTC() }

// glance looks at other items' marks of a kind and key, and leaves none that counts.
func glance(ctx context.Context, c runner.Case, kind, key string) ([]runner.Mark, error) {
	others, err := c.Reserve(ctx, runner.Mark{Kind: kind, Key: key, On: never()}, never().AddDate(0, 0, 1), c.Now().AddDate(1, 0, 0))
	if err != nil {
		return nil, fmt.Errorf("look for marks of kind %s: %w", kind, err)
	}
	return others, nil
}

// leave notes a mark for good, and returns those that count beside it.
func leave(ctx context.Context, c runner.Case, kind, key string) ([]runner.Mark, error) {
	others, err := c.Reserve(ctx, runner.Mark{Kind: kind, Key: key, On: c.Now(), Sticky: true}, never().AddDate(0, 0, 1), c.Now().AddDate(1, 0, 0))
	if err != nil {
		return nil, fmt.Errorf("leave a mark of kind %s: %w", kind, err)
	}
	return others, nil
}

func numberKey(inv reading.Invoice) string {
	return inv.Supplier.CVR + "/" + string(inv.Kind) + "/" + sameNumber(inv.Number)
}

// same notes that this supplier's invoice number has been seen, for good, and
// returns the other items that say so too. An invoice that was sent back does not
// count: the supplier was asked for a new one.
func (r *Robot) same(ctx context.Context, c runner.Case, inv reading.Invoice) ([]Same, error) {
	if inv.Number == "" || inv.Supplier.CVR == "" {
		return nil, nil
	}
	exact := inv.Supplier.CVR + "/" + string(inv.Kind) + "/" + inv.Number
	others, err := leave(ctx, c, markNumber, numberKey(inv))
	if err != nil {
		return nil, err
	}
	alsoExact, err := leave(ctx, c, markExact, exact)
	if err != nil {
		return nil, err
	}
	alsoAmount, err := leave(ctx, c, markAmount, exact+"/"+inv.Payable.StringFixed(2))
	if err != nil || len(others) == 0 {
		return nil, err
	}
	rejected, err := glance(ctx, c, markRejected, numberKey(inv))
	if err != nil {
		return nil, err
	}
	var same []Same
	for _, o := range others {
		s := Same{Item: o.Item, Earlier: o.Earlier, Settled: o.State == runner.Done, Form: formWritten}
		switch {
		case has(rejected, o.Item):
			continue
		case has(alsoAmount, o.Item):
			s.Form = formAmount
		case has(alsoExact, o.Item):
			s.Form = formNumber
		}
		same = append(same, s)
	}
	return same, nil
}

func has(marks []runner.Mark, item string) bool {
	return slices.ContainsFunc(marks, func(m runner.Mark) bool { return m.Item == item })
}

// alike looks for invoices that may be this one sent again under another number:
// the same amount, or a number that is another by one sign, for the same period and
// citizens. Where an invoice says neither, nobody is asked: on recurring care the
// question would come every day.
func (r *Robot) alike(ctx context.Context, c runner.Case, inv reading.Invoice) (alike []Same, err error) {
	scope, days := scopeOf(inv), r.settings.Limits.DuplicateDays
	if scope == "" || days == 0 || inv.Supplier.CVR == "" {
		return nil, nil
	}
	on := dayOf(inv, c.Now())
	ask := func(kind, key, form string) error {
		others, err := c.Reserve(ctx, runner.Mark{Kind: kind, Key: key, On: on, Sticky: true}, on.AddDate(0, 0, -days), on.AddDate(0, 0, days))
		if err != nil {
			return fmt.Errorf("look for invoices alike: %w", err)
		}
		for _, o := range others {
			if !slices.ContainsFunc(alike, func(s Same) bool { return s.Item == o.Item }) {
				alike = append(alike, Same{Item: o.Item, Earlier: o.Earlier, Settled: o.State == runner.Done, Form: form})
			}
		}
		return nil
	}
	base := inv.Supplier.CVR + "/" + string(inv.Kind) + "/" + scope + "/"
	if err := ask(markAlike, base+inv.Payable.StringFixed(2), formAlike); err != nil {
		return nil, err
	}
	for _, n := range nearNumbers(sameNumber(inv.Number)) {
		if err := ask(markNear, base+n, formNear); err != nil {
			return nil, err
		}
	}
	return alike, nil
}

// mostScoped is how many citizens of an invoice count in what it is alike by.
const mostScoped = 3

// scopeOf is the period and the citizens that an invoice names, or "". Each citizen
// counts once, wherever and in whatever order they stand.
func scopeOf(inv reading.Invoice) string {
	var all []string
	for _, c := range inv.Citizens {
		all = append(all, c.CPR)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	scope := periodOf(inv)
	for _, cpr := range all[:min(len(all), mostScoped)] {
		scope += "/" + cpr
	}
	return scope
}

// longestNear is how long a number may be for its near ones to be looked for.
const longestNear = 20

// nearNumbers are a number and what is left of it without one of its signs. Two
// numbers of which one becomes the other by changing, adding or leaving out one sign
// always have one of these in common.
func nearNumbers(n string) []string {
	signs := []rune(n)
	if len(signs) < 3 || len(signs) > longestNear {
		return nil
	}
	all := []string{n}
	for i := range signs {
		if less := string(signs[:i]) + string(signs[i+1:]); !slices.Contains(all, less) {
			all = append(all, less)
		}
	}
	return all
}

// known is what is known of the supplier and of where the invoice wants its money.
func (r *Robot) known(ctx context.Context, c runner.Case, inv reading.Invoice) (*Known, error) {
	k, cvr := r.listed(inv), inv.Supplier.CVR
	if cvr == "" {
		return k, nil
	}
	before, err := glance(ctx, c, markSupplier, cvr)
	if err != nil {
		return nil, err
	}
	k.Before = slices.ContainsFunc(before, isDone)
	for _, p := range payeesOf(inv) {
		paid, err := glance(ctx, c, markPayee, cvr+"/"+p)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(paid, isDone) {
			k.Payees = append(k.Payees, p)
		}
	}
	return k, nil
}

// listed is what the list of creditors says of the supplier.
func (r *Robot) listed(inv reading.Invoice) *Known {
	k := &Known{Listed: len(r.settings.Creditors) > 0}
	for i := range r.settings.Creditors {
		if r.settings.Creditors[i].CVR == inv.Supplier.CVR {
			k.Creditor = &r.settings.Creditors[i]
		}
	}
	return k
}

func isDone(m runner.Mark) bool { return m.State == runner.Done }

// learn notes what is about to be posted: whose invoice, and to which accounts. It
// counts for later items once this one is done.
func (r *Robot) learn(ctx context.Context, c runner.Case, inv reading.Invoice) error {
	if inv.Supplier.CVR == "" {
		return nil
	}
	keys := []struct{ kind, key string }{{markSupplier, inv.Supplier.CVR}}
	for _, p := range payeesOf(inv) {
		keys = append(keys, struct{ kind, key string }{markPayee, inv.Supplier.CVR + "/" + p})
	}
	for _, k := range keys {
		mark := runner.Mark{Kind: k.kind, Key: k.key, On: c.Now()}
		if _, err := c.Reserve(ctx, mark, c.Now(), c.Now()); err != nil {
			return fmt.Errorf("note what is posted: %w", err)
		}
	}
	return nil
}

// itemsOf are the items in a list of marks, for a sentence.
func itemsOf(all []Same, form ...string) string {
	var items []string
	for _, s := range all {
		if (s.Earlier || s.Settled) && slices.Contains(form, s.Form) {
			items = append(items, s.Item)
		}
	}
	return strings.Join(items, ", ")
}
