package browser_test

import (
	"bytes"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"byskriver/fixtures/pages"
	"byskriver/selectors/browser"
)

// soon is how long a page is waited for where a test wants it to give up.
const soon = 1500 * time.Millisecond

// see waits for outcomes and fails unless it is the wanted one.
func (k *kit) see(want string, outcomes ...string) browser.Seen {
	k.Helper()
	seen, err := k.page.Wait(k.ctx, append([]string{want}, outcomes...)...)
	k.must(err)
	if seen.Name != want {
		k.Fatalf("saw %+v, want %s", seen, want)
	}
	return seen
}

func (k *kit) value(name, want string) {
	k.Helper()
	got, err := k.page.Value(k.ctx, name)
	k.must(err)
	if got != want {
		k.Fatalf("%s holds %q, want %q", name, got, want)
	}
}

func TestFramesInFrames(t *testing.T) {
	host, err := url.Parse(shared.url)
	if err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"same site":  "/nested.html",
		"other site": "/nested.html?other=localhost:" + host.Port(),
	} {
		t.Run(name, func(t *testing.T) {
			k := open(t, path)
			p, ctx := k.page, k.ctx
			k.must(p.At(ctx, "portal"))
			k.must(p.At(ctx, "inbox"))
			k.must(p.Fill(ctx, "cvr", "99000019"))
			seen, err := p.ClickTo(ctx, "search", "inbox.searched")
			k.must(err)
			if seen.Text != "Søgt efter 99000019" {
				t.Fatalf("saw %+v", seen)
			}
			rows, err := p.Rows(ctx, "vouchers")
			k.must(err)
			if len(rows) != 2 || rows[1]["voucher"] != "5100004712" || rows[1]["amount"] != "99,00-" {
				t.Fatalf("rows are %v", rows)
			}
			k.must(p.ClickRow(ctx, "vouchers", map[string]string{"amount": "99,00-"}, "voucher"))
			if seen := k.see("voucher", "inbox"); seen.Text != "Bilag 5100004712" {
				t.Fatalf("saw %+v", seen)
			}
		})
	}
}

func TestRowThatIsNotThere(t *testing.T) {
	k := open(t, "/nested.html")
	k.must(k.page.At(k.ctx, "inbox"))
	k.page.SetPatience(soon)
	err := k.page.ClickRow(k.ctx, "vouchers", map[string]string{"status": "Ny"}, "voucher")
	var changed *browser.ScreenChanged
	if !errors.As(err, &changed) || !strings.Contains(err.Error(), "2 of 2 rows fit") {
		t.Fatalf("got %v", err)
	}
}

func TestTableDrawnAnewWhileRead(t *testing.T) {
	k := open(t, "/table.html")
	k.must(k.page.At(k.ctx, "table"))
	for range 15 {
		rows, err := k.page.Rows(k.ctx, "moving")
		k.must(err)
		if len(rows) != 5 {
			t.Fatalf("%d rows: %v", len(rows), rows)
		}
		for i, r := range rows {
			if r["drawing"] != rows[0]["drawing"] || r["amount"] != string(rune('1'+i))+",00" {
				t.Fatalf("row %d is of another drawing: %v", i, rows)
			}
		}
	}
}

func TestButtonUnderCookieBar(t *testing.T) {
	k := open(t, "/cookie.html")
	k.must(k.page.At(k.ctx, "consent"))
	k.must(k.page.Click(k.ctx, "send"))
	k.see("consent.sent")
}

func TestVeilThatNobodyKnows(t *testing.T) {
	k := open(t, "/modal.html")
	k.must(k.page.At(k.ctx, "veiled"))
	k.page.SetPatience(soon)
	for _, err := range []error{k.page.Click(k.ctx, "send"), k.page.Fill(k.ctx, "text", "x")} {
		var slow *browser.Slow
		if !errors.As(err, &slow) || !strings.Contains(slow.WaitedFor, "covered by <div#veil.modal>") || slow.For != soon {
			t.Fatalf("got %v", err)
		}
	}
}

func TestAutocompleteThatEatsTypedText(t *testing.T) {
	k := open(t, "/autocomplete.html")
	p, ctx := k.page, k.ctx
	k.must(p.At(ctx, "suggest"))
	err := p.Fill(ctx, "agent", "Bodil Krag")
	if err == nil { // eaten only after it was read back: the press has to notice
		err = p.Click(ctx, "forward")
	}
	var not *browser.NotTaken
	if !errors.As(err, &not) || not.Name != "agent" || not.Typed != "Bodil Krag" || not.Shown != "" {
		t.Fatalf("got %v", err)
	}
	k.must(p.Pick(ctx, "agent", "Bo", "Bodil Krag"))
	k.must(p.Click(ctx, "forward"))
	if seen := k.see("suggest.sent"); seen.Text != "Sendt til Bodil Krag" {
		t.Fatalf("saw %+v", seen)
	}
}

func TestDatePickers(t *testing.T) {
	k := open(t, "/dates.html")
	p, ctx := k.page, k.ctx
	k.must(p.At(ctx, "dates"))
	k.must(p.FillAll(ctx, browser.Field{Name: "due", Value: "5.3.2026"},
		browser.Field{Name: "invoiced", Value: "1.3.2026"}, browser.Field{Name: "text", Value: "abc"}))
	k.value("due", "2026-03-05")
	k.value("invoiced", "01.03.2026")
	k.value("text", "abc")
	if seen := k.see("dates.due"); seen.Text != "Forfald er 2026-03-05" {
		t.Fatalf("saw %+v", seen)
	}
	k.must(p.Click(ctx, "pick"))
	k.must(p.ClickText(ctx, "24"))
	k.value("posted", "24.03.2026")
	p.SetPatience(soon)
	var slow *browser.Slow
	if err := p.Fill(ctx, "posted", "1.3.2026"); !errors.As(err, &slow) || !strings.Contains(err.Error(), "read-only") {
		t.Fatalf("got %v", err)
	}
}

func TestUpload(t *testing.T) {
	k := open(t, "/files.html")
	p, ctx := k.page, k.ctx
	k.must(p.At(ctx, "files"))
	file := filepath.Join(t.TempDir(), "plan.csv")
	k.must(os.WriteFile(file, []byte("Plan;1\n"), 0o600))
	k.must(p.Upload(ctx, "file", file))
	seen, err := p.ClickTo(ctx, "load", "files.loaded")
	k.must(err)
	if !strings.HasPrefix(seen.Text, "Indlæst: plan.csv, 7 byte, ") {
		t.Fatalf("saw %+v", seen)
	}
	if err := p.Upload(ctx, "file", file+".gone"); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("got %v", err)
	}
}

func TestDownload(t *testing.T) {
	k := open(t, "/files.html")
	k.must(k.page.At(k.ctx, "files"))
	dir := t.TempDir()
	for range 2 { // the second must not be taken for the first
		file, err := k.page.Download(k.ctx, "sheet", dir)
		k.must(err)
		data, err := os.ReadFile(file.Path)
		k.must(err)
		if file.Name != "_bilag.csv" || !bytes.Equal(data, pages.Sheet) || filepath.Dir(file.Path) != dir {
			t.Fatalf("got %+v with %q", file, data)
		}
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 2 {
		t.Fatalf("%v, %v", files, err)
	}
	k.must(k.page.At(k.ctx, "files"))
}

func TestPDFInNewWindow(t *testing.T) {
	k := open(t, "/files.html")
	k.must(k.page.At(k.ctx, "files"))
	k.must(k.page.Click(k.ctx, "invoice"))
	w, err := k.page.WaitPopup(k.ctx)
	k.must(err)
	data, err := k.page.Fetch(k.ctx, w.URL)
	k.must(err)
	if !bytes.Equal(data, pages.Invoice) {
		t.Fatalf("fetched %q from %s", data, w.URL)
	}
	closed, err := k.page.ClosePopups(k.ctx)
	k.must(err)
	if len(closed) != 1 || len(k.page.Popups()) != 0 {
		t.Fatalf("closed %v, open %v", closed, k.page.Popups())
	}
	var gone *browser.Unreachable
	if _, err := k.page.Fetch(k.ctx, k.url+"/nothing.pdf"); !errors.As(err, &gone) || gone.Reason != "HTTP 404" {
		t.Fatalf("got %v", err)
	}
}

func TestFieldsThatFormatThemselves(t *testing.T) {
	k := open(t, "/format.html")
	p, ctx := k.page, k.ctx
	k.must(p.At(ctx, "format"))
	k.must(p.FillAll(ctx, browser.Field{Name: "amount", Value: "1234,5"}, browser.Field{Name: "voucher", Value: "4711"}))
	k.value("voucher", "0000004711")
	k.must(p.FillAll(ctx, browser.Field{Name: "note", Value: "én\nto"}, browser.Field{Name: "rich", Value: "ny tekst"}))
	k.value("note", "én\nto")
	k.value("rich", "ny tekst")
	err := p.Fill(ctx, "short", "for lang")
	var not *browser.NotTaken
	if !errors.As(err, &not) || not.Shown != "for l" || strings.Contains(err.Error(), "for lang") {
		t.Fatalf("got %v", err)
	}
}

func TestShadowDOM(t *testing.T) {
	k := open(t, "/shadow.html")
	k.must(k.page.At(k.ctx, "shadow"))
	k.page.SetPatience(soon)
	var slow *browser.Slow
	if _, err := k.page.Wait(k.ctx, "shadow.saved"); !errors.As(err, &slow) { // the page's script says it, the page does not
		t.Fatalf("got %v", err)
	}
	k.must(k.page.FillAll(k.ctx, browser.Field{Name: "account", Value: "4000"}, browser.Field{Name: "text", Value: "abc"}))
	seen, err := k.page.ClickTo(k.ctx, "save", "shadow.saved")
	k.must(err)
	if seen.Text != "Gemt: 4000, abc" {
		t.Fatalf("saw %+v", seen)
	}
}

func TestSessionThatEnds(t *testing.T) {
	k := open(t, "/session?begin")
	p, ctx := k.page, k.ctx
	k.must(p.At(ctx, "work"))
	k.must(p.Click(ctx, "next"))
	k.must(p.At(ctx, "work"))
	k.must(p.Click(ctx, "expire"))
	k.must(p.At(ctx, "work"))
	k.must(p.Click(ctx, "next"))
	if at, err := p.Which(ctx, "work", "signin"); err != nil || at != "signin" {
		t.Fatalf("at %q, %v", at, err)
	}
	p.SetPatience(soon)
	err := p.Fill(ctx, "work.text", "abc")
	var changed *browser.ScreenChanged
	if !errors.As(err, &changed) || len(changed.Shows) != 1 || changed.Shows[0] != "signin" {
		t.Fatalf("got %v", err)
	}
}

// TestPressWaitsForTheNextPage: as long as the next page is on its way, the old one
// still looks like the page that it is.
func TestPressWaitsForTheNextPage(t *testing.T) {
	k := open(t, "/session?begin")
	k.must(k.page.At(k.ctx, "work"))
	k.must(k.page.Click(k.ctx, "slow"))
	if at, err := k.page.Which(k.ctx, "work", "signin"); err != nil || at != "signin" {
		t.Fatalf("at %q, %v", at, err)
	}
	k.must(k.page.Open(k.ctx, k.url+"/nested.html"))
	k.must(k.page.At(k.ctx, "inbox"))
	k.must(k.page.Click(k.ctx, "slow"))
	if at, err := k.page.Which(k.ctx, "inbox", "framedsignin"); err != nil || at != "framedsignin" {
		t.Fatalf("in the frame: at %q, %v", at, err)
	}
}

func TestPageThatNeverStopsLoading(t *testing.T) {
	k := open(t, "/endless")
	k.must(k.page.At(k.ctx, "endless"))
	k.must(k.page.Fill(k.ctx, "text", "abc"))
	k.must(k.page.Click(k.ctx, "save"))
	k.see("endless.saved")
	k.page.SetPatience(soon)
	var slow *browser.Slow
	if err := k.page.At(k.ctx, "form"); !errors.As(err, &slow) || slow.WaitedFor != "form" {
		t.Fatalf("got %v", err)
	}
}

func TestServersThatDoNotAnswer(t *testing.T) {
	k := open(t, "/form.html")
	k.page.SetPatience(soon)
	var slow *browser.Slow
	if err := k.page.Open(k.ctx, k.url+"/silent"); !errors.As(err, &slow) || !strings.Contains(slow.WaitedFor, "/silent") {
		t.Fatalf("got %v", err)
	}
	var gone *browser.Unreachable
	k.must(k.page.Open(k.ctx, k.url+"/maintenance"))
	if err := k.page.At(k.ctx, "form"); !errors.As(err, &gone) || gone.Reason != "HTTP 503" {
		t.Fatalf("got %v", err)
	}
	if err := k.page.Open(k.ctx, "http://127.0.0.1:1/?cpr=secret"); !errors.As(err, &gone) || strings.Contains(err.Error(), "secret") {
		t.Fatalf("got %v", err)
	}
	k.must(k.page.Open(k.ctx, k.url+"/form.html"))
	k.must(k.page.At(k.ctx, "form"))
}
