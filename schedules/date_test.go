package schedules

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// date reads a date that the test itself wrote.
func date(t testing.TB, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParseDate(t *testing.T) {
	for _, s := range []string{"2026-02-29", "2026-02-30", "2026-13-01", "2026-1-1", "01-01-2026", "", "2026-01-01 "} {
		if d, err := ParseDate(s); err == nil {
			t.Errorf("ParseDate(%q) = %v, want an error", s, d)
		}
	}
	if d := date(t, "2028-02-29"); d != (Date{2028, time.February, 29}) {
		t.Errorf("got %v", d)
	}
}

func TestDateOfIsTheDateInThatZone(t *testing.T) {
	zone, err := Copenhagen()
	if err != nil {
		t.Fatal(err)
	}
	late := time.Date(2026, 6, 30, 22, 30, 0, 0, time.UTC) // 00:30 on 1 July in Denmark
	if d := DateOf(late.In(zone)); d != date(t, "2026-07-01") {
		t.Errorf("in Copenhagen it is %v", d)
	}
	if d := DateOf(late); d != date(t, "2026-06-30") {
		t.Errorf("in UTC it is %v", d)
	}
}

func TestDateJSON(t *testing.T) {
	for _, want := range []Date{{}, {2026, time.May, 15}} {
		b, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got := Date{1, 1, 1}
		if err := json.Unmarshal(b, &got); err != nil || got != want {
			t.Errorf("%v came back from %s as %v, %v", want, b, got, err)
		}
	}
	var d Date
	if err := json.Unmarshal([]byte(`"2026-02-30"`), &d); err == nil {
		t.Error("30 February was read")
	}
}

func TestAddDaysAndCompareAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDate(t, "date")
		n := rapid.IntRange(-4000, 4000).Draw(t, "days")
		e := d.AddDays(n)
		if e.AddDays(-n) != d {
			t.Fatalf("%v + %d = %v, and back is %v", d, n, e, e.AddDays(-n))
		}
		if got := e.noon().Sub(d.noon()); got != time.Duration(n)*24*time.Hour {
			t.Fatalf("%v to %v is %v, want %d days", d, e, got, n)
		}
		if e.After(d) != (n > 0) || e.Before(d) != (n < 0) {
			t.Fatalf("%v and %v are ordered wrongly", d, e)
		}
		if back := parsed(t, e.String()); back != e {
			t.Fatalf("%v is written %s", e, e)
		}
	})
}

func drawDate(t *rapid.T, label string) Date {
	return Date{1990, time.January, 1}.AddDays(rapid.IntRange(0, 40541).Draw(t, label)) // to 2100-12-31
}

func parsed(t *rapid.T, s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
