package opus_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"byskriver/fixtures/town"
	"byskriver/robots/internal/opus"
)

// BenchmarkPostingBesideBare posts vouchers through the browser, with four pages
// at once, beside the same requests sent bare over HTTP by four clients, in turn
// in one run; once with a portal that answers at once, and once with one that
// takes 200 ms a request. times/bare is how many times as long the browser takes.
func BenchmarkPostingBesideBare(b *testing.B) {
	for _, think := range []time.Duration{0, 200 * time.Millisecond} {
		b.Run("think="+think.String(), func(b *testing.B) { besideBare(b, think) })
	}
}

func besideBare(b *testing.B, think time.Duration) {
	const pages, round = 4, 8
	l, portal := open(b, town.Config{Seed: 1, Think: think}, robot, password)
	bare := make([]*town.Bare, pages)
	for i := range bare {
		var err error
		if bare[i], err = town.NewBare(b.Context(), l.URL(), robot, password); err != nil {
			b.Fatal(err)
		}
		defer bare[i].Close()
	}
	n := 0
	next := func() string { n++; return fmt.Sprintf("B-%06d", n) }
	post := func(worker int, number string) error {
		v := opus.Voucher{CVR: supplier, Invoice: number, Amount: decimal.New(1250, 0)}
		found, err := portal.Find(b.Context(), v.CVR, v.Invoice, v.Amount)
		if err != nil || len(found) != 1 {
			return fmt.Errorf("found %d: %w", len(found), err)
		}
		return portal.Post(b.Context(), found[0], cleaning())
	}
	send := func(worker int, number string) error {
		c := cleaning()
		_, err := bare[worker].Post(context.Background(), town.Wanted{CVR: supplier, Invoice: number, From: 125000, To: 125000},
			town.Coding{Account: c.Account, PSP: c.PSP, VATCode: c.VATCode, Amount: "1000.00", Text: c.Text, Action: town.ActionCode})
		return err
	}
	var ours, theirs time.Duration
	if _, err := timed(b, l, pages, pages, next, post); err != nil {
		b.Fatal(err) // sign-ins are not part of what is compared
	}
	b.ResetTimer()
	for range b.N {
		a, err := timed(b, l, pages, round, next, post)
		if err != nil {
			b.Fatal(err)
		}
		c, err := timed(b, l, pages, round, next, send)
		if err != nil {
			b.Fatal(err)
		}
		ours, theirs = ours+a, theirs+c
	}
	per := func(d time.Duration) float64 { return float64(d.Milliseconds()) / float64(b.N*round) }
	b.ReportMetric(per(ours), "ms/browser")
	b.ReportMetric(per(theirs), "ms/bare")
	b.ReportMetric(float64(ours)/float64(theirs), "times/bare")
}

// timed lays vouchers and has workers deal with them, and returns how long that
// took.
func timed(b *testing.B, l *town.Town, workers, n int, next func() string, do func(int, string) error) (time.Duration, error) {
	b.Helper()
	numbers := make(chan string, n)
	for range n {
		number := next()
		lay(b, l, number)
		numbers <- number
	}
	close(numbers)
	start := time.Now()
	errs := make(chan error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for number := range numbers {
				if err := do(w, number); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	return time.Since(start), <-errs
}
