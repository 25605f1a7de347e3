package runlog

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"sort"

	"golang.org/x/mod/sumdb/tlog"
)

// Batch is what one Sequence did. First and Last are entry numbers, from 1; both
// are 0 if nothing was pending.
type Batch struct {
	First, Last int64
	Rejected    int  // pending rows that byskriver did not write, put aside
	More        bool // there may be more pending than one batch takes
}

// Sequence numbers pending entries in the order they were written and adds them
// to the tree, in the caller's transaction, and not more than one batch of them.
// Any number of processes may call it: the head is locked until the transaction
// ends. A pending row without our MAC gets no number: it is put aside, and an
// entry CodeRejected says so. ErrChanged means that the tables were tampered with
// and nothing was numbered.
func (l *Log) Sequence(ctx context.Context, tx DB) (Batch, error) {
	h, err := l.lockHead(ctx, tx)
	if err != nil {
		return Batch{}, err
	}
	rows, err := takePending(ctx, tx, l.batch)
	if err != nil || len(rows) == 0 {
		return Batch{}, err
	}
	entries, bad := l.sift(rows)
	for i := range bad {
		e, err := l.own(CodeRejected, rejectedText, bad[i].fields())
		if err != nil {
			return Batch{}, err
		}
		bad[i].seq = h.size + int64(len(entries)) + 1
		entries = append(entries, e)
	}
	if err := reject(ctx, tx, bad); err != nil {
		return Batch{}, err
	}
	if err := l.number(ctx, tx, h, entries); err != nil {
		return Batch{}, err
	}
	return Batch{
		First: h.size + 1, Last: h.size + int64(len(entries)),
		Rejected: len(bad), More: len(rows) == l.batch,
	}, nil
}

// number gives entries the next numbers, adds them to the tree and moves the head.
func (l *Log) number(ctx context.Context, tx DB, h head, entries []sealedEntry) error {
	g, err := loadGrower(ctx, tx, h)
	if err != nil {
		return err
	}
	values := make([]any, 0, len(entries)*entryColumnCount)
	for i, e := range entries {
		seq := h.size + int64(i) + 1
		g.add(e.hash)
		values = append(values, seq, e.leaf.At.UnixMicro(), e.leaf.Code, e.leaf.Run, e.leaf.Item,
			e.leaf.Detail[:], commitmentOrNull(e.leaf.Subject),
			e.detail, orNull(e.subject), orNull(e.subjectMAC), l.entryMAC(seq, e.hash))
	}
	if err := insert(ctx, tx, "INSERT INTO log_entries ("+entryColumns+") VALUES ", entryColumnCount, values); err != nil {
		return fmt.Errorf("number log entries from %d: %w", h.size+1, err)
	}
	if err := g.write(ctx, tx); err != nil {
		return err
	}
	h.size, h.root = g.edge.size, g.edge.root()
	return l.writeHead(ctx, tx, h)
}

// orNull hands an absent part to the database as NULL: a nil []byte in an any is
// not nil.
func orNull(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

func commitmentOrNull(c Commitment) any {
	if c == (Commitment{}) {
		return nil
	}
	return c[:]
}

// pendingRow is a row of log_pending.
type pendingRow struct {
	id   int64
	body []byte
}

// takePending removes up to limit of the oldest pending rows and returns them in
// the order they were written. Rows that another transaction commits meanwhile
// stay for the next time.
func takePending(ctx context.Context, tx DB, limit int) ([]pendingRow, error) {
	rows, err := tx.QueryContext(ctx, `DELETE FROM log_pending
		WHERE id IN (SELECT id FROM log_pending ORDER BY id LIMIT $1) RETURNING id, body`, limit)
	if err != nil {
		return nil, fmt.Errorf("take the pending entries: %w", err)
	}
	taken, err := scanPending(rows)
	if err != nil {
		return nil, fmt.Errorf("take the pending entries: %w", err)
	}
	sort.Slice(taken, func(i, j int) bool { return taken[i].id < taken[j].id })
	return taken, nil
}

func scanPending(rows *sql.Rows) (all []pendingRow, err error) {
	defer closing(rows, &err)
	for rows.Next() {
		var r pendingRow
		if err := rows.Scan(&r.id, &r.body); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// rejectedRow is a pending row that is none of ours.
type rejectedRow struct {
	pendingRow
	why string
	seq int64 // of the entry that tells of it
}

// rejectedText is what the log says about such a row.
const rejectedText = "En ventende post var ikke skrevet af byskriver, eller var ændret. Den er lagt til side i log_rejected. Find ud af, hvem der har skrevet i databasen."

// The field of a CodeAcknowledged entry that names the entry it is about.
const fieldEntry = "entry"

func (r rejectedRow) fields() map[string]string {
	sum := sha256.Sum256(r.body)
	return map[string]string{"why": r.why, "sha256": hex.EncodeToString(sum[:])}
}

// sift tells our own pending rows from others, and from copies of our own.
func (l *Log) sift(rows []pendingRow) (ours []sealedEntry, bad []rejectedRow) {
	seen := make(map[tlog.Hash]bool, len(rows))
	for _, r := range rows {
		e, err := l.unpack(r.body)
		switch {
		case err != nil:
			bad = append(bad, rejectedRow{pendingRow: r, why: err.Error()})
		case seen[e.hash]:
			bad = append(bad, rejectedRow{pendingRow: r, why: "a copy of another row"})
		default:
			seen[e.hash] = true
			ours = append(ours, e)
		}
	}
	return ours, bad
}

// reject keeps rows that were put aside, for whoever looks into it.
func reject(ctx context.Context, tx DB, rows []rejectedRow) error {
	values := make([]any, 0, 2*len(rows))
	for _, r := range rows {
		values = append(values, r.seq, append([]byte{}, r.body...)) // empty, not NULL, if there is nothing in it
	}
	if err := insert(ctx, tx, "INSERT INTO log_rejected (seq, body) VALUES ", 2, values); err != nil {
		return fmt.Errorf("put %d foreign rows aside: %w", len(rows), err)
	}
	return nil
}
