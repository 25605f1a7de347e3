package eindkomst

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Answers with bytes changed, taken out or repeated: no panic, nothing told, and
// never reports that the citizen's number is not in.
func TestMutatedAnswers(t *testing.T) {
	good := sample(t)
	r := rand.New(rand.NewPCG(3, 4))
	read := 0
	for range 4000 {
		b := slices.Clone(good)
		for range 1 + r.IntN(4) {
			b = mutate(r, b)
		}
		got, err := parse(b, annas())
		switch {
		case err == nil:
			read++
			if len(got.Reports) > 0 && !strings.Contains(string(b), "8605010001") {
				t.Fatalf("reports out of an answer that does not name the citizen:\n%s", b)
			}
		case strings.Contains(err.Error(), "15600.00"), strings.Contains(err.Error(), "8605010001"):
			t.Fatalf("the error tells: %v", err)
		}
	}
	if read == 0 || read > 1000 {
		t.Errorf("%d of 4,000 were read: the changes are too many or too few to show anything", read)
	}
}

func mutate(r *rand.Rand, b []byte) []byte {
	from := r.IntN(len(b))
	to := from + r.IntN(min(60, len(b)-from))
	switch r.IntN(3) {
	case 0:
		b[from] = byte(r.IntN(256))
		return b
	case 1:
		return slices.Delete(b, from, to)
	default:
		return slices.Insert(b, r.IntN(len(b)), slices.Clone(b[from:to])...)
	}
}
