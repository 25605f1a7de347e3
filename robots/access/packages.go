package access

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"byskriver/robots/access/review"
	"byskriver/runner"
	"byskriver/schedules"
)

// What a person may decide about a package that nobody answers.
const (
	actionExtend = "extend" // more days
	actionAssign = "assign" // another reviewer
	actionShut   = "shut"   // no answer will come; everything stays as it is
	actionReopen = "reopen" // what was sent in is to be answered anew
)

// purpose is why people's rights are looked up.
const purpose = "Gennemgang af adgange (årlig kontrol af rettigheder)"

// loggedFor marks in head.Told that the look-ups of the package's people are logged.
const loggedFor = "logged"

// workPackage tells the reviewers of a package in time, and takes what they send in.
func (r *Robot) workPackage(ctx context.Context, c runner.Case, id string) error {
	c.Label(id)
	h, ok, err := r.books.pack(ctx, id)
	if err != nil || !ok || h.State != review.Open {
		return err
	}
	h.Item = c.Item().Number
	if err := r.logPeople(ctx, c, &h); err != nil {
		return err
	}
	answers, _, err := get[review.Answers](ctx, r.books, inAnswers+id)
	if err != nil {
		return err
	}
	decided, err := r.decided(ctx, c, &h, &answers)
	if err != nil || decided {
		return err
	}
	if !answers.Sent.IsZero() && !r.shadow {
		return r.take(ctx, c, h, answers)
	}
	return r.steps(ctx, c, h)
}

// logPeople logs that the package's people are looked up, before anybody is asked.
func (r *Robot) logPeople(ctx context.Context, c runner.Case, h *head) error {
	if _, logged := h.Told[loggedFor]; logged {
		return nil
	}
	for _, p := range h.People {
		if err := c.LookUp(ctx, runner.LookUp{Subject: p.CPR, System: Name, Purpose: purpose}); err != nil {
			return err
		}
	}
	return r.told(ctx, h, loggedFor)
}

func (r *Robot) told(ctx context.Context, h *head, what string) error {
	if h.Told == nil {
		h.Told = map[string]schedules.Date{}
	}
	h.Told[what] = r.today()
	return r.books.putHead(ctx, *h)
}

// steps does what is due about a package that is not answered, and waits for the next.
func (r *Robot) steps(ctx context.Context, c runner.Case, h head) error {
	p := h.Package
	p.Due = h.due()
	due, next := p.Now(r.settings.Policy.Review, r.today())
	for _, step := range due {
		if _, done := h.Told[step.Name]; done {
			continue
		}
		if step.Kind == review.StepGiveUp {
			return r.giveUp(h)
		}
		if step.Kind == review.StepLate {
			if err := r.climb(ctx, &h); err != nil {
				return err
			}
		}
		if err := r.tell(ctx, c, h, step); err != nil {
			return err
		}
		if err := r.told(ctx, &h, step.Name); err != nil {
			return err
		}
	}
	return runner.Later(r.morning(next), "AFVENTER-LEDER", "Lederen har til "+danish(h.due())+" til at svare.")
}

// climb lets the leader's leader answer too.
func (r *Robot) climb(ctx context.Context, h *head) error {
	staff, _, err := get[review.Staff](ctx, r.books, inStaff)
	if err != nil {
		return err
	}
	assigner := review.NewAssigner(staff, r.settings.Policy.Review, r.today())
	above, ok := assigner.Above(h.Reviewers[0].ID, h.People)
	if _, in := h.Reviewer(above.ID); !ok || in {
		return nil
	}
	h.Reviewers = append(h.Reviewers, assigner.As(above, review.WhyLate))
	return r.books.putHead(ctx, *h)
}

func (r *Robot) giveUp(h head) error {
	var names []string
	for _, v := range h.Reviewers {
		names = append(names, v.Name)
	}
	return runner.Refuse("PAKKE-UDEN-SVAR", fmt.Sprintf("Pakke %s skulle være svaret senest %s, og %s har ikke svaret. Ring til dem, giv flere dage, giv pakken til en anden, eller luk den: så beholder alle deres rettigheder til næste gang.",
		h.ID, danish(h.due()), strings.Join(names, " og ")), "",
		runner.Choice{Action: actionExtend, Label: "Giv flere dage (Værdi: antal)", NeedsValue: true},
		runner.Choice{Action: actionAssign, Label: "Giv pakken til (Værdi: login)", NeedsValue: true},
		runner.Choice{Action: actionShut, Label: "Luk uden svar", NeedsNote: true})
}

// CheckDecision says whether the value of a decision makes sense.
func (r *Robot) CheckDecision(_ runner.Item, d runner.Decision) error {
	switch d.Action {
	case actionExtend:
		if n, err := strconv.Atoi(strings.TrimSpace(d.Value)); err != nil || n < 1 || n > 60 {
			return review.Said("Værdi skal være antal dage, 1 til 60")
		}
	case actionAssign:
		staff, ok, err := get[review.Staff](context.Background(), r.books, inStaff)
		if err != nil || !ok {
			return fmt.Errorf("kataloget over ansatte er ikke læst endnu; prøv igen senere")
		}
		if e, ok := staff.ByLogin(strings.TrimSpace(d.Value)); !ok || e.Mail == "" {
			return review.Said(fmt.Sprintf("Værdi skal være login på en ansat med en mailadresse; %q er det ikke", d.Value))
		}
	}
	return nil
}

// decided does what a person has decided about the package. With true it has ended.
func (r *Robot) decided(ctx context.Context, c runner.Case, h *head, a *review.Answers) (bool, error) {
	d := c.Item().Decision
	if d == nil {
		return false, nil
	}
	mark := "decision-" + strconv.FormatInt(d.At.UnixNano(), 10)
	if _, done := h.Told[mark]; done {
		return false, nil // before a stop, or a wait
	}
	switch d.Action {
	case actionShut:
		h.State, h.Ended = review.Shut, r.today()
		return true, r.books.putHead(ctx, *h)
	case actionExtend:
		n, err := strconv.Atoi(strings.TrimSpace(d.Value))
		if err != nil {
			return false, err
		}
		h.Last = r.today().AddDays(n)
		h.untell()
	case actionAssign:
		if err := r.assign(ctx, h, d.Value); err != nil {
			return false, err
		}
	case actionReopen:
		*a = review.Answers{Package: a.Package, Decisions: a.Decisions}
		if err := r.books.put(ctx, inAnswers+h.ID, *a); err != nil {
			return false, err
		}
	case actionTold:
		p := h.Package
		p.Due = h.due()
		due, _ := p.Now(r.settings.Policy.Review, r.today())
		for _, step := range due {
			if step.Kind != review.StepGiveUp {
				h.Told[step.Name] = r.today()
			}
		}
	default:
		return false, nil
	}
	return false, r.told(ctx, h, mark)
}

// untell lets the steps that follow the last day come again.
func (h *head) untell() {
	for name := range h.Told {
		if name != review.StepInvite && name != loggedFor && !strings.HasPrefix(name, "decision-") {
			delete(h.Told, name)
		}
	}
}

// assign gives the package to another reviewer, with as many days as it had at first.
func (r *Robot) assign(ctx context.Context, h *head, login string) error {
	staff, _, err := get[review.Staff](ctx, r.books, inStaff)
	if err != nil {
		return err
	}
	e, ok := staff.ByLogin(strings.TrimSpace(login))
	if !ok {
		return fmt.Errorf("package %s is to go to somebody whom the directory no longer has", h.ID)
	}
	for _, p := range h.People {
		if p.Is(e) {
			return runner.Refuse("EGEN-PAKKE", "Pakke "+h.ID+" indeholder "+e.Name+"s egne rettigheder og kan ikke gives til "+e.Name+".", "",
				runner.Choice{Action: actionAssign, Label: "Giv pakken til (Værdi: login)", NeedsValue: true},
				runner.Choice{Action: actionShut, Label: "Luk uden svar", NeedsNote: true})
		}
	}
	h.Reviewers = []review.Reviewer{review.NewAssigner(staff, r.settings.Policy.Review, r.today()).As(e, "pakken er givet videre")}
	h.Last = r.today().AddDays(r.settings.Policy.Review.MoveDays)
	h.untell()
	delete(h.Told, review.StepInvite)
	return nil
}

// take takes what was sent in: each person's answers are ruled on and recorded, what
// is to be removed is laid before IT, and what was decided is remembered.
func (r *Robot) take(ctx context.Context, c runner.Case, h head, a review.Answers) error {
	var who []string
	also := map[string][]string{}
	for _, v := range h.Reviewers {
		who = append(who, v.ID)
		if len(v.Also) > 0 {
			also[v.ID] = v.Also
		}
	}
	wrong := 0
	for _, p := range h.People {
		reply := review.Reply{Package: h.ID, Unit: p.Unit, Reviewers: who, SentBy: a.SentBy, Also: also, Person: p, Decisions: map[string]review.Decision{}}
		for _, held := range p.Held {
			if d, ok := a.Decisions[held.ID]; ok {
				reply.Decisions[held.ID] = d
			}
		}
		ruling, err := runner.Decide[review.Ruling](ctx, c, replyRule, reply)
		if err != nil {
			return err
		}
		wrong += len(ruling.Wrong)
		if err := r.keep(ctx, c, p, reply, ruling); err != nil {
			return err
		}
	}
	if wrong > 0 {
		return runner.Refuse("SVAR-UFULDSTÆNDIGT", fmt.Sprintf("Pakke %s er sendt ind, men %d rettigheder mangler et svar, der gælder. Vælg Åbn igen, så lederen kan svare på dem, eller Luk: så beholder personerne dem.", h.ID, wrong), "",
			runner.Choice{Action: actionReopen, Label: "Åbn igen"}, runner.Choice{Action: actionShut, Label: "Luk uden svar", NeedsNote: true})
	}
	h.State, h.Ended = review.Done, r.dateOf(a.Sent)
	return r.books.putHead(ctx, h)
}

// keep notes what came of one person's answers.
func (r *Robot) keep(ctx context.Context, c runner.Case, p review.Person, reply review.Reply, ruling review.Ruling) error {
	for _, x := range append(ruling.Removals, ruling.Changes...) {
		if _, there, err := get[review.Removal](ctx, r.books, inRemovals+x.ID); err != nil || there {
			if err != nil {
				return err
			}
			continue // kept before a stop; it may have come further since
		}
		x.Taken = c.Item().Number
		if err := r.books.put(ctx, inRemovals+x.ID, x); err != nil {
			return err
		}
	}
	return r.books.recall(ctx, p.ID, func(m review.Memory) review.Memory {
		for _, held := range p.Held {
			if d, ok := reply.Decisions[held.ID]; ok && !slices.Contains(ruling.Wrong, held.ID) {
				m = m.Decide(held, d, r.dateOf(d.At))
			}
		}
		return m
	})
}
