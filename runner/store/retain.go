package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"byskriver/runner"
)

// Part is what may be deleted of an item by policy.
type Part string

// The parts. The row itself stays: number, state, times and the keyed hash of the
// business key, by which the item is known when it is found again.
const (
	Content  Part = "content"  // everything sealed under the item's content key, and that key
	Evidence Part = "evidence" // the evidence alone
	LogText  Part = "log"      // the key of its run-log entries
)

// there is the condition on an item that still has the part.
func (p Part) there() string {
	switch p {
	case Content:
		return `b.content_key IS NOT NULL`
	case Evidence:
		return `b.content_key IS NOT NULL AND EXISTS (SELECT 1 FROM evidence e WHERE e.item_id = i.id AND length(e.data_sealed) > 0)`
	}
	return `b.log_key IS NOT NULL`
}

// ended is the condition on an item that is over and was so before $2. What a
// shadow run could not do is on nobody's list, and over too.
const ended = `i.worker = '' AND (i.state = 'done' AND i.settled_at > 0 AND i.settled_at < $2 OR i.mode = 'shadow' AND i.state = 'exception' AND i.created_at < $2)`

// Expired are items of a robot that ended before a moment and still have the part:
// at most limit, by their ids, those after an id.
func (s *Store) Expired(ctx context.Context, robot string, p Part, before time.Time, after int64, limit int) ([]Row, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+rowColumns+` FROM items i JOIN item_bodies b ON b.item_id = i.id
		WHERE i.robot = $1 AND i.id > $3 AND `+ended+` AND `+p.there()+fmt.Sprintf(` ORDER BY i.id LIMIT %d`, limit),
		robot, micros(before), after)
	if err != nil {
		return nil, fmt.Errorf("find items of %s whose %s has expired: %w", robot, p, err)
	}
	defer rows.Close()
	var all []Row
	for rows.Next() {
		r, err := scanRow(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// Overdue counts the live items of a robot that are older than a moment and not
// over, so that no policy deletes them. oldest is zero where there are none.
func (s *Store) Overdue(ctx context.Context, robot string, before time.Time) (n int, oldest time.Time, err error) {
	var at int64
	err = s.read.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(MIN(created_at), 0) FROM items
		WHERE robot = $1 AND mode = $2 AND state <> 'done' AND created_at < $3`, robot, runner.Live, micros(before)).Scan(&n, &at)
	return n, fromMicros(at), err
}

// Deleted is what a deletion destroyed.
type Deleted struct {
	Pieces int    // sealed pieces
	Digest []byte // SHA-256 of the wrapped key, or of what was sealed where no key went
}

// blanks are the statements that take away what was sealed under the content key.
func blanks() []string {
	return []string{
		`UPDATE outcomes SET text_sealed = $2 WHERE item_id = $1`,
		`UPDATE person_decisions SET decision_sealed = $2 WHERE item_id = $1`,
		`UPDATE first_decisions SET decision_sealed = $2 WHERE item_id = $1`,
		`UPDATE steps SET plan_sealed = $2, receipt_sealed = NULL WHERE item_id = $1`,
		`UPDATE decided SET decided_sealed = $2 WHERE item_id = $1`,
		`UPDATE evidence SET data_sealed = $2 WHERE item_id = $1 AND length(data_sealed) > 0`,
		`UPDATE samples SET proposal_sealed = $2 WHERE item_id = $1`,
	}
}

// Delete destroys a part of an item that has ended: the key and what it sealed.
// ErrNotFound means that it is gone already, or that the item has not ended. The
// part LogText is the key alone: the caller removes what it sealed from the run log.
func (t *Tx) Delete(r Row, p Part) (Deleted, error) {
	if p == Evidence {
		return t.deleteEvidence(r)
	}
	column := map[Part]string{Content: "content_key", LogText: "log_key"}[p]
	var wrapped []byte
	err := scanOne(t.ctx, t, &wrapped, `SELECT b.`+column+` FROM items i JOIN item_bodies b ON b.item_id = i.id
		WHERE i.id = $1 AND i.worker = '' AND (i.state = 'done' OR i.mode = 'shadow' AND i.state = 'exception') AND `+p.there(), r.ID)
	if err != nil {
		return Deleted{}, err
	}
	sum := sha256.Sum256(wrapped)
	d := Deleted{Pieces: 1, Digest: sum[:]}
	if p == LogText {
		return d, t.change(`UPDATE item_bodies SET log_key = NULL WHERE item_id = $1 AND log_key IS NOT NULL`, r.ID)
	}
	if err := t.change(`UPDATE item_bodies SET content_key = NULL, found_sealed = NULL WHERE item_id = $1 AND content_key IS NOT NULL`, r.ID); err != nil {
		return d, err
	}
	for _, blank := range blanks() {
		res, err := t.ExecContext(t.ctx, blank, r.ID, []byte{})
		if err != nil {
			return d, fmt.Errorf("delete the content of %s: %w", r.Number, err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return d, err
		}
		d.Pieces += int(n)
	}
	return d, nil
}

// deleteEvidence takes the evidence away and leaves its names and times.
func (t *Tx) deleteEvidence(r Row) (Deleted, error) {
	rows, err := t.QueryContext(t.ctx, `SELECT data_sealed FROM evidence WHERE item_id = $1 AND length(data_sealed) > 0 ORDER BY id`, r.ID)
	if err != nil {
		return Deleted{}, err
	}
	defer rows.Close()
	var d Deleted
	sum := sha256.New()
	for rows.Next() {
		var sealed []byte
		if err := rows.Scan(&sealed); err != nil {
			return d, err
		}
		sum.Write(sealed)
		d.Pieces++
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || d.Pieces == 0 {
		return d, errors.Join(err, errNone(d.Pieces))
	}
	d.Digest = sum.Sum(nil)
	res, err := t.ExecContext(t.ctx, `UPDATE evidence SET data_sealed = $2 WHERE item_id = $1 AND length(data_sealed) > 0`, r.ID, []byte{})
	if err != nil {
		return d, err
	}
	n, err := res.RowsAffected()
	return d, errors.Join(err, errNone(int(n))) // another program may have been first
}

func errNone(n int) error {
	if n == 0 {
		return ErrNotFound
	}
	return nil
}

// scanOne reads one value, or returns ErrNotFound.
func scanOne(ctx context.Context, t *Tx, into any, query string, args ...any) error {
	rows, err := t.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		return errors.Join(ErrNotFound, rows.Err())
	}
	return errors.Join(rows.Scan(into), rows.Close())
}

// OldPaper is an earlier version of a paper.
type OldPaper struct {
	ID       int64
	Name     string
	At       time.Time // when it was laid on the shelf
	Replaced time.Time // when a newer one took its place
}

// OldPapers are the versions of a robot's papers that were replaced before a
// moment, oldest first. The newest of each name is never among them.
func (s *Store) OldPapers(ctx context.Context, robot string, before time.Time) ([]OldPaper, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT p.id, p.name, p.at, n.at FROM papers p JOIN papers n ON n.id =
		(SELECT MIN(x.id) FROM papers x WHERE x.robot = p.robot AND x.name = p.name AND x.id > p.id)
		WHERE p.robot = $1 AND n.at < $2 ORDER BY p.id`, robot, micros(before))
	if err != nil {
		return nil, fmt.Errorf("find earlier papers of %s: %w", robot, err)
	}
	defer rows.Close()
	var all []OldPaper
	for rows.Next() {
		var p OldPaper
		var at, replaced int64
		if err := rows.Scan(&p.ID, &p.Name, &at, &replaced); err != nil {
			return nil, err
		}
		p.At, p.Replaced = fromMicros(at), fromMicros(replaced)
		all = append(all, p)
	}
	return all, rows.Err()
}

// DeletePaper deletes a version of a paper. ErrNotFound means that it is gone.
func (t *Tx) DeletePaper(p OldPaper) (Deleted, error) {
	var sealed []byte
	if err := scanOne(t.ctx, t, &sealed, `SELECT paper_sealed FROM papers WHERE id = $1`, p.ID); err != nil {
		return Deleted{}, err
	}
	sum := sha256.Sum256(sealed)
	return Deleted{Pieces: 1, Digest: sum[:]}, t.change(`DELETE FROM papers WHERE id = $1`, p.ID)
}

// Scrub has what was deleted leave the store's files as far as the store can see to it.
// On SQLite deleting overwrites pages, but the write-ahead log still holds them as they
// were until it is emptied. On PostgreSQL rows as they were stand in the tables until
// they are vacuumed; that server's own write-ahead log goes by its settings.
func (s *Store) Scrub(ctx context.Context) error {
	if s.dialect.shared {
		_, err := s.write.ExecContext(ctx, `VACUUM`)
		if err != nil {
			return fmt.Errorf("vacuum what was deleted: %w", err)
		}
		return nil
	}
	return s.Outside(ctx, emptyWAL)
}

func emptyWAL(db DB) error {
	rows, err := db.QueryContext(context.Background(), `PRAGMA wal_checkpoint(TRUNCATE)`)
	if err != nil {
		return fmt.Errorf("empty the store's write-ahead log: %w", err)
	}
	defer rows.Close()
	var busy, frames, done int
	for rows.Next() {
		if err := rows.Scan(&busy, &frames, &done); err != nil {
			return err
		}
	}
	if busy != 0 {
		return errors.New("empty the store's write-ahead log: another program reads the store; what was deleted leaves the file when it ends, or at the next deletion")
	}
	return rows.Err()
}
