package patterns

import (
	"fmt"
	"strconv"
	"strings"
)

// Reason is what a coding rests on: the likeness that has held longest.
type Reason struct {
	Key  int   `json:"key"` // which likeness
	Run  int   `json:"run"` // so many of the last were coded so
	Low  int32 `json:"low"` // kroner, the smallest and the largest of them
	High int32 `json:"high"`
	From Day   `json:"from"` // the days on which the first and the last of them came
	To   Day   `json:"to"`
}

// reasonOf finds the longest run of like invoices that were all coded so. Of two
// as long the closer likeness is told.
func reasonOf(d *Decision, es *[maxKeys]*entry) Reason {
	var r Reason
	for k := range keys {
		e := es[k]
		if keys[k].reason == "" || e == nil || e.last != d.first || int(e.run) <= r.Run {
			continue
		}
		r = Reason{Key: k, Run: int(e.run), Low: e.low, High: e.high, From: Day(e.since), To: Day(e.day)}
	}
	return r
}

// Text is one Danish sentence: why the invoice is coded so. where is what staff
// call the part of the municipality.
func (r Reason) Text(f *Facts, where, label string) string {
	if r.Run == 0 || r.Key < 0 || r.Key >= len(keys) || keys[r.Key].reason == "" {
		return "Ingen tidligere fakturaer ligner denne."
	}
	if where == "" {
		where = "samme modtager"
	}
	like := strings.NewReplacer("{navn}", f.Name, "{enhed}", where, "{beløb}", kroner(f.Ore), "{fra}", thousands(r.Low), "{til}", thousands(r.High)+" kr.",
		"{ordre}", f.Order, "{kontrakt}", f.Contract).Replace(keys[r.Key].reason)
	if r.Run == 1 {
		return fmt.Sprintf("Den seneste faktura %s er konteret %s.", like, label)
	}
	return fmt.Sprintf("De seneste %d fakturaer %s er konteret %s.", r.Run, like, label)
}

// kroner is an amount as Danes write it.
func kroner(ore int64) string {
	sign := ""
	if ore < 0 {
		sign, ore = "-", -ore
	}
	return fmt.Sprintf("%s%s,%02d kr.", sign, thousands(int32(min(ore/100, 1<<31-1))), ore%100)
}

// thousands groups a number's digits by three.
func thousands(n int32) string {
	digits := strconv.FormatInt(int64(n), 10)
	sign, digits := digits[:len(digits)-len(strings.TrimPrefix(digits, "-"))], strings.TrimPrefix(digits, "-")
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "." + digits[at:]
	}
	return sign + digits
}
