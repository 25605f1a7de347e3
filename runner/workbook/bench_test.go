//go:build unix

package workbook

import (
	"bytes"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// BenchmarkWrite writes 100,000 rows to a file, 65,530 of them with a link. The
// peak is the process's own (VmHWM), so that it counts only when the benchmark
// runs alone:
//
//	go test -run '^$' -bench 'Write$' -benchtime 1x ./runner/workbook
func BenchmarkWrite(b *testing.B) {
	book := bookOf(b)
	start := processorTime(b)
	for b.Loop() {
		book.Robots[0].Rows = manyRows(100_000)
		f, err := os.CreateTemp(b.TempDir(), "bench")
		must(b, err)
		must(b, Write(f, book))
		st, err := f.Stat()
		must(b, err)
		b.ReportMetric(float64(st.Size())/1e6, "file-MB")
		must(b, f.Close())
	}
	b.ReportMetric((processorTime(b)-start)/float64(b.N), "cpu-s/op")
	b.ReportMetric(peak(b), "peak-MB")
}

// processorTime is how long the process has had processors for, in seconds: what
// counts on a machine that others use too.
func processorTime(b *testing.B) float64 {
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

// BenchmarkRead reads 30,000 rows, half of them decided.
func BenchmarkRead(b *testing.B) {
	const n = 30_000
	book := bookOf(b)
	book.Robots[0].Rows = func(yield func(Row, error) bool) {
		for r := range manyRows(n) {
			if r.Draft.Value = r.Case; r.Revision%2 == 0 {
				r.Draft = Draft{Choice: "manual", Value: "5385000001", Note: "set og i orden"}
			}
			if !yield(r, nil) {
				return
			}
		}
	}
	file := written(b, book)
	ring := testRing(b)
	for b.Loop() {
		im, err := ReadFrom(bytes.NewReader(file), int64(len(file)), ReadOptions{Ring: ring})
		must(b, err)
		if im.Rows != n {
			b.Fatal(im.Rows)
		}
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkBare is what the bare library takes for as many rows and columns of
// the same texts, without links, codes, masking, heights and rules: the floor for
// BenchmarkWrite.
func BenchmarkBare(b *testing.B) {
	start := processorTime(b)
	for b.Loop() {
		f := excelize.NewFile()
		s, err := f.NewStreamWriter("Sheet1")
		must(b, err)
		i := 0
		for r := range manyRows(100_000) {
			i++
			must(b, s.SetRow("A"+strconv.Itoa(i), []any{r.Number, r.Case, r.Area, 46000, 46001, r.Code, r.Reason, r.Proposal, r.Evidence.Text, "", "", "", r.Revision, r.Number}))
		}
		must(b, s.Flush())
		must(b, f.Write(io.Discard))
		must(b, f.Close())
	}
	b.ReportMetric((processorTime(b)-start)/float64(b.N), "cpu-s/op")
	b.ReportMetric(peak(b), "peak-MB")
}

// peak is the most memory that the process has had, in MB.
func peak(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.SplitSeq(string(status), "\n") {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmHWM:" {
			kb, err := strconv.ParseFloat(f[1], 64)
			must(b, err)
			return kb / 1000
		}
	}
	return 0
}
