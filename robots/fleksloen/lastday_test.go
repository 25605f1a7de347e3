package fleksloen

import (
	"os"
	"strings"
	"testing"
	"time"

	"byskriver/robots/internal/eindkomst"
	"byskriver/schedules"
)

// By the schedule that is shipped, whoever is not reported on is on the list from a
// run of the month itself, whatever day of the week last_day falls on: from the run of
// the last bank day on or before it, and from none earlier.
func TestTheLastRunOfTheMonthWaitsNoMore(t *testing.T) {
	data, err := os.ReadFile("../../schedules/fleksloen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	table, err := schedules.Parse("fleksloen.yaml", data, time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	robot := New(Settings{LastDay: 20, LastDayJan: 25}, nil, nil, nil)
	weekends := 0
	for year := 2024; year <= 2036; year++ {
		runs := table.Calendar(year)
		for month := time.January; month <= time.December; month++ {
			last := schedules.Date{Year: year, Month: month, Day: 20}
			if month == time.January {
				last.Day = 25
			}
			if !schedules.BankDay(last) {
				weekends++
			}
			asked, waiting, listed := 0, 0, schedules.Date{}
			for _, run := range runs {
				if run.Date.Month != month {
					continue
				}
				asked++
				if !robot.waited(run.At, eindkomst.Month{Year: year, Month: month}) {
					waiting++
				} else if listed.IsZero() {
					listed = run.Date
				}
			}
			if listed.IsZero() || listed.After(last) || !schedules.NextBankDay(listed).After(last) || waiting == 0 {
				t.Errorf("%d-%02d: %d runs, %d that wait; on the list from %s", year, month, asked, waiting, listed)
			}
		}
	}
	if weekends < 20 {
		t.Errorf("the last day is no bank day in %d months only", weekends)
	}
}

// Where the last day is a Saturday, whoever waits on the Thursday is on the list on
// the Friday.
func TestLastDayOfAWeekend(t *testing.T) {
	h, o, r := bench(t, func(s *Settings) { s.LastDay = 22 }) // Saturday 22 June 2024
	r.reports[citizen] = r.reports[citizen][:3]
	c := first(t, h)
	h.clock.Advance(9*24*time.Hour + 12*time.Hour) // Thursday the 20th, 22:00 in Denmark
	if code := codeOf(h.work(t, c)); code != "later "+codeMissing {
		t.Errorf("on the Thursday: %s", code)
	}
	h.clock.Advance(8 * time.Hour) // Friday, 06:00
	if code := codeOf(h.work(t, c)); code != codeMissing || o.sets != 0 {
		t.Errorf("on the Friday: %s", code)
	}
}

// A new employer is a question at once, and names the old one that is missing:
// until the last day no amount is proposed or can be approved, and then the proposal
// tells whose wage is not in it.
func TestNewEmployerWhileTheOldOneIsMissing(t *testing.T) {
	in := plain(t)
	*last(&in) = reported(other, in.Income, "3923.50")
	v := Decide(in)
	if v.Refusal.Code != codeNew || v.Refusal.May || v.Refusal.Proposal != "" || !strings.Contains(v.Refusal.Text, "Arbejdsgiver "+acme+", som tilskuddet før blev beregnet efter, har ikke indberettet 2024-05") {
		t.Errorf("before the last day: %+v", v.Refusal)
	}
	amount := v.Computed.Subsidy
	in.Approved = &amount
	if v := Decide(in); v.Setting != nil {
		t.Error("approved before the last day")
	}
	in.Approved, in.Waited = nil, true
	v = Decide(in)
	if v.Refusal.Code != codeNew || !v.Refusal.May || !strings.HasSuffix(v.Refusal.Proposal, ", regnet uden løn fra arbejdsgiver "+acme) || !strings.Contains(v.Refusal.Text, "Arbejdsgiver "+acme+", som") {
		t.Errorf("on the last day: %+v", v.Refusal)
	}
	in.Approved, in.By = &amount, "Karen Holm"
	if v := Decide(in); v.Setting == nil {
		t.Errorf("approved: %+v", v.Refusal)
	}
}
