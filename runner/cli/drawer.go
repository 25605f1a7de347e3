package cli

import (
	"context"
	"encoding/hex"
	"errors"

	"byskriver/runner"
	"byskriver/runner/runlog"
	"byskriver/runner/seal"
	"byskriver/runner/store"
)

// shelf is a robot's shelf and its drawer. What lies in the drawer has keys of its
// own and is deleted when the robot says so; each deletion stands in the run log.
type shelf struct {
	runner.Shelf
	house *house
	robot string
}

func (h *house) shelf(robot string) runner.Shelf { return shelf{h.store.Shelf(robot), h, robot} }

// Lay puts an entry into the drawer, in the place of one of that name, and returns
// when that is committed and synced. A name must hold nothing personal.
func (s shelf) Lay(ctx context.Context, name string, data []byte) error {
	e, err := s.house.store.SealEntry(s.robot, name, data)
	if err != nil {
		return err
	}
	return s.house.store.Write(ctx, func(t *store.Tx) error { return t.Lay(e, s.house.clock.Now()) })
}

// Each hands over the entries whose names begin with prefix, by name.
func (s shelf) Each(ctx context.Context, prefix string, entry func(name string, data []byte) error) error {
	all, err := s.house.store.Drawer(ctx, s.robot, prefix)
	if err != nil {
		return err
	}
	for _, l := range all {
		if err := entry(l.Name, l.Data); err != nil {
			return err
		}
	}
	return nil
}

// Clear deletes an entry with its key, and logs that under the rule that asked for
// it. Nothing of that name is no error.
func (s shelf) Clear(ctx context.Context, name, rule string) error {
	err := s.house.store.Write(ctx, func(t *store.Tx) error {
		sum, err := t.Clear(s.robot, name)
		if err != nil {
			return err
		}
		return s.house.log.Append(t.Context(), t, seal.Key{}, runlog.Entry{At: s.house.clock.Now(), Code: "drawer.deleted",
			Fields: map[string]string{"robot": s.robot, "name": name, "rule": rule, "sealed_sha256": hex.EncodeToString(sum)}})
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
