package engine_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"byskriver/runner"
	"byskriver/runner/engine"
	"byskriver/runner/runlog"
	"byskriver/runner/store"
)

// A store that is a copy knows nothing of what was done after it was made: what was posted
// then is found in the system and not posted again, what was not is posted, and no number
// is given a second time.
func TestRestoredStoreLooksFirst(t *testing.T) {
	h := newHouse(t)
	e := newERP()
	run := func(keys ...string) store.Run {
		done, err := h.engine(50*time.Millisecond).Run(t.Context(), poster(e, keys...), engine.RunOptions{Mode: runner.Live})
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	run("a", "b")
	if err := h.store.Write(t.Context(), func(tx *store.Tx) error { return tx.MarkAsCopy() }); err != nil {
		t.Fatal(err)
	}
	e.taken["c"] = 1 // by the program that ran on after the copy was made
	if first := run("a", "b", "c", "d"); first.Result.Done != 2 || first.Result.Exceptions != 0 {
		t.Errorf("the first run on the copy: %+v", first.Result)
	}
	again := run("a", "b", "c", "d", "e")
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		if e.taken[key] != 1 {
			t.Errorf("%s was posted %d times", key, e.taken[key])
		}
	}
	if !strings.HasSuffix(again.Number, "-100002") {
		t.Errorf("the second run on the copy is %s, want a number beyond the copy's", again.Number)
	}
	told := 0
	for l, err := range h.log.Entries(t.Context(), h.store.Reader(), runlog.Filter{Code: "store.restored"}) {
		if told++; err != nil || !strings.HasSuffix(l.Run, "-100001") {
			t.Errorf("it stands in the log of %s; %v", l.Run, err)
		}
	}
	if told != 1 {
		t.Errorf("the log says %d times that the store was restored", told)
	}
}

// Nothing is done in a copy before what the last program did would show: it is looked for
// again then.
func TestRestoredStoreWaitsForWhatIsHidden(t *testing.T) {
	h := newHouse(t)
	e := newERP()
	if err := h.store.Write(t.Context(), func(tx *store.Tx) error { return tx.MarkAsCopy() }); err != nil {
		t.Fatal(err)
	}
	e.taken["a"], e.hidden["a"] = 1, 1 // posted just before the stop, and not shown yet
	r := poster(e, "a")
	looks := 0
	r.work = func(ctx context.Context, c runner.Case) error {
		looks++
		return e.once(ctx, c)
	}
	done, err := h.engine(time.Second).Run(t.Context(), r, engine.RunOptions{Mode: runner.Live})
	if err != nil || done.Result.Done != 1 || e.taken["a"] != 1 || looks != 2 {
		t.Errorf("%+v, posted %d times, looked %d times; %v", done.Result, e.taken["a"], looks, err)
	}
}

// A store that was rolled back behind its newest checkpoint works nothing: whatever it did
// would be done twice. The checkpoint is what tells; with the one that belongs to the store
// the work goes on.
func TestRolledBackStoreWorksNothing(t *testing.T) {
	h, later := newHouse(t), newHouse(t)
	e := newERP()
	h.run(poster(e, "a"), engine.RunOptions{})
	later.signer = h.signer
	later.reopen()
	later.run(poster(newERP(), "a", "b", "c"), engine.RunOptions{})
	file := func(h *house) string { return filepath.Join(h.folder, "checkpoint") }
	own, err := os.ReadFile(file(h))
	if err != nil {
		t.Fatal(err)
	}
	newer, err := os.ReadFile(file(later))
	if err != nil {
		t.Fatal(err)
	}
	lay := func(checkpoint []byte) {
		if err := os.WriteFile(file(h), checkpoint, 0o600); err != nil {
			t.Fatal(err)
		}
		h.reopen()
	}
	lay(newer)
	if _, err := h.engine(0).Run(t.Context(), poster(e, "a", "b"), engine.RunOptions{Mode: runner.Live}); !errors.Is(err, runlog.ErrChanged) {
		t.Errorf("a run on a store that was rolled back: %v", err)
	}
	if e.taken["b"] != 0 {
		t.Errorf("posted %v", e.taken)
	}
	lay(own)
	h.run(poster(e, "a", "b"), engine.RunOptions{})
	if e.taken["a"] != 1 || e.taken["b"] != 1 {
		t.Errorf("posted %v", e.taken)
	}
}
