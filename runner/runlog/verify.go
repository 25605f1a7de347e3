package runlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"sort"
)

// VerifyOptions say how to verify.
type VerifyOptions struct {
	// Checkpoints are signed checkpoints kept elsewhere. They find a past that was
	// rewritten by somebody with all keys. Those in the Log's folders are added.
	Checkpoints [][]byte
	Workers     int                 // how many entries are checked at once; as many as there are processors if 0
	MaxProblems int                 // how many problems are listed; 1000 if 0
	Progress    func(entries int64) // called now and then with how many were checked; may be nil
}

// verification is one Verify at work. Its fields belong to one goroutine.
type verification struct {
	log      *Log
	q        Querier // one moment of the database
	opts     VerifyOptions
	report   Report
	head     head
	headOK   bool
	target   int64 // the log should have this many entries
	removed  removals
	outside  []outsideCheckpoint // by size
	rejected map[int64]bool      // entries about rejected rows that nobody has looked into
}

// outsideCheckpoint is one that was kept elsewhere.
type outsideCheckpoint struct {
	Checkpoint
	source string // what to call it
}

// Verify reads the whole log once, in order, as it stood at one moment, and tells
// all that is wrong with it. It takes one connection for as long as it runs and
// locks nothing. An error means that it could not be done, not that the log is
// bad. What it needs of memory grows by eight bytes an entry.
//
// Not found is what happens to a pending row before it has its number, other than
// that it was changed or put there: that it was deleted, or exchanged with
// another. Who numbers in the transaction that writes leaves no such moment.
func (l *Log) Verify(ctx context.Context, db Beginner, opts VerifyOptions) (Report, error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return Report{}, fmt.Errorf("begin to verify: %w", err)
	}
	if opts.Workers <= 0 {
		opts.Workers = runtime.GOMAXPROCS(0)
	}
	if opts.MaxProblems <= 0 {
		opts.MaxProblems = 1000
	}
	v := &verification{log: l, q: tx, opts: opts, rejected: map[int64]bool{}}
	err = v.run(ctx)
	if e := tx.Rollback(); err == nil && !errors.Is(e, sql.ErrTxDone) {
		err = e
	}
	if err != nil {
		return Report{}, fmt.Errorf("verify the log: %w", err)
	}
	return v.report, nil
}

func (v *verification) run(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		v.readHead, v.readOutside, v.readTarget, v.readRemovals, v.walk, v.checkLines,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// found adds a problem.
func (v *verification) found(p Problem) {
	if len(v.report.Problems) >= v.opts.MaxProblems {
		v.report.Unlisted++
		return
	}
	v.report.Problems = append(v.report.Problems, p)
}

// readHead reads the head. A bad one is a problem, and what it says is not used.
func (v *verification) readHead(ctx context.Context) error {
	h, found, err := v.log.readHead(ctx, v.q)
	if errors.Is(err, ErrChanged) {
		v.found(Problem{Code: HeadChanged, Text: "Rækken, der siger, hvor loggen ender (log_head), er ændret."})
		return nil
	}
	if err != nil {
		return err
	}
	if found {
		v.head, v.headOK, v.report.Size = h, true, h.size
		return nil
	}
	var used bool
	_, err = queryOne(ctx, v.q, `SELECT EXISTS (SELECT 1 FROM log_entries) OR EXISTS (SELECT 1 FROM log_tiles)
		OR EXISTS (SELECT 1 FROM log_checkpoints) OR EXISTS (SELECT 1 FROM log_lines)`, nil, &used)
	if used {
		v.found(Problem{Code: HeadChanged, Text: "Rækken, der siger, hvor loggen ender (log_head), er væk."})
	}
	v.headOK = !used
	return err
}

// readOutside opens the checkpoints that were kept elsewhere.
func (v *verification) readOutside(context.Context) error {
	for i, signed := range v.opts.Checkpoints {
		v.addOutside(signed, fmt.Sprintf("Kontrolpunkt nr. %d af dem, der er givet med,", i+1))
	}
	for _, name := range v.log.checkpointFiles() {
		signed, err := readIfThere(name)
		if err != nil {
			return fmt.Errorf("read a checkpoint: %w", err)
		}
		if signed != nil {
			v.addOutside(signed, "Kontrolpunktet i "+name)
		}
	}
	sort.SliceStable(v.outside, func(i, j int) bool { return v.outside[i].Size < v.outside[j].Size })
	return nil
}

func (v *verification) addOutside(signed []byte, source string) {
	c, err := OpenCheckpoint(signed, v.log.origin, v.log.verifiers)
	if err != nil {
		v.found(Problem{Code: OutsideInvalid, Text: source + " er ikke et gyldigt kontrolpunkt for denne log: " +
			"det er ændret, underskrevet med en anden nøgle eller hører til en anden kommune."})
		return
	}
	v.outside = append(v.outside, outsideCheckpoint{c, source})
}

// readTarget finds out how long the log should be: the most that the head or a
// stored checkpoint says. What a checkpoint from elsewhere says is compared later.
func (v *verification) readTarget(ctx context.Context) error {
	v.target = v.head.size
	var signed []byte
	found, err := queryOne(ctx, v.q, `SELECT note FROM log_checkpoints ORDER BY number DESC LIMIT 1`, nil, &signed)
	if err != nil {
		return fmt.Errorf("read the last checkpoint: %w", err)
	}
	if !found {
		return nil
	}
	if c, err := openStored(signed, v.log.origin, v.log.verifiers); err == nil {
		v.target = max(v.target, c.Size)
	}
	return nil
}

// readRemovals collects what is on record as removed. The records are read here
// out of turn; the walk comes by them again and checks them as it does all
// entries.
func (v *verification) readRemovals(ctx context.Context) error {
	for after := int64(0); ; {
		page, err := readPage(ctx, v.q, "WHERE code = 'log.removed' AND seq > $1 ORDER BY seq LIMIT $2", []any{after, pageSize})
		if err != nil {
			return err
		}
		for i := range page {
			v.addRemoval(&page[i])
		}
		if len(page) < pageSize {
			v.removed.settle()
			return nil
		}
		after = page[len(page)-1].seq
	}
}

// addRemoval takes a record into account if it opens: what opens with the house's
// own key was sealed by byskriver, for that leaf.
func (v *verification) addRemoval(r *row) {
	leaf, err := r.leaf()
	if err != nil {
		return
	}
	d, err := openDetail(v.log.house, leaf, r.cols[colDetail])
	if err != nil {
		return
	}
	if spans, err := parseSpans(d.Fields[fieldEntries]); err == nil {
		v.removed.add(spans, r.seq)
	}
}

// checkLines checks the row that says how far lines were written.
func (v *verification) checkLines(ctx context.Context) error {
	written, found, err := v.log.linesWritten(ctx, v.q)
	if err != nil && !errors.Is(err, ErrChanged) {
		return err
	}
	if err != nil || found && v.headOK && written > v.head.size {
		v.found(Problem{Code: LinesChanged, Text: "Rækken, der siger, hvor langt loggens linjer er skrevet (log_lines), er ændret eller væk."})
	}
	return nil
}
