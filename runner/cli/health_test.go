package cli

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"byskriver/runner"
	"byskriver/runner/runlog"
)

// watched is a server that runs in a bureau, and is asked how it is.
type watched struct {
	*bureau
	url  string
	said chan string
	stop func() error
}

// serveWatched serves the bureau with an operations section until the test ends.
func (b *bureau) serveWatched(operations string) *watched {
	b.t.Helper()
	path := filepath.Join(b.dir, "byskriver.yaml")
	text, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, append(text, "schedules: planer\n"+operations...), 0o600)
	}
	table := "robot: attest\nschedules:\n  - {name: morning, cron: \"16 6 * * *\", days: every, catch-up: none, run: {mode: live}}\n"
	err = errors.Join(err, os.MkdirAll(filepath.Join(b.dir, "planer"), 0o700), os.WriteFile(filepath.Join(b.dir, "planer", "attest.yaml"), []byte(table), 0o600))
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.t.Context())
	out, in := io.Pipe()
	e := b.envIn(ctx)
	e.Stdout, e.machine = in, "rpa1"
	w := &watched{bureau: b, said: make(chan string, 1000)}
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			w.said <- lines.Text()
		}
	}()
	ended := make(chan error, 1)
	go func() { ended <- (&serveCmd{}).Run(e) }()
	done := false
	w.stop = func() error {
		if done {
			return nil
		}
		done = true
		cancel()
		return errors.Join(<-ended, in.Close())
	}
	b.t.Cleanup(func() {
		if err := w.stop(); err != nil {
			b.t.Error(err)
		}
	})
	w.url = strings.TrimPrefix(w.says("health and metrics at "), "health and metrics at ")
	return w
}

// says waits until the server says something.
func (w *watched) says(what string) string {
	w.t.Helper()
	late := time.After(time.Minute)
	for {
		select {
		case line := <-w.said:
			if strings.Contains(line, what) {
				return line
			}
		case <-late:
			w.t.Fatalf("never said: %q; errors: %s", what, &w.errs)
		}
	}
}

// get asks for a page.
func (w *watched) get(path string) (status int, text string) {
	w.t.Helper()
	resp, err := http.Get(w.url + path)
	if err != nil {
		w.t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// until asks for a page until it is as wanted.
func (w *watched) until(path string, want func(status int, text string) bool) string {
	w.t.Helper()
	for late := time.Now().Add(time.Minute); ; {
		status, text := w.get(path)
		if want(status, text) {
			return text
		}
		if time.Now().After(late) {
			w.t.Fatalf("%s is still %d:\n%s", path, status, text)
		}
	}
}

// figures are the lines of /metrics: name and labels, and the value.
func figures(t *testing.T, text string) map[string]float64 {
	t.Helper()
	all := map[string]float64{}
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		if strings.HasPrefix(line, "byskriver_") && ok {
			v, err := strconv.ParseFloat(value, 64)
			if err != nil {
				t.Fatal(err)
			}
			all[name] = v
		}
	}
	return all
}

// A robot runs in the town while it is asked for figures: they are those of the store, the
// run log and the list, and they say nothing about anybody.
func TestMetricsOfARun(t *testing.T) {
	b := newBureau(t, "2026-03-02", 3, nil)
	for n := range 4 {
		b.place(n+1, nil)
	}
	b.run()
	b.sendAll()
	b.place(9, nil)
	before := b.counts()[runner.Done]
	b.clock.set(b.morning("2026-03-02").Add(57 * time.Second))
	w := b.serveWatched("operations: {address: \"127.0.0.1:0\"}\n")
	w.says("run-attest-")
	text := w.until("/metrics", func(status int, text string) bool {
		entries, _ := w.logged()
		return status == 200 && strings.Contains(text, `byskriver_runs_total{mode="live",result="ok",robot="attest"} 1`) &&
			strings.Contains(text, fmt.Sprintf("\nbyskriver_log_entries %d\n", entries))
	})
	got, counts := figures(t, text), b.counts()
	states := map[runner.State]float64{}
	for name, n := range got {
		for state := range counts {
			if strings.HasPrefix(name, "byskriver_items{") && strings.Contains(name, `state="`+string(state)+`"`) {
				states[state] += n
			}
		}
	}
	for state, n := range counts {
		if state != runner.Done && states[state] != float64(n) {
			t.Errorf("%v items are %s, the store has %d", states[state], state, n)
		}
	}
	if n := got[`byskriver_item_outcomes_total{mode="live",outcome="done",robot="attest"}`]; n != float64(counts[runner.Done]-before) || n == 0 {
		t.Errorf("%v items were done, the store has %d", n, counts[runner.Done]-before)
	}
	if n := got[`byskriver_exceptions_open{robot="attest"}`]; n != float64(len(b.listed())) || n == 0 {
		t.Errorf("%v exceptions, the list has %d", n, len(b.listed()))
	}
	w.compareLog(got)
	for _, name := range []string{`byskriver_run_duration_seconds_count{mode="live",robot="attest"}`, `byskriver_collected{group="log"}`, `byskriver_part_in_order{part="store"}`} {
		if got[name] != 1 {
			t.Errorf("%s is %v", name, got[name])
		}
	}
	lint(t, text)
}

// logged counts the log's entries and the look-ups among them.
func (w *watched) logged() (entries, lookups int) {
	w.t.Helper()
	h, err := w.env().open()
	if err != nil {
		w.t.Fatal(err)
	}
	defer h.close()
	for l, err := range h.log.Entries(w.t.Context(), h.store.Reader(), runlog.Filter{}) {
		if err != nil {
			w.t.Fatal(err)
		}
		if entries++; l.Code == "person.looked_up" {
			lookups++
		}
	}
	return entries, lookups
}

// compareLog holds what is told of the log and the newest run against both.
func (w *watched) compareLog(got map[string]float64) {
	w.t.Helper()
	h, err := w.env().open()
	if err != nil {
		w.t.Fatal(err)
	}
	defer h.close()
	_, lookups := w.logged()
	if n := got[`byskriver_person_lookups_total{robot="attest"}`]; n != float64(lookups) {
		w.t.Errorf("the log has %d look-ups, and %v are told of", lookups, n)
	}
	run, err := h.store.LastRun(w.t.Context(), "attest", runner.Live)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, name := range []string{"end", "success"} {
		at := got[fmt.Sprintf(`byskriver_run_last_%s_timestamp_seconds{mode="live",robot="attest"}`, name)]
		if d := at - float64(run.Ended.UnixMilli())/1000; d > 0.01 || d < -0.01 {
			w.t.Errorf("last %s is %v s off", name, d)
		}
	}
}

// lint holds the figures against the conventions of Prometheus, and their labels against
// what a label may say.
func lint(t *testing.T, text string) {
	t.Helper()
	problems, err := promlint.New(bytes.NewReader([]byte(text))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "byskriver_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^byskriver_[a-z_]+\{(.*)\}`).FindAllStringSubmatch(text, -1) {
		if said, _, _ := strings.Cut(m[1], `,le="`); regexp.MustCompile(`[0-9]{4}|\s`).MatchString(said) {
			t.Errorf("a label says more than a name: %s", m[1])
		}
	}
}

// /healthz names the part that is ill, and is well again when that is mended.
func TestHealthNamesThePart(t *testing.T) {
	t.Parallel()
	b := newBureau(t, "2026-03-02", 3, nil)
	w := b.serveWatched("operations: {address: \"127.0.0.1:0\"}\n")
	well := func(status int, text string) bool {
		return status == 200 && text == "ok log\nok schedules\nok store\n"
	}
	ill := func(line string) func(int, string) bool {
		return func(status int, text string) bool { return status == 503 && strings.Contains(text, line) }
	}
	w.until("/healthz", well)
	checkpoint := filepath.Join(b.dir, "log", "checkpoint")
	good, err := os.ReadFile(checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(checkpoint, []byte("somebody's\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.until("/healthz", ill("ill log: the checkpoint in "))
	if err := os.WriteFile(checkpoint, good, 0o600); err != nil {
		t.Fatal(err)
	}
	w.until("/healthz", well)
	stuck, err := sql.Open("sqlite", filepath.Join(b.dir, "data", "byskriver.db")+"?_txlock=exclusive")
	if err != nil {
		t.Fatal(err)
	}
	tx, err := stuck.Begin()
	if err != nil {
		t.Fatal(err)
	}
	w.until("/healthz", ill("ill store: no answer within"))
	if err := errors.Join(tx.Rollback(), stuck.Close()); err != nil {
		t.Fatal(err)
	}
	w.until("/healthz", well)
}

// A loop that has not turned in time is dead; one that works is not.
func TestPulse(t *testing.T) {
	var p pulse
	if _, none := p.dead(0); !none {
		t.Error("no loop at all is in order")
	}
	p.works("a")
	p.waits("b", time.Minute)
	for at, want := range map[time.Duration]string{time.Minute + overdue: "", time.Minute + overdue + 1: "b", 100 * time.Hour: "b"} {
		if dead, none := p.dead(at); strings.Join(dead, " ") != want || none {
			t.Errorf("after %v: %v", at, dead)
		}
	}
	if p.ends("b"); len(p.due) != 1 {
		t.Error("a loop that has ended is still waited for")
	}
}
