package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/riverqueue/river/rivermigrate"
	"golang.org/x/sys/unix"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrationFiles are the store's migrations in order. One that has landed never
// changes; a new one goes to the end.
func migrationFiles() []string {
	return []string{"0001", "0002", "drawers", "samples", "marks", "modes", "second", "machines", "operations", "readings", "systems"}
}

// migrateSQLite brings the tables of River, the store and its guests up to date. It
// refuses a store that a newer program has written.
func (s *Store) migrateSQLite(ctx context.Context, o Options) (err error) {
	unlock, err := upgradeLock(o.Path + ".upgrade.lock")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	return s.migrate(ctx, o.Tables)
}

// upgradeKey is the advisory lock of those who bring a database up to date.
const upgradeKey = 0x6279736b72697665

// migratePostgres does the same. The lock is held by a connection of its own, since
// the queue's migrations are transactions of their own.
func (s *Store) migratePostgres(ctx context.Context, o Options) (err error) {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	// Who waits here waits for a whole upgrade.
	if _, err := conn.ExecContext(ctx, `SET lock_timeout = 0`); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, int64(upgradeKey)); err != nil {
		return fmt.Errorf("lock the store for an upgrade: %w", err)
	}
	err = s.migrate(ctx, o.Tables)
	_, unlockErr := conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, int64(upgradeKey))
	_, resetErr := conn.ExecContext(context.WithoutCancel(ctx), `RESET lock_timeout`)
	return errors.Join(err, unlockErr, resetErr)
}

func (s *Store) migrate(ctx context.Context, guests []string) error {
	m, err := rivermigrate.New(s.Driver(), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("prepare the queue's tables: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("bring the queue's tables up to date: %w", err)
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := s.migrateOwn(ctx, tx, guests); err != nil {
		return err
	}
	return tx.Commit()
}

// upgradeLock lets one program at a time bring a store up to date: the queue's
// migrations do not expect another beside them.
func upgradeLock(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the store for an upgrade: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the store for an upgrade: %w", err), f.Close())
	}
	return f.Close, nil
}

func (s *Store) migrateOwn(ctx context.Context, tx *sql.Tx, guests []string) error {
	if _, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS migrations (part TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (part, version))`); err != nil {
		return err
	}
	own := make([]string, 0, len(migrationFiles()))
	for _, name := range migrationFiles() {
		text, err := migrations.ReadFile("migrations/" + name + ".sql")
		if err != nil {
			return err
		}
		own = append(own, s.dialect.tables(string(text)))
	}
	if err := apply(ctx, tx, "store", own); err != nil {
		return err
	}
	return apply(ctx, tx, "log", guests)
}

// apply runs the texts of a part that have not been run, in order.
func apply(ctx context.Context, tx *sql.Tx, part string, texts []string) error {
	var have int
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(version), 0) FROM migrations WHERE part = $1`, part).Scan(&have); err != nil {
		return err
	}
	if have > len(texts) {
		return fmt.Errorf("the tables of %s have version %d, this program knows %d: run the newer program, or restore the backup made before the upgrade", part, have, len(texts))
	}
	for v := have + 1; v <= len(texts); v++ {
		if _, err := tx.ExecContext(ctx, texts[v-1]); err != nil {
			return fmt.Errorf("migration %d of %s: %w", v, part, err)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO migrations (part, version) VALUES ($1, $2)`, part, v); err != nil {
			return err
		}
	}
	return nil
}
