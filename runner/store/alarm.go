package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Alarm is something that people are told of, from when it was first seen until it is over.
type Alarm struct {
	ID          int64
	Code, About string    // About is the name of a robot, schedule, machine, certificate or password
	Robot       string    // "" where it is about none
	Text        string    // Danish; nothing personal
	Begun       time.Time // when it was first seen
	Gone        time.Time // when its cause was seen to be gone; zero while it is there
	Ended       time.Time // when it counted as over; zero while it stands
}

// What is told of an alarm.
const (
	TellBegun  = "begun"
	TellStands = "stands"
	TellOver   = "over"
)

// AlarmMail is what one address is told of an alarm.
type AlarmMail struct {
	Alarm   int64
	Address string
	Tell    string    // what is to be told and has not been; "" if nothing
	Due     time.Time // since when
	Next    time.Time // when it is tried, or tried again
	Tries   int
	Failure string    // why it is unsent; nothing personal
	Told    string    // what was told last; "" if nothing ever
	ToldAt  time.Time // when
}

const alarmColumns = `id, code, about, robot, text, begun_at, gone_at, ended_at`
const mailColumns = `alarm_id, address, tell, due_at, next_at, tries, failure, told, told_at`

func scanAlarm(rows interface{ Scan(...any) error }) (a Alarm, err error) {
	var begun, gone, ended int64
	err = rows.Scan(&a.ID, &a.Code, &a.About, &a.Robot, &a.Text, &begun, &gone, &ended)
	a.Begun, a.Gone, a.Ended = fromMicros(begun), fromMicros(gone), fromMicros(ended)
	return a, err
}

func scanMail(rows interface{ Scan(...any) error }) (m AlarmMail, err error) {
	var due, next, told int64
	err = rows.Scan(&m.Alarm, &m.Address, &m.Tell, &due, &next, &m.Tries, &m.Failure, &m.Told, &told)
	m.Due, m.Next, m.ToldAt = fromMicros(due), fromMicros(next), fromMicros(told)
	return m, err
}

// all reads the rows of a query to their end.
func all[T any](rows *sql.Rows, err error, scan func(interface{ Scan(...any) error }) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// StandingAlarms are the alarms that are not over, the first one first.
func (t *Tx) StandingAlarms() ([]Alarm, error) {
	if err := t.Alone("alarms"); err != nil {
		return nil, err
	}
	rows, err := t.QueryContext(t.ctx, `SELECT `+alarmColumns+` FROM alarms WHERE ended_at = 0 ORDER BY id`)
	return all(rows, err, scanAlarm)
}

// BeginAlarm stores an alarm that begins, and returns its ID.
func (t *Tx) BeginAlarm(a Alarm) (id int64, err error) {
	err = t.QueryRowContext(t.ctx, `INSERT INTO alarms (code, about, robot, text, begun_at, gone_at, ended_at) VALUES ($1, $2, $3, $4, $5, 0, 0) RETURNING id`,
		a.Code, a.About, a.Robot, a.Text, micros(a.Begun)).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("begin the alarm %s about %s: %w", a.Code, a.About, err)
	}
	return id, nil
}

// KeepAlarm stores how an alarm stands by now.
func (t *Tx) KeepAlarm(a Alarm) error {
	return t.change(`UPDATE alarms SET text = $1, gone_at = $2, ended_at = $3 WHERE id = $4`, a.Text, micros(a.Gone), micros(a.Ended), a.ID)
}

// AlarmMails are who is told of an alarm, and how that stands.
func (t *Tx) AlarmMails(alarm int64) ([]AlarmMail, error) {
	rows, err := t.QueryContext(t.ctx, `SELECT `+mailColumns+` FROM alarm_mails WHERE alarm_id = $1 ORDER BY address`, alarm)
	return all(rows, err, scanMail)
}

// Tell has an address told something of an alarm from a moment on, in place of what it has
// not been told yet. What "" is to be told is nothing.
func (t *Tx) Tell(alarm int64, address, what string, at time.Time) error {
	return t.exec(`INSERT INTO alarm_mails (alarm_id, address, tell, due_at, next_at, tries, failure, told, told_at) VALUES ($1, $2, $3, $4, $4, 0, '', '', 0)
		ON CONFLICT (alarm_id, address) DO UPDATE SET tell = excluded.tell, due_at = excluded.due_at, next_at = excluded.next_at, tries = 0, failure = ''`,
		alarm, address, what, micros(at))
}

// TakeMail gives out the mail that is due first, and no other program gets it for so long.
// ErrNotFound means that none is due.
func (t *Tx) TakeMail(now time.Time, hold time.Duration) (AlarmMail, Alarm, error) {
	if err := t.Alone("alarms"); err != nil {
		return AlarmMail{}, Alarm{}, err
	}
	m, err := scanMail(t.QueryRowContext(t.ctx, `SELECT `+mailColumns+` FROM alarm_mails WHERE tell <> '' AND next_at <= $1 ORDER BY next_at, alarm_id, address LIMIT 1`, micros(now)))
	if errors.Is(err, sql.ErrNoRows) {
		return m, Alarm{}, ErrNotFound
	}
	if err != nil {
		return m, Alarm{}, fmt.Errorf("look for mails about alarms: %w", err)
	}
	a, err := scanAlarm(t.QueryRowContext(t.ctx, `SELECT `+alarmColumns+` FROM alarms WHERE id = $1`, m.Alarm))
	if err != nil {
		return m, a, fmt.Errorf("read an alarm: %w", err)
	}
	m.Tries++
	return m, a, t.change(`UPDATE alarm_mails SET next_at = $1, tries = tries + 1 WHERE alarm_id = $2 AND address = $3`, micros(now.Add(hold)), m.Alarm, m.Address)
}

// MailTaken notes that a mail server has taken a mail. What was to be told anew meanwhile
// still is.
func (t *Tx) MailTaken(m AlarmMail, at time.Time) error {
	return t.exec(`UPDATE alarm_mails SET told = $1, told_at = $2, failure = '', tell = CASE WHEN tell = $1 AND due_at = $3 THEN '' ELSE tell END WHERE alarm_id = $4 AND address = $5`,
		m.Tell, micros(at), micros(m.Due), m.Alarm, m.Address)
}

// MailFailed notes why a mail is unsent, and when it is tried again.
func (t *Tx) MailFailed(m AlarmMail, why string, next time.Time) error {
	return t.exec(`UPDATE alarm_mails SET failure = $1, next_at = $2 WHERE alarm_id = $3 AND address = $4 AND tell = $5 AND due_at = $6`,
		why, micros(next), m.Alarm, m.Address, m.Tell, micros(m.Due))
}

// Alarms are the alarms that stand, those of which something is untold, and those that
// ended since a moment; with who is told of each.
func (s *Store) Alarms(ctx context.Context, since time.Time) ([]Alarm, map[int64][]AlarmMail, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+alarmColumns+` FROM alarms WHERE ended_at = 0 OR ended_at >= $1
		OR EXISTS (SELECT 1 FROM alarm_mails m WHERE m.alarm_id = alarms.id AND m.tell <> '') ORDER BY id`, micros(since))
	alarms, err := all(rows, err, scanAlarm)
	if err != nil {
		return nil, nil, fmt.Errorf("read the alarms: %w", err)
	}
	mails := map[int64][]AlarmMail{}
	for _, a := range alarms {
		rows, err := s.read.QueryContext(ctx, `SELECT `+mailColumns+` FROM alarm_mails WHERE alarm_id = $1 ORDER BY address`, a.ID)
		if mails[a.ID], err = all(rows, err, scanMail); err != nil {
			return nil, nil, fmt.Errorf("read who is told of an alarm: %w", err)
		}
	}
	return alarms, mails, nil
}

// NewestPlanned is the planned run of a schedule that was planned last and begun, how it
// ended ("" if it has not), and who runs it. ErrNotFound means that there never was one.
func (s *Store) NewestPlanned(ctx context.Context, robot, schedule string) (p Planned, ending string, err error) {
	var at, started, ended int64
	err = s.read.QueryRowContext(ctx, `SELECT key, planned_at, started_at, COALESCE(ended_at, 0), holder, machine, ending FROM planned_runs
		WHERE robot = $1 AND schedule = $2 ORDER BY planned_at DESC LIMIT 1`, robot, schedule).Scan(&p.Key, &at, &started, &ended, &p.Holder, &p.Machine, &ending)
	if errors.Is(err, sql.ErrNoRows) {
		return p, "", ErrNotFound
	}
	if err != nil {
		return p, "", fmt.Errorf("look for the newest run of %s/%s: %w", robot, schedule, err)
	}
	if ended > 0 && ending == "" {
		ending = EndedWell // before it was noted how
	}
	p.Robot, p.Schedule, p.At, p.Started = robot, schedule, fromMicros(at), fromMicros(started)
	return p, ending, nil
}

// keptSizes is for how long it is known how long lists were.
const keptSizes = 7 * 24 * time.Hour

// NoteList notes how long a robot's list is, if that was noted last before a moment.
func (t *Tx) NoteList(robot string, open int, at, before time.Time) error {
	if err := t.exec(`DELETE FROM list_sizes WHERE robot = $1 AND at < $2`, robot, micros(at.Add(-keptSizes))); err != nil {
		return err
	}
	return t.exec(`INSERT INTO list_sizes (robot, at, open) SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS BIGINT)
		WHERE NOT EXISTS (SELECT 1 FROM list_sizes WHERE robot = $1 AND at >= $4) ON CONFLICT (robot, at) DO NOTHING`, robot, micros(at), open, micros(before))
}

// ListThen is how long a robot's list was when that was noted last between two moments.
func (s *Store) ListThen(ctx context.Context, robot string, from, to time.Time) (open int, known bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT open FROM list_sizes WHERE robot = $1 AND at >= $2 AND at <= $3 ORDER BY at DESC LIMIT 1`,
		robot, micros(from), micros(to)).Scan(&open)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return open, err == nil, err
}
