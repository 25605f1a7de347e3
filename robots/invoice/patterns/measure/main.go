// Measure holds the learner against a county's published postings: it goes through
// three years day by day, decides each posting as it would have been decided then,
// and counts what came. README.md of the invoice robot has the protocol.
//
//	BYSKRIVER_SPEND=FOLDER go run ./robots/invoice/patterns/measure [-year 2023] [-svg FILE]
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"byskriver/robots/invoice/patterns"
)

// promises are what is tried; the first two are the goals.
var promises = []float64{0.985, 0.98, 0.97, 0.975, 0.99}

func main() {
	year := flag.Int("year", 2023, "the year that is counted; 2024 was opened once, when all was settled")
	svg := flag.String("svg", "", "where to draw the curve")
	goals := flag.Bool("goals", false, "only the two goals")
	flag.Parse()
	if err := run(os.Stdout, *year, *svg, *goals); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, year int, svg string, goals bool) error {
	folder := os.Getenv("BYSKRIVER_SPEND")
	if folder == "" {
		return fmt.Errorf("BYSKRIVER_SPEND must name the folder with the postings")
	}
	lines, err := readSpend(filepath.Join(folder, "devon_2022-2024_3y.csv.gz"), year)
	if err != nil {
		return err
	}
	try := promises
	if goals {
		try = promises[:2]
	}
	fmt.Fprintf(w, "%d postings to the end of %d; %s, %d cores\n", len(lines), year, runtime.Version(), runtime.NumCPU())
	var points []point
	for i, promise := range try {
		s := patterns.DefaultSettings()
		s.Promise = promise
		begun := spent()
		t := play(s, lines, year)
		points = append(points, point{promise, t.total.reached(), t.total.coverage()})
		fmt.Fprintf(w, "\npromise %s %%: coded %s %%, right %s %%, asked first %s %%, held %s %%; %v a posting in all\n", percent(promise), percent(t.total.coverage()),
			percent2(t.total.reached()), percent(t.total.part(t.total.asked)), percent(t.total.part(t.total.held)), ((spent() - begun) / time.Duration(len(lines))).Round(time.Microsecond))
		if i < 2 {
			t.months(w, promise)
			t.cost(w)
		}
	}
	if svg == "" {
		return nil
	}
	return os.WriteFile(svg, draw(year, points), 0o644)
}
