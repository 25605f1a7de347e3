package engine_test

import (
	"database/sql"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"byskriver/runner"
	"byskriver/runner/clock"
	"byskriver/runner/engine"
)

// settledItems is how many settled items BenchmarkSettled lays into a store: 100,000, or
// what the environment says.
func settledItems(b *testing.B) int {
	n, err := strconv.Atoi(os.Getenv("BYSKRIVER_SETTLED"))
	if os.Getenv("BYSKRIVER_SETTLED") == "" {
		return 100_000
	}
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// BenchmarkSettled takes items through all of their life on a PostgreSQL store that holds
// nothing else, and on one that holds so many settled items, in turn. Each of those has
// its row, its keys, its step and its outcome; what it carried was deleted by then, as
// retention does, and its run-log entries are not there, since the log is a chain that
// cannot be multiplied.
func BenchmarkSettled(b *testing.B) {
	empty, full := newHouseOn(b, true), newHouseOn(b, true)
	n := settledItems(b)
	start := time.Now()
	full.settle(b, n)
	b.Logf("%d settled items laid in %s", n, time.Since(start).Round(time.Second))
	for round := range 5 {
		for _, c := range []struct {
			name string
			on   *house
		}{{"settled=0", empty}, {fmt.Sprintf("settled=%d", n), full}} {
			b.Run(fmt.Sprintf("%s/round=%d", c.name, round), func(b *testing.B) {
				m, e := c.on.machine("rpa1", clock.System{}), newERP()
				names := make([]string, b.N)
				for i := range names {
					names[i] = fmt.Sprintf("%d/%d/%d", round, b.N, i)
				}
				r := poster(e)
				r.collect = findsAtOnce(64, names)
				m.limits = engine.Limits{AtOnce: 200, Poll: 10 * time.Millisecond, Patience: time.Second}
				begun := time.Now()
				if run := m.run(r, engine.RunOptions{}); run.Result.Done != b.N {
					b.Fatalf("%+v", run.Result)
				}
				b.ReportMetric(float64(b.N)/time.Since(begun).Seconds(), "items/s")
			})
		}
	}
}

// settle works a hundredth of n items, a thousand at most, and copies their rows until
// there are n.
func (h *house) settle(b testing.TB, n int) {
	pattern := min(n/100, 1000)
	r := poster(newERP())
	r.collect = findsAtOnce(16, keys(pattern))
	m := h.machine("rpa0", clock.System{})
	if run := m.run(r, engine.RunOptions{Mode: runner.Live}); run.Result.Done != pattern {
		b.Fatalf("%+v", run.Result)
	}
	db := h.direct(b)
	do := func(statement string, args ...any) {
		if _, err := db.ExecContext(b.Context(), statement, args...); err != nil {
			b.Fatalf("%s: %v", strings.SplitN(statement, "\n", 2)[0], err)
		}
	}
	do(`SET session_replication_role = replica`) // no look for each row's item
	copies := n/pattern - 1
	apart := 10 * pattern                      // the ids of one copy lie so far from the next
	id := fmt.Sprintf("r.%%s + g * %d", apart) // of the column that it stands for
	for _, t := range []struct {
		table   string
		changed map[string]string // columns that are not as in the row that is copied
	}{
		{"items", map[string]string{"id": id, "number": "r.number || '-' || g", "key_mac": "sha256(r.key_mac || int8send(g))"}},
		{"item_bodies", map[string]string{"item_id": id, "content_key": "NULL::bytea", "found_sealed": "NULL::bytea"}},
		{"outcomes", map[string]string{"id": id, "item_id": id}},
		{"steps", map[string]string{"item_id": id}},
	} {
		do(copying(b, db, t.table, t.changed), copies)
		if _, own := t.changed["id"]; own {
			do(`SELECT setval(pg_get_serial_sequence('` + t.table + `', 'id'), (SELECT MAX(id) FROM ` + t.table + `))`)
		}
		do(`VACUUM (ANALYZE) ` + t.table)
	}
	do(`CHECKPOINT`)
	var settled int
	if err := db.QueryRowContext(b.Context(), `SELECT COUNT(*) FROM items WHERE state = 'done'`).Scan(&settled); err != nil || settled != n {
		b.Fatalf("%d settled items, want %d; %v", settled, n, err)
	}
}

// direct is a connection of one's own to the database.
func (h *house) direct(b testing.TB) *sql.DB {
	db, err := sql.Open("pgx", fmt.Sprintf("host=%s port=%d user=%s dbname=%s", h.on.Host, h.on.Port, h.on.User, h.on.Database))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	return db
}

// A run goes by indexes that leave settled items out: however many there are, it reads
// none of them one after the other.
func TestARunReadsNoSettledItems(t *testing.T) {
	const settled = 20_000
	h := newHouseOn(t, true)
	h.settle(t, settled)
	db := h.direct(t)
	read := func() (one, all int) {
		if _, err := db.ExecContext(t.Context(), `SELECT pg_stat_clear_snapshot()`); err != nil {
			t.Fatal(err)
		}
		if err := db.QueryRowContext(t.Context(), `SELECT idx_scan, seq_tup_read FROM pg_stat_user_tables WHERE relname = 'items'`).Scan(&one, &all); err != nil {
			t.Fatal(err)
		}
		return one, all
	}
	m := h.machine("rpa1", clock.System{})
	looked, before := read()
	m.run(poster(newERP(), "a", "b", "c"), engine.RunOptions{})
	if err := m.store.Close(); err != nil { // what its connections have read is counted now
		t.Fatal(err)
	}
	for one, all := read(); ; one, all = read() {
		if all-before >= settled {
			t.Fatalf("the run read %d rows of items one after the other", all-before)
		}
		if one-looked >= 12 {
			break
		}
	}
}

// copying is the statement that copies each row of a table $1 times, numbered g.
func copying(b testing.TB, db *sql.DB, table string, changed map[string]string) string {
	rows, err := db.QueryContext(b.Context(), `SELECT column_name FROM information_schema.columns WHERE table_name = $1 AND table_schema = 'public' ORDER BY ordinal_position`, table)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	var columns, values []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			b.Fatal(err)
		}
		value, ok := changed[name]
		if !ok {
			value = "r." + name
		}
		columns, values = append(columns, name), append(values, strings.Replace(value, "%s", name, 1))
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") SELECT " + strings.Join(values, ", ") + " FROM " + table + " r, generate_series(1, $1::bigint) g"
}
