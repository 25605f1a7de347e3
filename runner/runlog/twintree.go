package runlog

import "golang.org/x/mod/sumdb/tlog"

// twinTree is the tree built twice over: of the entries that are there, and of the
// stored hashes. Where one lacks a leaf it borrows the other's. As long as the two
// agree they are one. A checkpoint that fits only one of them tells which of the
// two was changed.
type twinTree struct {
	entries edge
	stored  *edge                           // nil while it is the same as entries
	upper   [][]byte                        // by level from 1: the hashes that tiles should hold
	up      func(level int, root tlog.Hash) // fills upper
	broken  bool                            // a leaf is unknown to both
}

func newTwinTree() *twinTree {
	t := &twinTree{}
	t.up = func(level int, root tlog.Hash) {
		for len(t.upper) < level {
			t.upper = append(t.upper, nil)
		}
		t.upper[level-1] = append(t.upper[level-1], root[:]...)
	}
	return t
}

// add adds a leaf: what the entry says, if there is one, and what is stored.
func (t *twinTree) add(entry tlog.Hash, hasEntry bool, stored tlog.Hash, hasStored bool) {
	switch {
	case t.broken:
		return
	case !hasEntry && !hasStored:
		t.broken = true
		return
	case !hasEntry:
		entry = stored
	case !hasStored:
		stored = entry
	}
	if t.stored == nil && entry == stored {
		t.entries.add(entry, t.up)
		return
	}
	if t.stored == nil {
		t.stored = t.entries.clone()
	}
	t.entries.add(entry, nil)
	t.stored.add(stored, t.up)
}

// fits reports whether either tree has that root.
func (t *twinTree) fits(root tlog.Hash) bool {
	if t.broken {
		return false
	}
	return t.entries.root() == root || t.stored != nil && t.stored.root() == root
}
