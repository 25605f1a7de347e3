package orders_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"byskriver/fixtures/town"
	"byskriver/robots/internal/orders"
	"byskriver/runner"
)

func open(t *testing.T, key string, faults ...town.Fault) (*town.Town, *orders.System) {
	t.Helper()
	tw, err := town.Start(town.Config{Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tw.Close() })
	tw.Orders().Place(town.AttestOrder{ID: "B-1/æ", CPR: "8605010001", Name: "Åse Lund"})
	s := orders.New(orders.Settings{URL: tw.URL(), Key: func() (string, error) { return key, nil }, Longest: time.Second})
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return tw, s
}

func TestOrders(t *testing.T) {
	_, s := open(t, town.OrdersKey)
	all, err := s.Open(t.Context())
	var o struct{ ID string }
	if err != nil || len(all) != 1 || json.Unmarshal(all[0], &o) != nil || o.ID != "B-1/æ" {
		t.Fatalf("%s, %v", all, err)
	}
	if _, ok, err := s.Status(t.Context(), o.ID, "boerneattest"); ok || err != nil {
		t.Errorf("a status that nobody has put: %v, %v", ok, err)
	}
	want := orders.Status{Status: "sendt", Text: "Bestilt."}
	for range 2 {
		if err := s.PutStatus(t.Context(), o.ID, "boerneattest", want); err != nil {
			t.Error(err)
		}
	}
	if got, ok, err := s.Status(t.Context(), o.ID, "boerneattest"); got != want || !ok || err != nil {
		t.Errorf("%+v, %v, %v", got, ok, err)
	}
	if err := s.Tell(t.Context(), o.ID, "påmindelse-1", "Husk."); err != nil {
		t.Error(err)
	}
	for key, want := range map[string]bool{"påmindelse-1": true, "påmindelse-2": false} {
		if told, err := s.Told(t.Context(), o.ID, key); told != want || err != nil {
			t.Errorf("told %s: %v, %v", key, told, err)
		}
	}
	if err := s.Tell(t.Context(), "B-2", "x", "Husk."); !runner.IsNotDone(err) {
		t.Errorf("an order that is not there: %v", err)
	}
}

// What fails once is asked again by itself; what goes on failing is trouble.
func TestFaults(t *testing.T) {
	for name, do := range map[string]town.Action{"500": town.Fail(), "503": town.Maintenance(), "cut": town.CutBefore(), "dropped": town.DropAfter(0)} {
		_, s := open(t, town.OrdersKey, town.Fault{On: town.Match{What: town.WhatStatus, Nth: 1}, Do: do})
		if err := s.PutStatus(t.Context(), "B-1/æ", "boerneattest", orders.Status{Status: "sendt"}); err != nil {
			t.Errorf("%s, once: %v", name, err)
		}
	}
	for name, do := range map[string]town.Action{"500": town.Fail(), "an error page in a 200": town.Layout(1)} {
		_, s := open(t, town.OrdersKey, town.Fault{Do: do})
		var trouble *runner.Trouble
		if _, err := s.Open(t.Context()); !errors.As(err, &trouble) || trouble.Kind != runner.Unavailable {
			t.Errorf("%s, always: %v", name, err)
		}
	}
	_, s := open(t, "en anden")
	var trouble *runner.Trouble
	if _, err := s.Open(t.Context()); !errors.As(err, &trouble) || trouble.Kind != runner.SignInRefused {
		t.Errorf("another key: %v", err)
	}
}

// A request that is sent again writes nothing past the program's own log.
func TestQuiet(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	old := os.Stderr
	os.Stderr = file
	_, s := open(t, town.OrdersKey, town.Fault{On: town.Match{Nth: 1}, Do: town.CutBefore()})
	_, err = s.Open(t.Context())
	os.Stderr = old
	if err != nil {
		t.Errorf("the second try: %v", err)
	}
	if said, err := os.ReadFile(file.Name()); err != nil || len(said) > 0 {
		t.Errorf("written: %q, %v", said, err)
	}
}
