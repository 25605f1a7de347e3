package runlog

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sync/errgroup"
)

// Sizes of the walk. A chunk is read, checked and put in order as one.
const (
	chunkRows  = 2048          // entries in a chunk at most
	chunkCover = 8 * chunkRows // numbers that a chunk spans at most
	chunkTiles = chunkCover / tileWidth
)

// lastNumber is the last number an entry can have: more than will ever be written,
// and so far from the last int64 that one can count past it.
const lastNumber int64 = 1 << 60

// chunk is a stretch of the log on its way through the walk: the reader fills in
// what is stored, a worker what each row shows by itself, and the judge puts it
// in order.
type chunk struct {
	from, to    int64 // the numbers it spans; from > to if none
	rows        []row // in rising order, none beyond to; strays have from > to
	keys        map[string]Held
	firstTile   int64
	tiles       [][]byte // hashes of level 0, from firstTile on; nil if not stored
	checkpoints []storedNote

	checks []check
	done   chan struct{} // closed when checks and checkpoints are filled in
}

// storedNote is a row of log_checkpoints.
type storedNote struct {
	number int64
	signed []byte
	c      Checkpoint
	err    error // why it is not as it was signed
}

// hash is the stored hash of the leaf of that number.
func (c *chunk) hash(seq int64) (h tlog.Hash, ok bool) {
	i := (seq-1)/tileWidth - c.firstTile
	if i < 0 || i >= int64(len(c.tiles)) {
		return h, false
	}
	at := int((seq - 1) % tileWidth * tlog.HashSize)
	if len(c.tiles[i]) < at+tlog.HashSize {
		return h, false
	}
	return tlog.Hash(c.tiles[i][at : at+tlog.HashSize]), true
}

// walk reads, checks and judges the log, each in its own goroutine.
func (v *verification) walk(ctx context.Context) error {
	g, inner := errgroup.WithContext(ctx)
	order := make(chan *chunk, 2*v.opts.Workers)
	work := make(chan *chunk, 2*v.opts.Workers)
	rd := &reader{
		log: v.log, q: v.q, target: v.target, next: 1, note: math.MinInt64,
		send: func(c *chunk) error {
			c.done = make(chan struct{})
			for _, to := range []chan *chunk{work, order} {
				select {
				case to <- c:
				case <-inner.Done():
					return inner.Err()
				}
			}
			return nil
		},
	}
	g.Go(func() error {
		defer close(order)
		defer close(work)
		return rd.run(inner)
	})
	for range v.opts.Workers {
		g.Go(func() error {
			for c := range work {
				v.log.checkChunk(c, &v.removed)
				close(c.done)
			}
			return nil
		})
	}
	j := newJudge(v)
	g.Go(func() error {
		for c := range order {
			<-c.done
			j.chunk(c)
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return err
	}
	return j.finish(ctx)
}

// checkChunk is what a worker does.
func (l *Log) checkChunk(c *chunk, removed *removals) {
	c.checks = make([]check, len(c.rows))
	for i := range c.rows {
		c.checks[i] = l.checkRow(&c.rows[i], c.keys, removed)
	}
	for i := range c.checkpoints {
		n := &c.checkpoints[i]
		n.c, n.err = openStored(n.signed, l.origin, l.verifiers)
	}
}

// reader reads the log in chunks. It alone uses the connection.
type reader struct {
	log    *Log
	q      Querier
	target int64
	next   int64 // the first number that no chunk has spanned yet
	notes  []storedNote
	note   int64 // the number of the last checkpoint read
	ended  bool  // no more checkpoints to read
	send   func(*chunk) error
}

func (rd *reader) run(ctx context.Context) error {
	for after := int64(math.MinInt64); ; {
		page, err := readPage(ctx, rd.q, "WHERE seq > $1 ORDER BY seq LIMIT $2", []any{after, chunkRows})
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		after = page[len(page)-1].seq
		if err := rd.page(ctx, page); err != nil {
			return err
		}
	}
	if err := rd.gap(ctx, rd.target+1); err != nil {
		return err
	}
	return rd.rest(ctx)
}

// page sends rows on, with the gaps before them. Rows with numbers that no log has
// are sent as strays.
func (rd *reader) page(ctx context.Context, page []row) error {
	first, _ := slices.BinarySearchFunc(page, 1, bySeq)
	beyond, _ := slices.BinarySearchFunc(page, lastNumber+1, bySeq)
	if strays := slices.Concat(page[:first], page[beyond:]); len(strays) > 0 {
		if err := rd.sendRows(ctx, 1, 0, strays); err != nil {
			return err
		}
	}
	return rd.stretch(ctx, page[first:beyond])
}

func bySeq(r row, seq int64) int { return cmp.Compare(r.seq, seq) }

// stretch sends rows on that may belong to the log, chunk by chunk.
func (rd *reader) stretch(ctx context.Context, page []row) error {
	for len(page) > 0 {
		if page[0].seq-rd.next >= chunkCover {
			if err := rd.gap(ctx, page[0].seq); err != nil {
				return err
			}
		}
		n := 1
		for n < len(page) && page[n].seq-rd.next < chunkCover {
			n++
		}
		to := page[n-1].seq
		if err := rd.sendRows(ctx, rd.next, to, page[:n]); err != nil {
			return err
		}
		rd.next = to + 1
		page = page[n:]
	}
	return nil
}

// gap spans the numbers before upTo that have no rows, as long as there are stored
// hashes for them, and the rest at once: a number that somebody made up may be
// far away.
func (rd *reader) gap(ctx context.Context, upTo int64) error {
	for rd.next < upTo {
		to := min(upTo-1, rd.next+chunkCover-1)
		c := &chunk{from: rd.next, to: to}
		if err := rd.readTiles(ctx, c); err != nil {
			return err
		}
		if _, stored := c.hash(c.from); !stored {
			c.to = upTo - 1
		}
		if err := rd.complete(ctx, c); err != nil {
			return err
		}
		rd.next = c.to + 1
	}
	return nil
}

func (rd *reader) sendRows(ctx context.Context, from, to int64, rows []row) error {
	c := &chunk{from: from, to: to, rows: rows}
	keys, err := rd.log.keysOf(ctx, rd.q, itemsOf(rows, func(r row) string { return r.item() }))
	if err != nil {
		return err
	}
	c.keys = keys
	if err := rd.readTiles(ctx, c); err != nil {
		return err
	}
	return rd.complete(ctx, c)
}

// readTiles reads the leaf hashes of the numbers that a chunk spans.
func (rd *reader) readTiles(ctx context.Context, c *chunk) (err error) {
	if c.from > c.to {
		return nil
	}
	c.firstTile = (c.from - 1) / tileWidth
	last := min((c.to-1)/tileWidth, c.firstTile+chunkTiles)
	rows, err := rd.q.QueryContext(ctx,
		`SELECT n, hashes FROM log_tiles WHERE level = 0 AND n >= $1 AND n <= $2 ORDER BY n`, c.firstTile, last)
	if err != nil {
		return fmt.Errorf("read tiles: %w", err)
	}
	defer closing(rows, &err)
	c.tiles = make([][]byte, last-c.firstTile+1)
	for rows.Next() {
		var n int64
		var hashes []byte
		if err := rows.Scan(&n, &hashes); err != nil {
			return fmt.Errorf("read tiles: %w", err)
		}
		c.tiles[n-c.firstTile] = hashes
	}
	return rows.Err()
}

// complete adds the checkpoints that end within a chunk, and sends it on.
func (rd *reader) complete(ctx context.Context, c *chunk) error {
	for c.from <= c.to {
		if len(rd.notes) == 0 {
			if err := rd.readNotes(ctx); err != nil {
				return err
			}
		}
		// The size is read here without looking at the signature, which a worker does.
		if len(rd.notes) == 0 || sizeOf(rd.notes[0].signed) > c.to {
			break
		}
		c.checkpoints = append(c.checkpoints, rd.notes[0])
		rd.notes = rd.notes[1:]
	}
	return rd.send(c)
}

// rest sends the checkpoints that end beyond the log.
func (rd *reader) rest(ctx context.Context) error {
	for {
		if err := rd.readNotes(ctx); err != nil {
			return err
		}
		if len(rd.notes) == 0 {
			return nil
		}
		if err := rd.send(&chunk{from: 1, checkpoints: rd.notes}); err != nil {
			return err
		}
		rd.notes = nil
	}
}

// readNotes reads further stored checkpoints, if there are none in hand.
func (rd *reader) readNotes(ctx context.Context) (err error) {
	if len(rd.notes) > 0 || rd.ended {
		return nil
	}
	rows, err := rd.q.QueryContext(ctx,
		`SELECT number, note FROM log_checkpoints WHERE number > $1 ORDER BY number LIMIT $2`, rd.note, pageSize)
	if err != nil {
		return fmt.Errorf("read checkpoints: %w", err)
	}
	defer closing(rows, &err)
	rd.notes = nil
	for rows.Next() {
		var n storedNote
		if err := rows.Scan(&n.number, &n.signed); err != nil {
			return fmt.Errorf("read checkpoints: %w", err)
		}
		rd.notes = append(rd.notes, n)
		rd.note = n.number
	}
	rd.ended = len(rd.notes) == 0
	return rows.Err()
}

// sizeOf is the size that a stored checkpoint names, 0 if it names none.
func sizeOf(signed []byte) int64 {
	lines := strings.SplitN(string(signed), "\n", 3)
	if len(lines) < 3 {
		return 0
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return 0
	}
	return size
}
