package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"byskriver/runner"
)

// Decided is a recorded decision of a pure rule.
type Decided struct {
	runner.Decided
	At       time.Time
	Run      string
	Revision int
}

// PutDecided records a decision of a rule; sealed is what SealDecided gave.
func (t *Tx) PutDecided(r Row, rule, run string, at time.Time, sealed []byte) error {
	return t.exec(`INSERT INTO decided (item_id, revision, at, run, rule, decided_sealed) VALUES ($1, $2, $3, $4, $5, $6)`,
		r.ID, r.Revision, micros(at), run, rule, sealed)
}

// SealDecided seals a decision of a rule, outside of any transaction.
func (k Keys) SealDecided(d runner.Decided) ([]byte, error) {
	plain, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	return k.Content.Seal(plain, "decided"), nil
}

// Decideds are the recorded decisions about an item, oldest first; none where
// its key is destroyed.
func (s *Store) Decideds(ctx context.Context, r Row, k Keys) ([]Decided, error) {
	if !k.Content.Valid() {
		return nil, nil
	}
	rows, err := s.read.QueryContext(ctx, `SELECT revision, at, run, decided_sealed FROM decided WHERE item_id = $1 ORDER BY id`, r.ID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Decided
	for rows.Next() {
		var d Decided
		var at int64
		var sealed []byte
		if err := rows.Scan(&d.Revision, &at, &d.Run, &sealed); err != nil {
			return nil, err
		}
		d.At = fromMicros(at)
		if err := openJSON(k, sealed, "decided", &d.Decided); err != nil {
			return nil, fmt.Errorf("open a decision about %s: %w", r.Number, err)
		}
		all = append(all, d)
	}
	return all, rows.Err()
}

// Reserve notes a mark of an item and returns the marks of other items of the
// same robot, mode, kind and key in the period, oldest item first.
func (t *Tx) Reserve(r Row, m runner.Mark, keyMAC []byte, from, to time.Time) ([]runner.Mark, error) {
	if err := t.Alone("marks/" + r.Robot); err != nil {
		return nil, err
	}
	err := t.exec(`INSERT INTO marks (item_id, kind, key_mac, robot, mode, on_day, sticky, seq)
		VALUES ($1, $2, $3, $4, $5, $6, $7, (SELECT COALESCE(MAX(seq), 0) + 1 FROM marks))
		ON CONFLICT (item_id, kind, key_mac) DO UPDATE SET on_day = excluded.on_day, sticky = excluded.sticky`,
		r.ID, m.Kind, keyMAC, r.Robot, r.Mode, day(m.On), flag(m.Sticky))
	if err != nil {
		return nil, fmt.Errorf("note a mark of %s: %w", r.Number, err)
	}
	rows, err := t.QueryContext(t.ctx, `SELECT m.on_day, m.sticky, i.number, i.state, m.seq < own.seq OR m.seq = own.seq AND m.item_id < own.item_id
		FROM marks m JOIN items i ON i.id = m.item_id
		JOIN marks own ON own.item_id = $7 AND own.kind = m.kind AND own.key_mac = m.key_mac
		WHERE m.robot = $1 AND m.mode = $2 AND m.kind = $3 AND m.key_mac = $4 AND m.on_day >= $5 AND m.on_day <= $6 AND m.item_id <> $7 ORDER BY m.seq, m.item_id`,
		r.Robot, r.Mode, m.Kind, keyMAC, day(from), day(to), r.ID)
	if err != nil {
		return nil, fmt.Errorf("read the marks beside %s: %w", r.Number, err)
	}
	defer rows.Close()
	var others []runner.Mark
	for rows.Next() {
		o := runner.Mark{Kind: m.Kind, Key: m.Key}
		var on int64
		if err := rows.Scan(&on, &o.Sticky, &o.Item, &o.State, &o.Earlier); err != nil {
			return nil, err
		}
		o.On = time.Unix(on*86400, 0).UTC()
		others = append(others, o)
	}
	return others, rows.Err()
}

// day counts the days since 1970 of the date that t shows in its own zone.
func day(t time.Time) int64 {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
}

// MarkMAC is the key of a mark as it is stored.
func (s *Store) MarkMAC(robot string, m runner.Mark) []byte {
	return s.ring.MAC("mark", []byte(robot), []byte(m.Kind), []byte(m.Key))
}

// Exhibit is one stored piece of evidence.
type Exhibit struct {
	Name     string
	At       time.Time
	Revision int
	Data     []byte // nil where it was deleted, or the item's key is destroyed
}

// Keep stores a piece of evidence under the item's revision to come.
func (t *Tx) Keep(r Row, name string, at time.Time, sealed []byte) error {
	return t.exec(`INSERT INTO evidence (item_id, revision, at, name, data_sealed) VALUES ($1, $2, $3, $4, $5)`,
		r.ID, r.Revision+1, micros(at), name, sealed)
}

// SealEvidence seals a piece of evidence, outside of any transaction.
func (k Keys) SealEvidence(e runner.Evidence) []byte {
	return k.Content.Seal(e.Data, "evidence/"+e.Name)
}

// Exhibits are the pieces of evidence about an item, oldest first.
func (s *Store) Exhibits(ctx context.Context, r Row, k Keys) ([]Exhibit, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT revision, at, name, data_sealed FROM evidence WHERE item_id = $1 ORDER BY id`, r.ID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Exhibit
	for rows.Next() {
		var e Exhibit
		var at int64
		var sealed []byte
		if err := rows.Scan(&e.Revision, &at, &e.Name, &sealed); err != nil {
			return nil, err
		}
		e.At = fromMicros(at)
		if k.Content.Valid() && len(sealed) > 0 { // empty where the evidence was deleted by policy
			if e.Data, err = k.Content.Open(sealed, "evidence/"+e.Name); err != nil {
				return nil, fmt.Errorf("open evidence %s of %s: %w", e.Name, r.Number, err)
			}
		}
		all = append(all, e)
	}
	return all, rows.Err()
}

// Shelf is the shelf of one robot's papers.
func (s *Store) Shelf(robot string) runner.Shelf { return shelf{s, robot} }

type shelf struct {
	store *Store
	robot string
}

func (h shelf) Paper(ctx context.Context, name string) (runner.Paper, bool, error) {
	var p runner.Paper
	rows, err := h.store.read.QueryContext(ctx, `SELECT paper_sealed FROM papers WHERE robot = $1 AND name = $2 ORDER BY id DESC LIMIT 1`, h.robot, name)
	if err != nil {
		return p, false, err
	}
	defer rows.Close()
	if !rows.Next() {
		return p, false, rows.Err()
	}
	var sealed []byte
	if err := rows.Scan(&sealed); err != nil {
		return p, false, err
	}
	plain, err := h.store.house.Open(sealed, h.context(name))
	if err != nil {
		return p, false, fmt.Errorf("open paper %s of robot %s: %w", name, h.robot, err)
	}
	return p, true, json.Unmarshal(plain, &p)
}

func (h shelf) Put(ctx context.Context, p runner.Paper) error {
	plain, err := json.Marshal(p)
	if err != nil {
		return err
	}
	sealed := h.store.house.Seal(plain, h.context(p.Name))
	return h.store.Write(ctx, func(t *Tx) error {
		return t.exec(`INSERT INTO papers (robot, name, at, paper_sealed) VALUES ($1, $2, $3, $4)`, h.robot, p.Name, micros(p.At), sealed)
	})
}

func (h shelf) context(name string) string { return "paper/" + h.robot + "/" + name }
