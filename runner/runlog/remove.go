package runlog

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Removal says what is removed, and on whose authority. Exactly one of Items,
// Subject and Before is given.
type Removal struct {
	Items   []string  // all entries of these items
	Subject string    // all look-ups of this person, by CPR number
	Before  time.Time // all entries older than this that tell of an item or a person
	// Policy names the rule that asks for it, and By who had it carried out. Both
	// stand in the log and must hold no personal data beyond By's name.
	Policy string
	By     string
}

// The fields of a CodeRemoved entry.
const (
	fieldEntries = "entries" // the numbers of the entries, see spans
	fieldWhat    = "what"    // items, subject or before
	fieldBefore  = "before"  // the time, for before
	fieldPolicy  = "policy"
	fieldBy      = "by"
)

// spansPerRecord is how many spans of numbers one CodeRemoved entry lists; a
// larger removal is several entries.
const spansPerRecord = 1000

// Remove deletes text, fields, subject and salts of entries, in the caller's
// transaction, and records which entries they were. What is left, the leaf, keeps
// the proof whole; the entries read as Gone, and Verify counts them as removed.
// The log's own entries are never touched, and those that tell of no item and no
// person (a run's beginning and end) not by time. It returns how many entries lost their
// sealed part.
//
// The store calls it too when it destroys an item's key, since Verify accepts an
// entry that cannot be opened only if its removal is on record. In the database's
// free pages the sealed part of an entry without an item outlives its removal;
// that of an item's entry is unreadable there once the item's key is destroyed.
func (l *Log) Remove(ctx context.Context, tx DB, r Removal) (int, error) {
	if err := r.check(); err != nil {
		return 0, fmt.Errorf("remove from the log: %w", err)
	}
	// What is pending must have its number before it can be recorded as removed.
	if err := l.sequenceAll(ctx, tx); err != nil {
		return 0, err
	}
	seqs, err := l.strip(ctx, tx, r)
	if err != nil {
		return 0, fmt.Errorf("remove from the log: %w", err)
	}
	if len(seqs) == 0 {
		return 0, nil
	}
	if err := l.recordRemoval(ctx, tx, r, spansOf(seqs)); err != nil {
		return 0, fmt.Errorf("record a removal from the log: %w", err)
	}
	return len(seqs), nil
}

func (r Removal) check() error {
	given := 0
	for _, yes := range []bool{len(r.Items) > 0, r.Subject != "", !r.Before.IsZero()} {
		if yes {
			given++
		}
	}
	if given != 1 {
		return errors.New("exactly one of items, subject and time must be given")
	}
	if r.Policy == "" || r.By == "" {
		return errors.New("the policy and who carries it out must be named")
	}
	for _, item := range r.Items {
		if err := checkWord(item); err != nil {
			return fmt.Errorf("item: %w", err)
		}
	}
	return checkSubject(r.Subject)
}

func (l *Log) sequenceAll(ctx context.Context, tx DB) error {
	for {
		b, err := l.Sequence(ctx, tx)
		if err != nil || !b.More {
			return err
		}
	}
}

// strip deletes the sealed parts and returns the numbers of the entries.
func (l *Log) strip(ctx context.Context, tx DB, r Removal) ([]int64, error) {
	const update = `UPDATE log_entries SET detail = NULL, subject = NULL, subject_mac = NULL
		WHERE detail IS NOT NULL AND substr(code, 1, 4) <> 'log.' AND `
	switch {
	case r.Subject != "":
		return returned(ctx, tx, update+"subject_mac = $1 RETURNING seq", l.subjectMAC(r.Subject))
	case !r.Before.IsZero():
		return returned(ctx, tx, update+"at < $1 AND (item <> '' OR subject IS NOT NULL) RETURNING seq", r.Before.UnixMicro())
	}
	var all []int64
	for _, item := range r.Items {
		seqs, err := returned(ctx, tx, update+"item <> '' AND item = $1 RETURNING seq", item)
		if err != nil {
			return nil, err
		}
		all = append(all, seqs...)
	}
	return all, nil
}

// returned runs a statement that returns numbers.
func returned(ctx context.Context, tx DB, statement string, arg any) (seqs []int64, err error) {
	rows, err := tx.QueryContext(ctx, statement, arg)
	if err != nil {
		return nil, err
	}
	defer closing(rows, &err)
	for rows.Next() {
		var seq int64
		if err := rows.Scan(&seq); err != nil {
			return nil, err
		}
		seqs = append(seqs, seq)
	}
	return seqs, rows.Err()
}

// recordRemoval writes and numbers the entries that tell what was removed.
func (l *Log) recordRemoval(ctx context.Context, tx DB, r Removal, spans []span) error {
	h, err := l.lockHead(ctx, tx)
	if err != nil {
		return err
	}
	var records []sealedEntry
	for len(spans) > 0 {
		n := min(spansPerRecord, len(spans))
		record, err := l.own(CodeRemoved, removedText, r.fields(spans[:n]))
		if err != nil {
			return err
		}
		records = append(records, record)
		spans = spans[n:]
	}
	return l.number(ctx, tx, h, records)
}

// removedText is what the log says about a removal.
const removedText = "Tekst, felter og personoplysninger er slettet efter regel i de poster, der er nævnt. Beviset for, hvad der skete og hvornår, står endnu."

// fields are the record's fields. A subject is not named in it: that would be to
// keep what is being removed.
func (r Removal) fields(spans []span) map[string]string {
	f := map[string]string{
		fieldEntries: formatSpans(spans), fieldPolicy: fit(r.Policy), fieldBy: fit(r.By), fieldWhat: "items",
	}
	switch {
	case r.Subject != "":
		f[fieldWhat] = "subject"
	case !r.Before.IsZero():
		f[fieldWhat], f[fieldBefore] = "before", r.Before.UTC().Format(leafTime)
	}
	return f
}

// span is a row of entry numbers without gaps, both ends included.
type span struct{ from, to int64 }

// spansOf sorts numbers into spans.
func spansOf(seqs []int64) []span {
	sort.Slice(seqs, func(i, j int) bool { return seqs[i] < seqs[j] })
	var all []span
	for _, seq := range seqs {
		if n := len(all); n > 0 && seq <= all[n-1].to+1 {
			all[n-1].to = seq
			continue
		}
		all = append(all, span{seq, seq})
	}
	return all
}

// formatSpans writes spans as "5-9,12,77-80", in rising order.
func formatSpans(spans []span) string {
	var b strings.Builder
	for i, s := range spans {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatInt(s.from, 10))
		if s.to > s.from {
			b.WriteByte('-')
			b.WriteString(strconv.FormatInt(s.to, 10))
		}
	}
	return b.String()
}

// parseSpans reads what formatSpans wrote.
func parseSpans(text string) ([]span, error) {
	var all []span
	last := int64(0)
	for part := range strings.SplitSeq(text, ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		s := span{}
		var errFrom, errTo error
		s.from, errFrom = strconv.ParseInt(from, 10, 64)
		s.to, errTo = strconv.ParseInt(to, 10, 64)
		if errFrom != nil || errTo != nil || s.from <= last || s.to < s.from {
			return nil, errors.New("not a rising list of entry numbers")
		}
		last = s.to
		all = append(all, s)
	}
	return all, nil
}

// Acknowledge records, in the caller's transaction, that somebody has looked into
// the rejected row that the entry of that number tells of. Verify then no longer
// names it.
func (l *Log) Acknowledge(ctx context.Context, tx DB, seq int64, by, finding string) error {
	if by == "" || finding == "" {
		return errors.New("acknowledge a rejected row: who, and what was found, must be given")
	}
	var code string
	found, err := queryOne(ctx, tx, `SELECT code FROM log_entries WHERE seq = $1`, []any{seq}, &code)
	if err == nil && (!found || code != CodeRejected) {
		err = fmt.Errorf("it is no entry about a rejected row")
	}
	if err != nil {
		return fmt.Errorf("acknowledge entry %d: %w", seq, err)
	}
	h, err := l.lockHead(ctx, tx)
	if err != nil {
		return err
	}
	e, err := l.own(CodeAcknowledged, fit(finding), map[string]string{
		fieldEntry: strconv.FormatInt(seq, 10), fieldBy: fit(by),
	})
	if err != nil {
		return err
	}
	return l.number(ctx, tx, h, []sealedEntry{e})
}
