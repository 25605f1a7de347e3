package runlog

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"
	"unicode/utf8"

	"byskriver/runner/seal"
)

// ReadState tells whether an entry's sealed part could be read.
type ReadState string

// The states of a sealed part.
const (
	Readable ReadState = "readable"
	// Gone: the sealed part is not there, or its key is not. Verify tells whether
	// that was by policy.
	Gone ReadState = "removed"
	// Damaged: what stands there does not open, or the row itself is not ours.
	Damaged ReadState = "damaged"
)

// Logged is an entry as it was read back.
type Logged struct {
	Seq     int64 // 0 while it is pending
	At      time.Time
	Code    string
	Run     string
	Item    string
	Text    string            // "" unless Readable
	Fields  map[string]string // nil unless Readable
	LookUp  bool              // it has a subject, which only BySubject asks for
	State   ReadState
	Pending bool // written but not numbered yet
}

// Filter chooses entries. The zero Filter chooses all.
type Filter struct {
	Item    string
	Run     string
	Code    string    // the code itself, or with a dot at its end all that begin so: "item."
	FromSeq int64     // this number and later; pending entries are later than all
	Since   time.Time // at this time or later
	Until   time.Time // before this time
	Limit   int       // at most so many; 0 means all
}

// pageSize is how many entries are read at a time. No statement is left open
// between two entries.
const pageSize = 500

// Entries reads entries in the order of their numbers, pending ones last. A
// damaged entry is handed out as such and does not end the reading.
func (l *Log) Entries(ctx context.Context, q Querier, f Filter) iter.Seq2[Logged, error] {
	return func(yield func(Logged, error) bool) {
		where, args := f.where()
		l.walk(ctx, q, where, args, f.FromSeq-1, f.Limit, f.matches, yield)
	}
}

// BySubject reads the look-ups of one person, whose CPR number is ten digits.
// Telling who was looked up is itself a look-up: log it before.
func (l *Log) BySubject(ctx context.Context, q Querier, cpr string) iter.Seq2[Logged, error] {
	return func(yield func(Logged, error) bool) {
		if err := checkSubject(cpr); err != nil || cpr == "" {
			yield(Logged{}, errors.Join(errors.New("look-ups of a person: a CPR number is needed"), err))
			return
		}
		mac := l.subjectMAC(cpr)
		pending := func(e Logged, s sealedEntry) bool { return string(s.subjectMAC) == string(mac) }
		l.walk(ctx, q, " AND subject_mac = $2", []any{mac}, 0, 0, pending, yield)
	}
}

// walk reads numbered entries page by page, then the pending ones that keep wants.
func (l *Log) walk(ctx context.Context, q Querier, where string, args []any, after int64, limit int,
	keep func(Logged, sealedEntry) bool, yield func(Logged, error) bool) {
	left := limit
	take := func(e Logged) bool {
		left--
		return yield(e, nil) && (limit == 0 || left > 0)
	}
	for {
		page, err := readPage(ctx, q, fmt.Sprintf("WHERE seq > $1%s ORDER BY seq LIMIT %d", where, pageSize),
			append([]any{after}, args...))
		var entries []Logged
		if err == nil {
			entries, err = l.open(ctx, q, page)
		}
		if err != nil {
			yield(Logged{}, err)
			return
		}
		for _, e := range entries {
			if !take(e) {
				return
			}
		}
		if len(page) < pageSize {
			break
		}
		after = page[len(page)-1].seq
	}
	l.walkPending(ctx, q, keep, take, yield)
}

func (l *Log) walkPending(ctx context.Context, q Querier, keep func(Logged, sealedEntry) bool,
	take func(Logged) bool, yield func(Logged, error) bool) {
	rows, err := q.QueryContext(ctx, `SELECT id, body FROM log_pending ORDER BY id`)
	var pending []pendingRow
	if err == nil {
		pending, err = scanPending(rows)
	}
	var keys map[string]Held
	ours, _ := l.sift(pending)
	if err == nil {
		keys, err = l.keysOf(ctx, q, itemsOf(ours, func(s sealedEntry) string { return s.leaf.Item }))
	}
	if err != nil {
		yield(Logged{}, fmt.Errorf("read the pending log entries: %w", err))
		return
	}
	for _, s := range ours {
		e := Logged{Pending: true}
		e.fill(s.leaf, s.detail, keys)
		if keep(e, s) && !take(e) {
			return
		}
	}
}

// where is the filter as conditions on numbered entries, from parameter $2 on.
// Each repeats the condition of the partial index that serves it.
func (f Filter) where() (string, []any) {
	var b strings.Builder
	var args []any
	add := func(condition string, arg any) {
		args = append(args, arg)
		fmt.Fprintf(&b, " AND %s $%d", condition, len(args)+1)
	}
	if f.Item != "" {
		add("item <> '' AND item =", f.Item)
	}
	if f.Run != "" {
		add("run <> '' AND run =", f.Run)
	}
	if strings.HasSuffix(f.Code, ".") {
		add(fmt.Sprintf("substr(code, 1, %d) =", utf8.RuneCountInString(f.Code)), f.Code)
	} else if f.Code != "" {
		add("code =", f.Code)
	}
	if !f.Since.IsZero() {
		add("at >=", f.Since.UnixMicro())
	}
	if !f.Until.IsZero() {
		add("at <", f.Until.UnixMicro())
	}
	return b.String(), args
}

// matches is the filter for pending entries.
func (f Filter) matches(e Logged, _ sealedEntry) bool {
	code := f.Code == "" || e.Code == f.Code || strings.HasSuffix(f.Code, ".") && strings.HasPrefix(e.Code, f.Code)
	return code && (f.Item == "" || e.Item == f.Item) && (f.Run == "" || e.Run == f.Run) &&
		(f.Since.IsZero() || !e.At.Before(f.Since)) && (f.Until.IsZero() || e.At.Before(f.Until))
}

// open opens a page of rows with the keys of their items.
func (l *Log) open(ctx context.Context, q Querier, page []row) ([]Logged, error) {
	keys, err := l.keysOf(ctx, q, itemsOf(page, func(r row) string { return r.item() }))
	if err != nil {
		return nil, err
	}
	entries := make([]Logged, len(page))
	for i := range page {
		e := &entries[i]
		e.Seq = page[i].seq
		leaf, err := page[i].leaf()
		if err != nil {
			e.State = Damaged
			continue
		}
		e.fill(leaf, page[i].cols[colDetail], keys)
	}
	return entries, nil
}

// fill fills in what the leaf and the sealed detail say.
func (e *Logged) fill(leaf Leaf, sealed []byte, keys map[string]Held) {
	e.At, e.Code, e.Run, e.Item = leaf.At, leaf.Code, leaf.Run, leaf.Item
	e.LookUp = leaf.Subject != Commitment{}
	held := keys[leaf.Item]
	if sealed == nil || held.State != KeyThere {
		e.State = Gone
		return
	}
	d, err := openDetail(held.Key, leaf, sealed)
	if err != nil {
		e.State = Damaged
		return
	}
	e.State, e.Text, e.Fields = Readable, d.Text, d.Fields
}

// openDetail opens the sealed detail of a leaf and checks it against the leaf.
func openDetail(key seal.Key, leaf Leaf, sealed []byte) (detail, error) {
	hash := leaf.Hash()
	text, err := openPart(key, sealed, detailContext+string(hash[:]), leaf.Detail)
	if err != nil {
		return detail{}, err
	}
	return decodeDetail(text)
}

// itemsOf are the items that some entries name, each once, in their order.
func itemsOf[E any](entries []E, item func(E) string) []string {
	seen := map[string]bool{"": true}
	var items []string
	for _, e := range entries {
		name := item(e)
		if !seen[name] && checkWord(name) == nil {
			seen[name] = true
			items = append(items, name)
		}
	}
	return items
}
