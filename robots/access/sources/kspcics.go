package sources

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"byskriver/robots/access/review"
	"byskriver/robots/internal/kspcics"
	"byskriver/robots/internal/spml"
	"byskriver/runner"
)

// KSPCICS reads KSP/CICS: users and authorisations, what each profile holds in readable
// names, and when who was there last. Where the service beside the screens is configured,
// users and authorisations come from it, which takes seconds; names, days and what is
// switched off stand on the screens alone.
type KSPCICS struct {
	Screens *kspcics.System
	Service *spml.Service // nil where there is none
	Now     func() time.Time
}

// System is its name in the configuration.
func (*KSPCICS) System() string { return kspcics.Name }

// Read reads all of it.
func (k *KSPCICS) Read(ctx context.Context) (review.Reading, error) {
	reading := review.Reading{System: kspcics.Name, At: k.Now()}
	defer k.Screens.Close()
	w := &kspWalk{KSPCICS: k, reading: &reading, holders: map[string]string{}, held: map[string][]string{}}
	var err error
	if w.logons, err = k.Screens.LastLogons(ctx); err != nil {
		return review.Reading{}, fmt.Errorf("read the last sign-ins: %w", err)
	}
	if w.uses, err = k.Screens.LastUses(ctx); err != nil {
		return review.Reading{}, fmt.Errorf("read the last uses: %w", err)
	}
	if k.Service == nil {
		err = k.Screens.Survey(ctx, func(e kspcics.Entry) error { return w.take(e) })
	} else {
		err = w.fromService(ctx)
	}
	if err != nil {
		return review.Reading{}, fmt.Errorf("read the users: %w", err)
	}
	if err := w.describe(ctx); err != nil {
		return review.Reading{}, fmt.Errorf("read what the profiles hold: %w", err)
	}
	reading.Rights = w.rights.rights
	return reading, nil
}

// kspWalk is one reading under way.
type kspWalk struct {
	*KSPCICS
	reading      *review.Reading
	logons, uses map[string]time.Time
	rights       seen
	holders      map[string]string   // right's id → a user who has it, through whom its content is read
	held         map[string][]string // user → rights' ids
}

// take takes one user of the screens.
func (w *kspWalk) take(e kspcics.Entry) error {
	a := review.Account{System: kspcics.Name, ID: e.User, CPR: e.CPR, Name: e.Name, Unit: e.Unit, Active: e.Active == "J", LastUse: date(w.last(e.User))}
	if a.CPR != "" && len(a.CPR) != 10 {
		return fmt.Errorf("user %s: the CPR number on the screen has not ten digits", e.User)
	}
	w.reading.Accounts = append(w.reading.Accounts, a)
	for _, r := range e.Rights {
		w.grant(e.User, r)
	}
	return nil
}

func (w *kspWalk) grant(user string, r kspcics.Right) {
	id := rightID(r)
	w.reading.Grants = append(w.reading.Grants, review.Grant{System: kspcics.Name, Account: user, Right: id})
	w.held[user] = append(w.held[user], id)
	if w.rights.add(review.Right{System: kspcics.Name, ID: id, Name: r.Description, Owner: r.Owner}) {
		w.holders[id] = user
	}
}

// last is when a user was there last: signed in, or used something.
func (w *kspWalk) last(user string) time.Time {
	day := w.logons[user]
	if use := w.uses[user]; use.After(day) {
		day = use
	}
	return day
}

// fromService reads users and authorisations over SPML, and from the screens' list who
// there is: both must have the same users. Whether a user is switched off the service
// does not say, so those of the screens' data are looked at one by one.
func (w *kspWalk) fromService(ctx context.Context) error {
	listed, err := w.Screens.Users(ctx)
	if err != nil {
		return err
	}
	users, err := w.Service.Users(ctx)
	if err != nil {
		return err
	}
	descriptions, err := w.descriptions(ctx)
	if err != nil {
		return err
	}
	byID := map[string]spml.User{}
	for _, u := range users {
		byID[u.ID] = u
	}
	if len(byID) != len(listed) {
		return differ(len(byID), len(listed))
	}
	for _, l := range listed {
		u, ok := byID[l.ID]
		if !ok {
			return differ(len(byID), len(listed))
		}
		person, err := w.Screens.Person(ctx, l.ID)
		if err != nil {
			return err
		}
		if person.CPR != u.CPR {
			return &runner.Trouble{Kind: runner.ScreenChanged, System: kspcics.Name, Text: "KSP/CICS' skærme og snitflade siger ikke det samme om, hvem brugeren " + l.ID + " er. Intet er brugt. Få KMD til at se på det."}
		}
		e := kspcics.Entry{Person: person}
		for _, a := range u.Authorisations {
			e.Rights = append(e.Rights, kspcics.Right{Name: a.Profile, Owner: a.LOS, Description: descriptions[a.String()]})
		}
		if err := w.take(e); err != nil {
			return err
		}
	}
	return nil
}

func differ(service, screens int) error {
	return &runner.Trouble{Kind: runner.Unavailable, System: kspcics.Name,
		Text: fmt.Sprintf("KSP/CICS' snitflade har %d brugere, skærmene %d. Robotten læser igen senere; bliver det ved, så se efter, hvilken LOS-enhed systems.spml.service.los er.", service, screens)}
}

func (w *kspWalk) descriptions(ctx context.Context) (map[string]string, error) {
	profiles, err := w.Service.Profiles(ctx)
	all := map[string]string{}
	for _, p := range profiles {
		all[p.Authorisation.String()] = p.Description
	}
	return all, err
}

// describe reads what each profile holds, once, and counts each user's transactions.
func (w *kspWalk) describe(ctx context.Context) error {
	contents := map[string][]kspcics.Line{}
	for i, r := range w.rights.rights {
		right, _ := rightOf(r.ID)
		right.Description = r.Name
		lines, err := w.Screens.Content(ctx, w.holders[r.ID], right)
		if err != nil {
			return fmt.Errorf("profile %s: %w", right.Name, err)
		}
		contents[right.Name] = lines
		w.rights.rights[i].Description = readable(lines)
	}
	for i, a := range w.reading.Accounts {
		set := map[string]bool{}
		for _, id := range w.held[a.ID] {
			right, _ := rightOf(id)
			transactions(contents, right.Name, set, 0)
		}
		w.reading.Accounts[i].Transactions = len(set)
	}
	return nil
}

// deepest is how far profiles may nest; what goes further is a circle.
const deepest = 10

// transactions adds a profile's, with those of the profiles nested in it that were read.
func transactions(contents map[string][]kspcics.Line, profile string, set map[string]bool, depth int) {
	for _, l := range contents[profile] {
		switch {
		case l.Transaction != "":
			set[l.Transaction] = true
		case depth < deepest:
			transactions(contents, l.Role, set, depth+1)
		}
	}
}

// mostLines is how many lines of a profile its description has.
const mostLines = 12

// readable is what a profile holds, as a leader can read it: each description once, with
// what it is cut down to.
func readable(lines []kspcics.Line) string {
	var all []string
	for _, l := range lines {
		text := l.Description
		if text == "" {
			text = l.Role
		}
		if l.Data != "" {
			text += " (" + l.Data + ")"
		}
		if !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	if more := len(all) - mostLines; more > 0 {
		all = append(all[:mostLines], fmt.Sprintf("og %d mere", more))
	}
	return strings.Join(all, "; ")
}
