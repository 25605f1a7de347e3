package sources

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"byskriver/fixtures/staff"
	"byskriver/fixtures/town/mainframe"
	"byskriver/robots/access/review"
	"byskriver/robots/internal/directory"
	"byskriver/runner"
	"byskriver/schedules"
)

func zone(t *testing.T) *time.Location {
	t.Helper()
	z, err := schedules.Copenhagen()
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// readings reads everything there is.
func (l *lilleby) readings(t *testing.T) (review.Staff, []review.Reading) {
	t.Helper()
	people, err := (&Staff{From: l.directory, Now: time.Now, Zone: zone(t)}).Read(limit(t))
	if err != nil {
		t.Fatal(err)
	}
	var all []review.Reading
	for _, s := range []interface {
		System() string
		Read(context.Context) (review.Reading, error)
	}{&KSPCICS{Screens: l.reads, Now: time.Now}, &Catalogue{Reads: l.roles, Systems: l.itSystems(), Now: time.Now}, &File{Name: staff.DutyRoster, From: l.file, Now: time.Now}} {
		r, err := s.Read(limit(t))
		if err != nil || r.System != s.System() {
			t.Fatalf("%s: %v", s.System(), err)
		}
		all = append(all, r)
	}
	return people, all
}

// Every account and every right of every system is read as the staff has it, and laid
// beside people each lands with whom it is: what is nobody's, a leaver's or a second one
// is IT's, and the rest is somebody's.
func TestAllOfTheTownIsReadAndPaired(t *testing.T) {
	l := settle(t, 60)
	people, readings := l.readings(t)
	for _, r := range readings {
		l.asTheStaff(t, r)
	}
	paired := review.Pair(people, readings, review.Policy{})
	var want, got []string
	for i, p := range l.staff.People {
		if !p.Left.IsZero() {
			continue
		}
		for _, a := range l.staff.Accounts {
			// A second account is IT's to see; the one used last is the person's.
			if second := strings.HasPrefix(a.ID, "LB6"); a.Person == i && !second {
				for _, g := range a.Grants {
					want = append(want, p.GUID+" "+a.System+" "+strings.Split(g.Right, ";")[0])
				}
			}
		}
	}
	for _, h := range paired.Holdings {
		for _, g := range h.Grants {
			got = append(got, h.Employee.ID+" "+g.System+" "+strings.Split(g.Right, ";")[0])
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%d rights are somebody's, %d should be; missing %v, too many %v", len(got), len(want), missing(want, got), missing(got, want))
	}
	codes := map[string]int{}
	for _, f := range paired.Findings {
		codes[f.Code]++
	}
	for _, code := range []string{review.CodeOrphan, review.CodeLeaver, review.CodeDouble} {
		if codes[code] == 0 {
			t.Errorf("nothing is %s: %v", code, codes)
		}
	}
}

// asTheStaff holds a reading against what the systems were filled from.
func (l *lilleby) asTheStaff(t *testing.T, r review.Reading) {
	t.Helper()
	accounts := l.staff.In(r.System)
	if len(r.Accounts) != len(accounts) {
		t.Fatalf("%s: %d accounts of %d", r.System, len(r.Accounts), len(accounts))
	}
	grants := map[string][]string{}
	for _, g := range r.Grants {
		grants[g.Account] = append(grants[g.Account], strings.Split(g.Right, ";")[0]+" "+g.Via)
	}
	vias := map[string]string{"": "", "POSITION": "stillingen", "ORGUNIT": "enheden", "ROLEGROUP": "en rollebuket"}
	for _, a := range accounts {
		i := slices.IndexFunc(r.Accounts, func(x review.Account) bool { return x.ID == a.ID })
		if i < 0 {
			t.Fatalf("%s: %s was not read", r.System, a.ID)
		}
		x := r.Accounts[i]
		if x.CPR != a.CPR || x.Name != a.Name || r.System != staff.Catalogue && (x.Active != a.Active || x.LastUse != date(a.LastUse)) {
			t.Errorf("%+v is not %+v", x, a)
		}
		var want []string
		transactions := map[string]bool{}
		for _, g := range a.Grants {
			want = append(want, g.Right+" "+vias[g.Via])
			l.transactions(g.Right, transactions)
		}
		slices.Sort(grants[a.ID])
		slices.Sort(want)
		if !slices.Equal(grants[a.ID], want) {
			t.Errorf("%s %s: %v, not %v", r.System, a.ID, grants[a.ID], want)
		}
		if r.System == staff.Mainframe && (x.Transactions == 0 || x.Transactions > len(transactions)) {
			t.Errorf("%s: %d transactions, %d there are", a.ID, x.Transactions, len(transactions))
		}
		if a.ID == "LBALT01" && x.Transactions < review.MostTransactions {
			t.Errorf("%s has every profile there is, and %d transactions", a.ID, x.Transactions)
		}
	}
	for _, right := range r.Rights {
		if right.Name == "" || right.Name == right.ID || r.System == staff.Mainframe && !strings.Contains(right.Description, "(LB-") {
			t.Errorf("%+v says nothing to a leader", right)
		}
	}
}

// transactions are a profile's, nested ones too.
func (l *lilleby) transactions(profile string, set map[string]bool) {
	r, _ := l.staff.Right(staff.Mainframe, profile)
	for _, line := range r.Lines {
		if line.Kind == "B" {
			l.transactions(line.Role, set)
			continue
		}
		set[line.Transaction] = true
	}
}

// Over the service beside the screens the same comes out.
func TestServiceAndScreensAgree(t *testing.T) {
	l := settle(t, 30)
	screens, err := (&KSPCICS{Screens: l.reads, Now: time.Now}).Read(limit(t))
	if err != nil {
		t.Fatal(err)
	}
	both, err := (&KSPCICS{Screens: l.reads, Service: l.service, Now: time.Now}).Read(limit(t))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(screens.Accounts, both.Accounts) || !slices.Equal(screens.Grants, both.Grants) || !slices.Equal(screens.Rights, both.Rights) {
		t.Error("the two readings differ")
	}
}

// Units, and who leads them, are those of the staff.
func TestStaff(t *testing.T) {
	l := settle(t, 60)
	got, err := (&Staff{From: l.directory, Now: time.Now, Zone: zone(t)}).Read(limit(t))
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range l.staff.People {
		e, ok := got.Employee(p.GUID)
		if !ok || e.CPR != p.CPR || e.Name != p.Name() || e.Title != p.Title || e.Unit != l.staff.Units[p.Unit].Short || e.Active != p.Left.IsZero() {
			t.Errorf("%+v is not %+v", e, p)
		}
		want := ""
		if p.Leader >= 0 {
			want = l.staff.People[p.Leader].GUID
		}
		if e.Leader != want {
			t.Errorf("person %d is led by %q, not %q", i, e.Leader, want)
		}
	}
	for i, u := range l.staff.Units[1:] {
		x, ok := got.Unit(u.Short)
		if !ok || x.Name != u.Name {
			t.Errorf("unit %d: %+v", i+1, x)
			continue
		}
		if led := slices.ContainsFunc(l.staff.People, func(p staff.Person) bool { return p.Leader == u.Leader && p.Left.IsZero() }); led && x.Leader != l.staff.People[u.Leader].GUID {
			t.Errorf("%s is led by %q", u.Name, x.Leader)
		}
		if x.Leader == l.staff.People[u.Leader].GUID && x.Parent != l.staff.Units[u.Parent].Short {
			t.Errorf("%s is under %q", u.Name, x.Parent)
		}
	}
}

// What cannot be read whole gives no reading.
func TestNoHalfReadings(t *testing.T) {
	l := settle(t, 20)
	if err := os.Truncate(l.file.File, 300); err != nil {
		t.Fatal(err)
	}
	var trouble *runner.Trouble
	if r, err := (&File{Name: "vagtplan", From: l.file, Now: time.Now}).Read(limit(t)); !errors.As(err, &trouble) || trouble.System != "vagtplan" || len(r.Accounts) > 0 {
		t.Errorf("a file that was cut: %v", err)
	}
	systems := append(l.itSystems(), ItSystem{"findes-ikke", "X"})
	if r, err := (&Catalogue{Reads: l.roles, Systems: systems, Now: time.Now}).Read(limit(t)); !errors.As(err, &trouble) || len(r.Accounts) > 0 {
		t.Errorf("an it-system that there is not: %v", err)
	}
	l.host.Script(mainframe.Trick{Key: "CONNECT", Do: mainframe.HangUp()})
	if r, err := (&KSPCICS{Screens: l.reads, Now: time.Now}).Read(limit(t)); !errors.As(err, &trouble) || len(r.Accounts) > 0 {
		t.Errorf("a host that is gone: %v", err)
	}
}

// What a leader's or unit's name could be mistaken for: people without a unit or whose
// leader is nobody's make no unit, and nobody leads himself.
func TestOddPeople(t *testing.T) {
	s := &Staff{Zone: time.UTC}
	now := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	places := map[string]string{directory.PlaceKey("CN=a,DC=x"): "1"}
	own := s.employee(directory.Person{ID: "1", Place: "CN=a,DC=x", Manager: "cn=A,dc=X", Enabled: true, Unit: "Skole", CPR: "610585 0001"}, places, now)
	if own.Leader != "" || own.CPR != "6105850001" || own.Unit != "Skole" {
		t.Errorf("%+v", own)
	}
	gone := s.employee(directory.Person{ID: "2", Manager: "CN=borte,DC=x", Enabled: true, Expires: now.Add(-time.Hour), CPR: "ukendt"}, places, now)
	if gone.Leader != "" || gone.Active || gone.CPR != "" || gone.Left.IsZero() {
		t.Errorf("%+v", gone)
	}
	if u := units([]review.Employee{gone}, []directory.Person{{}}); len(u) != 0 {
		t.Errorf("%+v", u)
	}
}

// In a unit of two, its leader has one voice and so has the leader's own leader: the one
// who is in the unit leads it. The unit above is where the leader's leader is.
func TestUnitOfTwo(t *testing.T) {
	for _, ids := range [][3]string{{"1", "2", "3"}, {"3", "2", "1"}} {
		boss, lead, member := ids[0], ids[1], ids[2]
		employees := []review.Employee{{ID: boss, Unit: "A", Active: true}, {ID: lead, Unit: "B", Leader: boss, Active: true}, {ID: member, Unit: "B", Leader: lead, Active: true}}
		got := units(employees, []directory.Person{{Unit: "Direktionen"}, {Unit: "Skole"}, {Unit: "Skole"}})
		want := review.Unit{ID: "B", Name: "Skole", Parent: "A", Leader: lead}
		if len(got) != 2 || got[1] != want {
			t.Errorf("%+v", got)
		}
		employees[1].Active = false // he is gone: nobody leads, until the directory names somebody
		if got := units(employees, []directory.Person{{Unit: "Direktionen"}, {Unit: "Skole"}, {Unit: "Skole"}}); got[1].Leader != "" {
			t.Errorf("one who is gone leads: %+v", got[1])
		}
	}
}
