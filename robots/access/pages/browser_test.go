package pages_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/proto"

	"byskriver/robots/access/review"
)

// axe is the checker of WCAG rules that make setup fetches.
const axe = "../../../.cache/axe/axe.min.js"

// sight is somebody's browser, with a screen of its own.
type sight struct {
	*testing.T
	*house
	page *rod.Page
}

func (h *house) sight(t *testing.T) *sight {
	t.Helper()
	l := launcher.New().Bin("/usr/bin/chromium").NoSandbox(true).Headless(true).Context(t.Context())
	address, err := l.Launch()
	if err != nil {
		t.Fatal(err)
	}
	b := rod.New().ControlURL(address)
	if err := b.Connect(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close(); l.Cleanup() })
	page, err := b.Page(proto.TargetCreateTarget{URL: "about:blank"})
	if err != nil {
		t.Fatal(err)
	}
	return &sight{t, h, page}
}

func (s *sight) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *sight) size(width, height int) {
	s.Helper()
	s.must(s.page.SetViewport(&proto.EmulationSetDeviceMetricsOverride{Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 500}))
}

func (s *sight) goTo(path string) {
	s.Helper()
	s.must(s.page.Navigate(s.url + path))
	s.must(s.page.WaitLoad())
}

func (s *sight) signIn(path, login string) {
	s.Helper()
	s.goTo(path)
	for name, value := range map[string]string{"user": login, "password": "Anemone#44"} {
		e, err := s.page.Element("[name=" + name + "]")
		s.must(err)
		s.must(e.Input(value))
	}
	s.press(input.Enter)
}

// press presses a key and waits for the page that comes of it.
func (s *sight) press(key input.Key) {
	s.Helper()
	loaded := s.page.WaitNavigation(proto.PageLifecycleEventNameLoad)
	s.must(s.page.Keyboard.Type(key))
	loaded()
}

func (s *sight) ask(js string, args ...any) string {
	s.Helper()
	v, err := s.page.Eval(js, args...)
	s.must(err)
	return v.Value.Str()
}

// until waits for a state of the page.
func (s *sight) until(js string, args ...any) {
	s.Helper()
	s.must(s.page.Wait(rod.Eval(js, args...)))
}

// picture lays a screenshot where BYSKRIVER_PICTURES says, to be looked at.
func (s *sight) picture(name string) {
	s.Helper()
	dir := os.Getenv("BYSKRIVER_PICTURES")
	if dir == "" {
		return
	}
	data, err := s.page.Screenshot(true, nil)
	s.must(err)
	s.must(os.WriteFile(filepath.Join(dir, name+".png"), data, 0o600))
}

// breaches are what axe finds against WCAG 2.1 A and AA on the page.
func (s *sight) breaches() []string {
	s.Helper()
	code, err := os.ReadFile(axe)
	if err != nil {
		s.Skipf("make setup fetches what checks the rules: %v", err)
	}
	_, err = proto.RuntimeEvaluate{Expression: string(code)}.Call(s.page)
	s.must(err)
	found := s.ask(`async () => {
		const r = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], rules: { "target-size": { enabled: true } } });
		return JSON.stringify({ passes: r.passes.length, wrong: r.violations.map(v => v.id + ": " + v.help + " " + v.nodes.map(n => n.target.join(" ")).join(", ")) });
	}`)
	var out struct {
		Passes int
		Wrong  []string
	}
	s.must(json.Unmarshal([]byte(found), &out))
	if out.Passes < 5 {
		s.Fatalf("only %d rules were held against %s", out.Passes, s.ask(`() => document.title`))
	}
	return out.Wrong
}

// Every page keeps WCAG 2.1 AA as far as a program can see, on a desk, on a phone and
// at the width of four times enlarged text, where nothing is wider than the screen.
func TestAccessible(t *testing.T) {
	t.Parallel()
	h := open(t)
	s := h.sight(t)
	look := func(name, path string) {
		for _, width := range []int{1280, 360, 320} {
			s.size(width, 800)
			if path != "" {
				s.goTo(path)
			}
			s.picture(fmt.Sprintf("%s-%d", name, width))
			for _, wrong := range s.breaches() {
				t.Errorf("%s at %d: %s", name, width, wrong)
			}
			if wide := s.ask(`() => document.scrollingElement.scrollWidth > innerWidth ? [...document.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.tagName + "." + e.className).join(" ") || "page" : ""`); wide != "" {
				t.Errorf("%s at %d is wider than the screen: %s", name, width, wide)
			}
		}
	}
	s.size(1280, 800)
	s.signIn("/pakke/2026-03-001", "lby001")
	look("forside", "/")
	look("pakke", "/pakke/2026-03-001")
	s.size(1280, 800)
	s.goTo("/pakke/2026-03-001")
	s.must(s.page.MustElement(`[name="svar-r002"][value=keep]`).Click(proto.InputMouseButtonLeft, 1))
	loaded := s.page.WaitNavigation(proto.PageLifecycleEventNameLoad)
	s.must(s.page.MustElement(`button[name=gem]`).Click(proto.InputMouseButtonLeft, 1))
	loaded()
	if on := s.ask(`() => document.activeElement.id`); on != "fejl" {
		t.Errorf("the summary of errors has not the focus: %q", on)
	}
	look("fejl", "")
	look("send", "/pakke/2026-03-001/send")
	look("findes-ikke", "/findes-ikke")
	s.must(s.page.SetCookies(nil))
	h.idp.EndSessions()
	s.size(1280, 800)
	s.signIn("/it", "lby900")
	look("it", "/it")
	look("ud", "/logget-af")
}

// A package answered by the keyboard alone, each answer kept as it is given.
func TestByKeyboard(t *testing.T) {
	t.Parallel()
	h := open(t)
	s := h.sight(t)
	s.size(1280, 800)
	s.signIn("/pakke/2026-03-001", "lby001")
	seen := map[string]bool{}
	// tab goes on to the next place, which must show that it has the focus.
	tab := func() string {
		s.must(s.page.Keyboard.Type(input.Tab))
		return s.ask(`() => { const e = document.activeElement, c = getComputedStyle(e); return (e.name || e.id || e.textContent.trim()) + (c.outlineStyle === "none" && c.outlineWidth !== "0px" || c.outlineWidth === "0px" ? " WITHOUT A MARK" : ""); }`)
	}
	if first := tab(); !strings.HasPrefix(first, "Gå til indholdet") {
		t.Errorf("the first place is %q", first)
	}
	for range 80 {
		at := tab()
		if strings.Contains(at, "WITHOUT") {
			t.Fatalf("%s", at)
		}
		if seen[at] = true; at == "gem" {
			break
		}
		id, isAnswer := strings.CutPrefix(at, "svar-")
		if !isAnswer {
			continue
		}
		// From Senere, chosen at first: one to the right comes round to Behold; back to Ret and Fjern.
		keys := []input.Key{input.ArrowRight}
		if id == "r011" {
			keys = []input.Key{input.ArrowLeft, input.ArrowLeft}
		}
		for _, k := range keys {
			s.must(s.page.Keyboard.Type(k))
		}
		if id == "r002" {
			tab()
			s.must(s.page.InsertText("Udbetaler hver dag"))
		}
	}
	for _, place := range []string{"svar-r002", "svar-r003", "svar-r011", "svar-r023", "behold", "videre", "gem"} {
		if !seen[place] {
			t.Errorf("%s is not reached by Tab: %v", place, seen)
		}
	}
	s.until(`() => document.getElementById("besked").textContent.startsWith("Gemt. 0 ")`)
	got := h.answers["2026-03-001"].Decisions
	if len(got) != 8 || got["r011"].Verdict != review.Remove || got["r002"].Reason != "Udbetaler hver dag" || got["r023"].Verdict != review.Keep {
		t.Errorf("kept without a button: %+v", got)
	}
	s.must(s.page.KeyActions().Press(input.ShiftLeft).Type(input.Tab).Do())
	s.press(input.Enter) // Gem og gennemse
	if at := s.ask(`() => location.pathname`); at != "/pakke/2026-03-001/send" {
		t.Fatalf("came to %s: %s", at, s.ask(`() => document.body.innerText`))
	}
	for range 20 {
		if tab() == "Send ind" {
			break
		}
	}
	s.press(input.Enter)
	if h.answers["2026-03-001"].Sent.IsZero() {
		t.Error("not sent in")
	}
}
