package review

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"byskriver/schedules"
)

// Month counts months: year times twelve and the month, from 0 for January.
type Month int

// MonthOf is the month of a date.
func MonthOf(d schedules.Date) Month { return Month(d.Year*12 + int(d.Month) - 1) }

// String is the month as YYYY-MM.
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", int(m)/12, int(m)%12+1) }

// First is the month's first day.
func (m Month) First() schedules.Date {
	return schedules.Date{Year: int(m) / 12, Month: time.Month(int(m)%12 + 1), Day: 1}
}

// Wheel is the year wheel: in which months each leader's groups of people have their
// turn. A group's slot is its first month of the year; by its pace the others follow.
type Wheel struct {
	Slots map[string]int `json:"slots"` // 0 to 11 by Group.Key
}

// Group is part of one leader's people, no more than fill a package.
type Group struct {
	Key    string   // stays the same while leader and unit do
	Leader string   // Employee.ID
	People []string // Employee.ID
	Period int      // months: the pace of the most critical that one of them holds
}

// turn reports whether a slot of the wheel has its turn in a month at a pace.
func turn(slot, period int, m Month) bool { return (int(m)-slot)%period == 0 }

// Turn gives every group a slot: one that it has stays; a new one is put where its
// leader, and then everybody, has least to do. Groups that turn often are put first:
// as long as the paces divide each other, no leader then has two groups in one month
// if it can be avoided.
func (w Wheel) Turn(groups []Group) Wheel {
	next := Wheel{Slots: map[string]int{}}
	leaders, all := map[string]*load{}, &load{}
	of := func(g Group) *load {
		if leaders[g.Leader] == nil {
			leaders[g.Leader] = &load{}
		}
		return leaders[g.Leader]
	}
	place := func(g Group, slot int) {
		next.Slots[g.Key] = slot
		of(g).add(slot, g.Period, 1)
		all.add(slot, g.Period, len(g.People))
	}
	groups = slices.Clone(groups)
	slices.SortFunc(groups, func(a, b Group) int { return cmp.Or(cmp.Compare(a.Period, b.Period), cmp.Compare(a.Key, b.Key)) })
	var fresh []Group
	for _, g := range groups {
		// A slot is no place to stay where the leader would have less to do in another.
		if slot, ok := w.Slots[g.Key]; ok && of(g).sum(slot, g.Period) <= of(g).least(g.Period) {
			place(g, slot)
		} else {
			fresh = append(fresh, g)
		}
	}
	for _, g := range fresh {
		best := 0
		for slot := 1; slot < 12; slot++ {
			if cmp.Or(cmp.Compare(of(g).sum(slot, g.Period), of(g).sum(best, g.Period)), cmp.Compare(all.sum(slot, g.Period), all.sum(best, g.Period))) < 0 {
				best = slot
			}
		}
		place(g, best)
	}
	return next
}

// load is how much there is to do in each month of the year.
type load [12]int

func (l *load) add(slot, period, n int) {
	for m := range l {
		if (m-slot)%period == 0 {
			l[m] += n
		}
	}
}

func (l *load) sum(slot, period int) (n int) {
	for m, x := range l {
		if (m-slot)%period == 0 {
			n += x
		}
	}
	return n
}

// least is the sum of the slot with the least to do.
func (l *load) least(period int) int {
	n := l.sum(0, period)
	for slot := range l {
		n = min(n, l.sum(slot, period))
	}
	return n
}
