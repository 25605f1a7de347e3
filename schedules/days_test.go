package schedules

import (
	"testing"
	"time"

	"github.com/rickar/cal/v2"
	"pgregory.net/rapid"
)

// Nationalbanken's own lists of closed days (banklukkedage), weekends left out.
var banksClosed = map[int][]string{
	2026: {"01-01", "04-02", "04-03", "04-06", "05-14", "05-15", "05-25", "06-05", "12-24", "12-25", "12-31"},
	2027: {"01-01", "03-25", "03-26", "03-29", "05-06", "05-07", "05-17", "12-24", "12-31"},
}

// Days in those lists on which people work all the same.
var workedThough = map[string]bool{
	"2026-05-15": true, "2026-06-05": true, "2026-12-24": true, "2026-12-31": true,
	"2027-05-07": true, "2027-12-24": true, "2027-12-31": true,
}

func TestBankDaysAsNationalbankenLists(t *testing.T) {
	for year, list := range banksClosed {
		closed := map[Date]bool{}
		for _, s := range list {
			closed[date(t, time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Format("2006-")+s)] = true
		}
		for d := (Date{year, 1, 1}); d.Year == year; d = d.AddDays(1) {
			weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
			if got, want := BankDay(d), !weekend && !closed[d]; got != want {
				t.Errorf("BankDay(%v) = %v, want %v", d, got, want)
			}
			if got, want := WorkingDay(d), !weekend && (!closed[d] || workedThough[d.String()]); got != want {
				t.Errorf("WorkingDay(%v) = %v, want %v", d, got, want)
			}
		}
	}
}

// 2026 has 261 days from Monday to Friday (it begins and ends on a Thursday).
// Seven of them are holidays, and four more are closed in banks.
func TestDaysIn2026(t *testing.T) {
	working, bank := 0, 0
	for d := (Date{2026, 1, 1}); d.Year == 2026; d = d.AddDays(1) {
		if WorkingDay(d) {
			working++
		}
		if BankDay(d) {
			bank++
		}
	}
	if working != 254 || bank != 250 {
		t.Errorf("2026 has %d working days and %d bank days, want 254 and 250", working, bank)
	}
}

func TestStoreBededagUntil2023(t *testing.T) {
	for _, c := range []struct {
		day  string
		work bool
	}{
		{"1990-05-11", false}, {"2000-05-19", false}, {"2022-05-13", false}, {"2023-05-05", false},
		{"2024-04-26", true}, {"2025-05-16", true}, {"2026-05-01", true},
	} {
		if d := date(t, c.day); WorkingDay(d) != c.work || BankDay(d) != c.work {
			t.Errorf("%s: working day %v, bank day %v; want both %v", d, WorkingDay(d), BankDay(d), c.work)
		}
	}
}

// paschal is Easter Day by the tables of 1582 (golden number, epact, the first
// Sunday after the fourteenth day of the moon): another way than the library's
// arithmetic (Meeus, Jones and Butcher).
func paschal(year int) Date {
	golden := year%19 + 1
	century := year/100 + 1
	solar := 3*century/4 - 12     // leap days that were left out
	lunar := (8*century+5)/25 - 5 // the moon's own correction
	epact := ((11*golden+20+lunar-solar)%30 + 30) % 30
	if epact == 25 && golden > 11 || epact == 24 {
		epact++
	}
	day := 44 - epact // of March
	if day < 21 {
		day += 30
	}
	moon := Date{year, time.March, 1}.AddDays(day - 1)
	return moon.AddDays(7 - int(moon.Weekday()))
}

func TestPaschalAgreesWithAlmanacs(t *testing.T) {
	for _, s := range []string{"1990-04-15", "2000-04-23", "2008-03-23", "2011-04-24", "2019-04-21", "2024-03-31",
		"2025-04-20", "2026-04-05", "2027-03-28", "2038-04-25", "2100-03-28"} {
		if d := date(t, s); paschal(d.Year) != d {
			t.Errorf("Easter %d is %v, want %v", d.Year, paschal(d.Year), d)
		}
	}
}

// independentHolidays are a year's days off, counted from Easter by the tables.
func independentHolidays(year int) (off, bankOff map[Date]bool) {
	easter := paschal(year)
	off = map[Date]bool{{year, 1, 1}: true, {year, 12, 25}: true, {year, 12, 26}: true}
	for _, n := range []int{-3, -2, 1, 39, 50} {
		off[easter.AddDays(n)] = true
	}
	if year <= 2023 {
		off[easter.AddDays(26)] = true
	}
	return off, map[Date]bool{{year, 6, 5}: true, {year, 12, 24}: true, {year, 12, 31}: true, easter.AddDays(40): true}
}

func TestCalendars1990To2100(t *testing.T) {
	for year := 1990; year <= 2100; year++ {
		off, bankOff := independentHolidays(year)
		for d := (Date{year, 1, 1}); d.Year == year; d = d.AddDays(1) {
			w := d.Weekday()
			work := w != time.Saturday && w != time.Sunday && !off[d]
			if WorkingDay(d) != work {
				t.Errorf("WorkingDay(%v) = %v", d, !work)
			}
			if bank := work && !bankOff[d]; BankDay(d) != bank {
				t.Errorf("BankDay(%v) = %v", d, !bank)
			}
		}
	}
}

// The library reckons in the zone of the process. In some zones clocks jump at
// midnight, also on Danish holidays: 1 January 1996 began at 03:00 in
// Danmarkshavn, and there its midnight counts as 31 December.
func TestCalendarsWhateverTheZoneOfTheProcess(t *testing.T) {
	defer func(l *time.Location) { cal.DefaultLoc = l }(cal.DefaultLoc)
	for _, name := range []string{"America/Danmarkshavn", "America/Lima", "America/Nuuk", "Pacific/Apia"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		cal.DefaultLoc = zone
		for year := 1990; year <= 2030; year++ {
			off, _ := independentHolidays(year)
			for d := range off {
				if WorkingDay(d) {
					t.Errorf("%v is a working day where the process lives in %s", d, name)
				}
			}
		}
	}
}

func TestNextBankDay(t *testing.T) {
	for after, want := range map[string]string{
		"2026-01-17": "2026-01-19", // a Saturday
		"2026-04-01": "2026-04-07", // over Easter
		"2026-04-10": "2026-04-13",
		"2026-05-13": "2026-05-18", // over Ascension, the Friday after it and the weekend
		"2026-06-04": "2026-06-08",
		"2026-12-23": "2026-12-28",
		"2026-12-30": "2027-01-04",
		"2023-05-04": "2023-05-08", // over Store Bededag
		"2024-04-25": "2024-04-26", // no longer
	} {
		if got := NextBankDay(date(t, after)); got != date(t, want) {
			t.Errorf("NextBankDay(%s) = %v, want %s", after, got, want)
		}
	}
}

func TestAddWorkingDays(t *testing.T) {
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-01-02", 1, "2026-01-05"},
		{"2026-01-03", 1, "2026-01-05"},
		{"2026-04-01", 1, "2026-04-07"},
		{"2026-04-01", 10, "2026-04-20"},
		{"2026-05-13", 1, "2026-05-15"}, // Ascension is off, the Friday after it is not
		{"2026-04-07", -1, "2026-04-01"},
		{"2026-01-03", 0, "2026-01-03"},
		{"2026-12-23", 2, "2026-12-28"},
	} {
		if got := AddWorkingDays(date(t, c.from), c.n); got != date(t, c.want) {
			t.Errorf("AddWorkingDays(%s, %d) = %v, want %s", c.from, c.n, got, c.want)
		}
	}
}

func TestDaysAhead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDate(t, "date")
		bank := NextBankDay(d)
		if !bank.After(d) || !BankDay(bank) {
			t.Fatalf("NextBankDay(%v) = %v", d, bank)
		}
		for e := d.AddDays(1); e != bank; e = e.AddDays(1) {
			if BankDay(e) {
				t.Fatalf("NextBankDay(%v) = %v passes over %v", d, bank, e)
			}
		}
		n := rapid.IntRange(1, 60).Draw(t, "n")
		end := AddWorkingDays(d, n)
		count := 0
		for e := d.AddDays(1); !e.After(end); e = e.AddDays(1) {
			if WorkingDay(e) {
				count++
			}
		}
		if count != n || !WorkingDay(end) {
			t.Fatalf("AddWorkingDays(%v, %d) = %v counts %d", d, n, end, count)
		}
		if WorkingDay(d) && AddWorkingDays(end, -n) != d {
			t.Fatalf("%d working days back from %v is %v, want %v", n, end, AddWorkingDays(end, -n), d)
		}
	})
}
