package cli

import (
	"bytes"
	"os"
	"path/filepath"

	"byskriver/runner/runlog"
)

// wrapped are the wrapped keys of the drawer's entries, as the store has them.
func (b *bureau) wrapped(prefix string) (keys [][]byte) {
	b.t.Helper()
	h, err := b.env().open()
	if err != nil {
		b.t.Fatal(err)
	}
	defer h.close()
	rows, err := h.store.Reader().QueryContext(b.t.Context(), `SELECT key FROM drawers WHERE name LIKE $1`, prefix+"%")
	if err != nil {
		b.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var key []byte
		if err := rows.Scan(&key); err != nil {
			b.t.Fatal(err)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 || rows.Err() != nil {
		b.t.Fatalf("no keys of %s: %v", prefix, rows.Err())
	}
	return keys
}

// inStore looks for bytes in the store's files, the write-ahead log too.
func (b *bureau) inStore(what []byte) bool {
	b.t.Helper()
	files, err := filepath.Glob(filepath.Join(b.dir, "data", "*"))
	if err != nil || len(files) == 0 {
		b.t.Fatalf("no store: %v", err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			b.t.Fatal(err)
		}
		if bytes.Contains(data, what) {
			return true
		}
	}
	return false
}

// logged are the fields of the run log's entries with a code.
func (b *bureau) logged(code string) (all []map[string]string) {
	b.t.Helper()
	h, err := b.env().open()
	if err != nil {
		b.t.Fatal(err)
	}
	defer h.close()
	for l, err := range h.log.Entries(b.t.Context(), h.store.Reader(), runlog.Filter{Code: code}) {
		if err != nil {
			b.t.Fatal(err)
		}
		all = append(all, l.Fields)
	}
	return all
}
