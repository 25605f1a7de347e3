package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"byskriver/runner"
	"byskriver/runner/clock"
	"byskriver/runner/seal"
	"byskriver/runner/store"
)

func TestSQLite(t *testing.T) {
	conformance(t, func(t *testing.T) func() *store.Store {
		path, ring := filepath.Join(t.TempDir(), "data", "byskriver.db"), newRing(t)
		return func() *store.Store { return openSQLite(t, path, ring) }
	})
}

func sqlite(t *testing.T) (*desk, string) {
	path, ring := filepath.Join(t.TempDir(), "byskriver.db"), newRing(t)
	return newDesk(t, func(t *testing.T) func() *store.Store {
		return func() *store.Store { return openSQLite(t, path, ring) }
	}), path
}

// onDisk is every byte that the database keeps in files.
func onDisk(t *testing.T, path string) []byte {
	t.Helper()
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	var all []byte
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

// What an item carries stands nowhere in clear, and once its key is destroyed and
// the write-ahead log folded in, not the wrapped key either.
func TestDeletionLeavesNoTrace(t *testing.T) {
	d, path := sqlite(t)
	row := d.exception(d.add("8605010001", "hemmeligt indhold"))
	d.must(d.decide(row, row.Revision, runner.Decision{Action: "post", Value: "hemmelig værdi", By: "Karen Holm", At: morning}))
	d.must(d.Shelf("invoice").Put(d.Context(), runner.Paper{Name: "plans", Data: []byte("hemmelig plan")}))
	d.reserve(row, runner.Mark{Kind: "person", Key: "7105020002", On: morning}, morning, morning)
	var wrapped []byte
	d.must(d.Reader().QueryRowContext(d.Context(), `SELECT content_key FROM item_bodies WHERE item_id = $1`, row.ID).Scan(&wrapped))
	if !bytes.Contains(onDisk(t, path), wrapped) || !bytes.Contains(onDisk(t, path), []byte(row.Number)) {
		t.Fatal("the search itself finds nothing")
	}
	for _, plain := range []string{"8605010001", "hemmeligt indhold", "hemmelig værdi", "hemmelig plan", "7105020002", "EAN mangler.", "Bilag 86"} {
		if bytes.Contains(onDisk(t, path), []byte(plain)) {
			t.Errorf("%q stands in clear", plain)
		}
	}
	d.destroy(row)
	d.must(d.Outside(d.Context(), func(db store.DB) error {
		_, err := db.ExecContext(context.Background(), `PRAGMA wal_checkpoint(TRUNCATE)`)
		return err
	}))
	if bytes.Contains(onDisk(t, path), wrapped) {
		t.Error("the destroyed key is still in the files")
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	for _, part := range []string{"store", "log"} {
		d, path := sqlite(t)
		d.write(func(tx *store.Tx) error {
			_, err := tx.ExecContext(tx.Context(), `INSERT INTO migrations (part, version) VALUES ($1, 99)`, part)
			return err
		})
		_, err := store.Open(context.Background(), store.Options{Path: path, Ring: d.Ring(), Clock: clock.NewManual(morning)})
		if err == nil || !strings.Contains(err.Error(), "version 99") || !strings.Contains(err.Error(), "run the newer program") {
			t.Errorf("%s: %v", part, err)
		}
	}
}

// Several programs may open a new store at the same time.
func TestOpenedByManyAtOnce(t *testing.T) {
	path, ring := filepath.Join(t.TempDir(), "byskriver.db"), newRing(t)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			s, err := store.Open(context.Background(), store.Options{Path: path, Ring: ring, Clock: clock.NewManual(morning)})
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "byskriver.db")
	if err := os.WriteFile(path, bytes.Repeat([]byte("no database "), 400), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(context.Background(), store.Options{Path: path, Ring: newRing(t), Clock: clock.NewManual(morning)}); err == nil {
		t.Error("a file that is no database was opened")
	}
}

func TestOddPaths(t *testing.T) {
	for _, name := range []string{"med mellemrum.db", "spørgsmål?.db", "100%.db", "nr#1.db", "æøå & co.db"} {
		path := filepath.Join(t.TempDir(), name)
		s := openSQLite(t, path, newRing(t))
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// The child fills its disk, which a limit on the size of files stands for, and
// tells which keys were written. The environment names what it works on.
const childOn = "BYSKRIVER_TEST_FULL_DISK"

func TestFullDisk(t *testing.T) {
	if on := os.Getenv(childOn); on != "" {
		fillUp(t, on)
		return
	}
	path, secret := filepath.Join(t.TempDir(), "byskriver.db"), seal.NewSecret("test")
	cmd := exec.Command(os.Args[0], "-test.run=^TestFullDisk$", "-test.count=1")
	cmd.Env = append(os.Environ(), childOn+"="+path+"|"+secret)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var told struct {
		Written []string
		Err     string
	}
	_, report, _ := bytes.Cut(out, []byte("REPORT "))
	if err := json.NewDecoder(bytes.NewReader(report)).Decode(&told); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if told.Err == "" || len(told.Written) == 0 {
		t.Fatalf("%d written, error %q: the disk was not full in between", len(told.Written), told.Err)
	}
	ring, err := seal.ParseRing(secret)
	if err != nil {
		t.Fatal(err)
	}
	s := openSQLite(t, path, ring)
	defer s.Close()
	for _, key := range told.Written {
		if _, err := s.ItemByKey(t.Context(), "invoice", runner.Live, key); err != nil {
			t.Errorf("%s was written and is gone: %v", key, err)
		}
	}
	var sound string
	if err := s.Reader().QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&sound); err != nil || sound != "ok" {
		t.Errorf("the database: %s, %v", sound, err)
	}
}

func fillUp(t *testing.T, on string) {
	path, secret, _ := strings.Cut(on, "|")
	ring, err := seal.ParseRing(secret)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{T: t, Store: openSQLite(t, path, ring)}
	signal.Ignore(syscall.SIGXFSZ)
	limit := syscall.Rlimit{Cur: 1 << 20, Max: 1 << 20}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	var told struct {
		Written []string
		Err     string
	}
	for i := 0; i < 2000 && told.Err == ""; i++ {
		key := fmt.Sprint("key ", i)
		n, err := d.Prepare("invoice", runner.Live, runner.Found{Key: key, Content: bytes.Repeat([]byte("x"), 20_000)})
		d.must(err)
		err = d.Write(context.Background(), func(t *store.Tx) error { _, _, err := t.Add(n, morning); return err })
		if err == nil {
			told.Written = append(told.Written, key)
			continue
		}
		told.Err = err.Error()
		if d.has(key) {
			t.Errorf("%s was refused and is there", key)
		}
	}
	report, err := json.Marshal(told)
	d.must(err)
	fmt.Printf("REPORT %s\n", report)
	// Closing folds the write-ahead log in, which a full disk refuses.
	if err := d.Close(); err != nil && errors.Is(err, sql.ErrConnDone) {
		t.Error(err)
	}
}
