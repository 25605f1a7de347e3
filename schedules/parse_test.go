package schedules

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var newYear2026 = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// table reads a timetable that must be right.
func table(t testing.TB, text string) *Timetable {
	t.Helper()
	tt, err := Parse("x.yaml", []byte(text), newYear2026)
	if err != nil {
		t.Fatalf("%v\nin\n%s", err, text)
	}
	return tt
}

// one is a schedule with the given lines, everything else being plain.
func one(t testing.TB, lines ...string) *Schedule {
	t.Helper()
	return table(t, oneText(lines...)).Schedules[0]
}

// oneText is a timetable of one schedule; its plain lines can be replaced.
func oneText(lines ...string) string {
	text := "robot: x\nschedules:\n  - name: s\n"
	for _, plain := range []string{"days: every", "catch-up: none", "run: {mode: live}"} {
		key, _, _ := strings.Cut(plain, ":")
		replaced := false
		for _, l := range lines {
			replaced = replaced || strings.HasPrefix(l, key+":")
		}
		if !replaced {
			text += "    " + plain + "\n"
		}
	}
	for _, l := range lines {
		if l != "" {
			text += "    " + l + "\n"
		}
	}
	return text
}

func TestShippedSchedules(t *testing.T) {
	tables, err := Load(".", newYear2026)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tables {
		for _, s := range tt.Schedules {
			if s.mode != "shadow" {
				t.Errorf("%s/%s is shipped to run %s: a municipality starts in shadow", tt.Robot, s.Name, s.mode)
			}
		}
	}
	if len(tables) == 0 || len(tables[0].Calendar(2026)) == 0 {
		t.Error("no schedules are shipped")
	}
}

func TestAllErrorsAtOnce(t *testing.T) {
	golden := filepath.Join("testdata", "wrong")
	data, err := os.ReadFile(golden + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(golden + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Parse("wrong.yaml", data, newYear2026)
	if err == nil {
		t.Fatal("no error")
	}
	got, wants := strings.Split(err.Error(), "\n"), strings.Split(strings.TrimSpace(string(want)), "\n")
	for i := range max(len(got), len(wants)) {
		g, w := "", ""
		if i < len(got) {
			g = got[i]
		}
		if i < len(wants) {
			w = wants[i]
		}
		if g != w {
			t.Errorf("line %d\n got %s\nwant %s", i+1, g, w)
		}
	}
}

// One thing wrong with an otherwise plain schedule, where it is told, and how.
func TestParseRefuses(t *testing.T) {
	const daily = `cron: "0 7 * * *"`
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{[]string{""}, "x.yaml:3:5: schedule \"s\" has no cron; add cron: "},
		{[]string{`cron: "0 7 30 2 *"`}, "x.yaml:7:5: cron \"0 7 30 2 *\": day of month"},
		{[]string{daily, "days: bank"}, "add otherwise: skip, next or previous"},
		{[]string{daily, "otherwise: later"}, "otherwise must be one of skip, next, previous; it is later"},
		{[]string{daily, "catch-up: twice"}, "catch-up must be one of once, none; it is twice"},
		{[]string{daily, "catch-up: once"}, "add catch-up-within: 24h"},
		{[]string{daily, "catch-up: once", "catch-up-within: 3 days"}, "catch-up-within must be from 1m to 744h"},
		{[]string{daily, "catch-up: once", "catch-up-within: 800h"}, "catch-up-within must be from 1m to 744h"},
		{[]string{daily, "catch-up: once", "catch-up-within: -1h"}, "catch-up-within must be from 1m to 744h"},
		{[]string{daily, "catch-up-within: 1h"}, "remove it or write catch-up: once"},
		{[]string{daily, "latest: 5"}, "the run of 2026-01-06 would fall on 2026-01-06, after the latest day 2026-01-05"},
		{[]string{`cron: "0 7 2 * *"`, "latest: 31"}, "latest is impossible in February, April, June, September, November"},
		{[]string{`cron: "0 7 10 * *"`, "days: bank", "otherwise: next", "latest: 11"}, "would fall on 2026-01-12, after the latest day"},
		{[]string{daily, "after-day-in: {1: 17}"}, "add after-day for the others"},
		{[]string{daily, "after-day: 28"}, "after-day is impossible in February"},
		{[]string{daily, "after-day: 10", "after-day-in: {2: 30}"}, "after-day is impossible in February"},
		{[]string{daily, "after-day: 10", "after-day-in: {13: 1}"}, `"13" is none`},
		{[]string{daily, "after-day: 10", "otherwise: next"}, "remove otherwise"},
		{[]string{`cron: "0 7 1 * *"`, "after-day: 10"}, "write * for day of month and weekday"},
		{[]string{`cron: "0 7 * 3 *"`, "after-day: 10", "after-day-in: {1: 17}"}, "in which cron never runs"},
		{[]string{daily, "after-day: 010"}, "without quotation marks or leading zeros"},
		{[]string{daily, "run: {limit: 5}"}, "run has no mode; add mode: shadow"},
		{[]string{daily, "run: {mode: live, limit: 0}"}, "limit must be a whole number from 1"},
		{[]string{daily, "run: {mode: live, colour: red}"}, `run does not have the key "colour"`},
		{[]string{daily, "run: live"}, "run must be a mapping"},
		{[]string{daily, "zone: UTC"}, `schedule "s" does not have the key "zone"`},
		{[]string{daily, "open: {hours: []}"}, "nothing could ever run"},
		{[]string{daily, `open: {hours: ["mon 22:00-06:00"]}`}, "hours over midnight are two entries"},
		{[]string{daily, `open: {hours: ["mon 06:00-24:30"]}`}, "do not end later the same day"},
		{[]string{daily, `open: {hours: ["mon-fri 06:00-22:00", "fri-sun 21:00-23:00"]}`}, "overlap an earlier entry on fri"},
		{[]string{daily, `open: {hours: ["mon 06:00-22:00"], closed: [2026-02-30]}`}, `closed date "2026-02-30" does not exist`},
		{[]string{daily, `open: {hours: ["mon-fri 01:00-06:00"]}`}, "would not run once in the next five years"},
		{[]string{`cron: "0 7 * * sun"`, "days: working", "otherwise: skip"}, "would not run once in the next five years"},
		{[]string{`cron: "0 7 25 12 *"`, "days: bank", "otherwise: skip"}, "would not run once in the next five years"},
		{[]string{`cron: "0 7 1 * *"`, "otherwise: next", `open: {hours: ["mon-sun 01:00-06:00"]}`}, "would not run once"},
		{[]string{`cron: "0 7 1 * *"`, "otherwise: &a next"}, "otherwise must be one of"},
		{[]string{`cron: * * * * *`}, "not valid YAML"},
		{[]string{daily, daily}, "already defined"},
	} {
		text := oneText(c.lines...)
		_, err := Parse("x.yaml", []byte(text), newYear2026)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\nsays %v\nwant %s", text, err, c.want)
		}
	}
}

func TestParseRefusesFiles(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "x.yaml:1:1: there must be one document"},
		{"# nothing\n", "x.yaml:1:1: there must be one document"},
		{"---\n", "there must be one document"},
		{"robot: x\n---\nrobot: x\n", "there are 2"},
		{"- a\n", "the file must be a mapping"},
		{"robot: x\n", "the file has no schedules"},
		{"robot: x\nschedules: []\n", "schedules is empty"},
		{"robot: x\nschedules: yes\n", "schedules must be a list"},
		{"robot: x\nschedules:\n  - just text\n", "entry 1 of schedules must be a mapping"},
		{"robot: X y\nschedules: []\n", `robot "X y" must be small letters`},
		{"robot: y\nschedules: []\n", "x.yaml:1:1: robot is \"y\" but the file is named x.yaml; name the file y.yaml"},
		{"robot: x\n\tschedules: []\n", "not valid YAML"},
		{strings.Repeat("[", 300_000), "larger than 256 KiB"},
	} {
		_, err := Parse("x.yaml", []byte(c.text), newYear2026)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q says %v, want %s", c.text, err, c.want)
		}
	}
}

func TestParseRefusesDoubleName(t *testing.T) {
	text := oneText(`cron: "0 7 * * *"`)
	_, again, _ := strings.Cut(text, "schedules:\n")
	_, err := Parse("x.yaml", []byte(text+again), newYear2026)
	if err == nil || !strings.Contains(err.Error(), `schedule "s" is there already, on line 3`) {
		t.Errorf("got %v", err)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("README.md", "no schedules here")
	write("x.yaml", oneText(`cron: "0 7 * * *"`))
	tables, err := Load(dir, newYear2026)
	if err != nil || len(tables) != 1 || tables[0].Robot != "x" {
		t.Fatalf("got %v, %v", tables, err)
	}
	write("a.yaml", "robot: b\n")
	write("c.yml", oneText(`cron: "0 7 * * *"`))
	_, err = Load(dir, newYear2026)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{filepath.Join(dir, "a.yaml") + ":1:1: robot is", "the file has no schedules", "c.yml: schedules end in .yaml"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\ndoes not say %q", err, want)
		}
	}
	if _, err := Load(filepath.Join(dir, "none"), newYear2026); err == nil {
		t.Error("a folder that is not there gives no error")
	}
}

// Whatever stands in the file, the answer is a timetable or problems.
func FuzzParse(f *testing.F) {
	f.Add(oneText(`cron: "0 7 * * *"`, "latest: 31", `open: {hours: ["mon-fri 06:00-22:00"]}`))
	f.Add("robot: &a [x, *a]\nschedules: {<<: 1}\n? b\n: |\n  c")
	f.Fuzz(func(t *testing.T, text string) {
		tt, err := Parse("x.yaml", []byte(text), newYear2026)
		if (tt == nil) == (err == nil) {
			t.Fatalf("%v, %v", tt, err)
		}
	})
}
