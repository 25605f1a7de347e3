package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"byskriver/fixtures/attests"
	"byskriver/fixtures/town"
	"byskriver/robots"
	"byskriver/runner"
	"byskriver/runner/clock"
	"byskriver/runner/store"
)

// shifted is the machine's clock, set ahead: between runs it jumps, within a run it
// goes as it always does.
type shifted struct {
	clock.System
	ahead atomic.Int64
}

// Now is the shifted wall clock.
func (s *shifted) Now() time.Time { return s.System.Now().Add(time.Duration(s.ahead.Load())) }

// set sets the clock to a moment.
func (s *shifted) set(t time.Time) { s.ahead.Store(int64(t.Sub(s.System.Now()))) }

// bureau is a municipality's folder with the attest robot in it, everything real but
// the town and the date.
type bureau struct {
	t     testing.TB
	dir   string
	clock *shifted
	town  *town.Town
	out   bytes.Buffer
	errs  bytes.Buffer
	zone  *time.Location
	spent []time.Duration
}

// newBureau opens a town and a municipality on a date.
func newBureau(t testing.TB, on string, seed int64, change func(*attests.Options)) *bureau {
	t.Helper()
	if _, err := os.Stat("/usr/bin/pdftotext"); err != nil {
		t.Skip("no pdftotext on this machine: make setup installs it")
	}
	b := &bureau{t: t, dir: t.TempDir(), clock: &shifted{}}
	var err error
	if b.zone, err = time.LoadLocation("Europe/Copenhagen"); err != nil {
		t.Fatal(err)
	}
	b.clock.set(b.morning(on))
	if b.town, err = town.Start(town.Config{Seed: seed, Clock: b.clock}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.town.Close(); err != nil {
			t.Error(err)
		}
	})
	o := attests.Options{Town: b.town}
	if change != nil {
		change(&o)
	}
	b.furnish(o)
	return b
}

func (b *bureau) furnish(o attests.Options) {
	b.t.Helper()
	err := o.Found(b.dir)
	if err == nil {
		err = (&initCmd{}).Run(b.env())
	}
	if err == nil {
		err = (&checkCmd{}).Run(b.env())
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// morning is a quarter past six on a date.
func (b *bureau) morning(date string) time.Time {
	d, err := time.ParseInLocation(time.DateOnly, date, b.zone)
	if err != nil {
		b.t.Fatal(err)
	}
	return d.Add(6*time.Hour + 15*time.Minute)
}

func (b *bureau) env() *env { return b.envIn(b.t.Context()) }

func (b *bureau) envIn(ctx context.Context) *env {
	return &env{Process: Process{Stdout: &b.out, Stderr: &b.errs}, ctx: ctx, fleet: robots.Fleet{}, configFile: filepath.Join(b.dir, "byskriver.yaml"), watch: b.clock}
}

// day goes on to a date's morning.
func (b *bureau) day(date string) { b.clock.set(b.morning(date)) }

// later goes on by so many days.
func (b *bureau) later(days int) { b.clock.set(b.clock.Now().AddDate(0, 0, days)) }

// took is how long a run took, for those who look for what is slow.
func (b *bureau) took(began time.Time) { b.spent = append(b.spent, time.Since(began)) }

// run runs the robot, which must end well, and gives the line it prints.
func (b *bureau) run() string {
	b.t.Helper()
	b.out.Reset()
	defer b.took(time.Now())
	if err := (&runCmd{Robot: "attest"}).Run(b.env()); err != nil {
		b.t.Fatalf("run: %v\n%s%s", err, &b.out, &b.errs)
	}
	return b.out.String()
}

// listed is the list as it stands.
func (b *bureau) listed() (all []listed) {
	b.t.Helper()
	h, err := b.env().open()
	if err != nil {
		b.t.Fatal(err)
	}
	defer h.close()
	rows, err := h.store.Listed(b.t.Context(), "attest", runner.Live)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, row := range rows {
		l, err := h.listed(b.env(), row)
		if err != nil {
			b.t.Fatal(err)
		}
		all = append(all, l)
	}
	return all
}

// codes are the codes on the list, one blank between.
func (b *bureau) codes() string {
	var codes []string
	for _, l := range b.listed() {
		codes = append(codes, l.Code)
	}
	return strings.Join(codes, " ")
}

// decide takes decisions about the list as an import does: what of each row, "" for none.
func (b *bureau) decide(what func(l listed) (action, value string)) {
	b.t.Helper()
	all := b.listed()
	h, err := b.env().open()
	if err != nil {
		b.t.Fatal(err)
	}
	defer h.close()
	for _, l := range all {
		action, value := what(l)
		if action == "" {
			continue
		}
		if !strings.Contains(fmt.Sprint(l.Choices), action) {
			b.t.Fatalf("%s (%s) cannot be decided as %s: %v", l.Number, l.Code, action, l.Choices)
		}
		row, err := h.store.ItemByNumber(b.t.Context(), l.Number)
		if err == nil {
			err = h.decide(b.t.Context(), row, l.Revision, runner.Decision{Action: action, Value: value, Note: "set", By: "Karen Holm", At: b.clock.Now()})
		}
		if err != nil {
			b.t.Fatalf("decide %s: %v", l.Number, err)
		}
	}
	if err := h.prove(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

// counts are how many items stand in each state.
func (b *bureau) counts() map[runner.State]int {
	b.t.Helper()
	h, err := b.env().open()
	if err != nil {
		b.t.Fatal(err)
	}
	defer h.close()
	counts, err := h.store.Counts(b.t.Context(), "attest", runner.Live)
	if err != nil {
		b.t.Fatal(err)
	}
	return counts
}

// drawer is what the robot keeps, its names beginning with prefix.
func (b *bureau) drawer(prefix string) []store.Laid {
	b.t.Helper()
	h, err := b.env().open()
	if err != nil {
		b.t.Fatal(err)
	}
	defer h.close()
	laid, err := h.store.Drawer(b.t.Context(), "attest", prefix)
	if err != nil {
		b.t.Fatal(err)
	}
	return laid
}

// send is the person who goes to the police with a batch that lies ready.
func (b *bureau) send(batch string) {
	b.t.Helper()
	if err := attests.Send(b.town, b.dir, batch); err != nil {
		b.t.Fatal(err)
	}
}

// sendAll sends every batch that lies ready.
func (b *bureau) sendAll() {
	b.decide(func(l listed) (string, string) {
		if !strings.HasPrefix(l.Code, "BUNDT-") {
			return "", ""
		}
		b.send(l.Case)
		return "sent", ""
	})
}

// deliver lays the letters that are due into the folder for messages.
func (b *bureau) deliver() []town.Letter {
	due := b.town.Police().Due()
	for _, l := range due {
		if err := os.WriteFile(filepath.Join(b.dir, "post", l.ID+".xml"), l.Memo, 0o640); err != nil {
			b.t.Fatal(err)
		}
	}
	return due
}

// place places an order of the nth person, changed.
func (b *bureau) place(n int, change func(*attests.Placed)) attests.Placed {
	placed := attests.Plain(n, b.clock.Now())
	if change != nil {
		change(&placed)
	}
	placed.Place(b.town)
	return placed
}
