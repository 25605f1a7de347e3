package patterns

import (
	"bytes"
	"testing"
)

// BenchmarkLearn is the whole of learning, per posting: what would have been decided,
// what came, the judge, the trials.
func BenchmarkLearn(b *testing.B) {
	postings := bills(1000, 60)
	b.ResetTimer()
	for range b.N {
		Learn(settings(), postings, nil, firstDay+1100)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(len(postings)), "µs/posting")
}

func BenchmarkDecide(b *testing.B) {
	m := Learn(settings(), bills(400, 60), nil, firstDay+500)
	var all [40]Facts
	for i := range all {
		all[i] = facts(i)
	}
	b.ResetTimer()
	for i := range b.N {
		m.Decide(&all[i%40], firstDay+501)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
}

func BenchmarkSave(b *testing.B) {
	m := Learn(settings(), bills(400, 60), nil, firstDay+500)
	var out bytes.Buffer
	for range b.N {
		out.Reset()
		if _, err := m.Save(&out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(out.Len()), "bytes")
}
