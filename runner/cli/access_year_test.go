package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"byskriver/fixtures/accesses"
	"byskriver/fixtures/staff"
	"byskriver/robots"
	"byskriver/robots/access"
	"byskriver/robots/access/review"
	"byskriver/runner"
	"byskriver/runner/store"
	"byskriver/schedules"
)

// yearStaff is how many employees TestAccessYear has and how many months it lives:
// BYSKRIVER_STAFF, such as 3000, has a year; otherwise it is two months of a small town.
func yearStaff(t *testing.T) (employees, units, months int) {
	text := os.Getenv("BYSKRIVER_STAFF")
	if text == "" {
		return 30, 4, 2
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n, max(5, min(40, n/20)), 13
}

// reviews is a town's year of reviews.
type reviews struct {
	t     *testing.T
	dir   string
	clock *shifted
	town  *accesses.Town
	out   bytes.Buffer
	laid  map[string][]review.Month // by Grant.Key, the months in which a leader had it
	pace  map[string]int            // by Grant.Key, in months
	open  map[string]schedules.Date // by package that was seen, when it was opened
	many  map[string]int            // by leader's name, packages of the month
	wants map[string]review.Removal // what leaders wanted gone and IT approved
	self  int                       // people who were laid before themselves
}

func (y *reviews) env() *env {
	return &env{Process: Process{Stdout: &y.out, Stderr: &y.out}, ctx: y.t.Context(), fleet: robots.Fleet{}, configFile: filepath.Join(y.dir, "byskriver.yaml"), watch: y.clock}
}

func (y *reviews) must(err error) {
	y.t.Helper()
	if err != nil {
		y.t.Fatalf("%v\n%s", err, &y.out)
	}
}

// day goes to a date's morning and runs the robot.
func (y *reviews) day(m review.Month, day int) {
	y.t.Helper()
	zone, err := schedules.Copenhagen()
	y.must(err)
	first := m.First()
	y.clock.set(time.Date(first.Year, first.Month, day, 8, 0, 0, 0, zone))
	y.out.Reset()
	y.must((&runCmd{Robot: access.Name}).Run(y.env()))
}

// desk opens the robot's desk for what people do in between.
func (y *reviews) desk(do func(*access.Desk, *store.Store)) {
	y.t.Helper()
	h, err := y.env().open()
	y.must(err)
	defer h.close()
	robot, done, err := y.env().robot(h.conf, access.Name, func(name string) runner.Shelf { return h.shelf(name) }, &drift{})
	y.must(err)
	do(robot.(*access.Robot).Desk(), h.store)
	y.must(done())
}

// kept are what the robot keeps under a prefix, by name.
func kept[T any](y *reviews, s *store.Store, prefix string) map[string]T {
	y.t.Helper()
	laid, err := s.Drawer(y.t.Context(), access.Name, prefix)
	y.must(err)
	all := map[string]T{}
	for _, l := range laid {
		var v T
		y.must(json.Unmarshal(l.Data, &v))
		all[strings.TrimPrefix(l.Name, prefix)] = v
	}
	return all
}

// answer has every leader answer what is open: one right in fifty is to go.
func (y *reviews) answer(m review.Month) {
	y.desk(func(d *access.Desk, s *store.Store) {
		for id, p := range kept[review.Package](y, s, "hoved/") {
			if _, seen := y.open[id]; seen || p.State != review.Open {
				continue
			}
			y.open[id] = p.Opens
			me := p.Reviewers[slices.IndexFunc(p.Reviewers, func(r review.Reviewer) bool { return r.Sends })]
			whole, _, err := d.Package(y.t.Context(), me.ID, id)
			y.must(err)
			y.many[me.Name]++
			y.must(d.Save(y.t.Context(), me.ID, id, y.answers(whole, me.ID, m)))
			y.must(d.Send(y.t.Context(), me.ID, id))
		}
	})
}

func (y *reviews) answers(p review.Package, me string, m review.Month) (list []review.Answer) {
	for _, x := range p.People {
		if x.ID == me {
			y.self++
		}
		for _, h := range x.Held {
			if !h.Open() {
				continue
			}
			key := h.Grant.Key()
			y.laid[key] = append(y.laid[key], m)
			y.pace[key] = map[review.Criticality]int{review.Critical: 3, review.Elevated: 6}[h.Criticality]
			if y.pace[key] == 0 {
				y.pace[key] = 12
			}
			sum := fnv.New32a()
			sum.Write([]byte(key))
			a := review.Answer{Held: h.ID, Verdict: review.Keep, Reason: "Bruger den i arbejdet"}
			if sum.Sum32()%50 == 0 && h.Grant.Via == "" {
				a = review.Answer{Held: h.ID, Verdict: review.Remove, Reason: "Har fået andet arbejde"}
			}
			list = append(list, a)
		}
	}
	return list
}

// approve has IT agree to what one of the two may agree to.
func (y *reviews) approve() {
	y.desk(func(d *access.Desk, s *store.Store) {
		people := kept[review.Staff](y, s, "stab")[""]
		for _, login := range accesses.Approvers(y.town.Staff) {
			it, ok := people.ByLogin(login)
			if !ok {
				y.t.Fatalf("%s of IT is not in the directory", login)
			}
			list, err := d.Removals(y.t.Context(), it.ID)
			y.must(err)
			var ids []string
			for _, x := range list {
				if x.Note == "" {
					ids = append(ids, x.ID)
					y.wants[x.ID] = x
				}
			}
			if len(ids) > 0 {
				y.must(d.Approve(y.t.Context(), it.ID, ids, true, ""))
			}
		}
	})
}

// TestAccessYear lives through a year of reviews on the town's clock: three systems are
// read over their own protocols, leaders answer, IT approves, rights are taken away.
func TestAccessYear(t *testing.T) {
	if _, err := os.Stat("/usr/bin/s3270"); err != nil {
		t.Skip("s3270 is not installed: make setup installs it")
	}
	employees, units, months := yearStaff(t)
	y := &reviews{t: t, dir: t.TempDir(), clock: &shifted{}, laid: map[string][]review.Month{}, pace: map[string]int{}, open: map[string]schedules.Date{}, many: map[string]int{}, wants: map[string]review.Removal{}}
	first := review.MonthOf(schedules.Date{Year: 2026, Month: time.March, Day: 1})
	y.clock.set(time.Date(2026, 2, 27, 8, 0, 0, 0, time.UTC))
	var err error
	y.town, err = accesses.Start(accesses.Options{Seed: 21, Employees: employees, Units: units, Clock: y.clock, Selectors: "../../selectors"})
	y.must(err)
	t.Cleanup(func() {
		if err := y.town.Close(); err != nil {
			t.Error(err)
		}
	})
	y.must(y.town.Found(y.dir, "127.0.0.1:1"))
	y.must((&initCmd{}).Run(y.env()))
	before := y.held()
	began := time.Now()
	for i := range months {
		m := first + review.Month(i)
		y.renew(i)
		y.roster(m)
		y.day(m, 2)
		y.answer(m)
		y.day(m, 3)
		y.approve()
		y.day(m, 4)
		y.day(m, 5)
		y.crowded(m)
	}
	took := time.Since(began)
	y.holds(first+review.Month(months-1), before)
	rights := 0
	for _, a := range y.town.Staff.Accounts {
		rights += len(a.Grants)
	}
	t.Logf("%d people in %d units with %d rights: %d packages, %d rights laid before leaders, %d removals approved, %d on the mainframe made; %s", len(y.town.Staff.People), units, rights, len(y.open), len(y.laid), len(y.wants), len(y.town.Host.Removals()), took.Round(time.Second))
	y.must((&verifyLogCmd{}).Run(y.env()))
}

// renew is what the municipality does before the mainframe's passwords expire, every
// three months: somebody changes them, and gives the robot the new ones.
func (y *reviews) renew(month int) {
	y.t.Helper()
	for operator, file := range map[string]string{"LBROBL": "ksp-laes", "LBROBR": "ksp-ret"} {
		password := fmt.Sprintf("KSP%05d", month+4711)
		y.town.Host.NewPassword(operator, password)
		y.must(os.WriteFile(filepath.Join(y.dir, "hemmeligt", file), []byte(password), 0o600))
	}
}

// roster has the duty roster write its file in the night before the month's run, by the
// town's clock: an old one is not believed.
func (y *reviews) roster(m review.Month) {
	y.t.Helper()
	y.must(y.town.Roster(y.dir))
	first := m.First()
	night := time.Date(first.Year, first.Month, 2, 2, 0, 0, 0, time.UTC)
	y.must(os.Chtimes(filepath.Join(y.dir, "vagtplan.csv"), night, night))
}

// held is who holds what on the mainframe.
func (y *reviews) held() map[string]bool {
	all := map[string]bool{}
	for _, u := range y.town.Host.Users() {
		for _, r := range u.Rights {
			all[u.ID+" "+r.Profile+";"+r.Owner] = true
		}
	}
	return all
}

// holds is what must be true in the end.
func (y *reviews) holds(last review.Month, before map[string]bool) {
	if y.self > 0 {
		y.t.Errorf("%d people were laid before themselves", y.self)
	}
	gone := map[string]bool{}
	catalogue := 0
	y.desk(func(_ *access.Desk, s *store.Store) {
		for id, x := range kept[review.Removal](y, s, "fjern/") {
			if _, approved := y.wants[id]; !approved && x.Stage == review.Gone {
				y.t.Errorf("%s was taken away, and IT never agreed", id)
			}
			switch {
			case x.Stage != review.Gone:
			case x.Held.Grant.System == staff.Mainframe:
				gone[x.Held.Grant.Account+" "+x.Held.Grant.Right] = true
			case x.Held.Grant.System == staff.Catalogue:
				catalogue++
			}
		}
		y.everythingSeen(s, last)
	})
	after := y.held()
	for right := range before {
		if after[right] == gone[right] {
			y.t.Errorf("%s: stands there afterwards %v, taken away by the robot %v", right, after[right], gone[right])
		}
	}
	if n := len(y.town.Host.Removals()); n != len(gone) || n == 0 {
		y.t.Errorf("%d rows taken away on the mainframe, of %d removals", n, len(gone))
	}
	if n := len(y.town.Catalogue.Removals()); n != catalogue {
		y.t.Errorf("%d roles taken away in the catalogue, of %d removals", n, catalogue)
	}
	if n := y.town.Host.Signed("LBROBR"); n != 0 {
		y.t.Errorf("the correcting user has %d sessions, and nothing waits", n)
	}
}

// crowded looks for each leader who had more than two packages in a month on IT's list.
func (y *reviews) crowded(m review.Month) {
	y.t.Helper()
	reasons := y.reasons("LEDER-FLERE-PAKKER")
	for who, n := range y.many {
		if n > 2 && !slices.ContainsFunc(reasons, func(text string) bool {
			return strings.HasPrefix(text, who+" har ") && strings.Contains(text, m.String())
		}) {
			y.t.Errorf("%s had %d packages in %s, and IT was told of none but %q", who, n, m, reasons)
		}
	}
	clear(y.many)
}

// everythingSeen holds how often each right came before a leader against its pace.
func (y *reviews) everythingSeen(s *store.Store, last review.Month) {
	standing := map[string]bool{}
	for _, r := range kept[review.Reading](y, s, "laesning/") {
		for _, g := range r.Grants {
			standing[g.Key()] = true
		}
	}
	for key, months := range y.laid {
		if standing[key] {
			months = append(slices.Clone(months), last)
		}
		for i := 1; i < len(months); i++ {
			if gap := int(months[i] - months[i-1]); gap > y.pace[key] {
				y.t.Errorf("a right was laid before a leader in %s and not before %s; its pace is %d", months[i-1], months[i], y.pace[key])
			}
		}
	}
}

// reasons are the texts of what lies on people's lists under a code.
func (y *reviews) reasons(code string) (texts []string) {
	h, err := y.env().open()
	y.must(err)
	defer h.close()
	rows, err := h.store.Listed(y.t.Context(), access.Name, runner.Live)
	y.must(err)
	codes := map[string]int{}
	for _, row := range rows {
		l, err := h.listed(y.env(), row)
		y.must(err)
		if codes[l.Code]++; l.Code == runner.CodeGaveUp {
			y.t.Errorf("%s gave up: %s", l.Number, l.Reason)
		}
		if l.Code == code {
			texts = append(texts, l.Reason)
		}
	}
	y.t.Log(fmt.Sprint("lists ", codes))
	return texts
}
