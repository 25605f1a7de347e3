package invoice

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"byskriver/runner"
)

// desk is a portal that behaves as OPUS does: a voucher that waits is in the
// inbox and can be found by supplier, number and amount together; one that has
// been posted is not, but its postings can be looked up. It takes what it is
// given, also twice.
type desk struct {
	mu      sync.Mutex
	inbox   []Voucher
	posted  map[string][]Coding
	earlier map[string]Voucher // vouchers that have been dealt with, by number
	looks   int                // how often it was asked what is posted on an invoice
	finds   int
	posts   int
	refuses string        // the portal's own refusal of every coding
	fails   error         // what Post returns ...
	before  bool          // ... before anything is posted, or else after
	finding func()        // called in Find, outside of the lock
	reads   func(*Coding) // how the portal shows a posting otherwise than it was made
	findErr error         // what Find returns
	lookErr error         // what Posted returns
}

func newDesk(vouchers ...Voucher) *desk {
	return &desk{inbox: vouchers, posted: map[string][]Coding{}}
}

func (d *desk) Find(_ context.Context, q Query) ([]Voucher, error) {
	if d.finding != nil {
		d.finding()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.finds++
	var found []Voucher
	for _, v := range d.inbox {
		if v.CVR == q.CVR && v.Invoice == q.Invoice && v.Amount.Equal(q.Amount) {
			found = append(found, v)
		}
	}
	return found, d.findErr
}

func (d *desk) Post(_ context.Context, v Voucher, c Coding) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.posts++
	if d.refuses != "" {
		return runner.NotDone(&Rejected{Text: d.refuses})
	}
	if d.fails != nil && d.before {
		return d.fails
	}
	at := -1
	for i, waiting := range d.inbox {
		if waiting.Number == v.Number {
			at = i
		}
	}
	if at < 0 {
		return runner.NotDone(&Rejected{Text: fmt.Sprintf("Bilag %s ligger ikke længere i indbakken", v.Number)})
	}
	d.inbox = append(d.inbox[:at:at], d.inbox[at+1:]...)
	d.note(v)
	d.posted[v.Number] = append(d.posted[v.Number], c)
	return d.fails
}

func (d *desk) Posted(_ context.Context, voucher string) ([]Coding, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lookErr != nil {
		return nil, d.lookErr
	}
	var all []Coding
	for _, c := range d.posted[voucher] {
		if d.reads != nil {
			d.reads(&c)
		}
		all = append(all, c)
	}
	return all, nil
}

// dealt are vouchers that were posted before the test began, with their postings.
func (d *desk) dealt(v Voucher, all ...Coding) {
	d.note(v)
	d.posted[v.Number] = all
}

func (d *desk) note(v Voucher) {
	if d.earlier == nil {
		d.earlier = map[string]Voucher{}
	}
	d.earlier[v.Number] = v
}

func (d *desk) PostedOn(_ context.Context, cvr, invoice string) (all []PostedVoucher, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.looks++
	for number, v := range d.earlier {
		if v.CVR == cvr && v.Invoice == invoice {
			for _, c := range d.posted[number] {
				all = append(all, PostedVoucher{Voucher: v, Coding: c})
			}
		}
	}
	return all, d.lookErr
}

// count is how many postings there are in all.
func (d *desk) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, all := range d.posted {
		n += len(all)
	}
	return n
}

// errCut is a connection that ended before the answer came.
var errCut = errors.New("the connection was cut")
