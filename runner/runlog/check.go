package runlog

import (
	"crypto/hmac"
	"sort"

	"golang.org/x/mod/sumdb/tlog"

	"byskriver/runner/seal"
)

// check is what one row shows by itself, whatever stands around it.
type check struct {
	legal   bool // the row amounts to a leaf
	hash    tlog.Hash
	mac     bool        // the row's MAC fits leaf and number
	problem ProblemCode // with the sealed part; "" if none
	removed bool        // the sealed part is gone, and that is on record
	lookUp  bool
	own     *detail // of the log's own entries
}

// checkRow looks at one row. It is pure but for what it allocates, so that many
// can be looked at at once.
func (l *Log) checkRow(r *row, keys map[string]Held, removed *removals) check {
	leaf, hash, err := r.hash()
	if err != nil {
		return check{}
	}
	c := check{legal: true, hash: hash, lookUp: leaf.Subject != Commitment{}}
	c.mac = hmac.Equal(r.cols[colMAC], l.entryMAC(r.seq, hash))
	if removed.has(r.seq) {
		c.removed = true
		c.problem = l.checkRemoved(r, leaf, keys)
		return c
	}
	c.problem = l.checkSealed(r, leaf, keys, &c)
	return c
}

// checkRemoved looks at a row whose removal is on record: nothing may be left that
// can be read.
func (l *Log) checkRemoved(r *row, leaf Leaf, keys map[string]Held) ProblemCode {
	if r.cols[colSubjectMAC] != nil {
		return RemovalUndone
	}
	left := r.cols[colDetail] != nil || r.cols[colSubject] != nil
	if left && keys[leaf.Item].State == KeyThere {
		return RemovalUndone
	}
	return ""
}

// checkSealed looks at the sealed part of a row whose removal is not on record.
func (l *Log) checkSealed(r *row, leaf Leaf, keys map[string]Held, c *check) ProblemCode {
	if r.cols[colDetail] == nil {
		return RemovalUnrecorded
	}
	held := keys[leaf.Item]
	if held.State != KeyThere {
		return KeyGone
	}
	hash := string(c.hash[:])
	text, err := openPart(held.Key, r.cols[colDetail], detailContext+hash, leaf.Detail)
	if err != nil {
		return SealedChanged
	}
	if isOwn(leaf.Code) {
		d, err := decodeDetail(text)
		if err != nil {
			return SealedChanged
		}
		c.own = &d
	}
	if leaf.Subject == (Commitment{}) {
		if r.cols[colSubject] != nil || r.cols[colSubjectMAC] != nil {
			return SubjectChanged
		}
		return ""
	}
	cpr, err := openPart(held.Key, r.cols[colSubject], subjectContext+hash, leaf.Subject)
	if err != nil || !hmac.Equal(r.cols[colSubjectMAC], l.subjectMAC(string(cpr))) {
		return SubjectChanged
	}
	return ""
}

// openPart opens one sealed part and checks it against its commitment.
func openPart(key seal.Key, sealed []byte, context string, c Commitment) ([]byte, error) {
	plain, err := key.Open(sealed, context)
	if err != nil {
		return nil, err
	}
	return unsalt(plain, c)
}

// isOwn reports whether a code is one of the log's own.
func isOwn(code string) bool {
	return len(code) > len(ownPrefix) && code[:len(ownPrefix)] == ownPrefix
}

// removals are the entries whose removal is on record.
type removals struct{ spans []span }

// add adds the spans of one record; a record counts for entries before it.
func (r *removals) add(spans []span, record int64) {
	for _, s := range spans {
		if s.to < record {
			r.spans = append(r.spans, s)
		}
	}
}

// settle puts the spans in order, those that touch made one, so that has can
// search them.
func (r *removals) settle() {
	sort.Slice(r.spans, func(i, j int) bool { return r.spans[i].from < r.spans[j].from })
	var merged []span
	for _, s := range r.spans {
		if n := len(merged); n > 0 && s.from <= merged[n-1].to+1 {
			merged[n-1].to = max(merged[n-1].to, s.to)
			continue
		}
		merged = append(merged, s)
	}
	r.spans = merged
}

func (r *removals) has(seq int64) bool {
	i := sort.Search(len(r.spans), func(i int) bool { return r.spans[i].from > seq })
	return i > 0 && r.spans[i-1].to >= seq
}
