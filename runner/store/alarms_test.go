package store_test

import (
	"time"

	"byskriver/runner"
	"byskriver/runner/store"
)

// One alarm from its beginning to its end: each address gets each mail once, from one
// program at a time, and what was told is not forgotten.
func testAlarms(d *desk) {
	var id int64
	d.write(func(t *store.Tx) (err error) {
		if id, err = t.BeginAlarm(store.Alarm{Code: "LISTE-LANG", About: "invoice", Robot: "invoice", Text: "a", Begun: morning}); err != nil {
			return err
		}
		return t.Tell(id, "b@lilleby.example", store.TellBegun, morning)
	})
	if err := d.Write(d.Context(), func(t *store.Tx) error {
		_, err := t.BeginAlarm(store.Alarm{Code: "LISTE-LANG", About: "invoice", Begun: morning})
		return err
	}); err == nil {
		d.Error("the same alarm stands twice")
	}
	mail := d.takeMail(morning)
	d.want("the mail", []any{mail.Address, mail.Tell, mail.Tries}, []any{"b@lilleby.example", store.TellBegun, 1})
	d.want("it is nobody else's", d.takeMail(morning.Add(time.Minute)).Address, "")
	d.write(func(t *store.Tx) error { return t.MailFailed(mail, "451", morning.Add(time.Minute)) })
	d.want("it is tried again", d.takeMail(morning.Add(time.Minute)).Tries, 2)
	since, unsent, err := d.OldestUnsent(d.Context())
	d.must(err)
	d.want("unsent", []any{since, unsent}, []any{morning, 1})
	d.write(func(t *store.Tx) error { return t.MailTaken(mail, morning.Add(2*time.Minute)) })
	d.want("told once", d.takeMail(morning.Add(time.Hour)).Address, "")
	d.write(func(t *store.Tx) error {
		return t.KeepAlarm(store.Alarm{ID: id, Text: "b", Gone: morning.Add(time.Hour), Ended: morning.Add(2 * time.Hour)})
	})
	d.anew()
	alarms, mails, err := d.Alarms(d.Context(), morning)
	d.must(err)
	d.want("the alarm", alarms[0], store.Alarm{ID: id, Code: "LISTE-LANG", About: "invoice", Robot: "invoice", Text: "b", Begun: morning, Gone: morning.Add(time.Hour), Ended: morning.Add(2 * time.Hour)})
	d.want("what was told", []any{mails[id][0].Told, mails[id][0].ToldAt, mails[id][0].Tell}, []any{store.TellBegun, morning.Add(2 * time.Minute), ""})
	if alarms, _, err = d.Alarms(d.Context(), morning.Add(3*time.Hour)); err != nil || len(alarms) != 0 {
		d.Errorf("an alarm that is over is still there: %v %v", alarms, err)
	}
}

func (d *desk) takeMail(at time.Time) (m store.AlarmMail) {
	d.Helper()
	err := d.Write(d.Context(), func(t *store.Tx) (err error) {
		m, _, err = t.TakeMail(at, 5*time.Minute)
		return err
	})
	if m.Address == "" {
		d.wantErr("no mail", err, store.ErrNotFound)
	} else {
		d.must(err)
	}
	return m
}

// How long lists are and were.
func testLists(d *desk) {
	d.exception(d.add("1", "a"))
	d.add("2", "b")
	lists, err := d.Lists(d.Context())
	d.must(err)
	d.want("the list", lists, map[string]store.List{"invoice": {Open: 1, Oldest: morning}})
	open, err := d.OpenItems(d.Context())
	d.must(err)
	d.want("open items", open, []store.Tally{{Robot: "invoice", Mode: runner.Live, State: runner.Exception, Code: "EAN-MANGLER", Items: 1},
		{Robot: "invoice", Mode: runner.Live, State: runner.Ready, Items: 1}})
	note := func(n int, at time.Time) {
		d.write(func(t *store.Tx) error { return t.NoteList("invoice", n, at, at.Add(-time.Hour)) })
	}
	note(1, morning)
	note(7, morning.Add(59*time.Minute)) // too soon
	note(3, morning.Add(2*time.Hour))
	for to, want := range map[time.Duration]int{time.Hour: 1, 2 * time.Hour: 3} {
		n, known, err := d.ListThen(d.Context(), "invoice", morning, morning.Add(to))
		d.must(err)
		d.want("the list then", []any{n, known}, []any{want, true})
	}
	if _, known, err := d.ListThen(d.Context(), "invoice", morning.Add(-time.Hour), morning.Add(-time.Minute)); known || err != nil {
		d.Errorf("a list is known from before: %v", err)
	}
	d.must(d.Beat(d.Context(), "rpa1"))
	d.must(d.Beat(d.Context(), "rpa1"))
}

// The newest planned run of a schedule, and how it ended.
func testEndings(d *desk) {
	_, _, err := d.NewestPlanned(d.Context(), "invoice", "morning")
	d.wantErr("none yet", err, store.ErrNotFound)
	for i, key := range []string{"a", "b"} {
		at := morning.AddDate(0, 0, i)
		d.write(func(t *store.Tx) error {
			_, err := t.StartPlanned(store.Planned{Key: key, Robot: "invoice", Schedule: "morning", At: at, Started: at})
			return err
		})
	}
	p, ending, err := d.NewestPlanned(d.Context(), "invoice", "morning")
	d.must(err)
	d.want("under way", []any{p.Key, p.At, ending}, []any{"b", morning.AddDate(0, 0, 1), ""})
	d.write(func(t *store.Tx) error { return t.EndPlanned("b", "", morning.AddDate(0, 0, 1), "", "schedule.failed") })
	_, ending, err = d.NewestPlanned(d.Context(), "invoice", "morning")
	d.must(err)
	d.want("failed", ending, "schedule.failed")
}
