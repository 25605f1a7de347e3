package runlog

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// tile is a row of hashes of the tree, as tlog.Tile describes it.
type tile struct {
	level  int
	n      int64
	hashes []byte
}

// grower adds leaves to the stored tree: it holds the unfinished tile of each
// level and the edge that they amount to.
type grower struct {
	edge  *edge
	tails []tile // by level: the tile at the right end
	full  []tile // finished since loaded
	grown []bool // by level: the tail was changed since loaded
}

// loadGrower reads the right edge of the stored tree and checks it against the
// head, which has a MAC that the tiles have not.
func loadGrower(ctx context.Context, q Querier, h head) (*grower, error) {
	g := &grower{edge: &edge{}}
	for level := 0; h.size>>(tileHeight*level) > 0; level++ {
		count := h.size >> (tileHeight * level)
		t := tile{level: level, n: count / tileWidth}
		if width := count % tileWidth; width > 0 {
			hashes, err := readTile(ctx, q, t.level, t.n)
			if err != nil {
				return nil, err
			}
			if int64(len(hashes)) != width*tlog.HashSize {
				return nil, fmt.Errorf("tile %d/%d: %w", t.level, t.n, ErrChanged)
			}
			t.hashes = hashes
		}
		g.tails = append(g.tails, t)
		g.grown = append(g.grown, false)
	}
	for level := len(g.tails) - 1; level >= 0; level-- {
		for b := g.tails[level].hashes; len(b) > 0; b = b[tlog.HashSize:] {
			g.edge.push(edgeNode{level * tileHeight, tlog.Hash(b[:tlog.HashSize])}, nil)
		}
	}
	if g.edge.root() != h.root {
		return nil, fmt.Errorf("the tree's right edge: %w", ErrChanged)
	}
	return g, nil
}

// add adds a leaf to the tree.
func (g *grower) add(leaf tlog.Hash) {
	g.put(0, leaf)
	g.edge.add(leaf, g.put)
}

// put lays a hash into the tail of its level.
func (g *grower) put(level int, h tlog.Hash) {
	for len(g.tails) <= level {
		g.tails = append(g.tails, tile{level: len(g.tails)})
		g.grown = append(g.grown, false)
	}
	t := &g.tails[level]
	t.hashes = append(t.hashes, h[:]...)
	g.grown[level] = true
	if len(t.hashes) == tileWidth*tlog.HashSize {
		g.full = append(g.full, *t)
		*t = tile{level: level, n: t.n + 1}
		g.grown[level] = false
	}
}

// write stores what has grown.
func (g *grower) write(ctx context.Context, tx DB) error {
	changed := g.full
	for level, t := range g.tails {
		if g.grown[level] {
			changed = append(changed, t)
		}
	}
	for _, t := range changed {
		_, err := tx.ExecContext(ctx, `INSERT INTO log_tiles (level, n, hashes) VALUES ($1, $2, $3)
			ON CONFLICT (level, n) DO UPDATE SET hashes = excluded.hashes`, t.level, t.n, t.hashes)
		if err != nil {
			return fmt.Errorf("store tile %d/%d: %w", t.level, t.n, err)
		}
	}
	return nil
}

// readTile reads the hashes of one tile; a tile that is not there has none.
func readTile(ctx context.Context, q Querier, level int, n int64) ([]byte, error) {
	var hashes []byte
	_, err := queryOne(ctx, q, `SELECT hashes FROM log_tiles WHERE level = $1 AND n = $2`, []any{level, n}, &hashes)
	if err != nil {
		return nil, fmt.Errorf("read tile %d/%d: %w", level, n, err)
	}
	return hashes, nil
}

// storedHashes gives tlog the hashes it asks for, out of the stored tiles. It
// vouches for nothing: what is built of them is checked against a root.
type storedHashes struct {
	ctx  context.Context // of the one call that this reader is made for
	q    Querier
	read map[[2]int64][]byte
}

func hashesOf(ctx context.Context, q Querier) *storedHashes {
	return &storedHashes{ctx: ctx, q: q, read: map[[2]int64][]byte{}}
}

// ReadHashes is tlog.HashReader.
func (s *storedHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		t := tlog.TileForIndex(tileHeight, index)
		data, err := s.tile(t)
		if err != nil {
			return nil, err
		}
		if hashes[i], err = tlog.HashFromTile(t, data, index); err != nil {
			return nil, fmt.Errorf("tile %d/%d: %w", t.L, t.N, ErrChanged)
		}
	}
	return hashes, nil
}

func (s *storedHashes) tile(t tlog.Tile) ([]byte, error) {
	at := [2]int64{int64(t.L), t.N}
	if data, ok := s.read[at]; ok {
		return data, nil
	}
	data, err := readTile(s.ctx, s.q, t.L, t.N)
	if err != nil {
		return nil, err
	}
	s.read[at] = data
	return data, nil
}
