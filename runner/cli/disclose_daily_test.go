package cli

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"byskriver/runner/runlog"
	"byskriver/runner/sampling"
	"byskriver/runner/seal"
	"byskriver/runner/store"
)

// committed keeps a key of a day's samples, and commits to it in the log, as a run does.
func (o *office) committed(day string, key []byte) {
	o.t.Helper()
	h := o.open()
	defer h.close()
	k := store.SamplingKey{Robot: "test", Period: day, Key: key, Commitment: sampling.Commitment(key)}
	err := h.store.Write(o.t.Context(), func(t *store.Tx) error {
		if err := h.store.PutSamplingKey(t, k, o.clock.Now()); err != nil {
			return err
		}
		return h.log.Append(t.Context(), t, seal.Key{}, runlog.Entry{At: o.clock.Now(), Code: "sample.committed",
			Fields: map[string]string{"robot": k.Robot, "period": day, "commitment": k.Commitment}})
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

// Keys of samples are disclosed as soon as their day is over, though no robot runs: at the
// start of serve, and a few minutes after midnight. That of the day stays secret.
func TestServeDisclosesDaily(t *testing.T) {
	o := newOffice(t, danishTime(t, "2026-11-07 20:00"), func() error { // a Saturday: nothing is planned until Monday
		t.Error("the robot ran, so it is not shown that serve discloses")
		return nil
	})
	keys := map[string][]byte{}
	for i, day := range []string{"2026-11-06", "2026-11-07", "2026-11-08"} {
		keys[day] = []byte(strings.Repeat(string(rune('a'+i)), sampling.KeySize))
		o.committed(day, keys[day])
	}
	o.serve(danishTime(t, "2026-11-08 12:00"))
	var got []string
	for l := range o.entries("sample.disclosed") {
		day := l.Fields["period"]
		if l.Fields["key"] != hex.EncodeToString(keys[day]) {
			t.Errorf("the key of %s is disclosed as %s", day, l.Fields["key"])
		}
		got = append(got, day+" at "+l.At.In(danishTime(t, "2026-11-07 20:00").Location()).Format("02-01 15:04"))
	}
	if want := []string{"2026-11-06 at 07-11 20:00", "2026-11-07 at 08-11 00:05"}; !slices.Equal(got, want) {
		t.Errorf("disclosed %q, want %q", got, want)
	}
	if err := verifies(o); err != nil {
		t.Error(err)
	}
}
