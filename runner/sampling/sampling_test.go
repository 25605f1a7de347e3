package sampling_test

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"byskriver/runner/sampling"
)

// A draw never changes: an auditor recomputes it years later, with other programs.
// The expected values were made with Python's hmac and integers.
func TestDrawIsFrozen(t *testing.T) {
	key := bytes.Repeat([]byte{7}, sampling.KeySize)
	if got := sampling.Commitment(key); got != "4bb06f8e4e3a7715d201d573d0aa423762e55dabd61a2c02278fa56cc6d294e0" {
		t.Errorf("commitment %s", got)
	}
	for item, place := range map[string]sampling.Share{"00": 501365, "01": 964999, strings.Repeat("ab", 32): 244461} {
		if sampling.Draw(key, "invoice", item, place) || !sampling.Draw(key, "invoice", item, place+1) {
			t.Errorf("item %s is not drawn from share %d on", item, place+1)
		}
	}
}

// Of many items the share is drawn, whatever it is, and another robot's draw is another.
func TestShareIsKept(t *testing.T) {
	key, err := sampling.NewKey(bytes.NewReader(bytes.Repeat([]byte{1}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	for _, percent := range []float64{0, 0.5, 5, 50, 100} {
		share, err := sampling.Percent(percent)
		if err != nil {
			t.Fatal(err)
		}
		const items = 20000
		drawn, differ := 0, 0
		for i := range items {
			one := sampling.Draw(key, "invoice", fmt.Sprint(i), share)
			if one {
				drawn++
			}
			if one != sampling.Draw(key, "attest", fmt.Sprint(i), share) {
				differ++
			}
		}
		want := items * percent / 100
		if d := math.Abs(float64(drawn) - want); d > 5*math.Sqrt(want*(1-percent/100)) {
			t.Errorf("%v %%: %d of %d drawn", percent, drawn, items)
		}
		if middle := percent > 0 && percent < 100; middle != (differ > 0) {
			t.Errorf("%v %%: %d draws differ between robots", percent, differ)
		}
	}
}

func TestPercent(t *testing.T) {
	for _, p := range []float64{-0.1, 100.1, math.NaN(), math.Inf(1)} {
		if _, err := sampling.Percent(p); err == nil {
			t.Errorf("%v is taken", p)
		}
	}
	if s, err := sampling.Percent(2.5); err != nil || s != 25000 {
		t.Errorf("2.5 %% is %d, %v", s, err)
	}
}

func TestNewKeyNeedsRandomness(t *testing.T) {
	if _, err := sampling.NewKey(bytes.NewReader(make([]byte, 31))); err == nil {
		t.Error("a key was made of too little")
	}
}
