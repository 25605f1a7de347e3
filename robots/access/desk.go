package access

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"byskriver/robots/access/review"
	"byskriver/runner"
)

// Desk is what pages and sheets work at (see pages.Desk): each call is made for an employee who has
// signed in, and says no to what is not his. What it saves is durable when it returns.
type Desk struct {
	books  *books
	policy review.Policy
	clock  runner.Clock
}

// Desk is the robot's desk for those who review and approve.
func (r *Robot) Desk() *Desk {
	return &Desk{books: r.books, policy: r.settings.Policy.Review, clock: r.clock}
}

// Employee is who has signed in, by the name that the identity provider gives, and
// whether he approves for IT. ok is false for somebody who does not work here.
func (d *Desk) Employee(ctx context.Context, login string) (e review.Employee, approves, ok bool, err error) {
	staff, _, err := get[review.Staff](ctx, d.books, inStaff)
	if err != nil {
		return e, false, false, err
	}
	e, ok = staff.ByLogin(login)
	return e, ok && d.policy.MayApprove(e.Login), ok, nil
}

// Packages are the heads (without people) of an employee's packages, open ones first.
func (d *Desk) Packages(ctx context.Context, employee string) ([]review.Package, error) {
	heads, err := all[head](ctx, d.books, inHeads)
	if err != nil {
		return nil, err
	}
	var mine []review.Package
	for _, h := range heads {
		if _, ok := h.Reviewer(employee); !ok {
			continue
		}
		p, err := d.dressed(ctx, h)
		if err != nil {
			return nil, err
		}
		mine = append(mine, p)
	}
	slices.SortFunc(mine, func(a, b review.Package) int {
		return cmp.Or(rank(a.State)-rank(b.State), a.Due.Compare(b.Due), strings.Compare(a.ID, b.ID))
	})
	return mine, nil
}

func rank(s review.State) int {
	return slices.Index([]review.State{review.Open, review.Sent, review.Done, review.Shut}, s)
}

// dressed is the package as it is shown: with the last day as it stands, sent where it
// was sent in, and without CPR numbers.
func (d *Desk) dressed(ctx context.Context, h head) (review.Package, error) {
	a, _, err := get[review.Answers](ctx, d.books, inAnswers+h.ID)
	if err != nil {
		return review.Package{}, err
	}
	p := h.WithoutNumbers()
	p.Due = h.due()
	if p.State == review.Open && !a.Sent.IsZero() {
		p.State = review.Sent
	}
	return p, nil
}

// Package is one of the employee's packages with what was answered so far, by its
// number or by the token of its link.
func (d *Desk) Package(ctx context.Context, employee, id string) (review.Package, review.Answers, error) {
	h, err := d.mine(ctx, employee, id)
	if err != nil {
		return review.Package{}, review.Answers{}, err
	}
	p, err := d.dressed(ctx, h)
	if err != nil {
		return p, review.Answers{}, err
	}
	a, err := d.answers(ctx, h.ID)
	return p, a, err
}

// mine finds a package that the employee may open.
func (d *Desk) mine(ctx context.Context, employee, id string) (head, error) {
	if id == "" || employee == "" {
		return head{}, review.ErrNotYours
	}
	heads, err := all[head](ctx, d.books, inHeads)
	if err != nil {
		return head{}, err
	}
	for _, h := range heads {
		if h.ID != id && h.Token != id {
			continue
		}
		if _, ok := h.Reviewer(employee); !ok {
			break
		}
		whole, _, err := d.books.pack(ctx, h.ID)
		return whole, err
	}
	return head{}, review.ErrNotYours
}

func (d *Desk) answers(ctx context.Context, id string) (review.Answers, error) {
	a, _, err := get[review.Answers](ctx, d.books, inAnswers+id)
	if a.Package = id; a.Decisions == nil {
		a.Decisions = map[string]review.Decision{}
	}
	return a, err
}

// Save keeps answers to a package, all or none. A Said is what was not in order.
func (d *Desk) Save(ctx context.Context, employee, id string, answers []review.Answer) error {
	d.books.desk.Lock()
	defer d.books.desk.Unlock()
	h, a, me, err := d.open(ctx, employee, id)
	if err != nil {
		return err
	}
	for _, x := range answers {
		if text := h.Says(employee, x.Held, x.Verdict, x.Reason); text != "" {
			return review.Said(text)
		}
		a = a.Answered(x.Held, review.Decision{Verdict: x.Verdict, Reason: strings.TrimSpace(x.Reason), By: employee, Name: me.Name, At: d.clock.Now()})
	}
	return d.books.put(ctx, inAnswers+h.ID, a)
}

// Clear takes an answer back.
func (d *Desk) Clear(ctx context.Context, employee, id, held string) error {
	d.books.desk.Lock()
	defer d.books.desk.Unlock()
	h, a, _, err := d.open(ctx, employee, id)
	if err != nil {
		return err
	}
	delete(a.Decisions, held)
	return d.books.put(ctx, inAnswers+h.ID, a)
}

// open is a package that can still be answered.
func (d *Desk) open(ctx context.Context, employee, id string) (head, review.Answers, review.Reviewer, error) {
	h, err := d.mine(ctx, employee, id)
	if err != nil {
		return h, review.Answers{}, review.Reviewer{}, err
	}
	a, err := d.answers(ctx, h.ID)
	if err == nil && (!a.Sent.IsZero() || h.State != review.Open) {
		err = review.Said("Pakken er sendt ind eller lukket, og kan ikke længere ændres.")
	}
	me, _ := h.Reviewer(employee)
	return h, a, me, err
}

// KeepAll keeps what of a person's rights may be kept by one press and has no answer.
func (d *Desk) KeepAll(ctx context.Context, employee, id, person string) error {
	d.books.desk.Lock()
	defer d.books.desk.Unlock()
	h, a, me, err := d.open(ctx, employee, id)
	if err != nil {
		return err
	}
	for _, held := range h.Bulk(person, a) {
		a = a.Answered(held, review.Decision{Verdict: review.Keep, By: employee, Name: me.Name, At: d.clock.Now()})
	}
	return d.books.put(ctx, inAnswers+h.ID, a)
}

// Send sends a package in: every right must have its answer.
func (d *Desk) Send(ctx context.Context, employee, id string) error {
	d.books.desk.Lock()
	defer d.books.desk.Unlock()
	h, a, me, err := d.open(ctx, employee, id)
	switch {
	case err != nil:
		return err
	case !me.Sends:
		return review.Said("Det er den nye leder, der sender pakken ind. Dine svar er gemt.")
	case len(h.Missing(a)) > 0:
		return review.Said("Der mangler svar på nogle rettigheder. Besvar dem, og send så ind.")
	}
	return d.books.put(ctx, inAnswers+h.ID, a.SentAt(employee, d.clock.Now()))
}

// Removals are the removals that IT has not said its word on, oldest first. Of its own
// person or decision, each says in Note why the employee cannot approve it.
func (d *Desk) Removals(ctx context.Context, employee string) ([]review.Removal, error) {
	me, err := d.approver(ctx, employee)
	if err != nil {
		return nil, err
	}
	list, f, err := d.waiting(ctx)
	for i, x := range list {
		list[i].CPR = ""
		list[i].Note = f.hinders(x, me, true, "")
		list[i].Only = list[i].Note != "" && f.hinders(x, me, false, "-") == ""
	}
	return list, err
}

// waiting are the removals that IT has not said its word on and that no newer answer has
// ended, with what they are held against.
func (d *Desk) waiting(ctx context.Context) (list []review.Removal, f facts, err error) {
	removals, err := all[review.Removal](ctx, d.books, inRemovals)
	if err != nil {
		return nil, f, err
	}
	approvals, err := all[review.Approval](ctx, d.books, inApprovals)
	if err != nil {
		return nil, f, err
	}
	for id, x := range removals {
		if _, said := approvals[id]; !said && proposed(x) {
			list = append(list, x)
		}
	}
	if f, err = d.books.facts(ctx, d.policy, list...); err != nil {
		return nil, f, err
	}
	list = slices.DeleteFunc(list, func(x review.Removal) bool { return review.Stands(f.of(x)).Over != nil })
	slices.SortFunc(list, func(a, b review.Removal) int {
		return cmp.Or(a.Decision.At.Compare(b.Decision.At), strings.Compare(a.ID, b.ID))
	})
	return list, f, nil
}

func (d *Desk) approver(ctx context.Context, employee string) (review.Employee, error) {
	staff, _, err := get[review.Staff](ctx, d.books, inStaff)
	if err != nil {
		return review.Employee{}, err
	}
	e, ok := staff.Employee(employee)
	if !ok || !e.Active || !d.policy.MayApprove(e.Login) {
		return e, review.ErrNotYours
	}
	return e, nil
}

// hinders says in Danish why an employee cannot say that word on a removal; "" is in order.
func (f facts) hinders(x review.Removal, by review.Employee, agreed bool, reason string) string {
	why := review.Approve(f.consent(x, review.Approval{Agreed: agreed, Reason: reason, By: by.ID})).Why
	if s := review.Stands(f.of(x)); why == "" && agreed && !s.Free() {
		return s.Said()
	}
	return why
}

// Approve says IT's word on removals, all or none: agreed, or not and why.
func (d *Desk) Approve(ctx context.Context, employee string, ids []string, agreed bool, reason string) error {
	d.books.desk.Lock()
	defer d.books.desk.Unlock()
	me, err := d.approver(ctx, employee)
	if err != nil {
		return err
	}
	list, f, err := d.waiting(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		i := slices.IndexFunc(list, func(x review.Removal) bool { return x.ID == id })
		if i < 0 {
			return review.Said("Nogle af fjernelserne er behandlet i mellemtiden. Se listen igen.")
		}
		if why := f.hinders(list[i], me, agreed, reason); why != "" {
			return review.Said(list[i].Name + ", »" + list[i].Held.Name + "«: " + why)
		}
	}
	for _, id := range ids {
		a := review.Approval{Agreed: agreed, Reason: strings.TrimSpace(reason), By: me.ID, Name: me.Name, At: d.clock.Now()}
		if err := d.books.put(ctx, inApprovals+id, a); err != nil {
			return err
		}
	}
	return nil
}
