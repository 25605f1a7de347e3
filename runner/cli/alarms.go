package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"byskriver/runner/alarms"
	"byskriver/runner/config"
	"byskriver/runner/store"
)

type alarmsCmd struct {
	Days int  `help:"Also those that ended within so many days." placeholder:"N"`
	JSON bool `name:"json" help:"Print one JSON object a line."`
	Test bool `help:"Send a trial mail to everybody who is told of alarms."`
}

// alarmLine is an alarm as --json prints it.
type alarmLine struct {
	Code  string      `json:"code"`
	About string      `json:"about"`
	Text  string      `json:"text"`
	Begun time.Time   `json:"begun"`
	Ended *time.Time  `json:"ended"`
	Todo  string      `json:"todo"`
	Mails []alarmMail `json:"mails"`
}

type alarmMail struct {
	To      string     `json:"to"`
	Told    string     `json:"told"`
	ToldAt  *time.Time `json:"told_at"`
	Unsent  string     `json:"unsent"` // what is to be told and has not been
	Since   *time.Time `json:"unsent_since"`
	Tries   int        `json:"tries"`
	Failure string     `json:"failure"`
}

// Run prints what stands, since when, and who has been told.
func (c *alarmsCmd) Run(e *env) error {
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	if c.Test {
		return h.tryAlarms(e)
	}
	since := h.clock.Now().AddDate(0, 0, -c.Days)
	all, mails, err := h.store.Alarms(e.ctx, since)
	if err != nil {
		return err
	}
	if h.conf.Operations.Alarms == nil && !c.JSON {
		fmt.Fprintln(e.Stdout, "Ingen får alarmer: operations.alarms mangler i konfigurationen.")
	}
	for _, a := range all {
		if c.JSON {
			err = json.NewEncoder(e.Stdout).Encode(lineOf(a, mails[a.ID]))
		} else {
			h.printAlarm(e, a, mails[a.ID])
		}
		if err != nil {
			return err
		}
	}
	if len(all) == 0 && !c.JSON {
		fmt.Fprintln(e.Stdout, "Ingen alarmer.")
	}
	return nil
}

func pointed(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func lineOf(a store.Alarm, mails []store.AlarmMail) alarmLine {
	l := alarmLine{Code: a.Code, About: a.About, Text: a.Text, Begun: a.Begun, Ended: pointed(a.Ended), Todo: alarms.Todo(config.AlarmCode(a.Code)), Mails: []alarmMail{}}
	for _, m := range mails {
		one := alarmMail{To: m.Address, Told: m.Told, ToldAt: pointed(m.ToldAt)}
		if m.Tell != "" {
			one.Unsent, one.Since, one.Tries, one.Failure = m.Tell, pointed(m.Due), m.Tries, m.Failure
		}
		l.Mails = append(l.Mails, one)
	}
	return l
}

// toldWords say in Danish what is told.
var toldWords = map[string]string{store.TellBegun: "begyndt", store.TellStands: "står stadig", store.TellOver: "overstået"}

func (h *house) printAlarm(e *env, a store.Alarm, mails []store.AlarmMail) {
	stands := "siden " + h.when(a.Begun)
	if !a.Ended.IsZero() {
		stands = h.when(a.Begun) + " til " + h.when(a.Ended)
	}
	fmt.Fprintf(e.Stdout, "%s  %s  %s\n  %s\n", a.Code, a.About, stands, a.Text)
	if a.Ended.IsZero() {
		fmt.Fprintf(e.Stdout, "  Gør nu: %s\n", alarms.Todo(config.AlarmCode(a.Code)))
	}
	for _, m := range mails {
		if m.Told != "" {
			fmt.Fprintf(e.Stdout, "  %s fik besked (%s) %s\n", m.Address, toldWords[m.Told], h.when(m.ToldAt))
		}
		if m.Tell != "" {
			fmt.Fprintf(e.Stdout, "  %s: USENDT (%s) siden %s, %d forsøg", m.Address, toldWords[m.Tell], h.when(m.Due), m.Tries)
			if m.Failure != "" {
				fmt.Fprintf(e.Stdout, ": %s", m.Failure)
			}
			fmt.Fprintln(e.Stdout)
		}
	}
}

// tryAlarms sends a trial mail to every address, also after one that failed.
func (h *house) tryAlarms(e *env) error {
	rules := h.conf.Operations.Alarms
	if rules == nil {
		return usage("%s: operations.alarms is missing: who is told of alarms", h.conf.File)
	}
	to := slices.Clone(rules.To)
	for _, g := range rules.Groups {
		to = append(to, g.To...)
	}
	slices.Sort(to)
	var failed []error
	for _, address := range slices.Compact(to) {
		if err := h.post(e).Try(e.ctx, address); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", address, err))
			continue
		}
		fmt.Fprintf(e.Stdout, "%s: mailserveren har taget imod prøven\n", address)
	}
	return errors.Join(failed...)
}

// warnings are what is not wrong in how the program is watched, and should be known.
func (e *env) warnings(conf *config.Config, zone *time.Location, now time.Time) []string {
	var all []string
	o := conf.Operations
	if o.Open() {
		all = append(all, fmt.Sprintf("operations.address er %s: alle, der kan nå den, kan læse tallene, og forbindelsen er ikke krypteret", o.Address))
	}
	if o.Alarms == nil {
		return all
	}
	for _, x := range e.expiries(conf, zone) {
		switch {
		case x.Err != nil:
			all = append(all, fmt.Sprintf("%s kan ikke læses, så ingen ved, hvornår det udløber: %v", x.Name, x.Err))
		case x.At.IsZero():
			all = append(all, fmt.Sprintf("%s: ingen ved, hvornår adgangskoden udløber; skriv dagen i %s_expires", x.Name, x.Name))
		case x.At.Sub(now) < time.Duration(o.Alarms.DaysBefore)*24*time.Hour:
			all = append(all, fmt.Sprintf("%s udløber %s", x.Name, x.At.In(zone).Format("02-01-2006")))
		}
	}
	return all
}
