package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// maxBatch bounds how many writes share one commit, so that nobody waits long; mostAlone
// those on PostgreSQL, which keeps 64 savepoints of a transaction at hand.
const (
	maxBatch  = 256
	mostAlone = 48
)

// errClosed says that the store was closed before the write began.
var errClosed = errors.New("the store is closed")

// writer runs writes one after the other. What is asked for while a commit is under way
// shares the next one: each write in a savepoint of its own, so that one that fails takes
// nothing with it. On SQLite all writes of this process go through one; on PostgreSQL
// those that must be alone anyhow do, a writer a section.
type writer struct {
	store   *Store
	section string // what a batch begins by being Alone in; "" for none
	most    int    // writes that share a commit
	asked   chan *writing
	quit    chan struct{}
	ended   chan struct{}
}

type writing struct {
	do   func(*Tx) error
	err  error
	done chan struct{}
}

func startWriter(s *Store, section string, most int) *writer {
	w := &writer{store: s, section: section, most: most, asked: make(chan *writing, most), quit: make(chan struct{}), ended: make(chan struct{})}
	go w.loop()
	return w
}

// Write runs do in a transaction and returns when it is committed and synced, or
// with the error that undid it. do must use nothing but its Tx, and must not wait for
// anything. Where two writes stood crosswise it is called again, after all that it did
// to the database was undone: what it tells its caller it sets, and adds to nothing.
func (s *Store) Write(ctx context.Context, do func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.writer == nil {
		return s.writeBeside(ctx, do)
	}
	return s.writer.write(ctx, do)
}

// WriteAlone is Write for what is Alone in a section: those of this process that wait for
// it share a transaction, and so its commit, rather than wait for each other's.
func (s *Store) WriteAlone(ctx context.Context, section string, do func(*Tx) error) error {
	if s.writer != nil {
		return s.Write(ctx, do)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	w, err := s.inTurn(section)
	if err != nil {
		return err
	}
	if err = w.write(ctx, do); crosswise(err) {
		return s.writeBeside(ctx, do)
	}
	return err
}

// inTurn is the writer of a section.
func (s *Store) inTurn(section string) (*writer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() {
		return nil, errClosed
	}
	w, ok := s.writers[section]
	if !ok {
		w = startWriter(s, section, mostAlone)
		s.writers[section] = w
	}
	return w, nil
}

func (w *writer) write(ctx context.Context, do func(*Tx) error) error {
	b := &writing{do: do, done: make(chan struct{})}
	select {
	case w.asked <- b:
	case <-w.quit:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-b.done:
		return b.err
	case <-w.ended:
		select {
		case <-b.done:
			return b.err
		default:
			return errClosed
		}
	}
}

// again is how often a write is begun anew that stood crosswise with another.
const again = 5

// writeBeside runs do in a transaction of its own, beside others'. Many that commit at
// the same time share one sync; the server sees to that.
func (s *Store) writeBeside(ctx context.Context, do func(*Tx) error) (err error) {
	for range again {
		if err = s.writeOnce(ctx, do); !crosswise(err) {
			return err
		}
	}
	return err
}

// crosswise reports whether the database undid a transaction only because of another.
func crosswise(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40P01" || pg.Code == "40001")
}

func (s *Store) writeOnce(ctx context.Context, do func(*Tx) error) (err error) {
	if s.closed.Load() {
		return errClosed
	}
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("reach the store: %w", err)
	}
	// What has begun is not interrupted: nobody could tell then whether it was committed.
	ctx = context.WithoutCancel(ctx)
	conn, tx, err := s.begin(ctx, conn)
	if err != nil {
		return fmt.Errorf("begin to write to the store: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	defer tx.Rollback()
	if err := guarded(do, &Tx{ctx: ctx, tx: tx, store: s}); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit to the store: %w", err)
	}
	return nil
}

// begin begins a transaction. That a pooled connection is good no more (its server was
// begun anew, or a question was given up at a bad moment) shows only here: then another
// is tried, until all that the pool had have been.
func (s *Store) begin(ctx context.Context, conn *sql.Conn) (*sql.Conn, *sql.Tx, error) {
	for pooled := s.write.Stats().MaxOpenConnections; ; pooled-- {
		tx, err := conn.BeginTx(ctx, nil)
		if err == nil {
			return conn, tx, nil
		}
		_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // takes it out of the pool, and closes it
		if pooled == 0 {
			return nil, nil, err
		}
		next, reach := s.write.Conn(ctx)
		if reach != nil {
			return nil, nil, errors.Join(err, reach)
		}
		conn = next
	}
}

func (w *writer) close() {
	select {
	case <-w.quit:
	default:
		close(w.quit)
	}
	<-w.ended
}

func (w *writer) loop() {
	defer close(w.ended)
	for {
		select {
		case first := <-w.asked:
			w.commit(w.gather(first))
		case <-w.quit:
			for {
				select {
				case first := <-w.asked:
					w.commit(w.gather(first))
				default:
					return
				}
			}
		}
	}
}

func (w *writer) gather(first *writing) []*writing {
	batch := []*writing{first}
	for len(batch) < w.most {
		select {
		case next := <-w.asked:
			batch = append(batch, next)
		default:
			return batch
		}
	}
	return batch
}

// commit runs a batch in one transaction. Statements run under a context that is
// never cancelled: an interrupted statement would undo its neighbours.
func (w *writer) commit(batch []*writing) {
	ctx := context.Background()
	conn, err := w.store.write.Conn(ctx)
	if err == nil {
		err = w.commitOn(ctx, conn, batch)
	}
	for _, b := range batch {
		if err != nil && b.err == nil {
			b.err = fmt.Errorf("commit to the store: %w", err)
		}
		close(b.done)
	}
}

func (w *writer) commitOn(ctx context.Context, conn *sql.Conn, batch []*writing) error {
	conn, tx, err := w.store.begin(ctx, conn)
	if err != nil {
		return err
	}
	return errors.Join(w.run(ctx, tx, batch), conn.Close())
}

func (w *writer) run(ctx context.Context, sqlTx *sql.Tx, batch []*writing) error {
	defer sqlTx.Rollback()
	t := &Tx{ctx: ctx, tx: sqlTx, store: w.store}
	if w.section != "" {
		if err := t.Alone(w.section); err != nil {
			return err
		}
		t.alone = w.section
	}
	for _, b := range batch {
		if err := t.exec(`SAVEPOINT one`); err != nil {
			return err
		}
		b.err = guarded(b.do, t)
		if b.err != nil {
			if err := t.exec(`ROLLBACK TO one`); err != nil {
				return err
			}
		}
		if err := t.exec(`RELEASE one`); err != nil {
			return err
		}
	}
	return sqlTx.Commit()
}

func guarded(do func(*Tx) error, t *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a write to the store broke: %v", p)
		}
	}()
	return do(t)
}

// Tx is one write under way.
type Tx struct {
	ctx   context.Context
	tx    *sql.Tx
	store *Store
	alone string // the section that this transaction is alone in from its beginning
}

// Alone lets nobody else, in any program, past the same words until this transaction
// ends: who reads what others may be writing, and writes by that, calls it first.
func (t *Tx) Alone(section string) error {
	if t.store.dialect.alone == "" || t.alone == section {
		return nil
	}
	if err := t.exec(t.store.dialect.alone, section); err != nil {
		return fmt.Errorf("wait for others at %s: %w", section, err)
	}
	return nil
}

// lockRow is the end of a SELECT whose rows nobody else may change until this
// transaction ends.
func (t *Tx) lockRow() string { return t.store.dialect.lockRow }

// Now is the time that leases are measured by, in all programs: the database's own
// where several machines share it.
func (t *Tx) Now() (time.Time, error) {
	if t.store.dialect.clock == "" {
		return t.store.clock.Now(), nil
	}
	var at int64
	if err := t.QueryRowContext(t.ctx, `SELECT `+t.store.dialect.clock).Scan(&at); err != nil {
		return time.Time{}, fmt.Errorf("ask the database for the time: %w", err)
	}
	return fromMicros(at), nil
}

// SQL is the transaction for those who write beside the store, such as River.
func (t *Tx) SQL() *sql.Tx { return t.tx }

// Context is the context that statements of this write must run under.
func (t *Tx) Context() context.Context { return t.ctx }

// ExecContext runs a statement.
func (t *Tx) ExecContext(ctx context.Context, q string, args ...any) (sql.Result, error) {
	return t.tx.ExecContext(t.ctx, q, args...)
}

// QueryContext runs a query.
func (t *Tx) QueryContext(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	return t.tx.QueryContext(t.ctx, q, args...)
}

// QueryRowContext is QueryContext for one row.
func (t *Tx) QueryRowContext(ctx context.Context, q string, args ...any) *sql.Row {
	return t.tx.QueryRowContext(t.ctx, q, args...)
}

// PrepareContext prepares a statement for this transaction.
func (t *Tx) PrepareContext(ctx context.Context, q string) (*sql.Stmt, error) {
	return t.tx.PrepareContext(t.ctx, q)
}

func (t *Tx) exec(q string, args ...any) error {
	_, err := t.ExecContext(t.ctx, q, args...)
	return err
}

// change runs a statement that must touch exactly one row; otherwise it returns
// ErrNotFound.
func (t *Tx) change(q string, args ...any) error {
	res, err := t.ExecContext(t.ctx, q, args...)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n != 1 {
		return ErrNotFound
	}
	return err
}

// DB reads and writes, a statement a transaction.
type DB interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// Outside runs do with the writing connection, outside of any transaction and
// between the store's own commits. do must leave no rows open when it writes.
func (s *Store) Outside(ctx context.Context, do func(DB) error) error {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("wait for the store: %w", err)
	}
	return errors.Join(do(conn), conn.Close())
}
