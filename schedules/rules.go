package schedules

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// months reads a day of the month that holds for every month of the cron line,
// such as after-day: 10, and the months that differ, such as after-day-in:
// {1: 17}, into days. It reports whether there is such a rule.
func (r *reader) months(s *Schedule, f *form, key string, days *[13]int) bool {
	general, special := f.take(key), f.take(key+"-in")
	if !general.given() {
		if special.given() {
			special.wrong("%s-in only says which months differ; add %s for the others", key, key)
		}
		return special.given()
	}
	n := general.number(1, 31)
	for m := range days {
		if m > 0 && s.when.inMonth(time.Month(m)) {
			days[m] = n
		}
	}
	if special.given() {
		r.special(s, special, days)
	}
	return true
}

// special reads the months that differ.
func (r *reader) special(s *Schedule, v value, days *[13]int) {
	f := r.form(v)
	if f == nil {
		return
	}
	for _, key := range f.order {
		m, err := strconv.Atoi(key)
		if err != nil || m < 1 || m > 12 || strconv.Itoa(m) != key {
			f.values[key].wrong("%s names months by number, 1 to 12, such as {1: 17}; %q is none", v.name, key)
			continue
		}
		entry := f.values[key]
		entry.name = fmt.Sprintf("the day for month %d", m)
		days[m] = entry.number(1, 31)
		if s.when.slots != nil && !s.when.inMonth(time.Month(m)) {
			entry.wrong("%s names month %d, in which cron never runs; remove it, or add the month to cron", v.name, m)
		}
	}
}

// lastAfterDay refuses a rule whose following day is not in the same month.
func (r *reader) lastAfterDay(s *Schedule, f *form) {
	r.impossible(s, f, "after-day", s.afterDay, 1, "there is no later day in that month")
}

// lastLatest refuses a latest day that a month does not have.
func (r *reader) lastLatest(s *Schedule, f *form) {
	r.impossible(s, f, "latest", s.latest, 0, "that month does not have the day")
}

// impossible refuses days that, with so many days after them, are not in their month.
func (r *reader) impossible(s *Schedule, f *form, key string, days [13]int, more int, why string) {
	var months []string
	for m := time.January; m <= time.December; m++ {
		if s.when.inMonth(m) && days[m]+more > s.when.length(m) {
			months = append(months, m.String())
		}
	}
	if months != nil {
		f.values[key].wrong("%s is impossible in %s: %s; name those months in %s-in with an earlier day, or leave them out of cron",
			key, strings.Join(months, ", "), why, key)
	}
}

// hours reads a target's opening hours; without them it is always open.
func (r *reader) hours(v value) *hours {
	if !v.given() {
		return nil
	}
	f := r.form(v)
	if f == nil {
		return nil
	}
	f.name = "open"
	h := &hours{closed: map[Date]bool{}}
	list := f.need("hours", `["mon-fri 06:00-22:00"]`)
	entries := list.list()
	if list.given() && len(entries) == 0 {
		list.wrong("open has no hours, so nothing could ever run; add hours such as mon-fri 06:00-22:00")
	}
	for _, e := range entries {
		r.opens(h, e)
	}
	for _, e := range f.take("closed").list() {
		d, err := ParseDate(e.text())
		if err != nil {
			e.wrong("closed date %q does not exist; write dates such as 2026-12-24", e.text())
		}
		h.closed[d] = true
	}
	f.done()
	return h
}

var opensText = regexp.MustCompile(`^(sun|mon|tue|wed|thu|fri|sat)(?:-(sun|mon|tue|wed|thu|fri|sat))? ([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])$`)

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// opens reads one entry such as "mon-fri 06:00-22:00".
func (r *reader) opens(h *hours, v value) {
	if _, ok := v.node.(*ast.StringNode); !ok {
		v.wrong("%s must be text such as mon-fri 06:00-22:00; inside [ ] put it in quotation marks", v.name)
		return
	}
	if why := h.read(v.text()); why != "" {
		v.wrong("%s", why)
	}
}

// read takes one entry in; what is wrong with it comes back, or "".
func (h *hours) read(text string) string {
	m := opensText.FindStringSubmatch(text)
	if m == nil {
		return fmt.Sprintf("opening hours %q cannot be read; write weekdays and hours such as mon-fri 06:00-22:00 or sat 08:00-14:00", text)
	}
	s := span{minute(m[3], m[4]), minute(m[5], m[6])}
	if s.from >= s.to || s.to > minutesOfDay {
		return fmt.Sprintf("opening hours %q do not end later the same day; hours over midnight are two entries, until 24:00 and from 00:00", text)
	}
	first := slices.Index(weekdays, m[1])
	last := first
	if m[2] != "" {
		last = slices.Index(weekdays, m[2])
	}
	for day := first; ; day = (day + 1) % 7 {
		if !h.add(day, s) {
			return fmt.Sprintf("opening hours %q overlap an earlier entry on %s; make them one entry", text, weekdays[day])
		}
		if day == last {
			return ""
		}
	}
}

// minute is the minute of the day; the digits have been looked at.
func minute(hh, mm string) int {
	h, _ := strconv.Atoi(hh)
	m, _ := strconv.Atoi(mm)
	return h*60 + m
}

// add keeps a weekday's hours in order; it is false if they overlap.
func (h *hours) add(day int, s span) bool {
	for _, o := range h.week[day] {
		if s.from < o.to && o.from < s.to {
			return false
		}
	}
	h.week[day] = append(h.week[day], s)
	slices.SortFunc(h.week[day], func(a, b span) int { return a.from - b.from })
	return true
}
