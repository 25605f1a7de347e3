package pdftext_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"byskriver/fixtures/town"
	"byskriver/robots/internal/pdftext"
)

func made(t *testing.T, p town.PDF) []byte {
	t.Helper()
	if _, err := os.Stat(pdftext.Debian().Text); err != nil {
		t.Skip("no pdftotext on this machine: make setup installs it")
	}
	b, err := p.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRead(t *testing.T) {
	page := town.PDF{Lines: []string{"Rigspolitiet", "Børneattest"}, Pictures: 2}
	whole := made(t, page)
	locked := page
	locked.Password = "hemmelig"
	for _, c := range []struct {
		name   string
		pdf    []byte
		text   string
		images int
		err    error
	}{
		{"a page", whole, "Rigspolitiet Børneattest", 2, nil},
		{"empty", made(t, town.PDF{}), "", 0, nil},
		{"scanned", made(t, town.PDF{Pictures: 1}), "", 1, nil},
		{"locked", made(t, locked), "", 0, pdftext.ErrLocked},
		{"cut short", whole[:len(whole)/3], "", 0, pdftext.ErrBroken},
		{"something else", []byte("Kære kommune"), "", 0, pdftext.ErrBroken},
		{"nothing", nil, "", 0, pdftext.ErrBroken},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := pdftext.Debian().Read(t.Context(), c.pdf, pdftext.Limits{})
			if !errors.Is(err, c.err) || strings.Join(strings.Fields(got.Text), " ") != c.text || got.Images != c.images {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	long := made(t, town.PDF{Lines: []string{strings.Repeat("lang ", 2000)}})
	if _, err := pdftext.Debian().Read(t.Context(), long, pdftext.Limits{Output: 100}); !errors.Is(err, pdftext.ErrBroken) {
		t.Errorf("a text longer than it may be: %v", err)
	}
	if _, err := pdftext.Debian().Read(t.Context(), long, pdftext.Limits{Memory: 1 << 20}); !errors.Is(err, pdftext.ErrBroken) {
		t.Errorf("with hardly any memory: %v", err)
	}
	sleeper := pdftext.Programs{Text: t.TempDir() + "/sleeper"}
	if err := os.WriteFile(sleeper.Text, []byte("#!/bin/sh\nexec cat /dev/zero\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if _, err := sleeper.Read(t.Context(), long, pdftext.Limits{Time: time.Second}); !errors.Is(err, pdftext.ErrBroken) || time.Since(began) > 20*time.Second {
		t.Errorf("one that never ends: %v after %s", err, time.Since(began))
	}
	if _, err := (pdftext.Programs{Text: "/nowhere/pdftotext"}).Read(t.Context(), long, pdftext.Limits{}); err == nil || errors.Is(err, pdftext.ErrBroken) {
		t.Errorf("a machine without the program: %v", err)
	}
}
