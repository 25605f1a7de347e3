package cli

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"byskriver/runner/runlog"
)

// The leader's list has what was done in the area: by whom, what, and the number of the
// log's entry that proves it. The overview counts the same items.
func TestAreaReport(t *testing.T) {
	d := newDesk(t, "a", "b", "c")
	for item, written := range map[string]map[string]string{
		"test-2026-000001": {"Afgørelse": "Afvis", "Bemærkning": "CPR 8605010001 hører ikke til."},
		"test-2026-000002": {"Afgørelse": "Behandlet manuelt"},
	} {
		want(t, item, d.decides("bo", item, written), "1 afgørelser taget")
	}
	d.clerk.itself, d.clerk.keys = true, append(d.clerk.keys, "d", "e")
	d.run()
	var out bytes.Buffer
	d.must((&areaReportCmd{Area: "Økonomi", Dir: filepath.Join(d.dir, "leder")}).Run(d.desk(&out)))
	path, rest, _ := strings.Cut(out.String(), "\n")
	want(t, "said", rest, "4 udførte sager i Økonomi")
	want(t, "the file's name", filepath.Base(path), "omraade-oekonomi-")
	f, err := excelize.OpenFile(path)
	d.must(err)
	defer f.Close()
	rows, err := f.GetRows("Udført")
	d.must(err)
	text := ""
	for _, r := range rows {
		text += strings.Join(r, "|") + "\n"
	}
	want(t, "the sum", text, "5 fundet i perioden: 2 klaret af robotten, 2 af en person, 1 på listen, 0 venter, 0 fejlet. Robotten er i drift her.")
	h := d.open()
	defer h.close()
	for item, says := range map[string][]string{
		"test-2026-000001": {"bilag a", "Afvis", "Bo Lind"},
		"test-2026-000002": {"bilag b", "Behandlet manuelt", "Bo Lind"},
		"test-2026-000004": {"bilag d", "konto 4711", "Robotten"},
	} {
		line := ""
		for l := range strings.Lines(text) {
			if strings.HasPrefix(l, item+"|") {
				line = strings.TrimSpace(l)
			}
		}
		for _, s := range says {
			want(t, item, line, "|"+s+"|")
		}
		var last string
		for l, err := range h.log.Entries(t.Context(), h.store.Reader(), runlog.Filter{Item: item}) {
			d.must(err)
			if l.Code == "item.done" || l.Code == "person.decided" {
				last = "|" + itoa(l.Seq)
			}
		}
		if !strings.HasSuffix(line, last) {
			t.Errorf("%s: %q does not end with the entry %s", item, line, last)
		}
	}
	if strings.Contains(text, "000003") {
		t.Error("what is on the list counts as done")
	}
	e := d.desk(&out)
	h.clock = e.clock()
	tally, err := h.today(e, "test")
	d.must(err)
	lines, err := h.progress(e, "test")
	d.must(err)
	if tally.Found != 5 || tally.Done != 4 || tally.Listed != 1 || lines[0].Settled != 5 || lines[0].Robot != 2 || lines[0].Person != 2 {
		t.Errorf("%+v, %+v", tally, lines)
	}
}

func itoa(n int64) (s string) {
	for ; n > 0; n /= 10 {
		s = string(rune('0'+n%10)) + s
	}
	return s
}

// A period is whole days in Denmark; one without items, an unknown area and a bad date are
// said.
func TestAreaReportRefuses(t *testing.T) {
	d := newDesk(t, "a")
	for _, c := range []struct {
		cmd  areaReportCmd
		says string
	}{
		{areaReportCmd{Area: "Økonom"}, "there are: Økonomi"},
		{areaReportCmd{Area: "Økonomi", From: "1/11"}, "is not a date"},
		{areaReportCmd{Area: "Økonomi", From: "2026-11-02", To: "2026-11-01"}, "ends before it begins"},
		{areaReportCmd{Area: "Økonomi", Robot: "nobody"}, `no robot "nobody"`},
	} {
		c.cmd.Dir = t.TempDir()
		if err := c.cmd.Run(d.desk(&bytes.Buffer{})); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v", c.cmd, err)
		}
	}
	h := d.open()
	defer h.close()
	from, to, err := (&areaReportCmd{From: "2026-10-25", To: "2026-10-25"}).period(h)
	if err != nil || to.Sub(from) != 25*time.Hour {
		t.Errorf("the day that summer time ends is %v long, %v", to.Sub(from), err)
	}
}
