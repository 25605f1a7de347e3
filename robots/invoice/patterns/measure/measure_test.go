package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"

	"byskriver/robots/invoice/patterns"
)

// The first half of 2022 must come out as it did when the learner was tuned: what is
// promised is kept, and much is coded.
func TestHalfAYearOfPostings(t *testing.T) {
	if os.Getenv("BYSKRIVER_SPEND") == "" {
		t.Skip("BYSKRIVER_SPEND does not name the folder with the published postings")
	}
	lines, err := readSpend(filepath.Join(os.Getenv("BYSKRIVER_SPEND"), "devon_2022-2024_3y.csv.gz"), 2022)
	if err != nil {
		t.Fatal(err)
	}
	half := 0
	for half < len(lines) && lines[half].date < "2022-07" {
		half++
	}
	got := play(patterns.DefaultSettings(), lines[:half], 2022)
	june := got.month["2022-06"]
	if june.coverage() < 0.45 || june.reached() < 0.98 {
		t.Errorf("June 2022: coded %.1f %%, of those right %.2f %%", 100*june.coverage(), 100*june.reached())
	}
	if jan := got.month["2022-01"]; jan.coded > 0 {
		t.Errorf("January 2022, before anything is known to be right: %d coded", jan.coded)
	}
}

func TestTheCurveIsXML(t *testing.T) {
	svg := draw(2023, []point{{0.98, 0.981, 0.61}, {0.985, 0.987, 0.55}})
	d := xml.NewDecoder(bytes.NewReader(svg))
	circles := 0
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := tok.(xml.StartElement); ok && s.Name.Local == "circle" {
			circles++
		}
	}
	if circles != 2 {
		t.Errorf("%d points drawn, want 2", circles)
	}
	if x, y := atX(0.25), atY(1); x != left || math.Abs(y-top) > 1e-9 {
		t.Errorf("25 %% and all right is at %v, %v", x, y)
	}
}
