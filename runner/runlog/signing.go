package runlog

import (
	"context"
	"fmt"
)

// Checkpoint signs how far the log has come and stores that, in the caller's
// transaction, unless the last checkpoint says as much already. It refuses with
// ErrChanged if the log does not go on from the newest checkpoint that is known
// from outside the database. An empty log has none: Size is 0.
func (l *Log) Checkpoint(ctx context.Context, tx DB) (Checkpoint, error) {
	h, err := l.lockHead(ctx, tx)
	if err != nil || h.size == 0 {
		return Checkpoint{}, err
	}
	last, _, err := l.storedCheckpoint(ctx, tx, h.checkpoints)
	if err != nil {
		return Checkpoint{}, err
	}
	if last.Size == h.size && last.Root == h.root {
		return last, nil
	}
	if err := l.continues(ctx, tx, h); err != nil {
		return Checkpoint{}, err
	}
	c := Checkpoint{Origin: l.origin, Size: h.size, Root: h.root, At: l.clock.Now().UTC()}
	signed, err := l.sign(c)
	if err != nil {
		return Checkpoint{}, err
	}
	h.checkpoints++
	if _, err := tx.ExecContext(ctx, `INSERT INTO log_checkpoints (number, note) VALUES ($1, $2)`, h.checkpoints, signed); err != nil {
		return Checkpoint{}, fmt.Errorf("store checkpoint %d: %w", h.checkpoints, err)
	}
	return c, l.writeHead(ctx, tx, h)
}

// Newest is the newest stored checkpoint and its signed form; Size is 0 if there
// is none yet.
func (l *Log) Newest(ctx context.Context, q Querier) (c Checkpoint, signed []byte, err error) {
	h, found, err := l.readHead(ctx, q)
	if err != nil || !found {
		return Checkpoint{}, nil, err
	}
	return l.storedCheckpoint(ctx, q, h.checkpoints)
}

// storedCheckpoint reads and checks the checkpoint of that number; number 0 is
// none.
func (l *Log) storedCheckpoint(ctx context.Context, q Querier, number int64) (c Checkpoint, signed []byte, err error) {
	if number == 0 {
		return Checkpoint{}, nil, nil
	}
	found, err := queryOne(ctx, q, `SELECT note FROM log_checkpoints WHERE number = $1`, []any{number}, &signed)
	if err == nil && !found {
		err = ErrChanged
	}
	if err == nil {
		c, err = openStored(signed, l.origin, l.verifiers)
	}
	if err != nil {
		return Checkpoint{}, nil, fmt.Errorf("read checkpoint %d: %w", number, err)
	}
	return c, signed, nil
}

// continues checks that the tree of the head goes on from the newest checkpoint
// that is known from outside the database: one that this process has published,
// or one that lies in a folder.
func (l *Log) continues(ctx context.Context, q Querier, h head) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.anchor == nil {
		c, err := l.newestInFolders()
		if err != nil {
			return err
		}
		l.anchor = &c
	}
	if err := follows(ctx, q, *l.anchor, h); err != nil {
		return fmt.Errorf("the checkpoint of %s over %d entries: %w", l.anchor.At.Format(leafTime), l.anchor.Size, err)
	}
	return nil
}

// published notes that a checkpoint has left the database.
func (l *Log) published(c Checkpoint) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.anchor == nil || c.Size > l.anchor.Size {
		l.anchor = &c
	}
}

// follows checks that the tree of the head goes on from an older checkpoint.
func follows(ctx context.Context, q Querier, old Checkpoint, h head) error {
	if old.Size == 0 {
		return nil
	}
	if old.Size > h.size {
		return fmt.Errorf("the log has %d entries: %w", h.size, ErrChanged)
	}
	return checkConsistency(ctx, q, Checkpoint{Size: h.size, Root: h.root}, old)
}
