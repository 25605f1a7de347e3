package cli

import (
	"slices"
	"strings"
	"testing"
	"time"

	"byskriver/runner"
	"byskriver/runner/runlog"
	"byskriver/runner/store"
)

// done adds an item that was done at a moment.
func (o *office) done(key string, at time.Time) (number string) {
	o.t.Helper()
	h := o.open()
	defer h.close()
	n, err := h.store.Prepare("test", runner.Live, runner.Found{Key: key, Content: []byte("indhold")})
	if err != nil {
		o.t.Fatal(err)
	}
	words, err := n.SealWords(store.Words{Text: "Udført."})
	if err != nil {
		o.t.Fatal(err)
	}
	err = h.store.Write(o.t.Context(), func(t *store.Tx) error {
		row, _, err := t.Add(n, at)
		if err == nil {
			err = t.SetJob(row.ID, 1)
		}
		if err == nil {
			row, err = t.Claim(row.ID, 1, "w")
		}
		if err == nil {
			err = h.log.Append(t.Context(), t, n.Log, runlog.Entry{At: at, Code: "item.done", Item: row.Number, Text: "Udført."})
		}
		if err != nil {
			return err
		}
		number = row.Number
		return t.Settle(row, "w", store.Outcome{State: runner.Done, Code: "UDFØRT", At: at}, words)
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return number
}

// deletions are the items that the log tells were deleted, with the day.
func (o *office) deletions() (all []string) {
	for l := range o.entries("item.content_deleted") {
		all = append(all, l.Item+" "+l.At.In(danishTime(o.t, "2026-11-02 00:00").Location()).Format("02-01 15:04"))
	}
	slices.Sort(all)
	return all
}

// serve deletes by policy when it starts, and each day at half past three, until a
// reload takes the policy away.
func TestServeDeletesDaily(t *testing.T) {
	o := newOffice(t, danishTime(t, "2026-11-02 00:00"), func() error { return nil })
	config := strings.Replace(officeConfig, "robots: {test: {}}", "robots: {test: {keep: {content: 10}}}", 1)
	o.write("byskriver.yaml", config)
	old := o.done("a", danishTime(t, "2026-10-01 12:00"))
	next := o.done("b", danishTime(t, "2026-10-23 12:00")) // ten days are over on 2 November at noon
	o.done("c", danishTime(t, "2026-11-01 12:00"))
	o.serveWith(danishTime(t, "2026-11-04 12:00"), 4)
	if got, want := o.deletions(), []string{old + " 02-11 00:00", next + " 03-11 03:30"}; !slices.Equal(got, want) {
		t.Errorf("deleted %q, want %q", got, want)
	}
	if err := verifies(o); err != nil {
		t.Error(err)
	}
	if s := o.stderr.String(); s != "" {
		t.Errorf("operators were told %s", s)
	}
}

// The day of the daily deletion is Denmark's, also when the clock is set back.
func TestNextRetention(t *testing.T) {
	for now, want := range map[string]string{
		"2026-11-02 03:29": "2026-11-02 03:30", "2026-11-02 03:30": "2026-11-03 03:30", "2026-11-02 23:59": "2026-11-03 03:30",
		"2026-10-24 12:00": "2026-10-25 03:30", "2026-10-25 03:31": "2026-10-26 03:30", "2026-03-28 12:00": "2026-03-29 03:30", "2026-12-31 04:00": "2027-01-01 03:30",
	} {
		at := danishTime(t, now)
		if got := nextRetention(at, at.Location()); !got.Equal(danishTime(t, want)) {
			t.Errorf("after %s: %s, want %s", now, got, want)
		}
	}
}
