package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"byskriver/runner/seal"
)

// Laid is one entry of a robot's drawer, opened.
type Laid struct {
	Name string
	At   time.Time // when it was laid there
	Data []byte
}

// SealedEntry is an entry sealed and ready to be laid.
type SealedEntry struct {
	robot, name string
	key, sealed []byte
}

// SealEntry seals an entry under a key of its own, outside of any transaction.
func (s *Store) SealEntry(robot, name string, data []byte) (SealedEntry, error) {
	key, err := seal.NewKey()
	if err != nil {
		return SealedEntry{}, err
	}
	bond := drawerBond(robot, name)
	return SealedEntry{robot: robot, name: name, key: s.ring.Wrap(key, bond), sealed: key.Seal(data, bond)}, nil
}

func drawerBond(robot, name string) string { return "drawer/" + robot + "/" + name }

// Lay puts an entry into a robot's drawer, in the place of the one of that name: the
// old one's key is gone.
func (t *Tx) Lay(e SealedEntry, at time.Time) error {
	return t.exec(`INSERT INTO drawers (robot, name, at, key, data_sealed) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (robot, name) DO UPDATE SET at = excluded.at, key = excluded.key, data_sealed = excluded.data_sealed`,
		e.robot, e.name, micros(at), e.key, e.sealed)
}

// Clear deletes an entry with its key, and returns the SHA-256 of what was sealed.
// ErrNotFound means that there was none.
func (t *Tx) Clear(robot, name string) ([]byte, error) {
	var sealed []byte
	r, err := t.QueryContext(t.ctx, `DELETE FROM drawers WHERE robot = $1 AND name = $2 RETURNING data_sealed`, robot, name)
	if err != nil {
		return nil, fmt.Errorf("clear %s from the drawer of %s: %w", name, robot, err)
	}
	defer r.Close()
	if !r.Next() {
		return nil, errors.Join(ErrNotFound, r.Err())
	}
	if err := r.Scan(&sealed); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(sealed)
	return sum[:], r.Err()
}

// Drawer are the entries of a robot whose names begin with prefix, by name.
func (s *Store) Drawer(ctx context.Context, robot, prefix string) ([]Laid, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT name, at, key, data_sealed FROM drawers WHERE robot = $1 AND name >= $2 AND name < $3 ORDER BY name`,
		robot, prefix, prefix+"\U0010FFFF")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Laid
	for rows.Next() {
		var l Laid
		var at int64
		var wrapped, sealed []byte
		if err := rows.Scan(&l.Name, &at, &wrapped, &sealed); err != nil {
			return nil, err
		}
		if !strings.HasPrefix(l.Name, prefix) {
			continue
		}
		l.At = fromMicros(at)
		bond := drawerBond(robot, l.Name)
		key, err := s.ring.Unwrap(wrapped, bond)
		if err == nil {
			l.Data, err = key.Open(sealed, bond)
		}
		if err != nil {
			return nil, fmt.Errorf("open %s from the drawer of %s: %w", l.Name, robot, err)
		}
		all = append(all, l)
	}
	return all, rows.Err()
}

// Wake has an item worked now that waits, or that is on a person's list with nothing
// decided. It reports whether there was one: an item that is claimed, ready or done
// stays as it is.
func (t *Tx) Wake(id int64, at time.Time) (bool, error) {
	err := t.change(`UPDATE items SET state = 'ready', ready_at = $1, attempt = 0, job_id = 0
		WHERE id = $2 AND worker = '' AND state IN ('waiting', 'exception')`, micros(at), id)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
