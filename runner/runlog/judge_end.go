package runlog

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"sort"

	"golang.org/x/mod/sumdb/tlog"
)

// finish judges what can only be told at the end.
func (j *judge) finish(ctx context.Context) error {
	j.flushGap()
	j.tellMoved()
	j.finishCheckpoints()
	j.v.report.Root = j.tree.entries.root()
	for _, step := range []func(context.Context) error{j.finishTiles, j.finishCopies, j.finishPending} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	for _, seq := range slices.Sorted(maps.Keys(j.v.rejected)) {
		j.v.found(Problem{Code: PendingRejected, Seq: seq, Text: fmt.Sprintf(
			"Post %d fortæller, at en ventende post ikke var skrevet af byskriver. Ingen har kvitteret for, at det er undersøgt.", seq)})
	}
	return nil
}

// finishCheckpoints looks for checkpoints that are not there, and for entries that
// are not.
func (j *judge) finishCheckpoints() {
	if j.v.headOK && j.number < j.v.head.checkpoints {
		j.missingNotes(j.number+1, j.v.head.checkpoints)
	}
	if j.v.headOK && j.number > j.v.head.checkpoints {
		j.v.found(Problem{Code: HeadChanged, Text: "Der er flere kontrolpunkter i databasen, end rækken i log_head siger."})
	}
	for ; j.outside < len(j.v.outside); j.outside++ {
		c := j.v.outside[j.outside]
		j.v.found(Problem{Code: LogTruncated, Seq: c.Size, Text: fmt.Sprintf(
			"%s fra %s dækker %d poster, men så mange er der ikke: loggen er kortet af, eller databasen er en ældre kopi.",
			c.source, moment(c.At), c.Size)})
	}
}

// finishTiles checks the stored tiles as rows: that each has the hashes it should,
// and that there are no others. The hashes of level 0 were compared one by one.
func (j *judge) finishTiles(ctx context.Context) error {
	if j.tree.broken {
		return nil
	}
	size := j.tree.entries.size
	stored := int64(0)
	for level := 0; size>>(tileHeight*level) > 0; level++ {
		n, err := j.finishLevel(ctx, level, size>>(tileHeight*level))
		if err != nil {
			return err
		}
		stored += n
	}
	var all int64
	if _, err := queryOne(ctx, j.v.q, `SELECT count(*) FROM log_tiles`, nil, &all); err != nil {
		return fmt.Errorf("count the tiles: %w", err)
	}
	if all > stored {
		j.v.found(Problem{Code: TileChanged, Text: fmt.Sprintf("Der er %d rækker for meget i log_tiles.", all-stored)})
	}
	return nil
}

// finishLevel checks the tiles of one level, which holds so many hashes, and
// returns how many of its rows belong.
func (j *judge) finishLevel(ctx context.Context, level int, hashes int64) (belong int64, err error) {
	rows, err := j.v.q.QueryContext(ctx,
		`SELECT n, hashes FROM log_tiles WHERE level = $1 AND n >= 0 AND n <= $2 ORDER BY n`, level, (hashes-1)/tileWidth)
	if err != nil {
		return 0, fmt.Errorf("read the tiles of level %d: %w", level, err)
	}
	defer closing(rows, &err)
	for next := int64(0); next <= (hashes-1)/tileWidth; next++ {
		t := tile{level: level, n: -1}
		if rows.Next() {
			if err := rows.Scan(&t.n, &t.hashes); err != nil {
				return 0, fmt.Errorf("read the tiles of level %d: %w", level, err)
			}
			belong++
		}
		for ; next < t.n; next++ {
			j.badTile(level, next)
		}
		if t.n < 0 || !j.tileFits(t, hashes) {
			j.badTile(level, next)
		}
	}
	return belong, rows.Err()
}

// tileFits compares a tile with what it should hold.
func (j *judge) tileFits(t tile, hashes int64) bool {
	from := t.n * tileWidth
	to := min(from+tileWidth, hashes)
	if t.level == 0 {
		return int64(len(t.hashes)) == (to-from)*tlog.HashSize
	}
	from, to = from*tlog.HashSize, to*tlog.HashSize
	return bytes.Equal(t.hashes, j.tree.entries.upper[t.level-1][from:to]) ||
		bytes.Equal(t.hashes, j.tree.stored.upper[t.level-1][from:to])
}

func (j *judge) badTile(level int, n int64) {
	j.v.found(Problem{Code: TileChanged, Text: fmt.Sprintf("Træets gemte hashes (log_tiles, niveau %d, nr. %d) er ændret eller fjernet.", level, n)})
}

// finishCopies finds entries whose leaves are the same. Salts are random, so no
// two entries that were written have that.
func (j *judge) finishCopies(ctx context.Context) error {
	slices.Sort(j.prefixes)
	twice := map[uint64]bool{}
	for i := 1; i < len(j.prefixes); i++ {
		if j.prefixes[i] == j.prefixes[i-1] {
			twice[j.prefixes[i]] = true
		}
	}
	if len(twice) == 0 {
		return nil
	}
	numbered, err := j.findLeaves(ctx, twice)
	if err != nil {
		return err
	}
	var copies []int64
	first := map[int64]int64{}
	for _, seqs := range numbered {
		for _, seq := range seqs[1:] {
			copies, first[seq] = append(copies, seq), seqs[0]
		}
	}
	slices.Sort(copies)
	for _, seq := range copies {
		j.v.found(Problem{Code: EntryCopied, Seq: seq, Text: fmt.Sprintf("Post %d er en kopi af post %d, sat ind udefra.", seq, first[seq])})
	}
	return nil
}

// findLeaves finds the numbers of leaves by how their stored hashes begin.
func (j *judge) findLeaves(ctx context.Context, prefixes map[uint64]bool) (numbered map[tlog.Hash][]int64, err error) {
	numbered = map[tlog.Hash][]int64{}
	rows, err := j.v.q.QueryContext(ctx, `SELECT n, hashes FROM log_tiles WHERE level = 0 ORDER BY n`)
	if err != nil {
		return nil, fmt.Errorf("look for copies: %w", err)
	}
	defer closing(rows, &err)
	for rows.Next() {
		var t tile
		if err := rows.Scan(&t.n, &t.hashes); err != nil {
			return nil, fmt.Errorf("look for copies: %w", err)
		}
		for i := 0; i+tlog.HashSize <= len(t.hashes); i += tlog.HashSize {
			h := tlog.Hash(t.hashes[i : i+tlog.HashSize])
			if prefixes[binary.BigEndian.Uint64(h[:8])] {
				numbered[h] = append(numbered[h], t.n*tileWidth+int64(i/tlog.HashSize)+1)
			}
		}
	}
	return numbered, rows.Err()
}

// finishPending checks what is not numbered yet.
func (j *judge) finishPending(ctx context.Context) error {
	rows, err := j.v.q.QueryContext(ctx, `SELECT id, body FROM log_pending ORDER BY id`)
	var pending []pendingRow
	if err == nil {
		pending, err = scanPending(rows)
	}
	if err != nil {
		return fmt.Errorf("read the pending entries: %w", err)
	}
	ours, bad := j.v.log.sift(pending)
	for _, r := range bad {
		j.v.found(Problem{Code: PendingForeign, Text: fmt.Sprintf(
			"En ventende post (log_pending %d) er ikke skrevet af byskriver, eller den er ændret.", r.id)})
	}
	for _, s := range ours {
		prefix := binary.BigEndian.Uint64(s.hash[:8])
		i := sort.Search(len(j.prefixes), func(i int) bool { return j.prefixes[i] >= prefix })
		if i < len(j.prefixes) && j.prefixes[i] == prefix {
			j.v.found(Problem{Code: PendingCopied, Item: s.leaf.Item, Text: fmt.Sprintf(
				"En ventende post (%s %s) er en kopi af en, der har et nummer.", s.leaf.Code, s.leaf.Item)})
			continue
		}
		j.v.report.Pending++
	}
	return nil
}
