package plans

import (
	"fmt"
	"testing"
)

// large is a sheet as large as the largest known one (Ringkøbing-Skjern).
func large(n int) Sheet {
	var s Sheet
	for i := range n {
		p := cleaning()
		p.Number = fmt.Sprintf("P-%05d", i)
		p.From = dkk(fmt.Sprintf("%d", i*100))
		p.To = dkk(fmt.Sprintf("%d.99", i*100+99))
		s.Plans = append(s.Plans, p)
	}
	return s
}

func BenchmarkParse1600Plans(b *testing.B) {
	data := file(b, large(1600), nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := Parse(data, DefaultFileLimits()); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	in := within()
	in.Plans = large(10).Plans
	in.History = history(year(12)...)
	b.ReportAllocs()
	for b.Loop() {
		Match(in)
	}
}
