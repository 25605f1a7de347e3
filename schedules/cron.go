package schedules

import (
	"fmt"
	"math/bits"
	"regexp"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// pattern is what a cron line says, by local date and time of day.
type pattern struct {
	slots    []int  // minutes of the day, in order
	days     uint64 // bit n: day n of the month
	months   uint64 // bit n: month n, January is 1
	weekdays uint64 // bit n: weekday n, Sunday is 0
	anyDay   bool   // neither days nor weekdays are named
}

// names reports whether the pattern's date fields name d.
func (p pattern) names(d Date) bool {
	return p.inMonth(d.Month) && p.days&(1<<d.Day) != 0 && p.weekdays&(1<<d.Weekday()) != 0
}

func (p pattern) inMonth(m time.Month) bool { return p.months&(1<<m) != 0 }

// field is one of the five fields of a cron line.
type field struct {
	name, allowed string
	option        cron.ParseOption
}

var fields = [5]field{
	{"minute", "0-59", cron.Minute},
	{"hour", "0-23", cron.Hour},
	{"day of month", "1-31", cron.Dom},
	{"month", "1-12 or jan-dec", cron.Month},
	{"weekday", "0-6 or sun-sat, Sunday is 0", cron.Dow},
}

// The forms an item of a field may have. The library takes more than it should:
// it drops empty items, reads "*-5" as "*", and breaks on a zone without fields.
var cronItem = regexp.MustCompile(`^(\*|[0-9A-Za-z]+(-[0-9A-Za-z]+)?)(/[0-9]+)?$`)

// parseCron reads a cron line of five fields. All that is wrong with it is in
// the second result, each with what to do.
func parseCron(line string) (pattern, []string) {
	texts := strings.Fields(line)
	if len(texts) != len(fields) || strings.Contains(line, "=") {
		return pattern{}, []string{fmt.Sprintf("cron %q does not have five fields; write minute, hour, day of month, month and weekday, "+
			`such as "0 7 * * mon-fri"; the zone is always Europe/Copenhagen and is not written`, line)}
	}
	var wrong []string
	var set [5]uint64
	for i, f := range fields {
		b, err := f.parse(texts[i])
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("cron %q: %s %q cannot be read: %v; use %s, lists, ranges and steps", line, f.name, texts[i], err, f.allowed))
		}
		set[i] = b
	}
	if wrong != nil {
		return pattern{}, wrong
	}
	p := pattern{slots: slots(set[0], set[1]), days: set[2], months: set[3], weekdays: set[4]}
	p.anyDay = texts[2] == "*" && texts[4] == "*"
	if texts[2] != "*" && texts[4] != "*" {
		wrong = append(wrong, fmt.Sprintf("cron %q names both days of the month and weekdays, which cron takes as either of the two; make two schedules", line))
	}
	return p, append(wrong, impossibleDays(line, texts[2], p)...)
}

// parse has the library read one field; bit n of the result stands for value n.
func (f field) parse(text string) (uint64, error) {
	for item := range strings.SplitSeq(text, ",") {
		if !cronItem.MatchString(item) {
			return 0, fmt.Errorf("%q is no value, range or step", item)
		}
	}
	parsed, err := cron.NewParser(f.option).Parse(text)
	if err != nil {
		return 0, err
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return 0, fmt.Errorf("the cron library gave a %T", parsed)
	}
	const starBit = 1 << 63 // the library's mark for *
	switch f.option {
	case cron.Minute:
		return spec.Minute &^ starBit, nil
	case cron.Hour:
		return spec.Hour &^ starBit, nil
	case cron.Dom:
		return spec.Dom &^ starBit, nil
	case cron.Month:
		return spec.Month &^ starBit, nil
	default:
		return spec.Dow &^ starBit, nil
	}
}

// slots are the minutes of the day that minute and hour fields name together.
func slots(minutes, hours uint64) []int {
	var out []int
	for h := range 24 {
		for m := range 60 {
			if hours&(1<<h) != 0 && minutes&(1<<m) != 0 {
				out = append(out, h*60+m)
			}
		}
	}
	return out
}

// impossibleDays finds days of the month that some of the months never have: each
// item of the field must begin with a day that every month of the line has.
func impossibleDays(line, text string, p pattern) []string {
	var wrong []string
	for item := range strings.SplitSeq(text, ",") {
		b, err := fields[2].parse(item)
		if err != nil || strings.HasPrefix(item, "*") {
			continue
		}
		if without := monthsWithout(bits.TrailingZeros64(b), p); without != "" {
			wrong = append(wrong, fmt.Sprintf("cron %q: day of month %q does not exist in %s; "+
				"name only months that have it, or take a day up to 28", line, item, without))
		}
	}
	return wrong
}

// monthsWithout names the months of the pattern that do not have the day every year.
func monthsWithout(day int, p pattern) string {
	var without []string
	for m := time.January; m <= time.December; m++ {
		if p.inMonth(m) && day > p.length(m) {
			without = append(without, m.String())
		}
	}
	return strings.Join(without, ", ")
}

// length is how many days the month has every year. Who names February alone
// knows what 29 means there.
func (p pattern) length(m time.Month) int {
	if m == time.February && p.months == 1<<time.February {
		return 29
	}
	return Date{2025, m + 1, 0}.noon().Day() // 2025 is no leap year
}
