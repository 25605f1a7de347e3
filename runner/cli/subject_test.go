package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"byskriver/runner/runlog"
	"byskriver/runner/seal"
	"byskriver/runner/store"
)

// What robots have looked up is told to the one whom it is about, with when, where,
// why and by which run; nobody else's look-ups are. One whose item's key is gone is
// still told of, without its words.
func TestSubjectSeesRobotsLookUps(t *testing.T) {
	const anna, bo = "8605010001", "7203020002"
	o := newOffice(t, danishTime(t, "2026-11-02 06:15"), nil)
	h := o.open()
	look := func(cpr, system, run, item string) runlog.Entry {
		return runlog.Entry{At: o.clock.Now(), Code: "person.looked_up", Run: run, Item: item, Subject: cpr,
			Fields: map[string]string{"system": system, "purpose": "Beregning af fleksløntilskud"}}
	}
	key, err := seal.NewKey() // of an item that the store no longer has
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []runlog.Entry{look(anna, "eindkomst", "run-fleksloen-2026-000001", ""), look(bo, "eindkomst", "run-fleksloen-2026-000001", ""),
		look(anna, "directory", "", ""), look(anna, "eindkomst", "run-fleksloen-2026-000001", "fleksloen-2026-000007")} {
		err := h.store.Write(t.Context(), func(tx *store.Tx) error { return h.log.Append(tx.Context(), tx, key, e) })
		if err != nil {
			t.Fatal(err)
		}
	}
	h.close()
	told := subject(t, o, anna)
	for _, want := range []string{
		"02-11-2026 06:15:00  eindkomst  Beregning af fleksløntilskud ", "run-fleksloen-2026-000001  -", "directory ",
		"(slettet efter slettepolitikken)", "fleksloen-2026-000007", "byskriver  Liste over opslag til borgeren, af ", "4 opslag.",
	} {
		if !strings.Contains(told, want) {
			t.Errorf("%q is not in\n%s", want, told)
		}
	}
	if strings.Contains(told, anna) || strings.Contains(told, "860501") {
		t.Error("the list repeats the citizen's number")
	}
	if other := subject(t, o, bo); !strings.Contains(other, "2 opslag.") {
		t.Errorf("the other citizen is told\n%s", other)
	}
}

// subject runs the command as if the number were typed.
func subject(t *testing.T, o *office, cpr string) string {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	e := o.env(ctx)
	var out bytes.Buffer
	e.Stdin, e.Stdout = strings.NewReader(cpr+"\n"), &out
	if err := (&subjectLogCmd{}).Run(e); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
