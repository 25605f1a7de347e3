package alarms

import (
	"fmt"
	"strings"
	"time"

	"byskriver/runner/config"
	"byskriver/runner/store"
)

// todo says, for each alarm, what to do next.
var todo = map[config.AlarmCode]string{
	config.AlarmNotStarted:  "Se på serveren, om byskriver serve kører, og start kørslen i hånden, hvis den ikke kan vente.",
	config.AlarmTooLong:     "Se, om robotten stadig kommer videre, før nogen standser den.",
	config.AlarmRunFailed:   "Læs i loggen, hvad der gik galt, ret det, og kør robotten igen.",
	config.AlarmStopped:     "Ret det, der fik robotten til at standse, før den startes igen.",
	config.AlarmListLong:    "Få flere til at tage sager fra listen, eller se efter, om én kode er årsagen.",
	config.AlarmListGrows:   "Se, hvilken kode der er ny på listen, og om noget har ændret sig i et system.",
	config.AlarmListOld:     "Få den ældste sag afgjort; der kan være en frist.",
	config.AlarmCertificate: "Bestil et nyt certifikat nu, og læg det i stedet for det gamle.",
	config.AlarmPassword:    "Skift adgangskoden i systemet, og læg den nye i stedet for den gamle.",
	config.AlarmLog:         "Se, om mapperne til kontrolpunkter kan nås, og om disken er fuld.",
	config.AlarmMachine:     "Se, om maskinen er tændt, og om byskriver serve kører på den.",
}

// Todo says in Danish what to do next about an alarm.
func Todo(code config.AlarmCode) string { return todo[code] }

// Chapter is the name of an alarm's chapter in the playbooks, as a link has it.
func Chapter(code config.AlarmCode) string { return strings.ToLower(string(code)) }

// House is what a mail says of where it comes from.
type House struct {
	Municipality, Machine, Playbooks string
	Zone                             *time.Location // Danish time
}

// Letter is one mail.
type Letter struct {
	ID, To, Subject, Text string
	At                    time.Time
}

// letter is what an address is told of an alarm. The same is always told under the same ID,
// so that a mail server that gets it twice can tell.
func (h House) letter(m store.AlarmMail, a store.Alarm, now time.Time) Letter {
	l := Letter{ID: fmt.Sprintf("alarm-%d-%s-%d", a.ID, m.Tell, m.Due.UnixMilli()), To: m.Address, At: now}
	code := config.AlarmCode(a.Code)
	word := map[string]string{store.TellBegun: "ALARM", store.TellStands: "STADIG ALARM", store.TellOver: "OVERSTÅET"}[m.Tell]
	l.Subject = fmt.Sprintf("[byskriver] %s %s %s", word, a.Code, a.About)
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", a.Text)
	switch m.Tell {
	case store.TellOver:
		fmt.Fprintf(&b, "Alarmen begyndte %s og er overstået %s. Der skal ikke gøres mere.\n", when(a.Begun, h.Zone), when(a.Ended, h.Zone))
	default:
		fmt.Fprintf(&b, "Alarmen begyndte %s.\nGør nu: %s\n", when(a.Begun, h.Zone), todo[code])
	}
	fmt.Fprintf(&b, "Vejledning: %s#%s\n\n%s, byskriver på %s. Alle alarmer: byskriver alarms\n", h.Playbooks, Chapter(code), h.Municipality, h.Machine)
	l.Text = b.String()
	return l
}

// Trial is a mail that says only that mails about alarms arrive.
func (h House) Trial(to string, now time.Time) Letter {
	return Letter{ID: fmt.Sprintf("alarm-trial-%d", now.UnixNano()), To: to, At: now, Subject: "[byskriver] PRØVE af alarmer",
		Text: fmt.Sprintf("Dette er en prøve: alarmer fra byskriver på %s når frem hertil. Der skal ikke gøres noget.\n\nVejledning: %s\n%s\n", h.Machine, h.Playbooks, h.Municipality)}
}
