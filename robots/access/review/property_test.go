package review_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"byskriver/robots/access/review"
	"byskriver/schedules"
)

var systems = []string{"kspcics", "spml", "vagtplan"}

// town draws a staff with all that is awkward about one, and what it holds.
func town(t *rapid.T) review.Input {
	in := review.Input{Today: schedules.Date{Year: 2026, Month: time.March, Day: 2}, Memory: map[string]review.Memory{}}
	units := rapid.IntRange(1, 6).Draw(t, "units")
	people := rapid.IntRange(2, 30).Draw(t, "people")
	id := func(i int) string { return fmt.Sprintf("e%03d", i) }
	for u := range units {
		unit := review.Unit{ID: fmt.Sprintf("u%d", u), Name: fmt.Sprintf("Enhed %d", u)}
		if u > 0 {
			unit.Parent = fmt.Sprintf("u%d", rapid.IntRange(0, units-1).Draw(t, "parent")) // a ring is possible
		}
		if rapid.IntRange(0, 4).Draw(t, "led") > 0 {
			unit.Leader = id(rapid.IntRange(0, people-1).Draw(t, "leader"))
		}
		in.Staff.Units = append(in.Staff.Units, unit)
	}
	for i := range people {
		e := review.Employee{ID: id(i), CPR: fmt.Sprintf("86050%05d", i), Name: fmt.Sprintf("Navn %d", i), Title: rapid.SampledFrom([]string{"Sagsbehandler", "Leder", ""}).Draw(t, "title"),
			Login: "l" + id(i), Mail: "x@lilleby.example", Unit: fmt.Sprintf("u%d", rapid.IntRange(0, units-1).Draw(t, "unit")), Active: rapid.IntRange(0, 9).Draw(t, "active") > 0}
		if rapid.IntRange(0, 3).Draw(t, "manager") == 0 {
			e.Leader = id(rapid.IntRange(0, people-1).Draw(t, "managed by"))
		}
		in.Staff.Employees = append(in.Staff.Employees, e)
	}
	for _, system := range systems {
		in.Readings = append(in.Readings, reading(t, system, people))
	}
	in.Policy = policy(t, people)
	return in
}

func reading(t *rapid.T, system string, people int) review.Reading {
	r := review.Reading{System: system, At: time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)}
	for i := range rapid.IntRange(0, 30).Draw(t, "accounts") {
		a := review.Account{System: system, ID: fmt.Sprintf("A%02d", i), Active: rapid.IntRange(0, 5).Draw(t, "open") > 0}
		if whose := rapid.IntRange(-1, people+2).Draw(t, "whose"); whose >= 0 {
			a.CPR = fmt.Sprintf("86050%05d", whose)
		}
		r.Accounts = append(r.Accounts, a)
		for _, right := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"KR1", "FO1", "AL1", "AL2", "STD"}), 0, 4, rapid.ID[string]).Draw(t, "rights") {
			r.Grants = append(r.Grants, review.Grant{System: system, Account: a.ID, Right: right})
		}
	}
	return r
}

func policy(t *rapid.T, people int) review.Policy {
	p := review.Policy{Pace: map[review.Criticality]int{review.Critical: 3, review.Elevated: 6, review.Ordinary: 12}, Most: rapid.IntRange(1, 25).Draw(t, "most"), Days: 30, MoveDays: 14,
		Remind: []int{20, 10, 3}, Patience: 14, Default: review.Ordinary, Fallback: []string{"le000", "le001"}, IT: []string{"le000", "le001"}, Peers: review.Peers{Least: 5, Share: 10}}
	for _, system := range systems {
		p.Rights = append(p.Rights, review.RightRule{RightRef: review.RightRef{System: system, Right: "KR*"}, Criticality: review.Critical},
			review.RightRule{RightRef: review.RightRef{System: system, Right: "FO*"}, Criticality: review.Elevated})
		p.Standard = append(p.Standard, review.RightRef{System: system, Right: "STD"})
	}
	p.Roles = []review.Role{{Name: "Sagsbehandler i enhed 0", Titles: []string{"Sagsbehandler"}, Units: []string{"u0"}, Rights: []review.RightRef{{System: "kspcics", Right: "AL1"}}}}
	p.Robots = []review.AccountRef{{System: "kspcics", Account: "A07", Owner: "It"}}
	if rapid.Bool().Draw(t, "away") {
		p.Delegations = []review.Delegation{{From: fmt.Sprintf("le%03d", rapid.IntRange(0, people-1).Draw(t, "from")), To: fmt.Sprintf("le%03d", rapid.IntRange(0, people-1).Draw(t, "to")),
			Begins: schedules.Date{Year: 2026, Month: 1, Day: 1}, Ends: schedules.Date{Year: 2026, Month: 12, Day: 31}}}
	}
	return p
}

// year lives through months: each month's run is frozen, and remembered.
func year(in review.Input, months int, each func(month int, in review.Input, out review.Output)) {
	for m := range months {
		in.Today = (review.MonthOf(schedules.Date{Year: 2026, Month: time.March, Day: 1}) + review.Month(m)).First().AddDays(1)
		out := review.Freeze(in)
		each(m, in, out)
		in.Wheel, in.Memory = out.Wheel, review.Remember(in, out.Packages)
	}
}

// TestEveryRightIsSomebodys: over a year each right of each account is explained, or
// laid before a leader, or among what IT is told of; and none is two of these.
func TestEveryRightIsSomebodys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := town(t)
		laid, explained := map[string]int{}, map[string]bool{}
		told, nobodys := map[string]bool{}, map[string]bool{}
		paired := review.Pair(in.Staff, in.Readings, in.Policy)
		year(in, 13, func(m int, in review.Input, out review.Output) { // what is seen in the first month has its turn in the thirteenth at last
			now := map[string]bool{}
			for _, p := range out.Packages {
				for _, person := range p.People {
					for _, h := range person.Held {
						if h.Open() && now[h.Grant.Key()] {
							t.Fatalf("%v stands in two packages of one month", h.Grant)
						}
						if h.Open() {
							laid[h.Grant.Key()]++
							now[h.Grant.Key()] = true
						} else {
							explained[h.Grant.Key()] = true
						}
					}
				}
			}
			for _, f := range out.Findings {
				if f.Account != "" && f.Rights > 0 {
					told[f.System+"/"+f.Account] = true
				}
				if f.Code == review.CodeNobody {
					nobodys[f.Person] = true
				}
			}
		})
		owner := map[string]string{}
		for _, h := range paired.Holdings {
			for _, g := range h.Grants {
				owner[g.Key()] = h.Employee.ID
			}
		}
		for _, r := range in.Readings {
			for _, g := range r.Grants {
				standing := g.Right == "STD"
				places := 0
				for _, is := range []bool{laid[g.Key()] > 0, told[g.System+"/"+g.Account], nobodys[owner[g.Key()]] && owner[g.Key()] != "", (standing || explained[g.Key()] || explainedBy(in, owner[g.Key()], g)) && owner[g.Key()] != ""} {
					if is {
						places++
					}
				}
				if places == 0 || laid[g.Key()] > 0 && places > 1 {
					t.Fatalf("%+v of %q: laid %d times, told %v, nobody's %v, explained %v", g, owner[g.Key()], laid[g.Key()], told[g.System+"/"+g.Account], nobodys[owner[g.Key()]], explained[g.Key()])
				}
			}
		}
	})
}

// explainedBy says the role package of the test's policy in another way than the code.
func explainedBy(in review.Input, owner string, g review.Grant) bool {
	e, _ := in.Staff.Employee(owner)
	return e.Title == "Sagsbehandler" && e.Unit == "u0" && g.System == "kspcics" && g.Right == "AL1"
}

// TestNobodyReviewsHimself, and no package is larger than it may be, also where people
// have moved.
func TestNobodyReviewsHimself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := town(t)
		check := func(out review.Output) {
			for _, p := range out.Packages {
				if len(p.People) > in.Policy.Most || len(p.People) == 0 {
					t.Fatalf("package %s has %d people; %d are the most", p.ID, len(p.People), in.Policy.Most)
				}
				for _, person := range p.People {
					if _, self := p.Reviewer(person.ID); self {
						t.Fatalf("%s reviews himself in %s", person.ID, p.ID)
					}
					if !slices.ContainsFunc(person.Held, review.Held.Open) {
						t.Fatalf("%s stands in %s with nothing to be looked at", person.ID, p.ID)
					}
				}
				for _, v := range p.Reviewers {
					if e, ok := in.Staff.Employee(v.ID); !ok || !e.Active {
						t.Fatalf("%s is to review and does not work here", v.ID)
					}
				}
			}
		}
		year(in, 4, func(_ int, now review.Input, out review.Output) {
			check(out)
			now.Memory = review.Remember(now, out.Packages)
			for i := range now.Staff.Employees {
				now.Staff.Employees[i].Unit = now.Staff.Units[i%len(now.Staff.Units)].ID
			}
			check(review.Moves(now, out.Packages))
		})
	})
}

// TestThePaceIsKept: from when a right is first seen, or was laid before a leader last,
// to when it is laid there (again) it is never longer than its pace, though people come
// to other units, and so to other months of the wheel, all the time.
func TestThePaceIsKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := town(t)
		in.Policy.Roles = nil // what a role package explains for a while is not asked about meanwhile
		last := map[string]int{}
		year(in, 15, func(m int, now review.Input, out review.Output) {
			defer func() {
				for i := range now.Staff.Employees {
					if m%3 == i%3 {
						now.Staff.Employees[i].Unit = now.Staff.Units[(i+m)%len(now.Staff.Units)].ID
					}
				}
			}()
			nobodys := map[string]bool{}
			for _, f := range out.Findings {
				nobodys[f.Person] = nobodys[f.Person] || f.Code == review.CodeNobody
			}
			for _, h := range review.Pair(now.Staff, now.Readings, now.Policy).Holdings {
				for _, g := range h.Grants {
					if nobodys[h.Employee.ID] {
						last[g.Key()] = m // told to IT instead, in each such month
					}
				}
			}
			for _, p := range out.Packages {
				for _, person := range p.People {
					for _, h := range person.Held {
						if h.Open() {
							if pace := now.Policy.Pace[h.Criticality]; m-last[h.Grant.Key()] > pace {
								t.Fatalf("%v was laid before a leader %d months after the last time; its pace is %d", h.Grant, m-last[h.Grant.Key()], pace)
							}
							last[h.Grant.Key()] = m
						}
					}
				}
			}
		})
	})
}

// TestTheWheelSpreads: where a leader's groups have room beside each other in the year,
// no two of them turn in the same month.
func TestTheWheelSpreads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var groups []review.Group
		room := map[string]float64{}
		for i := range rapid.IntRange(1, 30).Draw(t, "groups") {
			g := review.Group{Key: fmt.Sprintf("g%02d", i), Leader: fmt.Sprintf("l%d", rapid.IntRange(0, 5).Draw(t, "leader")), Period: rapid.SampledFrom([]int{3, 6, 12}).Draw(t, "period"),
				People: make([]string, rapid.IntRange(1, 25).Draw(t, "people"))}
			groups = append(groups, g)
			room[g.Leader] += 12 / float64(g.Period)
		}
		before := review.Wheel{Slots: map[string]int{}}
		for _, g := range groups {
			if rapid.Bool().Draw(t, "known") {
				before.Slots[g.Key] = rapid.IntRange(0, 11).Draw(t, "slot")
			}
		}
		for _, from := range []review.Wheel{{}, before} {
			w := from.Turn(groups)
			busy := map[string]map[int]int{}
			for _, g := range groups {
				for m := range 12 {
					if ((m-w.Slots[g.Key])%g.Period+g.Period)%g.Period == 0 {
						if busy[g.Leader] == nil {
							busy[g.Leader] = map[int]int{}
						}
						busy[g.Leader][m]++
					}
				}
			}
			for leader, months := range busy {
				for m, n := range months {
					if n > 1 && room[leader] <= 12 && from.Slots == nil {
						t.Fatalf("%s has %d groups in month %d, and room for all: %v in %v", leader, n, m, groups, w.Slots)
					}
				}
			}
		}
	})
}

// TestTypesSurviveJSON: what is kept in the drawer comes back as it was.
func TestTypesSurviveJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := town(t)
		out := review.Freeze(in)
		roundTrip(t, &in.Staff, &review.Staff{})
		roundTrip(t, &in.Readings[0], &review.Reading{})
		roundTrip(t, &out.Wheel, &review.Wheel{})
		for _, p := range out.Packages {
			roundTrip(t, &p, &review.Package{})
		}
		memory := review.Remember(in, out.Packages)
		roundTrip(t, &memory, &map[string]review.Memory{})
	})
}

func roundTrip(t *rapid.T, v, into any) {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(into)
	if err != nil || string(again) != string(b) {
		t.Fatalf("%s became %s (%v)", b, again, err)
	}
	if reflect.DeepEqual(v, into) {
		return
	}
	if !strings.Contains(string(b), "null") {
		t.Fatalf("%+v became %+v", v, into)
	}
}
