package runlog

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"byskriver/runner/seal"
)

func TestGenFrozen(t *testing.T) {
	h := newHouse(t)
	secret := seal.NewSecret("2026")
	h.ring = mustRing(t, secret)
	h.log = h.open()
	h.fill(10, 5)
	h.clock.Advance(time.Hour)
	h.remove(Removal{Items: []string{"invoice-2026-000001"}, Policy: "faktura 5 år", By: "arkivar"})
	h.exec(`INSERT INTO log_pending (body) VALUES (x'00ff')`)
	h.flush()
	if err := h.log.Acknowledge(context.Background(), h.db, 12, "revisor", "Prøve."); err != nil { t.Fatal(err) }
	h.keys.destroy("invoice-2026-000001")
	h.flush()
	h.append(sample(9), sample(2))
	var b strings.Builder
	hex := func(table, cols string) {
		names := strings.Split(cols, ", ")
		var q []string
		for _, n := range names { q = append(q, "quote("+n+")") }
		rows, err := h.db.Query("SELECT " + strings.Join(q, " || ', ' || ") + " FROM " + table + " ORDER BY 1")
		if err != nil { t.Fatal(err) }
		defer rows.Close()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil { t.Fatal(err) }
			fmt.Fprintf(&b, "INSERT INTO %s (%s) VALUES (%s);\n", table, cols, s)
		}
	}
	hex("log_entries", entryColumns)
	hex("log_pending", "body")
	hex("log_rejected", "seq, body")
	hex("log_tiles", "level, n, hashes")
	hex("log_checkpoints", "number, note")
	hex("log_head", "one, size, root, checkpoints, mac")
	hex("log_lines", "one, written, mac")
	w := func(name, s string) { if err := os.WriteFile("testdata/v1/"+name, []byte(s), 0o644); err != nil { t.Fatal(err) } }
	w("log.sql", b.String())
	w("ring", "# Made for this test alone.\n"+secret+"\n")
	w("verifier", h.verifier+"\n")
	w("signer", h.signer+"\n")
	_, signed, _ := h.log.Newest(context.Background(), h.db)
	w("checkpoint", string(signed))
	var k strings.Builder
	for _, item := range []string{"invoice-2026-000000", "invoice-2026-000002"} {
		fmt.Fprintf(&k, "%s %s\n", item, base64.StdEncoding.EncodeToString(h.ring.Wrap(h.keys.of(item), item)))
	}
	w("keys", k.String())
	t.Log(h.verify().Text())
	for _, e := range h.all(Filter{}) { t.Logf("%+v", e) }
}
