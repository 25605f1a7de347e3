package schedules

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"pgregory.net/rapid"
)

func TestParseCronRefuses(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"", "does not have five fields"},
		{"0 7 * *", "does not have five fields"},
		{"0 0 7 * * *", "does not have five fields"},
		{"@daily", "does not have five fields"},
		{"CRON_TZ=Europe/Copenhagen", "does not have five fields"}, // the library panics
		{"TZ=UTC 0 7 * *", "the zone is always Europe/Copenhagen"},
		{"60 7 * * *", `minute "60"`},
		{"0 24 * * *", `hour "24"`},
		{"0 7 0 * *", `day of month "0"`},
		{"0 7 32 * *", `day of month "32"`},
		{"0 7 * 13 *", `month "13"`},
		{"0 7 * * 7", "0-6 or sun-sat"},
		{"0 7 * * mandag", `weekday "mandag"`},
		{"0 7 * * fri-mon", "beyond end"},
		{"0/0 7 * * *", "step"},
		{"0 , * * *", `"" is no value`}, // the library takes it as never
		{"0 7,,8 * * *", `"" is no value`},
		{"0 *-5 * * *", `"*-5" is no value`}, // the library takes it as *
		{"0 7 ? * *", `"?" is no value`},
		{"0 7 10 * mon", "make two schedules"},
		{"0 7 */2 * mon", "make two schedules"},
		{"0 7 30 2 *", `"30" does not exist in February`},
		{"0 7 31 * *", `"31" does not exist in February, April, June, September, November`},
		{"0 7 29 * *", `"29" does not exist in February`},
		{"0 7 30-31 1,2 *", `"30-31" does not exist in February`},
		{"0 7 1,31 4 *", `"31" does not exist in April`},
		{"0 7 31/2 6 *", `"31/2" does not exist in June`},
	} {
		_, wrong := parseCron(c.line)
		if got := strings.Join(wrong, "\n"); !strings.Contains(got, c.want) {
			t.Errorf("parseCron(%q) says %q, want it to say %q", c.line, got, c.want)
		}
	}
}

func TestParseCronTakes(t *testing.T) {
	for _, line := range []string{"0 7 * * *", "*/15 6-22 * * mon-fri", "0 7 31 1,3,5 *", "0 7 29 2 *", "0 7 28 * *",
		"0 7 25-31 * *", "0 7 1-7/2 jan *", "0 7 * * SUN,sat", " 0  7 * * * ", "0 7 */31 * *"} {
		if _, wrong := parseCron(line); wrong != nil {
			t.Errorf("parseCron(%q) refuses: %v", line, wrong)
		}
	}
}

// Every wrong field is told at once.
func TestParseCronTellsAll(t *testing.T) {
	if _, wrong := parseCron("60 24 32 13 8"); len(wrong) != 5 {
		t.Errorf("five wrong fields give %d problems: %v", len(wrong), wrong)
	}
}

func drawCron(t *rapid.T) string {
	part := func(label string, low, high int) string {
		a := rapid.IntRange(low, high).Draw(t, label)
		b := rapid.IntRange(a, high).Draw(t, label+" to")
		return rapid.SampledFrom([]string{"*", fmt.Sprint(a), fmt.Sprintf("%d-%d", a, b),
			fmt.Sprintf("%d,%d", a, b), fmt.Sprintf("%d-%d/3", a, b)}).Draw(t, label+" form")
	}
	clock := fmt.Sprintf("%d %s", rapid.IntRange(0, 59).Draw(t, "minute"), part("hour", 0, 23))
	if rapid.Bool().Draw(t, "several a hour") {
		clock = fmt.Sprintf("*/%d %d", rapid.IntRange(5, 40).Draw(t, "every"), rapid.IntRange(0, 23).Draw(t, "hour"))
	}
	if rapid.Bool().Draw(t, "by weekday") {
		return clock + " * " + part("month", 1, 12) + " " + part("weekday", 0, 6)
	}
	return clock + " " + part("day", 1, 28) + " " + part("month", 1, 12) + " *"
}

// Where no clock is moved and every day will do, the library's own reckoning is
// right. UTC is such a zone: there we must agree with it.
func TestRunsAreThoseOfTheLibraryInUTC(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := drawCron(t)
		when, wrong := parseCron(line)
		if wrong != nil {
			t.Fatalf("%q: %v", line, wrong)
		}
		theirs, err := cron.ParseStandard(line)
		if err != nil {
			t.Fatal(err)
		}
		s := &Schedule{Robot: "r", Name: "s", when: when, calendar: func(Date) bool { return true }, zone: time.UTC}
		ours := drawDate(t, "start").noon()
		for range 30 {
			want := theirs.Next(ours)
			r, ok := s.Next(ours)
			if !ok || !r.At.Equal(want) {
				t.Fatalf("%q after %v is %v, the library says %v", line, ours, r.At, want)
			}
			ours = r.At
		}
	})
}
