package runlog

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// mutantLog is a log with something of everything: checkpoints, look-ups, entries
// of the house, removed ones, tiles of two levels, pending ones.
func mutantLog(t testing.TB) *house {
	t.Helper()
	h := newHouse(t)
	h.fill(262, 70)
	err := h.inTx(func(tx *sql.Tx) error {
		_, err := h.log.Remove(context.Background(), tx, Removal{
			Items: []string{"invoice-2026-000003", "invoice-2026-000020"}, Policy: "faktura 5 år", By: "arkivar",
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	h.fill(30, 10)
	h.append(sample(900), sample(901), sample(905))
	return h
}

// verifyIn verifies what a transaction sees, which is never committed.
func (h *house) verifyIn(tx *sql.Tx) (Report, error) {
	v := &verification{log: h.log, q: tx, opts: VerifyOptions{Workers: 2, MaxProblems: 1000}, rejected: map[int64]bool{}}
	err := v.run(context.Background())
	return v.report, err
}

// column is a column that somebody may lay hands on.
type column struct {
	table, key, name string
	kind             string // blob, text or integer
	null             bool   // may be NULL
}

func columns() []column {
	all := []column{
		{"log_tiles", "rowid", "level", "integer", false}, {"log_tiles", "rowid", "n", "integer", false},
		{"log_tiles", "rowid", "hashes", "blob", false},
		{"log_checkpoints", "number", "number", "integer", false}, {"log_checkpoints", "number", "note", "blob", false},
		{"log_head", "one", "size", "integer", false}, {"log_head", "one", "root", "blob", false},
		{"log_head", "one", "checkpoints", "integer", false}, {"log_head", "one", "mac", "blob", false},
		{"log_lines", "one", "written", "integer", false}, {"log_lines", "one", "mac", "blob", false},
		{"log_pending", "id", "body", "blob", false},
	}
	for _, name := range strings.Split(entryColumns, ", ") {
		c := column{"log_entries", "seq", name, "blob", false}
		switch name {
		case "seq", "at":
			c.kind = "integer"
		case "code", "run", "item":
			c.kind = "text"
		case "detail", "subject", "subject_mac", "subject_commitment":
			c.null = true
		}
		all = append(all, c)
	}
	return all
}

// mutation changes the tables and returns what it did and the entry it did it to
// (0 if none).
type mutation func(t *rapid.T, tx *sql.Tx) (did string, seq int64)

// TestAnyMutationIsFound makes any one change to any table and wants it found,
// and the entry named.
func TestAnyMutationIsFound(t *testing.T) {
	h := mutantLog(t)
	if r := h.verify(); !r.OK() {
		t.Fatalf("the log is not whole to begin with: %s", r.Text())
	}
	mutations := map[string]mutation{
		"change": changeColumn, "delete": deleteRow, "swap numbers": swapNumbers, "swap columns": swapColumns,
		"copy entry": copyEntry, "insert entry": insertEntry, "copy pending": copyPending, "copy others": copyOthers,
		"truncate": truncate, "close gap": deleteAndCloseGap,
	}
	for name, mutate := range mutations {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				tx, err := h.db.Begin()
				if err != nil {
					t.Fatal(err)
				}
				defer tx.Rollback()
				did, seq := mutate(t, tx)
				r, err := h.verifyIn(tx)
				if err != nil {
					t.Fatalf("%s: %v", did, err)
				}
				if r.OK() {
					t.Fatalf("%s: not found", did)
				}
				if seq > 0 && !names(r, seq) {
					t.Fatalf("%s: found, but entry %d is not named: %s", did, seq, codes(r))
				}
			})
		})
	}
}

// names reports whether a problem is about an entry.
func names(r Report, seq int64) bool {
	for _, p := range r.Problems {
		from := p.From
		if from == 0 {
			from = p.Seq
		}
		if from <= seq && seq <= p.Seq {
			return true
		}
	}
	return false
}

func changeColumn(t *rapid.T, tx *sql.Tx) (string, int64) {
	c := rapid.SampledFrom(columns()).Draw(t, "column")
	key := drawKey(t, tx, c.table, c.key)
	var old any
	if err := tx.QueryRow(fmt.Sprintf("SELECT %s FROM %s WHERE %s = ?", c.name, c.table, c.key), key).Scan(&old); err != nil {
		t.Fatal(err)
	}
	changed := drawChange(t, c, old)
	if _, err := tx.Exec(fmt.Sprintf("UPDATE %s SET %s = ? WHERE %s = ?", c.table, c.name, c.key), changed, key); err != nil {
		t.Skip("the database itself refuses it: " + err.Error())
	}
	did := fmt.Sprintf("%s.%s of %d: %v became %v", c.table, c.name, key, old, changed)
	if c.table == "log_entries" {
		return did, key
	}
	return did, 0
}

// drawChange draws another value for a column.
func drawChange(t *rapid.T, c column, old any) any {
	if c.null && old != nil && rapid.IntRange(0, 4).Draw(t, "null") == 0 {
		return nil
	}
	switch c.kind {
	case "integer":
		d := rapid.OneOf(rapid.Int64Range(-3, 3), rapid.Int64Range(-1<<40, 1<<40)).Filter(func(d int64) bool { return d != 0 })
		return old.(int64) + d.Draw(t, "delta")
	case "text":
		other := rapid.OneOf(rapid.StringN(0, 20, -1), rapid.SampledFrom([]string{"item.done", "log.removed", "log.rejected", "invoice-2026-000001", "-"}))
		return other.Filter(func(s string) bool { return s != old && !strings.Contains(s, "\x00") }).Draw(t, "text")
	}
	b, _ := old.([]byte)
	if len(b) == 0 {
		return rapid.SliceOfN(rapid.Byte(), 1, 64).Draw(t, "bytes")
	}
	b = append([]byte(nil), b...)
	switch rapid.IntRange(0, 3).Draw(t, "how") {
	case 0:
		return b[:rapid.IntRange(0, len(b)-1).Draw(t, "cut")]
	case 1:
		return append(b, rapid.Byte().Draw(t, "more"))
	}
	b[rapid.IntRange(0, len(b)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
	return b
}

func drawKey(t *rapid.T, tx *sql.Tx, table, key string) int64 {
	rows, err := tx.Query(fmt.Sprintf("SELECT %s FROM %s ORDER BY 1", key, table))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var keys []int64
	for rows.Next() {
		var k int64
		if err := rows.Scan(&k); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	return rapid.SampledFrom(keys).Draw(t, "key")
}

func mustExec(t *rapid.T, tx *sql.Tx, statement string, args ...any) {
	if _, err := tx.Exec(statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func deleteRow(t *rapid.T, tx *sql.Tx) (string, int64) {
	keys := map[string]string{"log_entries": "seq", "log_tiles": "rowid", "log_checkpoints": "number", "log_head": "one", "log_lines": "one"}
	table := rapid.SampledFrom([]string{"log_entries", "log_tiles", "log_checkpoints", "log_head", "log_lines"}).Draw(t, "table")
	key := drawKey(t, tx, table, keys[table])
	mustExec(t, tx, fmt.Sprintf("DELETE FROM %s WHERE %s = ?", table, keys[table]), key)
	if table == "log_entries" {
		return fmt.Sprintf("deleted entry %d", key), key
	}
	return fmt.Sprintf("deleted %s %d", table, key), 0
}

func drawTwo(t *rapid.T, tx *sql.Tx) (int64, int64) {
	a := drawKey(t, tx, "log_entries", "seq")
	b := drawKey(t, tx, "log_entries", "seq")
	if a == b {
		t.Skip("the same entry twice")
	}
	return a, b
}

func swapNumbers(t *rapid.T, tx *sql.Tx) (string, int64) {
	a, b := drawTwo(t, tx)
	for _, move := range [][2]int64{{a, -1}, {b, a}, {-1, b}} {
		mustExec(t, tx, "UPDATE log_entries SET seq = ? WHERE seq = ?", move[1], move[0])
	}
	return fmt.Sprintf("swapped entries %d and %d", a, b), a
}

func swapColumns(t *rapid.T, tx *sql.Tx) (string, int64) {
	a, b := drawTwo(t, tx)
	name := rapid.SampledFrom([]string{"at", "code", "run", "item", "detail_commitment", "subject_commitment", "detail", "subject", "subject_mac", "mac"}).Draw(t, "column")
	var va, vb any
	if err := tx.QueryRow(fmt.Sprintf("SELECT x.%[1]s, y.%[1]s FROM log_entries x, log_entries y WHERE x.seq = ? AND y.seq = ?", name), a, b).Scan(&va, &vb); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(va) == fmt.Sprint(vb) {
		t.Skip("the same value")
	}
	mustExec(t, tx, fmt.Sprintf("UPDATE log_entries SET %s = ? WHERE seq = ?", name), vb, a)
	mustExec(t, tx, fmt.Sprintf("UPDATE log_entries SET %s = ? WHERE seq = ?", name), va, b)
	return fmt.Sprintf("swapped %s of entries %d and %d", name, a, b), a
}

func copyEntry(t *rapid.T, tx *sql.Tx) (string, int64) {
	a := drawKey(t, tx, "log_entries", "seq")
	to := rapid.SampledFrom([]int64{0, -5, 1e15, 1 << 40}).Draw(t, "to")
	if rapid.Bool().Draw(t, "next") {
		if err := tx.QueryRow("SELECT max(seq) + 1 FROM log_entries").Scan(&to); err != nil {
			t.Fatal(err)
		}
	}
	mustExec(t, tx, `INSERT INTO log_entries (`+entryColumns+`) SELECT ?, at, code, run, item, detail_commitment,
		subject_commitment, detail, subject, subject_mac, mac FROM log_entries WHERE seq = ?`, to, a)
	return fmt.Sprintf("copied entry %d to %d", a, to), max(to, 0)
}

func insertEntry(t *rapid.T, tx *sql.Tx) (string, int64) {
	var seq int64
	if err := tx.QueryRow("SELECT max(seq) + 1 FROM log_entries").Scan(&seq); err != nil {
		t.Fatal(err)
	}
	blob := rapid.SliceOfN(rapid.Byte(), 32, 32)
	mustExec(t, tx, `INSERT INTO log_entries (`+entryColumns+`) VALUES (?, ?, ?, ?, ?, ?, NULL, ?, NULL, NULL, ?)`,
		seq, begin.UnixMicro(), "item.done", "", "invoice-2026-000001", blob.Draw(t, "c"), blob.Draw(t, "d"), blob.Draw(t, "m"))
	return "inserted an entry", seq
}

func copyPending(t *rapid.T, tx *sql.Tx) (string, int64) {
	id := drawKey(t, tx, "log_pending", "id")
	mustExec(t, tx, "INSERT INTO log_pending (body) SELECT body FROM log_pending WHERE id = ?", id)
	return fmt.Sprintf("copied pending row %d", id), 0
}

func copyOthers(t *rapid.T, tx *sql.Tx) (string, int64) {
	statement := rapid.SampledFrom([]string{
		"INSERT INTO log_tiles (level, n, hashes) SELECT level, n + 1000, hashes FROM log_tiles LIMIT 1",
		"INSERT INTO log_tiles (level, n, hashes) SELECT level + 5, n, hashes FROM log_tiles LIMIT 1",
		"INSERT INTO log_tiles (level, n, hashes) SELECT -1, 0, hashes FROM log_tiles LIMIT 1",
		"INSERT INTO log_checkpoints (number, note) SELECT max(number) + 1, note FROM log_checkpoints",
		"INSERT INTO log_checkpoints (number, note) SELECT 0, note FROM log_checkpoints WHERE number = 1",
		"INSERT INTO log_pending (body) VALUES (x'00')",
	}).Draw(t, "statement")
	mustExec(t, tx, statement)
	return statement, 0
}

func truncate(t *rapid.T, tx *sql.Tx) (string, int64) {
	a := drawKey(t, tx, "log_entries", "seq")
	mustExec(t, tx, "DELETE FROM log_entries WHERE seq >= ?", a)
	return fmt.Sprintf("deleted entries from %d", a), a
}

func deleteAndCloseGap(t *rapid.T, tx *sql.Tx) (string, int64) {
	a := drawKey(t, tx, "log_entries", "seq")
	mustExec(t, tx, "DELETE FROM log_entries WHERE seq = ?", a)
	mustExec(t, tx, "UPDATE log_entries SET seq = -seq WHERE seq > ?", a)
	mustExec(t, tx, "UPDATE log_entries SET seq = -seq - 1 WHERE seq < 0")
	return fmt.Sprintf("deleted entry %d and moved the rest up", a), a
}

// TestOlderCopyIsFound puts an older copy of the database in place, which is whole
// by itself.
func TestOlderCopyIsFound(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {7, 1}, {30, 30}, {256, 1}, {300, 250}} {
		h := newHouse(t)
		h.fill(size[0], 50)
		old := filepath.Join(t.TempDir(), "old.db")
		h.exec("VACUUM INTO ?", old)
		h.fill(size[1], 50)
		_, outside, err := h.log.Newest(context.Background(), h.db)
		if err != nil {
			t.Fatal(err)
		}
		with := VerifyOptions{Checkpoints: [][]byte{outside}}
		if r := h.verify(with); !r.OK() || r.Outside != 1 {
			t.Fatalf("%v: the true log: %s", size, r.Text())
		}
		h.db = openDB(t, old, "")
		if r := h.verify(); !r.OK() {
			t.Fatalf("%v: the older copy is whole by itself, but: %s", size, r.Text())
		}
		if got, want := codes(h.verify(with)), fmt.Sprintf("log-truncated %d", size[0]+size[1]); got != want {
			t.Errorf("%v: got %q, want %q", size, got, want)
		}
	}
}
