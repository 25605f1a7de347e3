package store_test

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"byskriver/runner"
	"byskriver/runner/store"
)

// The state of a system outlives its writer, one change at a time; a change that says
// nothing, or fails, leaves it as it was.
func testSystems(d *desk) {
	all, err := d.Systems(d.Context())
	d.must(err)
	d.want("no systems", len(all), 0)
	add := func(s *store.Store, text string) error {
		return s.ChangeSystem(d.Context(), "opus", func(state []byte, now time.Time) ([]byte, error) {
			if now.IsZero() {
				return nil, errors.New("no time")
			}
			return append(state, text...), nil
		})
	}
	d.must(add(d.Store, "a"))
	d.must(d.ChangeSystem(d.Context(), "opus", func([]byte, time.Time) ([]byte, error) { return nil, nil }))
	broken := errors.New("broken")
	d.wantErr("a change that fails", d.ChangeSystem(d.Context(), "opus", func([]byte, time.Time) ([]byte, error) { return []byte("b"), broken }), broken)
	d.anew()
	other := d.open()
	var writers sync.WaitGroup
	for i := range 20 {
		s := map[bool]*store.Store{true: d.Store, false: other}[i%2 == 0]
		writers.Go(func() {
			if err := add(s, "x"); err != nil {
				d.Error(err)
			}
		})
	}
	writers.Wait()
	d.must(other.Close())
	all, err = d.Systems(d.Context())
	d.must(err)
	d.want("what two programs wrote at once", string(all["opus"]), "axxxxxxxxxxxxxxxxxxxx")
}

// What waits at a system is let in by robot and system, and nothing else.
func testDoorWaits(d *desk) {
	later := morning.Add(24 * time.Hour)
	wait := func(robot, key, system, code string) store.Row {
		row, _ := d.addAs(robot, runner.Live, key, "x", morning)
		row = d.claim(row)
		d.write(func(t *store.Tx) error {
			if err := t.Settle(row, "w1", store.Outcome{State: runner.Waiting, Code: code, At: morning, ReadyAt: later}, nil); err != nil || system == "" {
				return err
			}
			return t.WaitAt(row.ID, system)
		})
		return d.row(row.Number)
	}
	opus, sbsys := wait("invoice", "1", "opus", "SYSTEM-LUKKET"), wait("invoice", "2", "sbsys", "ADGANGSKODE-AFVIST")
	voucher, attest := wait("invoice", "3", "", "AFVENTER-BILAG"), wait("attest", "4", "opus", "SYSTEM-OPTAGET")
	waited := func(robot string) string {
		all, err := d.Waited(d.Context(), robot)
		d.must(err)
		return fmt.Sprint(all)
	}
	d.want("what waits for invoice", waited("invoice"), "map[opus:1 sbsys:1]")
	d.want("what waits in all", waited(""), "map[opus:2 sbsys:1]")
	due := func() []int64 {
		var ids []int64
		for _, robot := range []string{"invoice", "attest"} {
			d.write(func(t *store.Tx) error {
				all, err := t.DueWithoutJob(robot, runner.Live, morning.Add(time.Hour), 10)
				ids = append(ids, all...)
				return err
			})
		}
		return ids
	}
	d.want("nothing is due", len(due()), 0)
	d.write(func(t *store.Tx) error { return t.LetWaiting("invoice", "opus", morning.Add(time.Minute)) })
	d.want("what waited at opus is due", fmt.Sprint(due()), fmt.Sprint([]int64{opus.ID}))
	d.want("another system's and another robot's wait on", waited(""), "map[opus:1 sbsys:1]")
	for _, row := range []store.Row{sbsys, voucher, attest} {
		d.want("state of "+row.Number, d.row(row.Number).State, runner.Waiting)
	}
	again := d.claim(d.row(opus.Number))
	d.write(func(t *store.Tx) error {
		return t.Settle(again, "w1", store.Outcome{State: runner.Waiting, Code: "SYSTEM-I-FEJL", At: morning, ReadyAt: later}, nil)
	})
	d.write(func(t *store.Tx) error { return t.WaitAt(opus.ID, "sbsys") })
	d.want("it waits at another one now", waited("invoice"), "map[sbsys:2]")
}
