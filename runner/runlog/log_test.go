package runlog

import (
	"testing"
)

func TestWhole(t *testing.T) {
	h := newHouse(t)
	h.fill(1500, 100)
	r := h.verify()
	if !r.OK() {
		t.Fatal(r.Text())
	}
	t.Log(r.Text())
}
