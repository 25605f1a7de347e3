package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"byskriver/runner"
	"byskriver/runner/seal"
)

// Row is an item as the database shows it, with nothing that is sealed.
type Row struct {
	ID       int64
	Number   string
	Robot    string
	Mode     runner.Mode
	Twin     string
	Area     string
	State    runner.State
	Code     string // of the last outcome
	Attempt  int
	Revision int
	Created  time.Time
	Due      time.Time
	ReadyAt  time.Time
	Settled  time.Time
	Worker   string // who has claimed it, or ""
	Job      int64  // the queue's job that points at it, or 0

	keyMAC, contentMAC []byte
}

// Keys are an item's own keys. A destroyed key is not Valid.
type Keys struct {
	Content seal.Key // for what the item carries
	Log     seal.Key // for the readable part of its run-log entries
}

// NewItem is a found piece of work, sealed and ready to be added.
type NewItem struct {
	Keys
	robot      string
	mode       runner.Mode
	found      runner.Found
	keyMAC     []byte
	contentMAC []byte
	contentKey []byte
	logKey     []byte
	sealed     []byte
}

// carried is what is sealed of a found piece of work.
type carried struct {
	Key     string `json:"key"`
	Content []byte `json:"content"`
	Label   string `json:"label"`
	Source  string `json:"source"`
}

// Prepare seals a found piece of work, outside of any transaction.
func (s *Store) Prepare(robot string, mode runner.Mode, f runner.Found) (*NewItem, error) {
	same := f.Content
	if f.Same != "" {
		same = []byte(f.Same)
	}
	n := &NewItem{robot: robot, mode: mode, found: f,
		keyMAC:     s.ring.MAC("key", []byte(robot), []byte(f.Key)),
		contentMAC: s.ring.MAC("content", []byte(robot), same)}
	var err error
	if n.Content, err = seal.NewKey(); err != nil {
		return nil, err
	}
	if n.Log, err = seal.NewKey(); err != nil {
		return nil, err
	}
	bond := bond(robot, mode, n.keyMAC, n.contentMAC)
	n.contentKey = s.ring.Wrap(n.Content, "content/"+bond)
	n.logKey = s.ring.Wrap(n.Log, "log/"+bond)
	plain, err := json.Marshal(carried{Key: f.Key, Content: f.Content, Label: f.Label, Source: f.Source})
	if err != nil {
		return nil, fmt.Errorf("seal the found work: %w", err)
	}
	n.sealed = n.Content.Seal(plain, "found")
	return n, nil
}

// bond ties wrapped keys to their item, so that the keys of two items cannot be
// exchanged in the database.
func bond(robot string, mode runner.Mode, keyMAC, contentMAC []byte) string {
	return robot + "/" + string(mode) + "/" + hex.EncodeToString(keyMAC) + "/" + hex.EncodeToString(contentMAC)
}

const rowColumns = `id, number, robot, mode, twin, area, state, code, attempt, revision, created_at, due_at, ready_at, settled_at, worker, job_id, key_mac, content_mac`

type scanner interface{ Scan(...any) error }

func scanRow(s scanner) (Row, error) {
	var r Row
	var created, due, ready, settled int64
	err := s.Scan(&r.ID, &r.Number, &r.Robot, &r.Mode, &r.Twin, &r.Area, &r.State, &r.Code, &r.Attempt, &r.Revision,
		&created, &due, &ready, &settled, &r.Worker, &r.Job, &r.keyMAC, &r.contentMAC)
	if errors.Is(err, sql.ErrNoRows) {
		return r, ErrNotFound
	}
	r.Created, r.Due, r.ReadyAt, r.Settled = fromMicros(created), fromMicros(due), fromMicros(ready), fromMicros(settled)
	return r, err
}

// micros is a moment as the database keeps it; the zero time is 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// Items is the section that a robot's new items are added in, one at a time.
func Items(robot string) string { return "items/" + robot }

// Add stores a new item as ready, or returns the one that is already there. The
// same key with other content is a new item that names its twin.
func (t *Tx) Add(n *NewItem, now time.Time) (row Row, isNew bool, err error) {
	if err := t.Alone(Items(n.robot)); err != nil {
		return row, false, err
	}
	row, err = scanRow(t.QueryRowContext(t.ctx, `SELECT `+rowColumns+` FROM items WHERE robot = $1 AND mode = $2 AND key_mac = $3 AND content_mac = $4`,
		n.robot, n.mode, n.keyMAC, n.contentMAC))
	if err == nil || !errors.Is(err, ErrNotFound) {
		return row, false, err
	}
	twin, err := t.twin(n)
	if err != nil {
		return row, false, err
	}
	number, err := t.number(n.robot, now)
	if err != nil {
		return row, false, err
	}
	row = Row{Number: number, Robot: n.robot, Mode: n.mode, Twin: twin, Area: n.found.Area, State: runner.Ready,
		Created: now, Due: n.found.Due, ReadyAt: now, keyMAC: n.keyMAC, contentMAC: n.contentMAC}
	err = t.QueryRowContext(t.ctx, `INSERT INTO items (number, robot, mode, key_mac, content_mac, twin, area, state, code, attempt, revision, created_at, due_at, ready_at, settled_at, worker, job_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', 0, 0, $9, $10, $9, 0, '', 0) RETURNING id`,
		number, n.robot, n.mode, n.keyMAC, n.contentMAC, twin, n.found.Area, runner.Ready, micros(now), micros(n.found.Due)).Scan(&row.ID)
	if err != nil {
		return row, false, fmt.Errorf("add item %s: %w", number, err)
	}
	return row, true, t.exec(`INSERT INTO item_bodies (item_id, content_key, log_key, found_sealed) VALUES ($1, $2, $3, $4)`,
		row.ID, n.contentKey, n.logKey, n.sealed)
}

// twin is the number of the newest item with the same key and other content.
func (t *Tx) twin(n *NewItem) (string, error) {
	var number string
	err := t.QueryRowContext(t.ctx, `SELECT number FROM items WHERE robot = $1 AND mode = $2 AND key_mac = $3 ORDER BY id DESC LIMIT 1`,
		n.robot, n.mode, n.keyMAC).Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return number, err
}

// number draws the next number of a series and year, such as invoice-2026-000123.
func (t *Tx) number(series string, now time.Time) (string, error) {
	year := now.Year()
	name := fmt.Sprintf("%s-%04d", series, year)
	var n int64
	err := t.QueryRowContext(t.ctx, `INSERT INTO counters (name, last) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET last = counters.last + 1 RETURNING last`, name).Scan(&n)
	if err != nil {
		return "", fmt.Errorf("draw a number of %s: %w", name, err)
	}
	return fmt.Sprintf("%s-%06d", name, n), nil
}

// SetJob notes which job of the queue points at an item.
func (t *Tx) SetJob(id, job int64) error {
	return t.change(`UPDATE items SET job_id = $1 WHERE id = $2`, job, id)
}

// Claim gives an item that is open and not claimed to a worker, and counts the
// attempt. It returns ErrNotFound where there is nothing to claim: the item is
// settled, claimed, or pointed at by another job.
func (t *Tx) Claim(id, job int64, worker string) (Row, error) {
	return scanRow(t.QueryRowContext(t.ctx, `UPDATE items SET worker = $1, attempt = attempt + 1
		WHERE id = $2 AND job_id = $3 AND worker = '' AND `+unsettled+` RETURNING `+rowColumns, worker, id, job))
}

// ItemByNumber finds an item by its number.
func (s *Store) ItemByNumber(ctx context.Context, number string) (Row, error) {
	return scanRow(s.read.QueryRowContext(ctx, `SELECT `+rowColumns+` FROM items WHERE number = $1`, number))
}

// ItemByKey finds the newest item with a business key.
func (s *Store) ItemByKey(ctx context.Context, robot string, mode runner.Mode, key string) (Row, error) {
	return scanRow(s.read.QueryRowContext(ctx, `SELECT `+rowColumns+` FROM items WHERE robot = $1 AND mode = $2 AND key_mac = $3 ORDER BY id DESC LIMIT 1`,
		robot, mode, s.ring.MAC("key", []byte(robot), []byte(key))))
}

// Keys unwraps an item's keys. A destroyed key comes back not Valid.
func (s *Store) Keys(ctx context.Context, r Row) (Keys, error) {
	k, _, err := s.body(ctx, r)
	return k, err
}

func (s *Store) body(ctx context.Context, r Row) (Keys, []byte, error) {
	var content, log, sealed []byte
	err := s.read.QueryRowContext(ctx, `SELECT content_key, log_key, found_sealed FROM item_bodies WHERE item_id = $1`, r.ID).Scan(&content, &log, &sealed)
	if err != nil {
		return Keys{}, nil, fmt.Errorf("read the keys of %s: %w", r.Number, err)
	}
	var k Keys
	bond := bond(r.Robot, r.Mode, r.keyMAC, r.contentMAC)
	if content != nil {
		if k.Content, err = s.ring.Unwrap(content, "content/"+bond); err != nil {
			return k, nil, fmt.Errorf("unwrap the content key of %s: %w", r.Number, err)
		}
	}
	if log != nil {
		if k.Log, err = s.ring.Unwrap(log, "log/"+bond); err != nil {
			return k, nil, fmt.Errorf("unwrap the log key of %s: %w", r.Number, err)
		}
	}
	return k, sealed, nil
}

// Load opens an item: what it carries, and the decision it waits with, if any.
func (s *Store) Load(ctx context.Context, r Row) (runner.Item, Keys, error) {
	k, sealed, err := s.body(ctx, r)
	if err != nil {
		return runner.Item{}, k, err
	}
	item := runner.Item{Number: r.Number, Robot: r.Robot, Mode: r.Mode, Area: r.Area, Due: r.Due, Created: r.Created,
		State: r.State, Attempt: r.Attempt, Revision: r.Revision, Twin: r.Twin}
	if !k.Content.Valid() {
		return item, k, nil
	}
	plain, err := k.Content.Open(sealed, "found")
	if err != nil {
		return item, k, fmt.Errorf("open item %s: %w", r.Number, err)
	}
	var c carried
	if err := json.Unmarshal(plain, &c); err != nil {
		return item, k, fmt.Errorf("read item %s: %w", r.Number, err)
	}
	item.Key, item.Content, item.Label, item.Source = c.Key, c.Content, c.Label, c.Source
	item.Decision, err = s.decision(ctx, r, k)
	return item, k, err
}

// DropJob says that a job no longer points at an item.
func (t *Tx) DropJob(id, job int64) error {
	return t.change(`UPDATE items SET job_id = 0 WHERE id = $1 AND job_id = $2 AND worker = ''`, id, job)
}

// LogKey is what LogKeys tells of one item.
type LogKey struct {
	Key   seal.Key // not Valid where it is destroyed
	Known bool     // there is such an item
}

// LogKeys unwraps the log keys of items by their numbers, one answer a number in
// the same order, reading through q.
func (s *Store) LogKeys(ctx context.Context, q interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, numbers []string) ([]LogKey, error) {
	at := make(map[string][]int, len(numbers))
	for i, n := range numbers {
		at[n] = append(at[n], i)
	}
	found := make([]LogKey, len(numbers))
	for part := range slices.Chunk(numbers, 200) {
		if err := s.logKeys(ctx, q, part, func(number string, k LogKey) {
			for _, i := range at[number] {
				found[i] = k
			}
		}); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (s *Store) logKeys(ctx context.Context, q interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, numbers []string, each func(string, LogKey)) error {
	args, marks := make([]any, len(numbers)), make([]string, len(numbers))
	for i, n := range numbers {
		args[i], marks[i] = n, fmt.Sprintf("$%d", i+1)
	}
	rows, err := q.QueryContext(ctx, `SELECT i.number, i.robot, i.mode, i.key_mac, i.content_mac, b.log_key FROM items i JOIN item_bodies b ON b.item_id = i.id
		WHERE i.number IN (`+strings.Join(marks, ", ")+`)`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r Row
		var wrapped []byte
		if err := rows.Scan(&r.Number, &r.Robot, &r.Mode, &r.keyMAC, &r.contentMAC, &wrapped); err != nil {
			return err
		}
		k := LogKey{Known: true}
		if wrapped != nil {
			if k.Key, err = s.ring.Unwrap(wrapped, "log/"+bond(r.Robot, r.Mode, r.keyMAC, r.contentMAC)); err != nil {
				return fmt.Errorf("unwrap the log key of %s: %w", r.Number, err)
			}
		}
		each(r.Number, k)
	}
	return rows.Err()
}
