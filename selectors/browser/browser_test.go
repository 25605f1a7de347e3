package browser_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"byskriver/fixtures/pages"
	"byskriver/selectors"
	"byskriver/selectors/browser"
)

// kit is what a test drives: the fixture pages, and a page of the one browser
// that all tests share.
type kit struct {
	*testing.T
	ctx  context.Context
	page *browser.Page
	url  string
}

var shared struct { // started once for all tests, by TestMain
	browser *browser.Browser
	system  *selectors.System
	url     string
}

func TestMain(m *testing.M) {
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	system, err := selectors.Load("testdata/pages.yaml")
	if err != nil {
		panic(err)
	}
	shared.system = system
	if os.Getenv(childFolder) != "" {
		child(os.Args[1])
	}
	server := httptest.NewServer(pages.Handler())
	defer server.Close()
	b, err := browser.Start(context.Background(), config())
	if err != nil {
		panic(err)
	}
	defer b.Close()
	shared.browser, shared.url = b, server.URL
	return m.Run()
}

func config() browser.Config {
	return browser.Config{NoSandbox: os.Getuid() == 0, Wait: 5 * time.Second, MaxPages: 8}
}

func open(t *testing.T, path string) *kit {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	p, err := shared.browser.Page(ctx, shared.system)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Release(); cancel() })
	if err := p.Open(ctx, shared.url+path); err != nil {
		t.Fatal(err)
	}
	return &kit{T: t, ctx: ctx, page: p, url: shared.url}
}

func (k *kit) must(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

func TestFormToReceipt(t *testing.T) {
	k := open(t, "/form.html")
	p, ctx := k.page, k.ctx
	k.must(p.At(ctx, "form"))
	k.must(p.FillAll(ctx,
		browser.Field{Name: "account", Value: "40000000"},
		browser.Field{Name: "psp", Value: "XG-1234567890"},
		browser.Field{Name: "centre", Value: "9900000001"},
		browser.Field{Name: "amount", Value: "1234,5"},
		browser.Field{Name: "vat", Value: "I1 Købsmoms"},
	))
	k.must(p.Check(ctx, "approve"))
	k.must(p.Check(ctx, "seen"))
	if got, err := p.Value(ctx, "amount"); err != nil || got != "1.234,50" {
		t.Fatalf("amount shows %q, %v", got, err)
	}
	if got, err := p.Text(ctx, "supplier"); err != nil || got != "Nordhavn Kontor ApS" {
		t.Fatalf("supplier says %q, %v", got, err)
	}
	seen, err := p.ClickTo(ctx, "post", "receipt.posted", "form")
	k.must(err)
	if seen.Name != "receipt.posted" || seen.Text != "Bilag 5100004711 er oprettet" {
		t.Fatalf("saw %+v", seen)
	}
}

func TestMissingIsScreenChanged(t *testing.T) {
	k := open(t, "/form.html")
	k.must(k.page.At(k.ctx, "form"))
	k.page.SetPatience(soon)
	err := k.page.Fill(k.ctx, "missing", "x")
	var changed *browser.ScreenChanged
	if !errors.As(err, &changed) || changed.Name != "missing" || len(changed.Tried) != 2 || len(changed.Shows) != 1 {
		t.Fatalf("got %v", err)
	}
	err = k.page.Check(k.ctx, "several")
	if !errors.As(err, &changed) || changed.Name != "several" || !strings.Contains(err.Error(), "2 found") {
		t.Fatalf("a way to two elements was taken: %v", err)
	}
	err = k.page.At(k.ctx, "receipt")
	if !errors.As(err, &changed) || changed.Page != "receipt" || changed.Shows[0] != "form" {
		t.Fatalf("got %v", err)
	}
}
