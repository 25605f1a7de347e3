package browser_test

import (
	"errors"
	"strings"
	"testing"

	"byskriver/selectors/browser"
)

func TestPopupWindows(t *testing.T) {
	k := open(t, "/popup.html")
	p, ctx := k.page, k.ctx
	k.must(p.At(ctx, "popup"))
	w, err := p.WaitPopup(ctx)
	k.must(err)
	if w.URL != k.url+"/popup-message.html" {
		t.Fatalf("popup is %+v", w)
	}
	inside, err := p.Enter(ctx, w)
	k.must(err)
	k.must(inside.At(ctx, "notice"))
	k.must(inside.Click(ctx, "ok")) // closes itself
	if _, err := p.ClosePopups(ctx); err != nil {
		t.Fatal(err)
	}
	k.must(p.Click(ctx, "show"))
	if _, err := p.WaitPopup(ctx); err != nil {
		t.Fatal(err)
	}
	if closed, err := p.ClosePopups(ctx); err != nil || len(closed) != 1 || len(p.Popups()) != 0 {
		t.Fatalf("closed %v, %v; open %v", closed, err, p.Popups())
	}
	k.must(p.At(ctx, "popup"))
}

// TestBoxInPopup: a box in a window of its own holds up the page that opened it.
func TestBoxInPopup(t *testing.T) {
	k := open(t, "/popup.html")
	p, ctx := k.page, k.ctx
	k.must(p.At(ctx, "popup"))
	if _, err := p.ClosePopups(ctx); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if _, err := p.ClickTo(ctx, "warn", "popup.opened"); err != nil && p.Open(ctx, k.url+"/popup.html") != nil {
			t.Fatal(err)
		}
		w, err := p.WaitPopup(ctx)
		k.must(err)
		inside, err := p.Enter(ctx, w)
		k.must(err)
		k.must(inside.At(ctx, "warning"))
		inside.Release()
		if boxes := p.Boxes(); len(boxes) != 1 || boxes[0].Text != "Bilaget er åbent hos en anden" {
			t.Fatalf("boxes were %v", boxes)
		}
		k.must(p.Open(ctx, k.url+"/popup.html"))
		k.must(p.At(ctx, "popup"))
		if _, err := p.ClosePopups(ctx); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBoxes(t *testing.T) {
	k := open(t, "/boxes.html")
	p, ctx := k.page, k.ctx
	k.must(p.At(ctx, "boxes"))
	for _, step := range []struct{ press, want string }{
		{"lock", "boxes.read"}, {"post", "boxes.posted"}, {"delete", "boxes.kept"},
	} {
		seen, err := p.ClickTo(ctx, step.press, step.want, "boxes.deleted", "boxes.undone")
		k.must(err)
		if seen.Name != step.want {
			t.Fatalf("after %s saw %+v", step.press, seen)
		}
	}
	p.Answer(func(b browser.Box) (bool, string) { return b.Kind == "prompt", "Forkert konto" })
	if _, err := p.ClickTo(ctx, "decline", "boxes.reason"); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range p.Boxes() {
		got = append(got, b.Kind+":"+b.Text)
	}
	want := "alert:Velkommen|alert:Bilag er låst|confirm:Vil du bogføre bilaget?|confirm:Vil du slette bilaget?|prompt:Angiv årsag"
	if strings.Join(got, "|") != want {
		t.Fatalf("boxes were %v", got)
	}
	k.must(p.Open(ctx, k.url+"/form.html")) // asks before leaving
	k.must(p.At(ctx, "form"))
}

func TestPressNeverLandsElsewhere(t *testing.T) {
	k := open(t, "/jump.html")
	k.must(k.page.At(k.ctx, "jump"))
	k.must(k.page.Click(k.ctx, "save"))
	if seen := k.see("jump.saved", "jump.deleted"); seen.Text != "Gemt" {
		t.Fatalf("saw %+v", seen)
	}

	k = open(t, "/jump.html?always")
	k.must(k.page.At(k.ctx, "jump"))
	k.page.SetPatience(soon)
	var slow *browser.Slow
	if err := k.page.Click(k.ctx, "save"); !errors.As(err, &slow) || !strings.Contains(err.Error(), "landed on <button#b>") {
		t.Fatalf("got %v", err)
	}
	if seen, err := k.page.Wait(k.ctx, "jump.deleted", "jump.saved"); err == nil {
		t.Fatalf("the page says %+v", seen)
	}
}

func TestFormsThatFightBack(t *testing.T) {
	for _, mode := range []string{"steal", "redraw", "stop"} {
		t.Run(mode, func(t *testing.T) {
			k := open(t, "/stubborn.html?"+mode)
			k.must(k.page.At(k.ctx, "stubborn"))
			fields := []browser.Field{{Name: "one", Value: "a"}, {Name: "two", Value: "b"}, {Name: "three", Value: "c"}, {Name: "four", Value: "d"}}
			k.must(k.page.FillAll(k.ctx, fields...))
			for _, f := range fields {
				k.value(f.Name, f.Value)
			}
			if mode != "stop" { // where the page itself hears of nothing
				log, err := k.page.Text(k.ctx, "log")
				k.must(err)
				for _, had := range strings.Fields(log) {
					if !strings.Contains("Et=a To=b Tre=c Fire=d Et= To= Tre= Fire=", had) {
						t.Errorf("a field has had a value that was never meant for it: %s", log)
					}
				}
			}
			k.must(k.page.FillAll(k.ctx, browser.Field{Name: "one", Value: ""}, browser.Field{Name: "two", Value: "x\ty"}))
			k.value("one", "")
		})
	}
}

func TestKeys(t *testing.T) {
	k := open(t, "/keys.html")
	k.must(k.page.At(k.ctx, "keys"))
	k.must(k.page.Fill(k.ctx, "code", "Æ7 b"))
	k.value("code", "Æ7 b")
	var not *browser.NotTaken
	if err := k.page.Fill(k.ctx, "typed", "abc"); !errors.As(err, &not) {
		t.Fatalf("got %v", err)
	}
}

func TestEverythingLate(t *testing.T) {
	k := open(t, "/late.html")
	k.must(k.page.At(k.ctx, "late"))
	k.must(k.page.Click(k.ctx, "slide"))
	k.see("late.hit")
	k.must(k.page.Click(k.ctx, "save"))
	k.see("late.saved")
}

func TestPageThatHangs(t *testing.T) {
	k := open(t, "/hang.html")
	p, ctx := k.page, k.ctx
	k.must(p.At(ctx, "hang"))
	p.SetPatience(soon)
	k.must(ignoreSlow(p.Click(ctx, "hang")))
	var slow *browser.Slow
	if err := p.Fill(ctx, "text", "x"); !errors.As(err, &slow) {
		t.Fatalf("got %v", err)
	}
	png, html, err := p.Snapshot(ctx)
	if !errors.As(err, &slow) || png != nil || html != nil {
		t.Fatalf("got %d bytes, %d bytes, %v", len(png), len(html), err)
	}
	k.must(p.Reset(ctx))
	k.must(p.Open(ctx, k.url+"/form.html"))
	k.must(p.At(ctx, "form"))
}

// ignoreSlow lets pass that the page did not answer any more.
func ignoreSlow(err error) error {
	var slow *browser.Slow
	if errors.As(err, &slow) {
		return nil
	}
	return err
}

func TestPageThatCrashes(t *testing.T) {
	k := open(t, "/form.html")
	k.must(k.page.At(k.ctx, "form"))
	k.page.Crash()
	err := k.page.At(k.ctx, "receipt")
	var closed *browser.Closed
	if !errors.As(err, &closed) {
		t.Fatalf("got %v", err)
	}
	if err := k.page.Click(k.ctx, "form.post"); !errors.As(err, &closed) {
		t.Fatalf("got %v", err)
	}
	k.must(k.page.Reset(k.ctx))
	k.must(k.page.Open(k.ctx, k.url+"/form.html"))
	k.must(k.page.At(k.ctx, "form"))
}

func TestDrift(t *testing.T) {
	k := open(t, "/form.html")
	k.must(k.page.At(k.ctx, "form"))
	before := shared.browser.Drifts()
	k.must(k.page.Fill(k.ctx, "drifted", "4000"))
	k.must(k.page.Fill(k.ctx, "psp", "XG"))
	if _, err := k.page.Wait(k.ctx, "form.either"); err != nil { // alternatives, not drift
		t.Fatal(err)
	}
	want := browser.Drift{System: "pages", Page: "form", Name: "drifted", Way: 1, Served: `css: "input[name=account]"`}
	after := shared.browser.Drifts()
	if after[want] != before[want]+1 || len(after) != len(before)+1 {
		t.Fatalf("drift is %v", after)
	}
}
