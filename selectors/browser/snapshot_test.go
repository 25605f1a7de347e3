package browser_test

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
)

// number is what the person on the fixture page has for a CPR number, in all the
// ways in which it stands there.
var number = regexp.MustCompile(`860501[-– ]?(</b>-<i>)?0001`)

func TestSnapshotMasksNumbers(t *testing.T) {
	k := open(t, "/person.html")
	p, ctx := k.page, k.ctx
	k.must(p.At(ctx, "person"))
	png, html, err := p.Snapshot(ctx)
	k.must(err)
	if at := number.FindIndex(html); at != nil || !bytes.Contains(html, []byte("5100004711")) {
		t.Fatalf("the HTML is not masked at %v, or masked too much:\n%s", at, html)
	}
	for _, want := range []string{"I ramme ******-****", "Ur ******-****", "i to <b>******</b>-<i>****</i>", `value="******-****"`, "Notat om ******-****"} {
		if !strings.Contains(string(html), want) && !strings.Contains(string(html), strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(want)) {
			t.Errorf("the HTML lacks %q:\n%s", want, html)
		}
	}
	k.value("number", "860501-0001")
	again, _, err := p.Snapshot(ctx)
	k.must(err)
	if !bytes.Equal(png, again) {
		t.Error("the page was not put back as it was: a second picture differs")
	}

	k.must(p.Open(ctx, k.url+"/person-masked.html"))
	k.must(p.At(ctx, "person"))
	want, _, err := p.Snapshot(ctx)
	k.must(err)
	if !bytes.Equal(png, want) {
		keep(t, "got.png", png)
		keep(t, "want.png", want)
		t.Error("the picture does not look like the masked page")
	}
}

// keep leaves a picture to be looked at.
func keep(t *testing.T, name string, data []byte) {
	file := os.TempDir() + "/byskriver-" + name
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Log("see " + file)
}
