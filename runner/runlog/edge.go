package runlog

import (
	"crypto/sha256"

	"golang.org/x/mod/sumdb/tlog"
)

// tileHeight is the height of a tile, and tileWidth how many hashes a full one
// holds. They can never change: tiles are kept.
const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

// edge is the right edge of a tree: the roots of the full subtrees that it is
// made of, the largest first. It is all that is needed to add a leaf or to tell
// the root.
type edge struct {
	size  int64
	nodes []edgeNode
}

type edgeNode struct {
	height int
	hash   tlog.Hash
}

// add adds a leaf. Whenever a subtree becomes full whose root stands in a tile of
// its own (at a height that tileHeight divides), full is called with that tile
// level and root.
func (e *edge) add(leaf tlog.Hash, full func(level int, root tlog.Hash)) {
	e.push(edgeNode{0, leaf}, full)
}

func (e *edge) push(n edgeNode, full func(level int, root tlog.Hash)) {
	e.size += 1 << n.height
	for len(e.nodes) > 0 && e.nodes[len(e.nodes)-1].height == n.height {
		n.hash = tlog.NodeHash(e.nodes[len(e.nodes)-1].hash, n.hash)
		n.height++
		e.nodes = e.nodes[:len(e.nodes)-1]
		if n.height%tileHeight == 0 && full != nil {
			full(n.height/tileHeight, n.hash)
		}
	}
	e.nodes = append(e.nodes, n)
}

// root is the tree's root hash.
func (e *edge) root() tlog.Hash {
	if len(e.nodes) == 0 {
		return emptyRoot()
	}
	h := e.nodes[len(e.nodes)-1].hash
	for i := len(e.nodes) - 2; i >= 0; i-- {
		h = tlog.NodeHash(e.nodes[i].hash, h)
	}
	return h
}

// clone is a copy that grows by itself.
func (e *edge) clone() *edge {
	return &edge{size: e.size, nodes: append([]edgeNode(nil), e.nodes...)}
}

// emptyRoot is the root of a tree without leaves: the hash of nothing (RFC 6962,
// section 2.1).
func emptyRoot() tlog.Hash { return sha256.Sum256(nil) }
