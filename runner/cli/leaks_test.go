package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"byskriver/fixtures/attests"
	"byskriver/fixtures/demo/municipality"
	"byskriver/fixtures/demo/rehearsal"
	"byskriver/fixtures/leaks"
	"byskriver/fixtures/town"
	"byskriver/robots"
	"byskriver/runner/clock"
)

// hunt is a run of the program in the town with known secrets and people, and the
// search for them in all that it leaves behind.
type hunt struct {
	t       *testing.T
	m       *municipality.Municipality
	needles *leaks.Needles
	search  *leaks.Search
	said    bytes.Buffer // what the program printed
	temp    string       // where the program's temporary files go
}

func newHunt(t *testing.T, m *municipality.Municipality) *hunt {
	n, temp := &leaks.Needles{}, t.TempDir()
	t.Setenv("TMPDIR", temp)
	return &hunt{t: t, m: m, needles: n, search: &leaks.Search{Needles: n}, temp: temp}
}

// secrets adds every secret of the municipality's folder, by its file's name.
func (h *hunt) secrets() {
	h.t.Helper()
	files, err := os.ReadDir(filepath.Join(h.m.Dir, "hemmeligt"))
	if err != nil || len(files) == 0 {
		h.t.Fatalf("no secrets: %v", err)
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".pub") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(h.m.Dir, "hemmeligt", f.Name()))
		if err != nil {
			h.t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			word := line[strings.LastIndexAny(strings.TrimSpace(line), " +")+1:]
			if word = strings.TrimSpace(word); len(word) >= 8 && !strings.Contains(line, "-----") && !strings.HasSuffix(f.Name(), ".pem") {
				h.needles.Secret("the secret "+f.Name(), word)
			}
		}
	}
}

// run runs the program while its processes are watched, and keeps what it says.
func (h *hunt) run(args ...string) {
	h.t.Helper()
	out, errs, status, err := h.m.Run(h.t.Context(), args...)
	h.said.WriteString(out + errs)
	if err != nil || status > 1 {
		h.t.Fatalf("byskriver %s: %v, status %d\n%s%s", strings.Join(args, " "), err, status, out, errs)
	}
}

// evidence looks through what the store keeps as evidence, pictures too, and returns how
// many pieces there were.
func (h *hunt) evidence() (pieces int) {
	h.t.Helper()
	e := &env{Process: Process{Stdout: &h.said, Stderr: &h.said}, ctx: h.t.Context(), fleet: robots.Fleet{}, configFile: h.m.Config(), watch: clock.System{}}
	open, err := e.open()
	if err != nil {
		h.t.Fatal(err)
	}
	defer open.close()
	rows, err := open.store.Reader().QueryContext(h.t.Context(), `SELECT DISTINCT i.number FROM items i JOIN evidence v ON v.item_id = i.id`)
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var number string
		if err := rows.Scan(&number); err != nil {
			h.t.Fatal(err)
		}
		row, err := open.store.ItemByNumber(h.t.Context(), number)
		if err != nil {
			h.t.Fatal(err)
		}
		keys, err := open.store.Keys(h.t.Context(), row)
		if err != nil {
			h.t.Fatal(err)
		}
		all, err := open.store.Exhibits(h.t.Context(), row, keys)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, x := range all {
			pieces++
			if err := h.search.Bytes(number+" "+x.Name, x.Data); err != nil {
				h.t.Error(err)
			}
		}
	}
	return pieces
}

// all looks through everything that is left, but for what people have put there
// themselves or what has a person's number as its purpose: known says which.
func (h *hunt) all(known func(path string) bool) {
	h.t.Helper()
	h.run("exceptions", "export", filepath.Join(h.m.Dir, "lister"))
	h.run("exceptions", "list", "--json")
	h.run("log", "show", "--json")
	h.run("log", "verify")
	err := errors.Join(h.search.Bytes("what the program printed", h.said.Bytes()), h.search.Tree(h.m.Dir, known))
	if err = errors.Join(err, h.search.Tree(h.temp, nil)); err != nil {
		h.t.Error(err)
	}
	for _, f := range h.search.Found {
		h.t.Errorf("%s: %s", f.Where, f.What)
	}
}

// watched runs do while the processes are looked at; each program of want must have been
// seen.
func (h *hunt) watched(do func(), want ...string) {
	h.t.Helper()
	w := leaks.Processes(h.needles)
	do()
	found, seen := w.End()
	h.search.Found = append(h.search.Found, found...)
	for _, name := range want {
		if seen[name] == 0 {
			h.t.Errorf("no process %s was ever seen, so nothing is shown of its arguments; seen were %v", name, seen)
		}
	}
}

// The attest robot through the real program: its orders have CPR numbers from end to end,
// and answers come as PDF files.
func TestAttestLeaksNothing(t *testing.T) {
	watch := &shifted{}
	tw := rehearsal.Open(t, town.Config{Seed: 12, Clock: watch})
	m := &municipality.Municipality{Dir: t.TempDir(), Town: tw, Options: municipality.Options{Binary: rehearsal.Program(t)}}
	if err := (attests.Options{Town: tw, Gap: "5ms", Rest: "300ms", Settles: "700ms"}).Found(m.Dir); err != nil {
		t.Fatal(err)
	}
	h := newHunt(t, m)
	h.run("init")
	h.secrets()
	for i := range 8 {
		placed := attests.Plain(i+1, time.Now())
		placed.Place(tw)
		h.needles.CPR(fmt.Sprintf("order %d", i), placed.Order.CPR)
	}
	fates := []town.Fate{town.FateClean, town.FateDecision, town.FateScanned, town.FateClean}
	tw.Police().Fates(func(n int, _ town.Applicant) town.Fate { return fates[n%len(fates)] })
	h.watched(func() {
		h.run("run", "attest")
		if _, err := m.Decide(t.Context(), municipality.Bookkeeper, func(l municipality.Listed) (municipality.Decision, bool) {
			if !strings.HasPrefix(l.Code, "BUNDT-") {
				return municipality.Decision{}, false
			}
			return municipality.Decision{Choice: "Sendt"}, attests.Send(tw, m.Dir, l.Case) == nil
		}); err != nil {
			t.Fatal(err)
		}
		h.run("run", "attest")
		watch.ahead.Store(int64(40 * 24 * time.Hour))
		letters := tw.Police().Due()
		watch.ahead.Store(0)
		if len(letters) == 0 {
			t.Fatal("no answer came")
		}
		for _, l := range letters {
			h.needles.Secret("an answer's words", l.Mark)
			if err := os.WriteFile(filepath.Join(m.Dir, "post", l.ID+".xml"), l.Memo, 0o640); err != nil {
				t.Fatal(err)
			}
		}
		h.run("run", "attest")
	}, "byskriver")
	h.evidence()
	h.all(func(path string) bool {
		// The secrets themselves, and what lies ready for the one who orders at the police.
		return strings.HasPrefix(path, "hemmeligt/") || strings.HasPrefix(path, "bundter/")
	})
	t.Logf("%d files and pieces", h.search.Files)
}
