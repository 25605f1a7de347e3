package attest

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"byskriver/runner"
	"byskriver/runner/clock"
	"byskriver/schedules"
)

// kept is what an earlier run of the robot has laid into its drawer.
type kept map[string][]byte

func (k kept) Lay(_ context.Context, name string, data []byte) error {
	k[name] = data
	return nil
}

func (k kept) Each(_ context.Context, prefix string, entry func(string, []byte) error) error {
	for name, data := range k {
		if strings.HasPrefix(name, prefix) {
			if err := entry(name, data); err != nil {
				return err
			}
		}
	}
	return nil
}

func (k kept) Clear(_ context.Context, name, _ string) error {
	delete(k, name)
	return nil
}

// left is the case of an item that a dead process was at.
type left struct {
	runner.Case
	item runner.Item
}

func (l left) Item() runner.Item { return l.item }
func (l left) Label(string)      {}

// A program that was started anew works what a dead one was at before it collects. A
// batch that was not sent stays on the list.
func TestWorksWhatWasLeftBeforeItCollects(t *testing.T) {
	now := time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)
	b, err := json.Marshal(batch{ID: "2026-03-02-01", Type: "boerneattest", Laid: schedules.DateOf(now)})
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(Settings{Batches: t.TempDir()}, Systems{}, kept{inBatches + "2026-03-02-01": b}, clock.NewManual(now))
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(content{Batch: "2026-03-02-01"})
	if err != nil {
		t.Fatal(err)
	}
	var refusal *runner.Refusal
	if err := r.Work(t.Context(), left{item: runner.Item{Content: data}}); !errors.As(err, &refusal) || refusal.Code != "BUNDT-KLAR" {
		t.Errorf("a batch that lies ready came to %v", err)
	}
}
