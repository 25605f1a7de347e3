package browser_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"byskriver/selectors"
	"byskriver/selectors/browser"
)

// display starts a screen that nobody sees, for a browser with windows. Without
// Xvfb the test drives a browser without.
func display(t *testing.T) (headful bool) {
	t.Helper()
	if _, err := exec.LookPath("Xvfb"); err != nil {
		t.Log("Xvfb is not installed: recording without windows")
		return false
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1400x1100x24", "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{w}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	var number int
	if _, err := fmt.Fscan(r, &number); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DISPLAY", fmt.Sprintf(":%d", number))
	return true
}

func TestRecord(t *testing.T) {
	cfg := config()
	cfg.Headful = display(t)
	for _, c := range []struct {
		path, page string // where, and which page of the selectors that is
		show       string // the element that the person presses, by our own selectors
		want       string // the first way and what stands above it
		frame      string
	}{
		{"/form.html", "form", "account", `{label: "Artskonto"}`, ""},
		{"/form.html", "form", "centre", `{label: "Omkostningssted"}`, ""},
		{"/form.html", "form", "post", `{role: "button", name: "Bogfør"}`, ""},
		{"/nested.html", "inbox", "cvr", `{label: "CVR-nr."}`, `# frame: ["contentAreaFrame", "title:Bilagsindbakke"]`},
	} {
		t.Run(c.show, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			var got browser.Recorded
			err := browser.RecordWith(ctx, cfg, shared.system, shared.url+c.path, func(p *browser.Page) error {
				if err := p.At(ctx, c.page); err != nil {
					return err
				}
				return p.CtrlPress(ctx, c.show)
			}, func(r browser.Recorded) (bool, error) {
				got = r
				return false, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			text := got.YAML()
			if !strings.Contains(text, "  - "+c.want+"\n") || len(got.Ways) != 3 || !strings.HasPrefix(text, c.frame) {
				t.Fatalf("recorded\n%s", text)
			}
			findsAgain(t, c.path, text, got)
		})
	}
}

// findsAgain makes a selectors file of what was recorded, one way at a time, and
// finds something by each.
func findsAgain(t *testing.T, path, text string, got browser.Recorded) {
	for i := range got.Ways {
		file := "system: again\npages:\n  p:\n    probe: [{css: body}]\n"
		if len(got.Frame) > 0 {
			remark, _, _ := strings.Cut(text, "\n")
			file += "    " + strings.TrimPrefix(remark, "# ") + "\n"
		}
		lines := strings.Split(strings.TrimSpace(text), "\n")
		way := lines[len(lines)-len(got.Ways)+i]
		file += "    elements:\n      x:\n        " + way + "\n"
		system, err := selectors.Parse("again.yaml", []byte(file))
		if err != nil {
			t.Fatalf("%v\n%s", err, file)
		}
		p, err := shared.browser.Page(t.Context(), system)
		if err != nil {
			t.Fatal(err)
		}
		err = p.Open(t.Context(), shared.url+path)
		if err == nil {
			_, err = p.Value(t.Context(), "p.x")
		}
		p.Release()
		if err != nil {
			t.Errorf("%s: %v", way, err)
		}
	}
}
