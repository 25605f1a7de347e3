package runlog

import "golang.org/x/mod/sumdb/tlog"

// twinTree is the tree built twice over: of the entries that are there, and of the
// stored hashes. Where one lacks a leaf it borrows the other's. As long as the two
// agree they are one. What fits only one of them tells which was changed.
type twinTree struct {
	entries *fullTree
	stored  *fullTree // the same as entries until they differ
	broken  bool      // a leaf is unknown to both
}

// fullTree is an edge and the hashes that the tiles behind it hold, above level 0.
type fullTree struct {
	edge
	upper [][]byte // by level from 1
	up    func(level int, root tlog.Hash)
}

func newFullTree() *fullTree {
	t := &fullTree{}
	t.up = func(level int, root tlog.Hash) {
		for len(t.upper) < level {
			t.upper = append(t.upper, nil)
		}
		t.upper[level-1] = append(t.upper[level-1], root[:]...)
	}
	return t
}

func (t *fullTree) clone() *fullTree {
	c := newFullTree()
	c.edge = *t.edge.clone()
	for _, level := range t.upper {
		c.upper = append(c.upper, append([]byte(nil), level...))
	}
	return c
}

func newTwinTree() *twinTree {
	t := newFullTree()
	return &twinTree{entries: t, stored: t}
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
	if entry != stored && t.entries == t.stored {
		t.stored = t.entries.clone()
	}
	t.entries.add(entry, t.entries.up)
	if t.entries != t.stored {
		t.stored.add(stored, t.stored.up)
	}
}

// fits reports whether either tree has that root.
func (t *twinTree) fits(root tlog.Hash) bool {
	if t.broken {
		return false
	}
	return t.entries.root() == root || t.entries != t.stored && t.stored.root() == root
}
