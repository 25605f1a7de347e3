package runlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

func TestEntriesKeepTheirOrder(t *testing.T) {
	h := newHouse(t)
	err := h.inTx(func(tx *sql.Tx) error {
		var rows []Sealed
		for i := range 100 {
			s, err := h.log.Seal(h.keys.of("i"), Entry{Code: "a", Item: "i", Text: fmt.Sprint(i)})
			if err != nil {
				return err
			}
			rows = append(rows, s...)
		}
		return h.log.Write(context.Background(), tx, rows...)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range h.all(Filter{}) {
		if !e.Pending || e.Seq != 0 || e.State != Readable {
			t.Fatalf("before it is numbered an entry reads %+v", e)
		}
	}
	h.flush()
	all := h.all(Filter{})
	if len(all) != 100 {
		t.Fatalf("%d entries", len(all))
	}
	for i, e := range all {
		if e.Seq != int64(i+1) || e.Text != fmt.Sprint(i) || e.Pending {
			t.Fatalf("entry %d reads %+v", i+1, e)
		}
	}
}

// TestRolledBackWorkLeavesNoTrace breaks off between every two steps.
func TestRolledBackWorkLeavesNoTrace(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	broken := errors.New("killed")
	key := h.keys.of("i")
	steps := []func(tx *sql.Tx) error{
		func(tx *sql.Tx) error { return h.log.Append(ctx, tx, key, Entry{Code: "a", Item: "i"}) },
		func(tx *sql.Tx) error { _, err := h.log.Sequence(ctx, tx); return err },
		func(tx *sql.Tx) error { _, err := h.log.Checkpoint(ctx, tx); return err },
	}
	for round := range 20 {
		for stop := 1; stop <= len(steps); stop++ {
			err := h.inTx(func(tx *sql.Tx) error {
				for _, step := range steps[:stop] {
					if err := step(tx); err != nil {
						return err
					}
				}
				return broken
			})
			if !errors.Is(err, broken) {
				t.Fatal(err)
			}
		}
		h.append(sample(round))
		if round%3 == 0 {
			h.flush()
		}
	}
	h.flush()
	r := h.verify()
	if !r.OK() || r.Entries != 20 || r.Size != 20 || r.Signed != 20 {
		t.Errorf("%s", r.Text())
	}
}

// TestManyNumberAtOnce has several processes write and number on one database,
// some of them failing.
func TestManyNumberAtOnce(t *testing.T) {
	h := newHouse(t)
	const writers, each = 4, 60
	var wg sync.WaitGroup
	errs := make(chan error, writers)
	for w := range writers {
		l := h.open(func(o *Options) { o.Batch, o.Lines = 5, nil })
		wg.Add(1)
		go func() {
			defer wg.Done()
			rnd := rand.New(rand.NewPCG(uint64(w), 1))
			for i := range each {
				item := fmt.Sprintf("w%d", w)
				err := h.inTx(func(tx *sql.Tx) error {
					if err := l.Append(context.Background(), tx, h.keys.of(item), Entry{Code: "a", Item: item, Text: fmt.Sprint(i)}); err != nil {
						return err
					}
					if rnd.IntN(4) == 0 {
						_, err := l.Sequence(context.Background(), tx)
						return err
					}
					return nil
				})
				if err == nil && rnd.IntN(3) == 0 {
					err = l.Flush(context.Background(), h.db)
				}
				if err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Fatal(err)
	}
	h.flush()
	r := h.verify()
	if !r.OK() || r.Entries != writers*each || r.Signed != writers*each {
		t.Fatalf("%s", r.Text())
	}
	for w := range writers {
		for i, e := range h.all(Filter{Item: fmt.Sprintf("w%d", w)}) {
			if e.Text != fmt.Sprint(i) {
				t.Fatalf("writer %d: entry %d says %q", w, i, e.Text)
			}
		}
	}
}

func TestBatchesSayWhetherThereIsMore(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.Batch = 10 })
	for i := range 25 {
		h.append(sample(i))
	}
	var got []string
	for range 4 {
		err := h.inTx(func(tx *sql.Tx) error {
			b, err := h.log.Sequence(context.Background(), tx)
			got = append(got, fmt.Sprintf("%d-%d %v", b.First, b.Last, b.More))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if s := strings.Join(got, ", "); s != "1-10 true, 11-20 true, 21-25 false, 0-0 false" {
		t.Error(s)
	}
}

// TestForeignRowsAreRejected puts rows among the pending ones without the key.
func TestForeignRowsAreRejected(t *testing.T) {
	h := newHouse(t)
	h.append(sample(0), sample(1), sample(2))
	own := value[[]byte](h, `SELECT body FROM log_pending WHERE id = 2`)
	forged := append([]byte(nil), own...)
	forged[len(forged)-1] ^= 1
	for _, body := range [][]byte{forged, own, {}, {1}, []byte("nonsense that is longer than a version and a MAC"), own[:len(own)-1]} {
		h.exec(`INSERT INTO log_pending (body) VALUES (?)`, body)
	}
	if got, want := codes(h.verify()), strings.TrimSuffix(strings.Repeat("pending-foreign, ", 6), ", "); got != want {
		t.Errorf("before: %q, want %q", got, want)
	}
	h.flush()
	r := h.verify()
	if got, want := codes(r), "pending-rejected 4, pending-rejected 5, pending-rejected 6, pending-rejected 7, pending-rejected 8, pending-rejected 9"; got != want {
		t.Errorf("after: %q, want %q", got, want)
	}
	if n := value[int](h, `SELECT count(*) FROM log_rejected`); n != 6 || r.Entries != 9 {
		t.Errorf("%d rows were put aside, there are %d entries", n, r.Entries)
	}
	for i, e := range h.all(Filter{Code: CodeRejected}) {
		if e.Fields["why"] == "" || len(e.Fields["sha256"]) != 64 || e.Text != rejectedText {
			t.Errorf("entry %d about it reads %+v", i, e)
		}
	}
	err := h.inTx(func(tx *sql.Tx) error {
		for seq := int64(4); seq <= 9; seq++ {
			if err := h.log.Acknowledge(context.Background(), tx, seq, "Revisor", "En fejl i et andet program."); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if r := h.verify(); !r.OK() {
		t.Error(r.Text())
	}
	if err := h.log.Acknowledge(context.Background(), h.db, 1, "Revisor", "x"); err == nil {
		t.Error("an ordinary entry was acknowledged")
	}
}

// TestCopyOfNumberedEntryIsFound keeps a pending row and puts it back when it has
// been numbered: its MAC is good.
func TestCopyOfNumberedEntryIsFound(t *testing.T) {
	h := newHouse(t)
	h.append(sample(0), sample(1))
	body := value[[]byte](h, `SELECT body FROM log_pending WHERE id = 2`)
	h.flush()
	h.exec(`INSERT INTO log_pending (body) VALUES (?)`, body)
	if got := codes(h.verify()); got != "pending-copied" {
		t.Errorf("before: %q", got)
	}
	h.flush()
	if got := codes(h.verify()); got != "entry-copied 3" {
		t.Errorf("after: %q", got)
	}
}

// TestNothingIsBuiltOnChangedTables changes what the sequencer stands on.
func TestNothingIsBuiltOnChangedTables(t *testing.T) {
	for _, statement := range []string{
		`UPDATE log_head SET size = size - 1`,
		`UPDATE log_head SET root = zeroblob(32)`,
		`UPDATE log_head SET root = x'00'`,
		`UPDATE log_head SET checkpoints = checkpoints + 1`,
		`UPDATE log_head SET mac = zeroblob(32)`,
		`DELETE FROM log_head`,
		`UPDATE log_tiles SET hashes = zeroblob(length(hashes)) WHERE level = 0 AND n = 1`,
		`UPDATE log_tiles SET hashes = zeroblob(length(hashes)) WHERE level = 1`,
		`UPDATE log_tiles SET hashes = CAST(hashes || hashes AS BLOB) WHERE level = 0 AND n = 1`,
		`DELETE FROM log_tiles WHERE level = 1`,
		`DELETE FROM log_checkpoints WHERE number = 3`,
	} {
		h := newHouse(t)
		h.fill(300, 100)
		h.exec(statement)
		before := value[int](h, `SELECT count(*) FROM log_entries`)
		h.append(sample(1))
		err := h.inTx(func(tx *sql.Tx) error {
			_, err := h.log.Sequence(context.Background(), tx)
			if err == nil && strings.Contains(statement, "log_checkpoints") {
				_, err = h.log.Checkpoint(context.Background(), tx)
			}
			return err
		})
		if !errors.Is(err, ErrChanged) {
			t.Errorf("%s: %v", statement, err)
		}
		if after := value[int](h, `SELECT count(*) FROM log_entries`); after != before {
			t.Errorf("%s: %d entries were numbered", statement, after-before)
		}
	}
}

// TestGrowerIsTlogsTree grows trees in steps and compares root and tiles with
// what tlog makes of the same leaves.
func TestGrowerIsTlogsTree(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	rapid.Check(t, func(t *rapid.T) {
		tx, err := h.db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		var stored []tlog.Hash
		read := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
			hashes := make([]tlog.Hash, len(indexes))
			for i, x := range indexes {
				hashes[i] = stored[x]
			}
			return hashes, nil
		})
		at := head{root: emptyRoot()}
		for _, n := range rapid.SliceOfN(rapid.OneOf(rapid.IntRange(1, 300), rapid.SampledFrom([]int{255, 256, 257, 512})), 1, 6).Draw(t, "steps") {
			g, err := loadGrower(ctx, tx, at)
			if err != nil {
				t.Fatal(err)
			}
			for range n {
				leaf := tlog.RecordHash([]byte(fmt.Sprint(g.edge.size)))
				hashes, err := tlog.StoredHashesForRecordHash(g.edge.size, leaf, read)
				if err != nil {
					t.Fatal(err)
				}
				stored = append(stored, hashes...)
				g.add(leaf)
			}
			if err := g.write(ctx, tx); err != nil {
				t.Fatal(err)
			}
			at = head{size: g.edge.size, root: g.edge.root()}
			want, err := tlog.TreeHash(at.size, read)
			if err != nil || want != at.root {
				t.Fatalf("the root of %d leaves is %s, tlog says %s, %v", at.size, at.root, want, err)
			}
		}
		for _, tile := range tlog.NewTiles(tileHeight, 0, at.size) {
			want, err := tlog.ReadTileData(tile, read)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := readTile(ctx, tx, tile.L, tile.N); err != nil || string(got) != string(want) {
				t.Fatalf("tile %s differs, %v", tile.Path(), err)
			}
		}
	})
}

// TestThirdLevelOfTiles crosses 65,536 leaves, where a tile of level 2 begins.
func TestThirdLevelOfTiles(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	at := head{root: emptyRoot()}
	for _, n := range []int{65000, 535, 1, 1, 255, 1000} {
		g, err := loadGrower(ctx, h.db, at)
		if err != nil {
			t.Fatalf("at %d: %v", at.size, err)
		}
		for range n {
			g.add(tlog.RecordHash([]byte(fmt.Sprint(g.edge.size))))
		}
		if err := g.write(ctx, h.db); err != nil {
			t.Fatal(err)
		}
		at = head{size: g.edge.size, root: g.edge.root()}
		root, err := tlog.TreeHash(at.size, hashesOf(ctx, h.db))
		if err != nil || root != at.root {
			t.Errorf("at %d: the stored hashes give %s, not %s, %v", at.size, root, at.root, err)
		}
	}
	if n := value[int](h, `SELECT count(*) FROM log_tiles WHERE level = 2`); n != 1 {
		t.Errorf("%d tiles of level 2", n)
	}
}
