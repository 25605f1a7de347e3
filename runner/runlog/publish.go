package runlog

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// checkpointFile is the name of the newest checkpoint in each folder.
const checkpointFile = "checkpoint"

// Beginner begins transactions: an *sql.DB or *sql.Conn.
type Beginner interface {
	DB
	BeginTx(ctx context.Context, opts *sql.TxOptions) (*sql.Tx, error)
}

// Flush numbers all that is pending, signs a checkpoint over it, and publishes
// both. Call it at a run's end, and about every second while entries are written.
// At a start it finishes what an earlier process left undone.
func (l *Log) Flush(ctx context.Context, db Beginner) error {
	for more := true; more; {
		var err error
		if more, err = l.flushBatch(ctx, db); err != nil {
			return err
		}
	}
	return l.Publish(ctx, db)
}

// flushBatch numbers one batch, and signs if it was the last.
func (l *Log) flushBatch(ctx context.Context, db Beginner) (more bool, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return false, fmt.Errorf("begin to number log entries: %w", err)
	}
	defer func() {
		if e := tx.Rollback(); err != nil && !errors.Is(e, sql.ErrTxDone) {
			err = errors.Join(err, e)
		}
	}()
	b, err := l.Sequence(ctx, tx)
	if err != nil {
		return false, err
	}
	if !b.More {
		if _, err := l.Checkpoint(ctx, tx); err != nil {
			return false, err
		}
	}
	if err := tx.Commit(); err != nil {
		return false, fmt.Errorf("commit numbered log entries: %w", err)
	}
	return b.More, nil
}

// Pending reports whether there is anything to number, without taking a lock.
func (l *Log) Pending(ctx context.Context, q Querier) (bool, error) {
	var pending bool
	_, err := queryOne(ctx, q, `SELECT EXISTS (SELECT 1 FROM log_pending)`, nil, &pending)
	if err != nil {
		return false, fmt.Errorf("look for pending log entries: %w", err)
	}
	return pending, nil
}

// Publish takes what is committed out of the database: the newest checkpoint into
// the folders, and numbered entries as JSON lines. It must not be called within
// the transaction that numbered them. What fails is tried again by the next call;
// a line may then be written twice, but none is lost. An error that is ErrChanged
// means that nothing may be built on this log; any other, that a folder or the
// writer cannot be reached just now.
func (l *Log) Publish(ctx context.Context, db DB) error {
	return errors.Join(l.publishCheckpoint(ctx, db), l.publishLines(ctx, db))
}

// publishCheckpoint reads the folders before the database: a checkpoint gets into
// a folder only after it was committed, so one that is ahead of the database shows
// that the database was rolled back.
func (l *Log) publishCheckpoint(ctx context.Context, q Querier) error {
	outside, err := l.newestInFolders()
	if err != nil {
		return err
	}
	c, signed, err := l.Newest(ctx, q)
	if err != nil {
		return err
	}
	if err := follows(ctx, q, outside, head{size: c.Size, root: c.Root}); err != nil {
		return fmt.Errorf("the checkpoint of %s over %d entries: %w", outside.At.Format(leafTime), outside.Size, err)
	}
	if c.Size == 0 {
		return nil
	}
	for _, name := range l.checkpointFiles() {
		if e := writeFile(name, signed); e != nil {
			err = errors.Join(err, fmt.Errorf("write the checkpoint: %w", e))
		}
	}
	if err == nil {
		l.published(c)
	}
	return err
}

// checkpointFiles are the names of the files that hold the newest checkpoint.
func (l *Log) checkpointFiles() []string {
	names := make([]string, len(l.folders))
	for i, folder := range l.folders {
		names[i] = filepath.Join(folder, checkpointFile)
	}
	return names
}

// readIfThere reads a file; one that is not there is nil.
func readIfThere(name string) ([]byte, error) {
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

// newestInFolders is the newest checkpoint that lies in a folder; Size is 0 if
// there is none.
func (l *Log) newestInFolders() (Checkpoint, error) {
	var newest Checkpoint
	for _, name := range l.checkpointFiles() {
		signed, err := readIfThere(name)
		if err != nil {
			return Checkpoint{}, fmt.Errorf("read the last checkpoint: %w", err)
		}
		if signed == nil {
			continue
		}
		c, err := OpenCheckpoint(signed, l.origin, l.verifiers)
		if err != nil {
			return Checkpoint{}, fmt.Errorf("%s: %w; if it belongs to another log, move it away", name, err)
		}
		if c.Size > newest.Size {
			newest = c
		}
	}
	return newest, nil
}

// writeFile puts a file in place in one step, and not at all if it is there as it
// should be.
func writeFile(name string, data []byte) (err error) {
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, data) {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+checkpointFile+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(name))
}

// syncDir makes a rename last through a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
