// Package alarms tells people by mail that a run is late, a robot stopped itself, a list
// grows, or a certificate or password runs out: once when it begins, at most daily while it
// lasts, and once when it is over. What stands and who has been told is in the store, so
// that a restart tells nobody twice. A mail holds names and counts, and nothing personal.
package alarms

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"byskriver/runner"
	"byskriver/runner/config"
	"byskriver/runner/store"
	"byskriver/schedules"
)

// Facts are what is known at a moment. What is not known is left out.
type Facts struct {
	Now      time.Time
	Zone     *time.Location  // Danish time
	Due      []schedules.Run // planned runs that have not started though their time has come
	Open     []store.Planned // planned runs under way
	Failed   []store.Planned // newest planned runs of their schedules, which did not end well
	Stops    []store.Stop    // robots that stopped themselves
	Lists    map[string]List // by robot
	Expiries []config.Expiry // certificates and passwords
	LogIll   bool            // the run log's proof is behind
	Gone     []string        // machines of the configuration that do not serve
}

// List is how a robot's list stands.
type List struct {
	store.List
	Before int  // how many exceptions it had a day ago
	Known  bool // Before is known
}

// Cause is why an alarm stands.
type Cause struct {
	Code  config.AlarmCode
	About string // what it is about, by name
	Robot string // "" if it is about none
	Text  string // Danish: what is the matter, in names and counts
}

// Judge finds the causes of alarms. It is pure.
func Judge(a *config.Alarms, f Facts) []Cause {
	j := judge{rules: a, f: f}
	j.runs()
	for _, s := range f.Stops {
		j.add(config.AlarmStopped, s.Robot, s.Robot, "Robotten %s har standset sig selv siden %s: %s.", s.Robot, j.when(s.At), stopText(s))
	}
	for _, robot := range slices.Sorted(maps.Keys(f.Lists)) {
		j.list(robot, f.Lists[robot])
	}
	for _, e := range f.Expiries {
		j.expiry(e)
	}
	if f.LogIll {
		j.add(config.AlarmLog, "log", "", "Kørselsloggen er ikke nummereret, underskrevet og lagt i alle mapper. /healthz siger, hvad der mangler.")
	}
	for _, m := range f.Gone {
		j.add(config.AlarmMachine, m, "", "Maskinen %s arbejder ikke med, og den står i konfigurationen.", m)
	}
	return j.causes
}

type judge struct {
	rules  *config.Alarms
	f      Facts
	causes []Cause
}

func (j *judge) add(code config.AlarmCode, about, robot, format string, args ...any) {
	for _, c := range j.causes {
		if c.Code == code && c.About == about {
			return
		}
	}
	j.causes = append(j.causes, Cause{Code: code, About: about, Robot: robot, Text: runner.Mask(fmt.Sprintf(format, args...))})
}

func (j *judge) when(t time.Time) string { return when(t, j.f.Zone) }

func when(t time.Time, zone *time.Location) string { return t.In(zone).Format("02-01-2006 15:04") }

func (j *judge) runs() {
	for _, r := range j.f.Due {
		if limit := *j.rules.Of(r.Robot).Late; j.f.Now.Sub(r.At) > limit {
			j.add(config.AlarmNotStarted, r.Robot+"/"+r.Schedule, r.Robot, "Kørslen %s/%s skulle være begyndt %s og er ikke begyndt.", r.Robot, r.Schedule, j.when(r.At))
		}
	}
	for _, p := range j.f.Open {
		if limit := *j.rules.Of(p.Robot).Longest; j.f.Now.Sub(p.Started) > limit {
			j.add(config.AlarmTooLong, p.Robot+"/"+p.Schedule, p.Robot, "Kørslen %s/%s begyndte %s og er ikke færdig.", p.Robot, p.Schedule, j.when(p.Started))
		}
	}
	for _, p := range j.f.Failed {
		j.add(config.AlarmRunFailed, p.Robot+"/"+p.Schedule, p.Robot, "Kørslen %s/%s, der begyndte %s, kom ikke til sin ende.", p.Robot, p.Schedule, j.when(p.Started))
	}
}

// stopText says what stopped a robot. The stop's own text is about an item, and stays in
// the store.
func stopText(s store.Stop) string {
	switch s.Kind {
	case runner.ScreenChanged:
		return "skærmbillederne i " + s.System + " ser anderledes ud end ventet"
	case runner.SignInRefused:
		return s.System + " har afvist robottens bruger eller adgangskode"
	}
	return s.System + " kunne ikke nås"
}

func (j *judge) list(robot string, l List) {
	limits := j.rules.Of(robot)
	if n := limits.ListMost; n != nil && l.Open > *n {
		j.add(config.AlarmListLong, robot, robot, "Listen for %s har %d sager; grænsen er %d.", robot, l.Open, *n)
	}
	if n := limits.ListADay; n != nil && l.Known && l.Open-l.Before > *n {
		j.add(config.AlarmListGrows, robot, robot, "Listen for %s er vokset med %d sager på et døgn, til %d; grænsen er %d.", robot, l.Open-l.Before, l.Open, *n)
	}
	if n := limits.ListOldest; n != nil && l.Open > 0 {
		found := schedules.DateOf(l.Oldest.In(j.f.Zone))
		if schedules.DateOf(j.f.Now.In(j.f.Zone)).After(schedules.AddWorkingDays(found, *n)) {
			j.add(config.AlarmListOld, robot, robot, "Den ældste sag på listen for %s er fra %s; grænsen er %d arbejdsdage.", robot, l.Oldest.In(j.f.Zone).Format("02-01-2006"), *n)
		}
	}
}

func (j *judge) expiry(e config.Expiry) {
	code, what := config.AlarmCertificate, "Certifikatet"
	if e.Kind == config.ExpiryPassword {
		code, what = config.AlarmPassword, "Adgangskoden"
	}
	left := e.At.Sub(j.f.Now)
	switch {
	case e.Err != nil:
		j.add(code, e.Name, "", "%s %s kan ikke læses, så ingen ved, hvornår det udløber.", what, e.Name)
	case e.At.IsZero():
	case left <= 0:
		j.add(code, e.Name, "", "%s %s udløb %s.", what, e.Name, j.when(e.At))
	case left < time.Duration(j.rules.DaysBefore)*24*time.Hour:
		j.add(code, e.Name, "", "%s %s udløber %s.", what, e.Name, j.when(e.At))
	}
}
