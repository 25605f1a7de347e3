package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Backup writes a copy of the store, as it stands at one moment, to a new file,
// while others read and write. It is VACUUM INTO: one file without a journal
// beside it, in which nothing that was deleted is left over. The copy is marked as one:
// see Tx.Restored.
func (s *Store) Backup(ctx context.Context, path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("back the store up: %s is there already", path), err)
	}
	part := path + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("back the store up: %w", err)
	}
	f, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // SQLite fills an empty file, and keeps its rights
	if err != nil {
		return fmt.Errorf("back the store up: %w", err)
	}
	_, err = s.read.ExecContext(ctx, `VACUUM INTO $1`, part)
	if err == nil {
		err = markAsCopy(ctx, part)
	}
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("back the store up to %s: %w", path, err), os.Remove(part))
	}
	return nil
}
