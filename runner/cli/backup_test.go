package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"byskriver/runner/runlog"
	"byskriver/runner/seal"
	"byskriver/runner/store"
)

// keepWriting logs entries until it is told to stop, as a run does.
func keepWriting(t *testing.T, h *house, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		logOne(t, h)
	}
}

// logOne logs an entry and proves it.
func logOne(t *testing.T, h *house) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	err := h.store.Write(ctx, func(tx *store.Tx) error {
		return h.log.Append(tx.Context(), tx, seal.Key{}, runlog.Entry{Code: "test.written"})
	})
	if err := errors.Join(err, h.prove(ctx)); err != nil {
		t.Errorf("log an entry: %v", err)
	}
}

func verifies(o *office) error {
	h, err := o.env(o.t.Context()).open()
	if err != nil {
		return err
	}
	defer h.close()
	report, err := h.log.Verify(o.t.Context(), h.store.Reader(), runlog.VerifyOptions{})
	if err == nil && !report.OK() {
		err = errors.New(report.Text())
	}
	return err
}

// A backup that is taken while the store is written to, is whole; put in place
// with its checkpoint it is a store that goes on.
func TestBackupAndRestore(t *testing.T) {
	o := newOffice(t, danishTime(t, "2026-11-02 00:00"), nil)
	h := o.open()
	stop := make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() { keepWriting(t, h, stop) })
	file := filepath.Join(o.dir, "backup.db")
	logOne(t, h)
	for range 3 { // the last one is used; each is taken while the other program writes
		for _, f := range []string{file, file + ".checkpoint"} {
			if err := os.RemoveAll(f); err != nil {
				t.Fatal(err)
			}
		}
		if err := (&backupCmd{File: file}).Run(o.env(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	if err := (&backupCmd{File: file}).Run(o.env(t.Context())); err == nil || !strings.Contains(err.Error(), "there already") {
		t.Errorf("a backup was written over: %v", err)
	}
	close(stop)
	writing.Wait()
	// Something is logged and proved that the backup does not have.
	logOne(t, h)
	h.close()

	db := filepath.Join(o.dir, "data/byskriver.db")
	for _, f := range []string{db + "-wal", db + "-shm"} {
		if err := os.RemoveAll(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Rename(file, db); err != nil {
		t.Fatal(err)
	}
	if err := verifies(o); err == nil {
		t.Error("an older store is taken for the newest one as long as the later checkpoint lies there")
	}
	if err := os.Rename(file+".checkpoint", filepath.Join(o.dir, "log/checkpoint")); err != nil {
		t.Fatal(err)
	}
	if err := verifies(o); err != nil {
		t.Errorf("the restored store does not verify: %v", err)
	}
	h = o.open()
	defer h.close()
	logOne(t, h)
}
