package store_test

import (
	"errors"
	"time"

	"byskriver/runner"
	"byskriver/runner/store"
)

// lay puts an entry into the drawer.
func (d *desk) lay(robot, name, data string) {
	d.Helper()
	e, err := d.SealEntry(robot, name, []byte(data))
	d.must(err)
	d.write(func(t *store.Tx) error { return t.Lay(e, morning) })
}

// drawer is what lies there, name=data, one blank between.
func (d *desk) drawer(robot, prefix string) (all string) {
	d.Helper()
	entries, err := d.Drawer(d.Context(), robot, prefix)
	d.must(err)
	for _, e := range entries {
		all += e.Name + "=" + string(e.Data) + " "
	}
	return all
}

func testDrawer(d *desk) {
	d.lay("attest", "ordre/1", "et")
	d.lay("attest", "ordre/2", "to")
	d.lay("attest", "ordre/1", "igen")
	d.lay("attest", "post/1", "brev")
	d.lay("invoice", "ordre/1", "anden robot")
	d.want("by prefix", d.drawer("attest", "ordre/"), "ordre/1=igen ordre/2=to ")
	d.want("all", d.drawer("attest", ""), "ordre/1=igen ordre/2=to post/1=brev ")
	d.write(func(t *store.Tx) error {
		sum, err := t.Clear("attest", "ordre/1")
		if err == nil && len(sum) != 32 {
			d.Errorf("a digest of %d bytes", len(sum))
		}
		return err
	})
	d.want("cleared", d.drawer("attest", ""), "ordre/2=to post/1=brev ")
	d.want("another robot's is there", d.drawer("invoice", ""), "ordre/1=anden robot ")
	err := d.Write(d.Context(), func(t *store.Tx) error {
		_, err := t.Clear("attest", "ordre/1")
		return err
	})
	d.want("cleared twice", errors.Is(err, store.ErrNotFound), true)
}

func testWake(d *desk) {
	waiting, listed, ready := d.add("waiting", "1"), d.exception(d.add("listed", "1")), d.add("ready", "1")
	claimed := d.claim(d.add("claimed", "1"))
	d.settle(d.claim(waiting), store.Outcome{State: runner.Waiting, At: morning, ReadyAt: morning.Add(100 * time.Hour)})
	for row, want := range map[string]bool{waiting.Number: true, listed.Number: true, ready.Number: false, claimed.Number: false} {
		d.write(func(t *store.Tx) error {
			woken, err := t.Wake(d.row(row).ID, morning.Add(5*time.Hour))
			d.want("woken "+row, woken, want)
			return err
		})
	}
	for _, number := range []string{waiting.Number, listed.Number} {
		row := d.row(number)
		d.want("ready at noon "+number, []any{row.State, row.ReadyAt}, []any{runner.Ready, morning.Add(5 * time.Hour)})
	}
	d.want("same revision", d.row(listed.Number).Revision, listed.Revision)
}
