package schedules

import (
	"os"
	"strings"
	"testing"
)

// The year 2026 as the schedules of testdata/year.yaml run it, against lists that
// were made and checked by hand, each special day explained in them.
func TestYear2026(t *testing.T) {
	data, err := os.ReadFile("testdata/year.yaml")
	if err != nil {
		t.Fatal(err)
	}
	tt, err := Parse("testdata/year.yaml", data, newYear2026)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, s := range tt.Schedules {
		t.Run(s.Name, func(t *testing.T) {
			want := handChecked(t, "testdata/year-2026-"+s.Name+".txt")
			var got []string
			for _, r := range s.Calendar(2026) {
				got = append(got, calendarLine(r))
			}
			total += len(got)
			for i := range max(len(got), len(want)) {
				if i >= len(got) || i >= len(want) || got[i] != want[i] {
					t.Fatalf("run %d differs\n got %s\nwant %s", i+1, line(got, i), line(want, i))
				}
			}
		})
	}
	if n := len(tt.Calendar(2026)); n != total || n != 254+53+12+62+24 {
		t.Errorf("the year has %d runs, its schedules %d", n, total)
	}
}

func line(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(none)"
}

func handChecked(t *testing.T, file string) []string {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for l := range strings.Lines(string(data)) {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "#") {
			lines = append(lines, l)
		}
	}
	return lines
}

func calendarLine(r Run) string {
	l := strings.Join([]string{r.Date.String(), r.Local.Format("Mon"), r.Slot, r.Local.Format("15:04"), r.At.Format("2006-01-02T15:04Z")}, " ")
	if r.Named != r.Date {
		l += " named " + r.Named.String()
	}
	return l
}
