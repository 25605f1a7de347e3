package invoice

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"byskriver/robots/invoice/reading"
)

// Limits are the municipality's own bounds for the controls. They are recorded with
// each decision.
type Limits struct {
	// Amount is the largest payable amount, in kroner, that the robot codes by
	// itself; 0 is no limit.
	Amount int64 `json:"amount,omitempty" yaml:"amount"`
	// SupplementEnds is the last day of the supplementsperiode, MM-DD in the year
	// after the accounting year; "none" where the municipality has none. Until it is
	// given, an invoice about another year than this goes to a person.
	SupplementEnds string `json:"supplement_ends,omitempty" yaml:"supplement_ends"`
	// DuplicateDays is how many days apart two invoices that look alike may be issued
	// for a person to be asked; 0 asks about none.
	DuplicateDays int `json:"duplicate_days,omitempty" yaml:"duplicate_days"`
	// ReminderWords are the beginnings of words by which a reminder is known.
	ReminderWords []string `json:"reminder_words,omitempty" yaml:"reminder_words"`
}

// noSupplement says that the municipality keeps no supplementsperiode.
const noSupplement = "none"

// DefaultLimits ask about invoices alike within 31 days, and know a reminder by the
// words that suppliers use.
func DefaultLimits() Limits {
	return Limits{DuplicateDays: 31, ReminderWords: []string{"rykker", "betalingspåmindelse", "inkasso"}}
}

// Check says what is wrong with the limits. The error joins all of it.
func (l Limits) Check() error {
	var wrong []error
	if l.Amount < 0 {
		wrong = append(wrong, errors.New("amount cannot be negative; 0 is no limit"))
	}
	if l.DuplicateDays < 0 || l.DuplicateDays > 366 {
		wrong = append(wrong, errors.New("duplicate_days must be between 0 and 366"))
	}
	if s := l.SupplementEnds; s != "" && s != noSupplement {
		if _, err := time.Parse("2006-01-02", "2024-"+s); err != nil {
			wrong = append(wrong, fmt.Errorf("supplement_ends is %q; write a month and a day such as 01-31, or none", s))
		}
	}
	for _, w := range l.ReminderWords {
		if len(w) < 4 || w != strings.ToLower(w) || strings.ContainsAny(w, " \t") {
			wrong = append(wrong, fmt.Errorf("reminder_words has %q; write one word of at least four small letters each", w))
		}
	}
	return errors.Join(wrong...)
}

func overLimit(in Input) (string, bool) {
	if in.Limits == nil || in.Limits.Amount == 0 {
		return "", false
	}
	return kroner(in.Invoice.Payable), in.Invoice.Payable.Abs().GreaterThan(decimal.New(in.Limits.Amount, 0))
}

// reminder looks for a reminder's words in what the invoice says.
func reminder(in Input) (string, bool) {
	if in.Limits == nil {
		return "", false
	}
	for _, text := range in.Plans.Invoice.Texts {
		for _, word := range strings.FieldsFunc(strings.ToLower(text), notLetter) {
			if slices.ContainsFunc(in.Limits.ReminderWords, func(w string) bool { return strings.HasPrefix(word, w) }) {
				return word, true
			}
		}
	}
	return "", false
}

func notLetter(r rune) bool {
	return !(r >= 'a' && r <= 'z' || strings.ContainsRune("æøåéöäü", r))
}

// otherYear asks whether it is unclear which accounting year an invoice belongs to:
// one that is dated in, or delivered for, a year before this while the books of that
// year may be open (supplementsperioden), or that is all for a year to come.
func otherYear(in Input) (string, bool) {
	today := string(in.Plans.Today)
	if in.Limits == nil || len(today) != len(time.DateOnly) {
		return "", false
	}
	this := today[:4]
	first, last := yearsOf(in.Invoice)
	switch {
	case first > this:
		return first, true
	case first == "" || first == this || in.Limits.SupplementEnds == noSupplement:
		return "", false
	case in.Limits.SupplementEnds == "" || today[5:] <= in.Limits.SupplementEnds:
		if first != last {
			return first + "-" + last, true
		}
		return first, true
	}
	return "", false
}

// yearsOf are the first and last year that an invoice is about: those of what is
// billed for, where it says so, else that of its date.
func yearsOf(inv reading.Invoice) (first, last string) {
	served := years(append([]string{inv.Delivered, inv.Period.From, inv.Period.To}, linePeriods(inv)...)...)
	if len(served) == 0 {
		served = years(inv.IssueDate)
	}
	if len(served) == 0 {
		return "", ""
	}
	return slices.Min(served), slices.Max(served)
}

// years are the years of the days that are dates.
func years(days ...string) (all []string) {
	for _, d := range days {
		if _, err := time.Parse(time.DateOnly, d); err == nil {
			all = append(all, d[:4])
		}
	}
	return all
}

func linePeriods(inv reading.Invoice) (days []string) {
	for _, l := range inv.Lines {
		days = append(days, l.Period.From, l.Period.To)
	}
	return days
}

// periodOf is the whole time that is billed, or "" where the invoice does not say.
func periodOf(inv reading.Invoice) string {
	days := slices.DeleteFunc(append([]string{inv.Period.From, inv.Period.To}, linePeriods(inv)...), func(d string) bool { return d == "" })
	if len(days) == 0 {
		return ""
	}
	return slices.Min(days) + "/" + slices.Max(days)
}

// dayOf is an issue date, or the day that an item was found where it has none.
func dayOf(inv reading.Invoice, otherwise time.Time) time.Time {
	if day, err := time.Parse(time.DateOnly, inv.IssueDate); err == nil {
		return day
	}
	return otherwise
}
