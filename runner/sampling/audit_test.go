package sampling_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"byskriver/runner/runlog"
	"byskriver/runner/sampling"
)

var auditKey = bytes.Repeat([]byte{7}, sampling.KeySize)

// day is what the log says of a day with four items, of which a person has agreed to the
// samples and the others were done.
func day() []runlog.Logged {
	period := map[string]string{"robot": "invoice", "period": "2026-11-20"}
	all := []runlog.Logged{{Code: "sample.committed", Fields: with(period, "commitment", sampling.Commitment(auditKey))}}
	for i := range 4 {
		item, key := fmt.Sprintf("invoice-2026-%06d", i+1), fmt.Sprint("key", i)
		drawn := sampling.Draw(auditKey, "invoice", key, 500_000)
		all = append(all, runlog.Logged{Code: "sample.asked", Item: item, Fields: with(period, "key", key, "share", "500000", "drawn", fmt.Sprint(drawn))})
		if drawn {
			all = append(all, runlog.Logged{Code: "person.decided", Item: item}, runlog.Logged{Code: "sample.judged", Item: item, Fields: map[string]string{"judgement": "agreed"}})
		}
		all = append(all, runlog.Logged{Code: "step.intent", Item: item})
	}
	all = append(all, runlog.Logged{Code: "sample.disclosed", Fields: with(period, "key", hex.EncodeToString(auditKey))})
	for i := range all {
		all[i].Seq, all[i].State = int64(i+1), runlog.Readable
	}
	return all
}

func with(m map[string]string, kv ...string) map[string]string {
	all := map[string]string{}
	for k, v := range m {
		all[k] = v
	}
	for i := 0; i < len(kv); i += 2 {
		all[kv[i]] = kv[i+1]
	}
	return all
}

func entries(all []runlog.Logged) iter.Seq2[runlog.Logged, error] {
	return func(yield func(runlog.Logged, error) bool) {
		for _, e := range all {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// first is the first entry of a code, with that field where one is named.
func first(all []runlog.Logged, code string, fields ...string) int {
	for i, e := range all {
		if e.Code == code && (len(fields) == 0 || e.Fields[fields[0]] == fields[1]) {
			return i
		}
	}
	panic("no entry " + code)
}

func without(all []runlog.Logged, i int) []runlog.Logged {
	return append(all[:i:i], all[i+1:]...)
}

func TestAudit(t *testing.T) {
	later := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		change func([]runlog.Logged) []runlog.Logged
		finds  string
	}{
		"as it should be": {func(l []runlog.Logged) []runlog.Logged { return l }, ""},
		"a sample made none": {func(l []runlog.Logged) []runlog.Logged {
			l[first(l, "sample.asked", "drawn", "true")].Fields["drawn"] = "false"
			return l
		}, "passer ikke"},
		"none made a sample": {func(l []runlog.Logged) []runlog.Logged {
			l[first(l, "sample.asked", "drawn", "false")].Fields["drawn"] = "true"
			return l
		}, "passer ikke"},
		"another key": {func(l []runlog.Logged) []runlog.Logged {
			l[first(l, "sample.disclosed")].Fields["key"] = strings.Repeat("00", 32)
			return l
		}, "ikke den, der var bundet til"},
		"no commitment":      {func(l []runlog.Logged) []runlog.Logged { return without(l, 0) }, "ikke står i loggen"},
		"committed too late": {func(l []runlog.Logged) []runlog.Logged { l[0], l[1] = l[1], l[0]; return l }, "brugt, før"},
		"two commitments":    {func(l []runlog.Logged) []runlog.Logged { return append([]runlog.Logged{l[0]}, l...) }, "to nøgler"},
		"done undecided":     {func(l []runlog.Logged) []runlog.Logged { return without(l, first(l, "person.decided")) }, "før en person"},
		"drawn twice":        {func(l []runlog.Logged) []runlog.Logged { return append(l, l[1]) }, "to gange"},
		"not disclosed":      {func(l []runlog.Logged) []runlog.Logged { return without(l, len(l)-1) }, "ikke lagt frem"},
		"share missing":      {func(l []runlog.Logged) []runlog.Logged { delete(l[1].Fields, "share"); return l }, "mangler oplysninger"},
	} {
		r, err := sampling.Audit(entries(c.change(day())), later)
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		for _, f := range r.Findings {
			found = append(found, f.Text)
		}
		if r.OK() != (c.finds == "") || !strings.Contains(strings.Join(found, "\n"), c.finds) {
			t.Errorf("%s: found %q, want %q", name, found, c.finds)
		}
	}
	r, _ := sampling.Audit(entries(day()), later)
	if r.Asked != 4 || r.Checked != 4 || r.Drawn == 0 || r.Drawn == 4 || r.Judged != r.Drawn || r.Agreed != r.Drawn || r.Unasked != 0 {
		t.Errorf("%+v", r)
	}
	r, _ = sampling.Audit(entries(without(day(), len(day())-1)), later.Add(-80*time.Hour))
	if !r.OK() || r.Secret != 4 {
		t.Errorf("on the day itself: %+v", r)
	}
	r, _ = sampling.Audit(entries(without(day(), first(day(), "sample.asked", "drawn", "false"))), later)
	if r.Unasked != 1 {
		t.Errorf("one not asked about: %+v", r)
	}
}
