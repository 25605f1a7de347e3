package browser_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"byskriver/selectors/browser"
)

// The benchmarks measure ours and Playwright's side by side on the same pages of
// the same server. Playwright is for the benchmarks alone: `npm ci` in
// fixtures/pages/bench installs it.

// sevenDone is what the page says when every value was right, came as the
// browser's own input event and was told to the page as a change.
const sevenDone = "Færdig: 70 af 70 rigtige, 70 ægte, 70 ændringer"

var sevenNames = [][2]string{{"first", "Fornavn"}, {"last", "Efternavn"}, {"firm", "Firma"}, {"post", "Stilling"},
	{"address", "Adresse"}, {"mail", "E-mail"}, {"phone", "Telefon"}}

// sevenFields does the ten rounds and returns how long they took.
func sevenFields(ctx context.Context, p *browser.Page, url string) (time.Duration, error) {
	if err := p.Open(ctx, url+"/seven.html"); err != nil {
		return 0, err
	}
	if err := p.At(ctx, "seven"); err != nil {
		return 0, err
	}
	start := time.Now()
	for round := 1; round <= 10; round++ {
		var fields []browser.Field
		for _, n := range sevenNames {
			fields = append(fields, browser.Field{Name: n[0], Value: fmt.Sprintf("%s %d", n[1], round)})
		}
		if err := p.FillAll(ctx, fields...); err != nil {
			return 0, err
		}
		if err := p.Click(ctx, "next"); err != nil {
			return 0, err
		}
	}
	seen, err := p.Wait(ctx, "seven.done")
	took := time.Since(start)
	if err == nil && seen.Text != sevenDone {
		err = fmt.Errorf("the page says %q", seen.Text)
	}
	return took, err
}

func TestSevenFields(t *testing.T) {
	k := open(t, "/form.html")
	if _, err := sevenFields(k.ctx, k.page, k.url); err != nil {
		t.Fatal(err)
	}
}

// tenForms does ten forms one after the other.
func tenForms(ctx context.Context, p *browser.Page, url string) error {
	for range 10 {
		if err := oneForm(ctx, p, url); err != nil {
			return err
		}
	}
	return nil
}

// oneForm fills in the form, sends it and reads the receipt.
func oneForm(ctx context.Context, p *browser.Page, url string) error {
	if err := p.Open(ctx, url+"/form.html"); err != nil {
		return err
	}
	if err := p.At(ctx, "form"); err != nil {
		return err
	}
	err := p.FillAll(ctx, browser.Field{Name: "account", Value: "40000000"}, browser.Field{Name: "psp", Value: "XG-1234567890"},
		browser.Field{Name: "centre", Value: "9900000001"}, browser.Field{Name: "amount", Value: "1234,5"}, browser.Field{Name: "vat", Value: "I1 Købsmoms"})
	if err != nil {
		return err
	}
	if err := p.Check(ctx, "approve"); err != nil {
		return err
	}
	seen, err := p.ClickTo(ctx, "post", "receipt.posted")
	if err != nil {
		return err
	}
	if seen.Text != "Bilag 5100004711 er oprettet" {
		return fmt.Errorf("the receipt says %q", seen.Text)
	}
	return nil
}

// fourPages has four pages do ten forms each at the same time.
func fourPages(ctx context.Context, list []*browser.Page, url string) (time.Duration, error) {
	start := time.Now()
	errs := make([]error, len(list))
	var wg sync.WaitGroup
	for i, p := range list {
		wg.Go(func() { errs[i] = tenForms(ctx, p, url) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	return time.Since(start), nil
}

func BenchmarkSevenFields(b *testing.B) {
	page := pagesOut(b, 1)[0]
	other := newPlaywright(b)
	var ours, theirs time.Duration
	for b.Loop() {
		took, err := sevenFields(b.Context(), page, shared.url)
		if err != nil {
			b.Fatal(err)
		}
		ours += took
		theirs += other.do(b, "seven", shared.url+"/seven.html", sevenDone)
	}
	report(b, ours, theirs)
}

func BenchmarkFourPages(b *testing.B) {
	list := pagesOut(b, 4)
	other := newPlaywright(b)
	var ours, theirs time.Duration
	for b.Loop() {
		took, err := fourPages(b.Context(), list, shared.url)
		if err != nil {
			b.Fatal(err)
		}
		ours += took
		theirs += other.do(b, "four", shared.url+"/form.html", strings.Repeat("Bilag 5100004711 er oprettet|", 3)+"Bilag 5100004711 er oprettet")
	}
	report(b, ours, theirs)
}

// report gives the milliseconds of each and how many times faster ours is.
func report(b *testing.B, ours, theirs time.Duration) {
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "ours-ms")
	if theirs > 0 {
		b.ReportMetric(float64(theirs.Milliseconds())/float64(b.N), "playwright-ms")
		b.ReportMetric(float64(theirs)/float64(ours), "times-faster")
	}
}

func pagesOut(b *testing.B, n int) []*browser.Page {
	var list []*browser.Page
	for range n {
		p, err := shared.browser.Page(b.Context(), shared.system)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(p.Release)
		list = append(list, p)
	}
	return list
}

// playwright is a running fixtures/pages/bench/drive.mjs.
type playwright struct {
	in  io.Writer
	out *bufio.Scanner
}

// newPlaywright starts it, or returns nil if it is not installed.
func newPlaywright(b *testing.B) *playwright {
	dir := filepath.Join("..", "..", "fixtures", "pages", "bench")
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err != nil {
		b.Log("measuring ours only: run npm ci in fixtures/pages/bench for Playwright's side")
		return nil
	}
	who := "user"
	if os.Getuid() == 0 {
		who = "root"
	}
	cmd := exec.Command("node", "drive.mjs", "/usr/bin/chromium", who)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { in.Close(); cmd.Wait() })
	return &playwright{in: in, out: bufio.NewScanner(out)}
}

// do has Playwright do one thing and returns how long it took.
func (p *playwright) do(b *testing.B, what, url, want string) time.Duration {
	if p == nil {
		return 0
	}
	b.Helper()
	fmt.Fprintf(p.in, "{\"what\":%q,\"url\":%q}\n", what, url)
	if !p.out.Scan() {
		b.Fatalf("Playwright ended: %v", p.out.Err())
	}
	var got struct {
		MS    float64 `json:"ms"`
		Text  string  `json:"text"`
		Error string  `json:"error"`
	}
	if err := json.Unmarshal(p.out.Bytes(), &got); err != nil || got.Error != "" || got.Text != want {
		b.Fatalf("Playwright: %v %s, it read %q", err, got.Error, got.Text)
	}
	return time.Duration(got.MS * float64(time.Millisecond))
}
