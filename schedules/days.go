package schedules

import (
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/dk"
)

// The nine weekday holidays. The library knows that Store Bededag was a holiday
// for the last time in 2023. Easter Day and Whit Sunday are Sundays anyway. The
// library's own list also has 5 June, which is no statutory holiday.
var holidays = []*cal.Holiday{
	dk.Nytaarsdag,
	dk.Skaertorsdag,
	dk.Langfredag,
	dk.AndenPaaskedag,
	dk.StoreBededag,
	dk.KristiHimmelfartsdag,
	dk.AndenPinsedag,
	dk.Juledag,
	dk.AndenJuledag,
}

// The days on which banks are closed though people work (nationalbanken.dk,
// banklukkedage). The library lacks all but the first.
var bankClosings = []*cal.Holiday{
	dk.Grundlovsdag,
	{Name: "Fredag efter Kristi himmelfartsdag", Offset: 40, Func: cal.CalcEasterOffset},
	{Name: "Juleaftensdag", Month: time.December, Day: 24, Func: cal.CalcDayOfMonth},
	{Name: "Nytårsaftensdag", Month: time.December, Day: 31, Func: cal.CalcDayOfMonth},
}

// WorkingDay reports whether d is Monday to Friday and no Danish holiday. 5 June,
// 24 and 31 December and the Friday after Ascension are working days in this
// calendar; Store Bededag is one from 2024.
func WorkingDay(d Date) bool {
	if w := d.Weekday(); w == time.Saturday || w == time.Sunday {
		return false
	}
	return !among(holidays, d)
}

// BankDay reports whether Danish banks are open on d: a working day that is none
// of the banks' own closing days. The closing days are today's for every year;
// for long gone years the banks' own list may differ (in 2006 the Friday after
// Ascension was not on it).
func BankDay(d Date) bool { return WorkingDay(d) && !among(bankClosings, d) }

// among reports whether one of the days falls on d.
func among(days []*cal.Holiday, d Date) bool {
	for _, h := range days {
		actual, _ := h.Calc(d.Year)
		// The library gives midnight in the process's own zone, and where that
		// midnight is skipped, the evening before: half a day later it is the date
		// in every zone.
		if !actual.IsZero() && DateOf(actual.Add(12*time.Hour)) == d {
			return true
		}
	}
	return false
}

// NextBankDay is the first bank day after the date, which itself never counts.
func NextBankDay(after Date) Date {
	d := after.AddDays(1)
	for !BankDay(d) {
		d = d.AddDays(1)
	}
	return d
}

// AddWorkingDays is the n-th working day after d, or before it if n is negative.
// d itself never counts. With n = 0 it is d, whatever day that is.
func AddWorkingDays(d Date, n int) Date {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 {
		d = d.AddDays(step)
		if WorkingDay(d) {
			n--
		}
	}
	return d
}
