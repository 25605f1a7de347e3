package runlog

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

// judge puts the checked chunks in order: it follows the numbers, builds the tree
// and compares. It works in one goroutine.
type judge struct {
	v    *verification
	tree *twinTree

	gapFrom, gapTo int64      // missing numbers not yet told of; 0 if none
	odd            []oddEntry // entries that are not what was numbered there
	rewound        bool       // told that the head stands too low

	number  int64 // of the last stored checkpoint seen
	size    int64 // covered by the last stored checkpoint seen
	good    int64 // covered by the last stored checkpoint that fits
	differs bool  // a stored checkpoint does not fit
	outside int   // how many checkpoints from elsewhere were compared

	prefixes []uint64 // the first eight bytes of each entry's hash
}

// oddEntry is an entry that is not what was numbered there.
type oddEntry struct {
	problem int // its place in the report
	seq     int64
	hash    tlog.Hash // of what is there
	stored  tlog.Hash // of what was numbered
}

// prefixesAhead bounds how much memory is set aside on the word of the head.
const prefixesAhead = 1 << 24

func newJudge(v *verification) *judge {
	j := &judge{v: v, tree: newTwinTree()}
	j.prefixes = make([]uint64, 0, min(v.head.size, prefixesAhead))
	for j.outside < len(v.outside) && v.outside[j.outside].Size == 0 {
		j.outside++ // of the empty log, which every log goes on from
	}
	return j
}

// chunk judges the next stretch of the log.
func (j *judge) chunk(c *chunk) {
	if c.from > c.to {
		j.strays(c)
		return
	}
	if _, stored := c.hash(c.from); !stored && len(c.rows) == 0 {
		j.skip(c)
		return
	}
	row := 0
	for seq := c.from; seq <= c.to; seq++ {
		if row < len(c.rows) && c.rows[row].seq == seq {
			j.entry(c, row)
			row++
		} else {
			j.missing(c, seq)
		}
		c.checkpoints = j.at(seq, c.checkpoints)
	}
	if j.v.opts.Progress != nil {
		j.v.opts.Progress(j.v.report.Entries)
	}
}

// strays judges what stands outside the log: entries before its beginning,
// checkpoints beyond its end.
func (j *judge) strays(c *chunk) {
	for i := range c.rows {
		j.v.report.Entries++
		j.v.found(entryProblem(EntryInserted, c.rows[i].seq, legalItem(&c.rows[i])))
	}
	for _, n := range c.checkpoints {
		if j.note(n) {
			j.v.found(Problem{Code: LogTruncated, Seq: n.c.Size, Text: fmt.Sprintf(
				"Kontrolpunkt nr. %d fra %s dækker %d poster, men så mange er der ikke: loggen er kortet af.",
				n.number, moment(n.c.At), n.c.Size)})
		}
	}
}

// skip passes over numbers of which nothing is left, neither entry nor hash.
func (j *judge) skip(c *chunk) {
	j.gap(c.from, c.to)
	j.tree.broken = j.tree.broken || j.belongs(c.from)
	for _, n := range c.checkpoints {
		j.compareStored(n)
	}
	for j.outside < len(j.v.outside) && j.v.outside[j.outside].Size <= c.to {
		j.compareOutside(j.v.outside[j.outside])
		j.outside++
	}
}

// entry judges the row of a number.
func (j *judge) entry(c *chunk, i int) {
	r, ch := &c.rows[i], &c.checks[i]
	item := legalItem(r)
	j.flushGap()
	j.v.report.Entries++
	if ch.legal {
		j.prefixes = append(j.prefixes, binary.BigEndian.Uint64(ch.hash[:8]))
	}
	if j.v.headOK && r.seq > j.v.head.size && !j.beyond(r, ch, item) {
		return
	}
	stored, hasStored := c.hash(r.seq)
	j.tree.add(ch.hash, ch.legal, stored, hasStored)
	switch differs := hasStored && ch.hash != stored; {
	case !ch.legal, differs && !ch.mac:
		j.odd = append(j.odd, oddEntry{len(j.v.report.Problems), r.seq, ch.hash, stored})
		j.v.found(entryProblem(EntryChanged, r.seq, item))
	case differs:
		j.v.found(entryProblem(HashChanged, r.seq, item))
	case !ch.mac:
		j.v.found(entryProblem(EntryForeign, r.seq, item))
	default:
		j.genuine(r, ch, item)
	}
}

// beyond judges a row behind the end that the head names: whether it belongs to
// the log all the same.
func (j *judge) beyond(r *row, ch *check, item string) bool {
	if !ch.mac {
		j.v.found(entryProblem(EntryInserted, r.seq, item))
		return false
	}
	if !j.rewound {
		j.rewound = true
		j.v.found(Problem{Code: HeadChanged, Seq: r.seq, Text: fmt.Sprintf(
			"Rækken, der siger, hvor loggen ender (log_head), er sat tilbage til post %d, men der er ægte poster efter den.",
			j.v.head.size)})
	}
	return true
}

// genuine judges the sealed part of an entry that is what was numbered there.
func (j *judge) genuine(r *row, ch *check, item string) {
	if ch.problem != "" {
		j.v.found(entryProblem(ch.problem, r.seq, item))
		return
	}
	if ch.removed {
		j.v.report.Removed++
	} else {
		j.v.report.Readable++
	}
	if ch.lookUp {
		j.v.report.LookUps++
	}
	switch string(r.cols[colCode]) {
	case CodeRejected:
		j.v.rejected[r.seq] = true
	case CodeAcknowledged:
		if seq, err := strconv.ParseInt(ch.own.Fields[fieldEntry], 10, 64); err == nil {
			delete(j.v.rejected, seq)
		}
	}
}

// missing judges a number without a row.
func (j *judge) missing(c *chunk, seq int64) {
	if j.belongs(seq) {
		stored, hasStored := c.hash(seq)
		j.tree.add(tlog.Hash{}, false, stored, hasStored)
	}
	j.gap(seq, seq)
}

// belongs reports whether the log should have an entry of that number.
func (j *judge) belongs(seq int64) bool { return !j.v.headOK || seq <= j.v.target }

// gap notes missing numbers, to be told of together.
func (j *judge) gap(from, to int64) {
	if j.gapFrom == 0 {
		j.gapFrom = from
	}
	j.gapTo = to
}

func (j *judge) flushGap() {
	if j.gapFrom == 0 {
		return
	}
	from, to := j.gapFrom, j.gapTo
	if j.v.headOK {
		// Behind the log's end nothing is missing: what stands there does not belong.
		to = min(to, j.v.target)
	}
	j.gapFrom, j.gapTo = 0, 0
	if from <= to {
		j.v.found(Problem{Code: EntryMissing, Seq: to, From: from, Text: numbers(from, to) + " mangler: fjernet fra databasen."})
	}
}

// legalItem is the item a row names, if that can be shown.
func legalItem(r *row) string {
	if item := r.item(); checkWord(item) == nil {
		return item
	}
	return ""
}
