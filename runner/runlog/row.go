package runlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// The columns of log_entries, in the order in which rows are written and read.
const (
	entryColumns     = "seq, at, code, run, item, detail_commitment, subject_commitment, detail, subject, subject_mac, mac"
	entryColumnCount = 11
)

// row is a row of log_entries as it stands, which need not be as we left it: only
// seq, the primary key, is sure to be what it should be by type.
type row struct {
	seq  int64
	cols [entryColumnCount - 1][]byte // the other columns; nil for NULL
}

// The columns of a row after seq.
const (
	colAt = iota
	colCode
	colRun
	colItem
	colDetailC
	colSubjectC
	colDetail
	colSubject
	colSubjectMAC
	colMAC
)

// item is what the row says its item is; it is not to be believed before the MAC
// was checked.
func (r *row) item() string { return string(r.cols[colItem]) }

// leaf is the leaf that the row amounts to.
func (r *row) leaf() (Leaf, error) {
	at, err := strconv.ParseInt(string(r.cols[colAt]), 10, 64)
	if err != nil {
		return Leaf{}, errors.New("the time is not a number")
	}
	l := Leaf{
		At: time.UnixMicro(at).UTC(), Code: string(r.cols[colCode]),
		Run: string(r.cols[colRun]), Item: string(r.cols[colItem]),
	}
	if err := l.commitments(r); err != nil {
		return Leaf{}, err
	}
	return l, l.check()
}

// commitments fills in the leaf's commitments from the row.
func (l *Leaf) commitments(r *row) error {
	c := r.cols[colDetailC]
	if len(c) != len(l.Detail) {
		return errors.New("the commitment to the detail is not 32 bytes")
	}
	l.Detail = Commitment(c)
	if c = r.cols[colSubjectC]; c == nil {
		return nil
	}
	if len(c) != len(l.Subject) || Commitment(c) == (Commitment{}) {
		return errors.New("the commitment to the subject is not 32 bytes")
	}
	l.Subject = Commitment(c)
	return nil
}

// hash is the row's leaf and its hash in the tree.
func (r *row) hash() (Leaf, tlog.Hash, error) {
	l, err := r.leaf()
	if err != nil {
		return Leaf{}, tlog.Hash{}, err
	}
	return l, l.Hash(), nil
}

// readPage reads rows; the condition says which and in what order.
func readPage(ctx context.Context, q Querier, condition string, args []any) ([]row, error) {
	rows, err := q.QueryContext(ctx, "SELECT "+entryColumns+" FROM log_entries "+condition, args...)
	if err != nil {
		return nil, fmt.Errorf("read log entries: %w", err)
	}
	page, err := scanRows(rows)
	if err != nil {
		return nil, fmt.Errorf("read log entries: %w", err)
	}
	return page, nil
}

// scanRows reads rows to their end. The bytes of all of them share few
// allocations.
func scanRows(rows *sql.Rows) (page []row, err error) {
	defer closing(rows, &err)
	var seq int64
	var raw [entryColumnCount - 1]sql.RawBytes
	dest := []any{&seq}
	for i := range raw {
		dest = append(dest, &raw[i])
	}
	var store arena
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		r := row{seq: seq}
		for i, b := range raw {
			r.cols[i] = store.keep(b)
		}
		page = append(page, r)
	}
	return page, rows.Err()
}

// arena copies many small byte slices into few large ones.
type arena struct{ free []byte }

// arenaSize is how much an arena takes at a time, in bytes.
const arenaSize = 64 << 10

func (a *arena) keep(b []byte) []byte {
	if b == nil {
		return nil
	}
	if cap(a.free)-len(a.free) < len(b) {
		a.free = make([]byte, 0, max(arenaSize, len(b)))
	}
	from := len(a.free)
	a.free = append(a.free, b...)
	return a.free[from:len(a.free):len(a.free)]
}
