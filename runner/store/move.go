package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Marks of a store that is being moved, beside its migrations.
const (
	markLeaving  = "leaving"  // being moved away: nobody may change it
	markMoved    = "moved"    // moved away: nobody may work on it any more
	markArriving = "arriving" // being filled: nobody may use it yet
)

// ErrMoved says that a store cannot be used, since it is being moved or was moved away.
var ErrMoved = errors.New("the store is not in use")

// standing says what a store that is being moved may be used for.
func (s *Store) standing(ctx context.Context) (string, error) {
	var mark string
	err := s.read.QueryRowContext(ctx, `SELECT part FROM migrations WHERE part IN ('leaving', 'moved', 'arriving')`).Scan(&mark)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return mark, err
}

// usable refuses a store that is being moved or was moved away.
func (s *Store) usable(ctx context.Context) error {
	mark, err := s.standing(ctx)
	switch {
	case err != nil || mark == "":
		return err
	case mark == markMoved:
		return fmt.Errorf("%w: it was moved to another database, and is kept as it was then; use the configuration of the new one", ErrMoved)
	case mark == markLeaving:
		return fmt.Errorf("%w: it is being moved to another database; run byskriver store move again to go on, or with --give-up to stay here", ErrMoved)
	}
	return fmt.Errorf("%w: another one is being moved into it, which is not finished; run byskriver store move again", ErrMoved)
}

// mark puts one mark in the place of all.
func (s *Store) mark(ctx context.Context, mark string) error {
	return s.Write(ctx, func(t *Tx) error {
		if err := t.exec(`DELETE FROM migrations WHERE part IN ('leaving', 'moved', 'arriving')`); err != nil || mark == "" {
			return err
		}
		return t.exec(`INSERT INTO migrations (part, version) VALUES ($1, 1)`, mark)
	})
}

// Move is the moving of all that one store holds into another, which is empty or was
// filled by an earlier Move that was cut off. Both are opened with Options.Moving.
type Move struct {
	From, To *Store
	Progress func(table string, rows int64) // told now and then; may be nil

	tables []table
	Rows   int64 // that were compared, one by one, on both sides
}

// table is a table and the columns that its rows are told apart by.
type table struct {
	name    string
	columns []string
	key     []int // positions in columns
}

// Begin marks both stores, so that nobody else uses either of them. fresh reports
// whether this is the first time.
func (m *Move) Begin(ctx context.Context) (fresh bool, err error) {
	from, err := m.From.standing(ctx)
	if err != nil {
		return false, err
	}
	to, err := m.To.standing(ctx)
	if err != nil {
		return false, err
	}
	if from == markMoved && to != markArriving {
		return false, fmt.Errorf("%w: it was moved before", ErrMoved)
	}
	if to != markArriving {
		if n, err := m.To.count(ctx, "items", "runs", "log_entries"); err != nil || n > 0 {
			return false, errors.Join(err, errors.New("the store to move into is not empty; move into a new one"))
		}
		if err := m.To.mark(ctx, markArriving); err != nil {
			return false, err
		}
	}
	if from == "" {
		return true, nil
	}
	return false, nil
}

// Leave marks the store that is moved away, once the log's last entry is in it.
func (m *Move) Leave(ctx context.Context) error { return m.From.mark(ctx, markLeaving) }

// GiveUp stays with the old store. What is in the new one is of no use any more.
func (m *Move) GiveUp(ctx context.Context) error {
	from, err := m.From.standing(ctx)
	if err == nil && from != markLeaving {
		err = errors.New("nothing is being moved away from here")
	}
	if err != nil {
		return err
	}
	return m.From.mark(ctx, "")
}

// Finish takes the new store into use, and the old one out of it.
func (m *Move) Finish(ctx context.Context) error {
	if err := m.keepCopyMark(ctx); err != nil {
		return err
	}
	if err := m.From.mark(ctx, markMoved); err != nil {
		return err
	}
	return m.To.mark(ctx, "")
}

func (s *Store) count(ctx context.Context, tables ...string) (all int64, err error) {
	for _, t := range tables {
		var n int64
		if err := s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+t).Scan(&n); err != nil {
			return 0, err
		}
		all += n
	}
	return all, nil
}

// stays are the tables that belong to a database, and not to what it holds.
func stays(name string) bool {
	return strings.HasPrefix(name, "river_") || strings.HasPrefix(name, "sqlite_") ||
		slices.Contains([]string{"migrations", "workers", "leases", "log_pending"}, name)
}

// read finds the tables, those that others refer to first.
func (m *Move) read(ctx context.Context) error {
	names, err := textsOf(ctx, m.From.read, m.From.dialect.tableNames)
	if err != nil {
		return fmt.Errorf("list the tables: %w", err)
	}
	names = slices.DeleteFunc(names, stays)
	first := []string{"items", "ramp_steps"}
	slices.SortStableFunc(names, func(a, b string) int {
		if x, y := slices.Index(first, a), slices.Index(first, b); x != y {
			return y - x
		}
		return strings.Compare(a, b)
	})
	m.tables = nil
	for _, name := range names {
		t, err := m.From.table(ctx, name)
		if err != nil {
			return fmt.Errorf("look at the table %s: %w", name, err)
		}
		m.tables = append(m.tables, t)
	}
	return nil
}

func (s *Store) table(ctx context.Context, name string) (table, error) {
	t := table{name: name}
	rows, err := s.read.QueryContext(ctx, `SELECT * FROM `+name+` LIMIT 0`)
	if err != nil {
		return t, err
	}
	t.columns, err = rows.Columns()
	if err := errors.Join(err, rows.Err(), rows.Close()); err != nil {
		return t, err
	}
	key, err := textsOf(ctx, s.read, s.dialect.primaryKey, name)
	if err != nil {
		return t, err
	}
	if len(key) == 0 {
		return t, errors.New("it has no primary key")
	}
	for _, k := range key {
		t.key = append(t.key, slices.Index(t.columns, k))
	}
	return t, nil
}

func textsOf(ctx context.Context, db *sql.DB, query string, args ...any) (all []string, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

const movePage = 500

// page reads the rows after a key, in the order of their keys. Claims and jobs are not
// moved: they belong to the programs that worked on the old store.
func (s *Store) page(ctx context.Context, t table, after []any) ([][]any, error) {
	keys := make([]string, len(t.key))
	marks := make([]string, len(t.key))
	for i, k := range t.key {
		keys[i], marks[i] = t.columns[k], fmt.Sprintf("$%d", i+1)
	}
	where := ""
	if after != nil {
		where = ` WHERE (` + strings.Join(keys, ", ") + `) > (` + strings.Join(marks, ", ") + `)`
	}
	rows, err := s.read.QueryContext(ctx, `SELECT `+strings.Join(t.columns, ", ")+` FROM `+t.name+where+
		` ORDER BY `+strings.Join(keys, ", ")+fmt.Sprintf(` LIMIT %d`, movePage), after...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all [][]any
	for rows.Next() {
		row, into := make([]any, len(t.columns)), make([]any, len(t.columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		all = append(all, t.plain(row))
	}
	return all, rows.Err()
}

// plain is a row as both databases give it.
func (t table) plain(row []any) []any {
	for i, v := range row {
		switch b := v.(type) {
		case []byte:
			if b == nil {
				row[i] = []byte{}
			}
		case string, int64, nil:
		default:
			row[i] = fmt.Sprint(v)
		}
		if t.name == "items" && t.columns[i] == "worker" {
			row[i] = ""
		}
		if t.name == "items" && t.columns[i] == "job_id" {
			row[i] = int64(0)
		}
	}
	return row
}

func (t table) keyOf(row []any) []any {
	key := make([]any, len(t.key))
	for i, k := range t.key {
		key[i] = row[k]
	}
	return key
}

// Copy copies all rows, and goes on where an earlier Copy was cut off.
func (m *Move) Copy(ctx context.Context) error {
	if err := m.read(ctx); err != nil {
		return err
	}
	for _, t := range m.tables {
		if err := m.copy(ctx, t); err != nil {
			return fmt.Errorf("copy the table %s: %w", t.name, err)
		}
	}
	return m.To.advance(ctx, m.tables)
}

func (m *Move) copy(ctx context.Context, t table) error {
	after, err := m.To.lastKey(ctx, t)
	if err != nil {
		return err
	}
	marks := make([]string, len(t.columns))
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	insert := `INSERT INTO ` + t.name + ` (` + strings.Join(t.columns, ", ") + `) VALUES (` + strings.Join(marks, ", ") + `)`
	for n := int64(0); ; {
		page, err := m.From.page(ctx, t, after)
		if err != nil || len(page) == 0 {
			return err
		}
		err = m.To.Write(ctx, func(tx *Tx) error {
			for _, row := range page {
				if err := tx.exec(insert, row...); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		after = t.keyOf(page[len(page)-1])
		if n += int64(len(page)); m.Progress != nil {
			m.Progress(t.name, n)
		}
	}
}

// lastKey is the key of the last row that is there, in the order in which rows are
// copied; nil if there is none. Whole pages are there or not.
func (s *Store) lastKey(ctx context.Context, t table) ([]any, error) {
	keys, order := make([]string, len(t.key)), make([]string, len(t.key))
	for i, k := range t.key {
		keys[i], order[i] = t.columns[k], t.columns[k]+" DESC"
	}
	key, into := make([]any, len(keys)), make([]any, len(keys))
	for i := range key {
		into[i] = &key[i]
	}
	err := s.read.QueryRowContext(ctx, `SELECT `+strings.Join(keys, ", ")+` FROM `+t.name+` ORDER BY `+strings.Join(order, ", ")+` LIMIT 1`).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return key, err
}

// advance has the database draw the next rows' numbers after those that were copied.
func (s *Store) advance(ctx context.Context, tables []table) error {
	if s.dialect.advance == "" {
		return nil
	}
	return s.Write(ctx, func(t *Tx) error {
		for _, b := range tables {
			if len(b.key) != 1 || b.columns[b.key[0]] != "id" {
				continue
			}
			if err := t.exec(strings.ReplaceAll(s.dialect.advance, "TABLE", b.name)); err != nil {
				return fmt.Errorf("number the rows of %s on: %w", b.name, err)
			}
		}
		return nil
	})
}

// Compare reads every row of every table on both sides, and returns what differs first.
func (m *Move) Compare(ctx context.Context) error {
	if err := m.read(ctx); err != nil {
		return err
	}
	m.Rows = 0
	for _, t := range m.tables {
		if err := m.compare(ctx, t); err != nil {
			return fmt.Errorf("compare the table %s: %w", t.name, err)
		}
	}
	return nil
}

func (m *Move) compare(ctx context.Context, t table) error {
	for after := []any(nil); ; {
		a, err := m.From.page(ctx, t, after)
		if err != nil {
			return err
		}
		b, err := m.To.page(ctx, t, after)
		if err != nil {
			return err
		}
		for i, row := range a {
			if i >= len(b) || !slices.EqualFunc(row, b[i], sameValue) {
				return fmt.Errorf("the row %v is not the same in the new store; make a new, empty one and move again", t.keyOf(row))
			}
		}
		if len(b) > len(a) {
			return fmt.Errorf("the row %v is in the new store and not in the old one; make a new, empty one and move again", t.keyOf(b[len(a)]))
		}
		if m.Rows += int64(len(a)); len(a) == 0 {
			return nil
		}
		after = t.keyOf(a[len(a)-1])
	}
}

func sameValue(a, b any) bool {
	if x, ok := a.([]byte); ok {
		y, ok := b.([]byte)
		return ok && bytes.Equal(x, y)
	}
	return a == b
}
