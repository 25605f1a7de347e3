package main

import (
	"compress/gzip"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"time"

	"byskriver/robots/invoice/patterns"
)

type row struct {
	f     patterns.Facts
	day   patterns.Day
	label string
}

func main() {
	until := flag.String("until", "2024", "")
	from := flag.String("from", "2022-07-01", "")
	promise := flag.Float64("promise", 0.985, "")
	window := flag.Int("window", 120, "")
	least := flag.Int("least", 3, "")
	c := patterns.DefaultChecks()
	flag.IntVar(&c.Group, "group", c.Group, "")
	flag.IntVar(&c.First, "first", c.First, "")
	flag.IntVar(&c.AfterMiss, "after", c.AfterMiss, "")
	flag.IntVar(&c.Recover, "recover", c.Recover, "")
	hold := flag.Int("hold", 3, "")
	teach := flag.Bool("teach", true, "")
	verbose := flag.Bool("v", false, "")
	margin := flag.Float64("m", 0, "")
	care := flag.Float64("care", 0.5, "")
	flag.Parse()
	c.Hold = patterns.Day(*hold)
	f, _ := os.Open(os.Getenv("BYSKRIVER_SPEND") + "/devon_2022-2024_3y.csv.gz")
	z, _ := gzip.NewReader(f)
	r := csv.NewReader(z)
	r.Read()
	var rows []row
	for {
		rec, err := r.Read()
		if err != nil || rec[0] >= *until {
			break
		}
		t, _ := time.Parse("2006-01-02", rec[0])
		a, _ := strconv.ParseFloat(rec[3], 64)
		pre := strings.TrimRight(rec[1], "0123456789")
		fa := patterns.Facts{Supplier: rec[5], Name: rec[4], Origin: pre, Number: rec[2], Ore: int64(a*100 + 0.5), Kind: rec[10], Taxed: rec[6] != ""}
		if strings.HasPrefix(fa.Number, "REDACTED") {
			fa.Number = ""
		}
		if a < 0 {
			fa.Ore = int64(a*100 - 0.5)
		}
		rows = append(rows, row{fa, patterns.Day(t.Unix() / 86400), rec[9] + "|" + rec[7]})
	}
	pf, _ := os.Create("/tmp/pattern-x/cpu.prof")
	pprof.StartCPUProfile(pf)
	defer pprof.StopCPUProfile()
	start := time.Now()
	set := patterns.Settings{Promise: *promise, Window: patterns.Day(*window), Late: 30, Care: *care, Least: *least, Checks: c}
	l := patterns.NewLearner(set)
	type mon struct{ n, rel, wrong, ask, held int }
	months := map[string]*mon{}
	var names []string
	for i := 0; i < len(rows); {
		j := i
		for j < len(rows) && rows[j].day == rows[i].day {
			j++
		}
		day := rows[i].day
		l.Learned(day - 1)
		m := time.Unix(int64(day)*86400, 0).UTC().Format("2006-01")
		if months[m] == nil {
			months[m] = &mon{}
			names = append(names, m)
		}
		x := months[m]
		ds := make([]patterns.Decision, j-i)
		groups := map[patterns.Pair][]int{}
		var ps []patterns.Pair
		for k := range ds {
			ds[k] = l.Decide(&rows[i+k].f, day)
			if ds[k].Confidence >= *promise+*margin && ds[k].Reason.Run >= *least {
				p := ds[k].Pair()
				if groups[p] == nil {
					ps = append(ps, p)
				}
				groups[p] = append(groups[p], k)
			}
		}
		asked := map[int]bool{}
		for _, p := range ps {
			g := groups[p]
			slices.SortStableFunc(g, func(a, b int) int {
				if ds[a].Ask < ds[b].Ask {
					return -1
				}
				return 1
			})
			first := l.First(p, len(g))
			right := 0
			for _, k := range g[:first] {
				asked[k] = true
				if ds[k].Label == rows[i+k].label {
					right++
				}
			}
			x.ask += first
			if first > 0 && !l.Answered(p, day, right, first-right) {
				x.held += len(g) - first
				continue
			}
			for _, k := range g[first:] {
				x.rel++
				if ds[k].Label != rows[i+k].label {
					x.wrong++
				}
			}
		}
		x.n += j - i
		for k := range ds {
			known := day + 30
			if asked[k] && *teach {
				known = day
			}
			l.Await(ds[k], rows[i+k].label, known, false)
		}
		i = j
	}
	var t mon
	lo, hi := 9.0, -9.0
	for _, m := range names {
		if m < (*from)[:7] {
			continue
		}
		x := months[m]
		t.n += x.n
		t.rel += x.rel
		t.wrong += x.wrong
		t.ask += x.ask
		t.held += x.held
		d := 100*(1-float64(x.wrong)/float64(x.rel)) - *promise*100
		lo, hi = min(lo, d), max(hi, d)
		if *verbose {
			fmt.Printf("  %s cov %.1f prec %.2f ask %.1f held %.1f\n", m, 100*float64(x.rel)/float64(x.n), 100-100*float64(x.wrong)/float64(x.rel), 100*float64(x.ask)/float64(x.n), 100*float64(x.held)/float64(x.n))
		}
	}
	fmt.Printf("%v: cov %.1f prec %.2f ask %.2f held %.2f months %+.2f..%+.2f  %v a row\n", flag.Args(), 100*float64(t.rel)/float64(t.n), 100-100*float64(t.wrong)/float64(t.rel), 100*float64(t.ask)/float64(t.n), 100*float64(t.held)/float64(t.n), lo, hi, time.Since(start)/time.Duration(len(rows)))
}
