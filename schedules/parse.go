package schedules

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Load reads every .yaml file of a folder, sorted by name. A file must be named
// as its robot: invoice.yaml holds robot: invoice. now is the time from which
// Parse looks ahead. All that is wrong in all files comes as Problems.
func Load(dir string, now time.Time) ([]*Timetable, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read the folder of schedules: %w", err)
	}
	var tables []*Timetable
	var problems Problems
	for _, e := range entries {
		file := filepath.Join(dir, e.Name())
		switch filepath.Ext(e.Name()) {
		case ".yml":
			problems = append(problems, Problem{File: file, Text: "schedules end in .yaml; rename the file"})
			continue
		case ".yaml":
		default:
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read schedules: %w", err)
		}
		t, wrong := parse(file, data, now)
		if problems = append(problems, wrong...); len(wrong) == 0 {
			tables = append(tables, t)
		}
	}
	if problems != nil {
		return nil, problems
	}
	return tables, nil
}

// Parse reads one robot's file. The name of the file stands in the errors, and
// must be the robot's name with .yaml. now is the time from which it looks five
// years ahead for runs that can never be. All that is wrong comes as Problems.
func Parse(file string, data []byte, now time.Time) (*Timetable, error) {
	t, wrong := parse(file, data, now)
	if len(wrong) > 0 {
		return nil, wrong
	}
	return t, nil
}

// The largest file that is read: a robot has a handful of schedules.
const maxFile = 256 << 10

func parse(file string, data []byte, now time.Time) (*Timetable, Problems) {
	r := &reader{file: file}
	zone, err := Copenhagen()
	if err != nil {
		return nil, Problems{{File: file, Text: err.Error()}}
	}
	if len(data) > maxFile {
		return nil, Problems{{File: file, Text: "the file is larger than 256 KiB; it cannot be a file of schedules"}}
	}
	f := r.document(data)
	if f == nil {
		return nil, r.problems
	}
	t := r.timetable(f, zone, now)
	slices.SortStableFunc(r.problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return t, r.problems
}

// Names are part of keys and of log lines.
var name = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

func (r *reader) timetable(f *form, zone *time.Location, now time.Time) *Timetable {
	t := &Timetable{}
	robot := f.need("robot", "invoice")
	t.Robot = r.name(robot)
	if want := strings.TrimSuffix(filepath.Base(r.file), ".yaml"); t.Robot != "" && t.Robot != want {
		robot.wrong("robot is %q but the file is named %s; name the file %s.yaml", t.Robot, filepath.Base(r.file), t.Robot)
	}
	open := r.hours(f.take("open"))
	list := f.need("schedules", "a list of schedules")
	f.done()
	entries := list.list()
	if list.given() && len(entries) == 0 {
		list.wrong("schedules is empty; write at least one schedule, or remove the file")
	}
	seen := map[string]int{}
	for _, e := range entries {
		s := &Schedule{Robot: t.Robot, open: open, zone: zone}
		before := len(r.problems)
		r.schedule(s, e)
		if first, double := seen[s.Name]; double && s.Name != "" {
			e.wrong("schedule %q is there already, on line %d; give it another name", s.Name, first)
		}
		seen[s.Name] = e.at.line
		if len(r.problems) == before {
			for _, text := range s.check(now) {
				e.wrong("schedule %q: %s", s.Name, text)
			}
		}
		t.Schedules = append(t.Schedules, s)
	}
	return t
}

// name is the value if it is a name in small letters.
func (r *reader) name(v value) string {
	s := v.text()
	if s != "" && !name.MatchString(s) {
		v.wrong("%s %q must be small letters a-z, digits and hyphens, and begin with a letter", v.name, s)
		return ""
	}
	return s
}

// schedule reads one entry of the list into s.
func (r *reader) schedule(s *Schedule, v value) {
	f := r.form(v)
	if f == nil {
		return
	}
	s.Name = r.name(f.need("name", "morning"))
	if s.Name != "" {
		f.name = fmt.Sprintf("schedule %q", s.Name)
	}
	cron := f.need("cron", `"0 7 * * *"`)
	r.cron(s, cron)
	afterDay := r.months(s, f, "after-day", &s.afterDay)
	if afterDay && !s.when.anyDay && s.when.slots != nil {
		cron.wrong("%s has after-day, which names the days; write * for day of month and weekday in cron", f.name)
	}
	r.lastAfterDay(s, f)
	r.days(s, f, afterDay)
	r.months(s, f, "latest", &s.latest)
	r.lastLatest(s, f)
	r.catchUp(s, f)
	if own := f.take("open"); own.given() {
		s.open = r.hours(own)
	}
	r.run(s, f)
	f.done()
}

func (r *reader) cron(s *Schedule, v value) {
	line := v.text()
	if line == "" {
		return
	}
	when, wrong := parseCron(line)
	for _, text := range wrong {
		v.wrong("%s", text)
	}
	s.when = when
}

// days reads which days will do and what becomes of the others.
func (r *reader) days(s *Schedule, f *form, afterDay bool) {
	days := f.need("days", "working").oneOf("every", "working", "bank")
	switch days {
	case "working":
		s.calendar = WorkingDay
	case "bank":
		s.calendar = BankDay
	default:
		s.calendar = func(Date) bool { return true }
	}
	otherwise := f.take("otherwise")
	switch {
	case afterDay:
		s.otherwise = next
		if otherwise.given() {
			otherwise.wrong("%s has after-day, which always takes the next day that will do; remove otherwise", f.name)
		}
		return
	case !otherwise.given() && (days == "working" || days == "bank"):
		otherwise.wrong("%s does not say what happens on a day that is no %s day; add otherwise: skip, next or previous", f.name, days)
	}
	switch otherwise.oneOf("skip", "next", "previous") {
	case "next":
		s.otherwise = next
	case "previous":
		s.otherwise = previous
	}
}

func (r *reader) catchUp(s *Schedule, f *form) {
	s.catchUp = f.need("catch-up", "once").oneOf("once", "none") == "once"
	within := f.take("catch-up-within")
	switch {
	case !s.catchUp && within.given():
		within.wrong("%s does not catch up, so catch-up-within means nothing; remove it or write catch-up: once", f.name)
	case s.catchUp && !within.given():
		within.wrong("%s does not say how old a run may be when it is caught up; add catch-up-within: 24h", f.name)
	case s.catchUp:
		d, err := time.ParseDuration(within.text())
		if err != nil || d < time.Minute || d > maxMove*24*time.Hour {
			within.wrong("catch-up-within must be from 1m to %dh, such as 36h or 90m", maxMove*24)
		}
		s.within = d
	}
}

// run reads what is run.
func (r *reader) run(s *Schedule, f *form) {
	v := f.need("run", "{mode: shadow}")
	if !v.given() {
		return
	}
	what := r.form(v)
	if what == nil {
		return
	}
	what.name = "run"
	s.mode = what.need("mode", "shadow").oneOf("live", "shadow")
	s.limit = what.take("limit").number(1, 1_000_000)
	what.done()
}
