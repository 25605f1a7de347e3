package runlog

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"byskriver/runner/seal"
)

// TestWhatIsWrongIsNamed makes one change each to a log of 300 entries, three
// checkpoints and a removal of entries 9-12 (recorded as 301), and compares what
// is said about it.
func TestWhatIsWrongIsNamed(t *testing.T) {
	h := newHouse(t)
	h.fill(300, 100)
	h.remove(Removal{Items: []string{"invoice-2026-000002"}, Policy: "faktura", By: "arkivar"})
	h.flush()
	base := value[int64](h, `SELECT count(*) FROM log_entries`)
	if base != 301 {
		t.Fatalf("%d entries", base)
	}
	for _, c := range []struct {
		name, statement, want, text string
	}{
		{"nothing", `UPDATE log_head SET size = size`, "", "Loggen er hel."},
		{"text of an entry", `UPDATE log_entries SET detail = randomblob(60) WHERE seq = 7`, "sealed-changed 7", "Post 7 (invoice-2026-000001) har en tekst, der er ændret"},
		{"another's text", `UPDATE log_entries SET detail = (SELECT detail FROM log_entries WHERE seq = 5) WHERE seq = 7`, "sealed-changed 7", ""},
		{"text deleted", `UPDATE log_entries SET detail = NULL WHERE seq = 7`, "removal-unrecorded 7", "uden at det er noteret"},
		{"code", `UPDATE log_entries SET code = 'item.failed' WHERE seq = 7`, "entry-changed 7", "Post 7 (invoice-2026-000001) er ændret"},
		{"time", `UPDATE log_entries SET at = at + 1 WHERE seq = 7`, "entry-changed 7", ""},
		{"impossible time", `UPDATE log_entries SET at = -1 WHERE seq = 7`, "entry-changed 7", ""},
		{"run", `UPDATE log_entries SET run = 'x' WHERE seq = 7`, "entry-changed 7", ""},
		{"item", `UPDATE log_entries SET item = 'invoice-2026-000070' WHERE seq = 7`, "entry-changed 7", ""},
		{"item that breaks a line", `UPDATE log_entries SET item = 'x' || char(10) || 'y' WHERE seq = 7`, "entry-changed 7", "Post 7 er ændret"},
		{"commitment", `UPDATE log_entries SET detail_commitment = randomblob(32) WHERE seq = 7`, "entry-changed 7", ""},
		{"commitment cut", `UPDATE log_entries SET detail_commitment = x'00' WHERE seq = 7`, "entry-changed 7", ""},
		{"subject given", `UPDATE log_entries SET subject_commitment = randomblob(32) WHERE seq = 7`, "entry-changed 7", ""},
		{"subject taken", `UPDATE log_entries SET subject_commitment = NULL WHERE seq = 17`, "entry-changed 17", ""},
		{"MAC", `UPDATE log_entries SET mac = randomblob(32) WHERE seq = 7`, "entry-foreign 7", "kontrolkode"},
		{"whom", `UPDATE log_entries SET subject = NULL, subject_mac = NULL WHERE seq = 17`, "subject-changed 17", ""},
		{"whom to find", `UPDATE log_entries SET subject_mac = randomblob(32) WHERE seq = 17`, "subject-changed 17", "personoplysning"},
		{"somebody to find", `UPDATE log_entries SET subject_mac = (SELECT subject_mac FROM log_entries WHERE seq = 17) WHERE seq = 7`, "subject-changed 7", ""},
		{"deleted", `DELETE FROM log_entries WHERE seq IN (7, 8)`, "entry-missing 7-8", "Posterne 7-8 mangler"},
		{"deleted one", `DELETE FROM log_entries WHERE seq = 7`, "entry-missing 7", "Post 7 mangler"},
		{"last deleted", `DELETE FROM log_entries WHERE seq > 250 AND seq < 301`, "entry-missing 251-300", ""},
		{"all deleted", `DELETE FROM log_entries`, "entry-missing 1-301", ""},
		{"swapped", `UPDATE log_entries SET seq = CASE seq WHEN 7 THEN -20 ELSE -7 END WHERE seq IN (7, 20); UPDATE log_entries SET seq = -seq WHERE seq < 0`,
			"entry-moved 7, entry-moved 20", "Post 20 (invoice-2026-000001) er flyttet: den blev skrevet som post 7."},
		{"inserted", `INSERT INTO log_entries (` + entryColumns + `) SELECT 302, at, code, run, item, detail_commitment, NULL, detail, NULL, NULL, mac FROM log_entries WHERE seq = 1`,
			"entry-inserted 302", "sat ind udefra"},
		{"inserted far away", `INSERT INTO log_entries (` + entryColumns + `) SELECT 1000000000000, at, code, run, item, detail_commitment, NULL, detail, NULL, NULL, mac FROM log_entries WHERE seq = 1`,
			"entry-inserted 1000000000000", ""},
		{"inserted at the end of numbers", `INSERT INTO log_entries (` + entryColumns + `) SELECT 9223372036854775807, at, code, run, item, detail_commitment, NULL, detail, NULL, NULL, mac FROM log_entries WHERE seq = 1`,
			"entry-inserted 9223372036854775807", ""},
		{"inserted before the beginning", `INSERT INTO log_entries (` + entryColumns + `) SELECT 0, at, code, run, item, detail_commitment, NULL, detail, NULL, NULL, mac FROM log_entries WHERE seq = 1`,
			"entry-inserted", "Post 0 (invoice-2026-000000) er sat ind udefra"},
		{"a checkpoint at the end of numbers", `INSERT INTO log_checkpoints VALUES (9223372036854775807, x'00')`, "checkpoint-missing, checkpoint-changed, head-changed", ""},
		{"stored hash", `UPDATE log_tiles SET hashes = CAST(substr(hashes, 1, 192) || randomblob(32) || substr(hashes, 225) AS BLOB) WHERE level = 0 AND n = 0`,
			"hash-changed 7", "dens gemte hash"},
		{"stored hashes", `DELETE FROM log_tiles WHERE level = 0 AND n = 1`, "tile-changed", ""},
		{"upper hashes", `UPDATE log_tiles SET hashes = randomblob(32) WHERE level = 1`, "tile-changed", ""},
		{"tile too long", `UPDATE log_tiles SET hashes = CAST(hashes || x'00' AS BLOB) WHERE level = 0 AND n = 1`, "tile-changed", ""},
		{"tile too many", `INSERT INTO log_tiles VALUES (0, 99, x'00')`, "tile-changed", ""},
		{"head's size", `UPDATE log_head SET size = 250`, "head-changed", ""},
		{"head gone", `DELETE FROM log_head`, "head-changed", ""},
		{"lines", `UPDATE log_lines SET written = 1`, "lines-changed", ""},
		{"lines gone", `DELETE FROM log_lines`, "lines-changed", ""},
		{"checkpoint gone", `DELETE FROM log_checkpoints WHERE number = 2`, "checkpoint-missing", "Kontrolpunkt nr. 2-2 mangler"},
		{"last checkpoint gone", `DELETE FROM log_checkpoints WHERE number = 4`, "checkpoint-missing", ""},
		{"checkpoint changed", `UPDATE log_checkpoints SET note = CAST(replace(CAST(note AS TEXT), '200', '201') AS BLOB) WHERE number = 2`, "checkpoint-changed", ""},
		{"older checkpoint put in", `UPDATE log_checkpoints SET note = (SELECT note FROM log_checkpoints WHERE number = 1) WHERE number = 4`, "checkpoint-changed", ""},
		{"removed is back", `UPDATE log_entries SET detail = (SELECT detail FROM log_entries WHERE seq = 7) WHERE seq = 9`, "removal-undone 9", "står tekst i den igen"},
		{"removed can be found", `UPDATE log_entries SET subject_mac = randomblob(32) WHERE seq = 9`, "removal-undone 9", ""},
		{"removal's record", `UPDATE log_entries SET detail = NULL WHERE seq = 301`,
			"removal-unrecorded 9, removal-unrecorded 10, removal-unrecorded 11, removal-unrecorded 12, removal-unrecorded 301", ""},
		{"all of it", `DELETE FROM log_entries; DELETE FROM log_tiles; DELETE FROM log_head; DELETE FROM log_lines`,
			"head-changed, checkpoint-mismatch 1-100, entry-missing 1-301", ""},
	} {
		tx, err := h.db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(c.statement); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		r, err := h.verifyIn(tx)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := codes(r); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		if !strings.Contains(r.Text(), c.text) {
			t.Errorf("%s: the report lacks %q:\n%s", c.name, c.text, r.Text())
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
}

// remove removes by policy and commits.
func (h *house) remove(r Removal) int {
	h.t.Helper()
	var n int
	err := h.inTx(func(tx *sql.Tx) (err error) {
		n, err = h.log.Remove(context.Background(), tx, r)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// TestRewrittenPastIsFound has an insider with the database, the ring and the
// signing key write the whole log anew, with one entry other than it was: every
// MAC, hash, tile, head and checkpoint fits. Only a checkpoint that was kept
// elsewhere tells.
func TestRewrittenPastIsFound(t *testing.T) {
	h := newHouse(t)
	h.fill(100, 50)
	_, early, err := h.log.Newest(context.Background(), h.db)
	if err != nil {
		t.Fatal(err)
	}
	h.fill(50, 50)

	forged := newHouse(t)
	forged.ring, forged.signer, forged.keys = h.ring, h.signer, h.keys
	forged.log = forged.open()
	for i := range 150 {
		e := sample(i % 100)
		if i == 42 {
			e.Text = "Noget andet."
		}
		forged.clock.Advance(time.Millisecond)
		forged.append(e)
		if i%50 == 49 {
			forged.flush()
		}
	}
	if r := forged.verify(); !r.OK() {
		t.Fatalf("the forgery is not good enough for this test: %s", r.Text())
	}
	outside := VerifyOptions{Checkpoints: [][]byte{early}}
	if r := h.verify(outside); !r.OK() || r.Outside != 1 {
		t.Errorf("the true log: %s", r.Text())
	}
	r := forged.verify(outside)
	if got := codes(r); got != "outside-mismatch 1-100" {
		t.Errorf("got %q", got)
	}
	if !strings.Contains(r.Text(), "af posterne 1-100 er mindst én ændret, fjernet, tilføjet eller flyttet") {
		t.Error(r.Text())
	}
}

// TestUnsignedEnd changes an entry that no checkpoint covers yet, and its stored
// hash with it.
func TestUnsignedEnd(t *testing.T) {
	h := newHouse(t)
	h.fill(10, 10)
	h.append(sample(10), sample(11))
	err := h.inTx(func(tx *sql.Tx) error {
		_, err := h.log.Sequence(context.Background(), tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if r := h.verify(); !r.OK() || r.Signed != 10 || r.Entries != 12 {
		t.Fatal(r.Text())
	}
	h.exec(`UPDATE log_entries SET code = 'item.failed' WHERE seq = 11`)
	page, err := readPage(context.Background(), h.db, "WHERE seq = 11", nil)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := page[0].leaf()
	if err != nil {
		t.Fatal(err)
	}
	hash := leaf.Hash()
	h.exec(`UPDATE log_tiles SET hashes = CAST(substr(hashes, 1, 320) || ? || substr(hashes, 353) AS BLOB)`, hash[:])
	if got := codes(h.verify()); got != "entry-foreign 11, head-changed 12" {
		t.Errorf("got %q", got)
	}
}

// TestForgerWithoutTheRing has an insider with the database and the signing key,
// but not the ring, drop an entry and recompute hashes, tiles and checkpoints.
func TestForgerWithoutTheRing(t *testing.T) {
	h := newHouse(t)
	h.fill(60, 20)
	forged := newHouse(t)
	forged.signer, forged.keys = h.signer, h.keys // a ring of his own
	forged.log = forged.open()
	forged.copyEntries(h, 30)
	thief := h.open()
	r, err := thief.Verify(context.Background(), forged.db, VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got := codes(r)
	if !strings.Contains(got, "head-changed") || !strings.Contains(got, "entry-foreign 30") || !strings.Contains(got, "entry-foreign 59") || strings.Contains(got, "entry-foreign 29,") {
		t.Errorf("got %q", got)
	}
}

// copyEntries numbers another log's entries anew without one of them, with the
// other's rows as they stand and all that follows from them recomputed.
func (h *house) copyEntries(from *house, without int64) {
	h.t.Helper()
	ctx := context.Background()
	page, err := readPage(ctx, from.db, "WHERE seq <> $1 ORDER BY seq", []any{without})
	if err != nil {
		h.t.Fatal(err)
	}
	err = h.inTx(func(tx *sql.Tx) error {
		head, err := h.log.lockHead(ctx, tx)
		if err != nil {
			return err
		}
		g, err := loadGrower(ctx, tx, head)
		if err != nil {
			return err
		}
		for i, r := range page {
			leaf, err := r.leaf()
			if err != nil {
				return err
			}
			g.add(leaf.Hash())
			values := []any{int64(i + 1), leaf.At.UnixMicro(), leaf.Code, leaf.Run, leaf.Item}
			for _, c := range r.cols[colDetailC:] {
				values = append(values, orNull(c))
			}
			if err := insert(ctx, tx, "INSERT INTO log_entries ("+entryColumns+") VALUES ", entryColumnCount, values); err != nil {
				return err
			}
		}
		if err := g.write(ctx, tx); err != nil {
			return err
		}
		head.size, head.root = g.edge.size, g.edge.root()
		return h.log.writeHead(ctx, tx, head)
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.flush()
}

func TestCheckpointsFromElsewhere(t *testing.T) {
	h := newHouse(t)
	h.fill(30, 10)
	other := newHouse(t)
	other.fill(5, 5)
	_, foreign, err := other.log.Newest(context.Background(), other.db)
	if err != nil {
		t.Fatal(err)
	}
	_, own, err := h.log.Newest(context.Background(), h.db)
	if err != nil {
		t.Fatal(err)
	}
	r := h.verify(VerifyOptions{Checkpoints: [][]byte{foreign, []byte("x"), own}})
	if got := codes(r); got != "outside-invalid, outside-invalid" || r.Outside != 1 {
		t.Errorf("got %q and %d", got, r.Outside)
	}
}

// TestVerifyAnEmptyLog has nothing written, then nothing numbered.
func TestVerifyAnEmptyLog(t *testing.T) {
	h := newHouse(t)
	if r := h.verify(); !r.OK() || r.Entries != 0 {
		t.Error(r.Text())
	}
	h.flush()
	if r := h.verify(); !r.OK() || r.Entries != 0 || r.Checkpoints != 0 {
		t.Error(r.Text())
	}
	h.append(sample(0))
	if r := h.verify(); !r.OK() || r.Pending != 1 {
		t.Error(r.Text())
	}
}

// TestVerifyStandsInNobodysWay verifies while somebody writes, numbers and signs
// between two of its reads.
func TestVerifyStandsInNobodysWay(t *testing.T) {
	h := newHouse(t)
	h.fill(100, 20)
	wrote := false
	l := h.open(func(o *Options) {
		o.Keys = func(ctx context.Context, q Querier, items []string) ([]Held, error) {
			if !wrote {
				wrote = true
				h.fill(30, 10)
				h.remove(Removal{Items: []string{"invoice-2026-000000"}, Policy: "p", By: "b"})
			}
			return h.keys.find(ctx, q, items)
		}
	})
	r, err := l.Verify(context.Background(), h.db, VerifyOptions{})
	if err != nil || !r.OK() || r.Entries != 100 || r.Removed != 0 || !wrote {
		t.Errorf("%v %s", err, r.Text())
	}
	if r := h.verify(); !r.OK() || r.Entries != 131 || r.Removed == 0 {
		t.Error(r.Text())
	}
}

func TestProblemsAreBounded(t *testing.T) {
	h := newHouse(t)
	h.fill(50, 50)
	h.exec(`UPDATE log_entries SET mac = randomblob(32)`)
	done := int64(0)
	r := h.verify(VerifyOptions{MaxProblems: 10, Progress: func(n int64) { done = n }})
	if len(r.Problems) != 10 || r.Unlisted != 40 || done != 50 {
		t.Errorf("%d listed, %d not, %d done", len(r.Problems), r.Unlisted, done)
	}
	if !strings.Contains(r.Text(), "50 fejl") || !strings.Contains(r.Text(), "og 40 fejl til") {
		t.Error(r.Text())
	}
}

// TestKeyRotation signs with a new key from some point on, and wraps with a new
// master secret.
func TestKeyRotation(t *testing.T) {
	h := newHouse(t)
	secret := seal.NewSecret("old")
	h.ring = mustRing(t, secret)
	h.log = h.open()
	h.fill(20, 10)
	signer, _, err := NewKey(testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	h.ring = mustRing(t, seal.NewSecret("new")+"\n"+secret)
	h.log = h.open(func(o *Options) { o.Signer, o.Verifiers = signer, []string{h.verifier} })
	h.fill(20, 10)
	if r := h.verify(); !r.OK() || r.Entries != 40 || r.Checkpoints != 4 {
		t.Error(r.Text())
	}
	h.log = h.open(func(o *Options) { o.Signer = "" })
	if got := codes(h.verify()); !strings.Contains(got, "checkpoint-changed") {
		t.Errorf("without verifiers: %q", got)
	}
}

func mustRing(t *testing.T, text string) *seal.Ring {
	t.Helper()
	r, err := seal.ParseRing(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestKeysThatFail passes on what the store says.
func TestKeysThatFail(t *testing.T) {
	h := newHouse(t)
	h.fill(10, 10)
	l := h.open(func(o *Options) {
		o.Keys = func(context.Context, Querier, []string) ([]Held, error) {
			return nil, fmt.Errorf("the store is closed")
		}
	})
	if _, err := l.Verify(context.Background(), h.db, VerifyOptions{}); err == nil || !strings.Contains(err.Error(), "the store is closed") {
		t.Errorf("got %v", err)
	}
	l = h.open(func(o *Options) {
		o.Keys = func(context.Context, Querier, []string) ([]Held, error) { return nil, nil }
	})
	if _, err := l.Verify(context.Background(), h.db, VerifyOptions{}); err == nil {
		t.Error("an incomplete answer was taken")
	}
}
