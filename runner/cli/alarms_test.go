package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	posthus "byskriver/fixtures/town/post"
	"byskriver/runner/store"
)

const alarmsConfig = `municipality: Lilleby Kommune
store: {path: data/byskriver.db, key: "file:store.key"}
log: {key: "file:log.key", lines: log/lines.jsonl, checkpoints: [log]}
systems:
  mail: {url: "smtp://ADDRESS", settles_after: 1m, longest_request: 1s, service: {from: byskriver@lilleby.example, user: byskriver, password: "file:mail", trust: post.pem}}
robots: {test: {}}
operations:
  alarms:
    to: [drift@lilleby.example]
    groups: [{name: Jobcenter, to: [jobcenter@lilleby.example], codes: [LISTE-LANG]}]
schedules: schedules
`

const oneRunADay = "robot: test\nschedules:\n  - {name: morning, cron: \"0 7 * * *\", days: every, catch-up: none, run: {mode: live}}\n"

// ward is an office whose alarms go to the town's mail server.
type ward struct {
	*office
	mail   *posthus.Office
	addr   string
	server *server
	end    func()
}

func newWard(t *testing.T, now string, collect func() error) *ward {
	w := &ward{office: newOffice(t, danishTime(t, now), collect), end: func() {}}
	w.mailUp()
	w.write("byskriver.yaml", strings.Replace(alarmsConfig, "ADDRESS", w.addr, 1))
	w.write("schedules/test.yaml", oneRunADay)
	_, password := w.mail.User()
	if err := os.WriteFile(filepath.Join(w.dir, "mail"), []byte(password), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.end() })
	return w
}

// mailUp opens the mail server, where it was before if it was.
func (w *ward) mailUp() {
	w.t.Helper()
	mail, err := posthus.Open(posthus.Config{Address: w.addr})
	if err != nil {
		w.t.Fatal(err)
	}
	w.mail, w.addr = mail, strings.TrimPrefix(mail.URL(), "smtp://")
	w.write("post.pem", string(mail.Roots()))
	w.t.Cleanup(func() { _ = mail.Close() }) // it may be down already
}

// mailHangs has somebody answer in the mail server's place who never says a word.
func (w *ward) mailHangs() (up func()) {
	w.t.Helper()
	if err := w.mail.Close(); err != nil {
		w.t.Fatal(err)
	}
	l, err := net.Listen("tcp", w.addr)
	if err != nil {
		w.t.Fatal(err)
	}
	return func() {
		if err := l.Close(); err != nil {
			w.t.Fatal(err)
		}
		w.mailUp()
	}
}

// begin serves until end is called.
func (w *ward) begin() {
	w.t.Helper()
	ctx, stop := context.WithCancel(w.t.Context())
	h := w.open()
	w.server = newServer(w.env(ctx), h, w.clock, nil)
	ended := make(chan error, 1)
	go func() { ended <- w.server.serve(ctx) }()
	w.end = func() {
		w.end = func() {}
		stop()
		if err := <-ended; err != nil {
			w.t.Error(err)
		}
		h.close()
	}
}

// until lets time pass: the loops of the schedule, the samples and the alarms wait by the clock.
func (w *ward) until(moment string) {
	w.t.Helper()
	w.clock.until(danishTime(w.t, moment), 3)
}

// letters waits until so many mails were taken, and gives the newest.
func (w *ward) letters(n int) string {
	w.t.Helper()
	for late := time.Now().Add(20 * time.Second); len(w.mail.Letters()) < n; {
		if time.Now().After(late) {
			w.t.Fatalf("%d mails, want %d; %s; told: %s", len(w.mail.Letters()), n, w.listing(), &w.stderr)
		}
		<-time.After(time.Millisecond)
	}
	all := w.mail.Letters()
	if len(all) > n {
		w.t.Fatalf("%d mails, want %d; the last:\n%s", len(all), n, all[len(all)-1].Data)
	}
	if n == 0 {
		return ""
	}
	w.settled(n)
	head, body, _ := strings.Cut(all[n-1].Data, "\r\n\r\n")
	text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(body)))
	if err != nil {
		w.t.Fatal(err)
	}
	return head + "\n\n" + string(text)
}

// settled waits until the store knows that mails were taken: no more is under way.
func (w *ward) settled(int) {
	w.t.Helper()
	for late := time.Now().Add(time.Minute); ; {
		if _, unsent := w.unsent(); unsent == 0 {
			return
		}
		if time.Now().After(late) {
			w.t.Fatalf("still unsent: %s", w.listing())
		}
	}
}

func (w *ward) unsent() (why string, n int) {
	w.t.Helper()
	h := w.open()
	defer h.close()
	_, mails, err := h.store.Alarms(w.t.Context(), danishTime(w.t, "2026-01-01 00:00"))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, all := range mails {
		for _, m := range all {
			if m.Tell != "" {
				why, n = m.Failure, n+1
			}
		}
	}
	return why, n
}

// listing is what byskriver alarms prints.
func (w *ward) listing(flags ...string) string {
	w.t.Helper()
	e := w.env(w.t.Context())
	out := &bytes.Buffer{}
	e.Stdout = out
	if err := (&alarmsCmd{}).Run(e); err != nil {
		w.t.Fatal(err)
	}
	return out.String()
}

// healthz is what /healthz says.
func (w *ward) healthz() (int, string) {
	r := httptest.NewRecorder()
	(&health{server: w.server}).ServeHTTP(r, httptest.NewRequest("GET", "/healthz", nil))
	return r.Code, r.Body.String()
}

// A planned run fails: one mail, no other while it stands but one a day, none for a restart.
// The mail server hangs for a day: runs start as ever, the alarm is shown as unsent, and when
// it is over one mail says so.
func TestAlarmFromBeginningToEnd(t *testing.T) {
	t.Parallel()
	fails, ran := true, 0
	w := newWard(t, "2026-11-02 06:00", func() error {
		if ran++; fails {
			return errors.New("the folder is gone")
		}
		return nil
	})
	w.begin()
	w.until("2026-11-02 07:03")
	text := w.letters(1)
	for _, want := range []string{"To: <drift@lilleby.example>", "Kørslen test/morning, der begyndte 02-11-2026 07:00, kom ikke til sin ende.", "Gør nu: Læs i loggen",
		"docs/playbooks.md#kørsel-fejlet", "Lilleby Kommune"} {
		if !strings.Contains(text, want) {
			t.Errorf("the mail does not have %q:\n%s", want, text)
		}
	}
	w.until("2026-11-02 12:00")
	w.end()
	w.begin()
	w.until("2026-11-03 06:59")
	w.letters(1)
	if out := w.listing(); !strings.Contains(out, "KØRSEL-FEJLET  test/morning  siden 02-11-2026 07:0") || !strings.Contains(out, "drift@lilleby.example fik besked (begyndt) 02-11-2026 07:0") {
		t.Errorf("byskriver alarms:\n%s", out)
	}
	w.until("2026-11-03 07:10")
	if text := w.letters(2); !strings.Contains(text, "STADIG_ALARM") && !strings.Contains(text, "STADIG ALARM") {
		t.Errorf("the second mail:\n%s", text)
	}
	up := w.mailHangs()
	w.until("2026-11-04 06:50")
	w.until("2026-11-04 07:10") // the third is due, and hangs
	for why := ""; why == ""; {
		why, _ = w.unsent()
	}
	if ran != 3 {
		t.Errorf("%d runs, want 3: the mail server has held one", ran)
	}
	if out := w.listing(); !strings.Contains(out, "drift@lilleby.example: USENDT (står stadig) siden 04-11-2026 07:") {
		t.Errorf("byskriver alarms:\n%s", out)
	}
	w.until("2026-11-04 07:40")
	if status, text := w.healthz(); status != 503 || !strings.Contains(text, "ill alarms: 1 mails are unsent since 2026-11-04T06:") {
		t.Errorf("/healthz is %d:\n%s", status, text)
	}
	fails = false
	w.until("2026-11-05 08:00")
	up()
	w.until("2026-11-05 09:30")
	if text := w.letters(1); !strings.Contains(text, "er overst=C3=A5et") && !strings.Contains(text, "og er overstået 05-11-2026 07:") {
		t.Errorf("the last mail:\n%s", text)
	}
	w.until("2026-11-06 09:00")
	w.letters(1)
	if status, text := w.healthz(); status != 200 {
		t.Errorf("/healthz is %d:\n%s", status, text)
	}
	w.end()
	if err := verifies(w.office); err != nil {
		t.Error(err)
	}
	var codes []string
	for l := range w.entries("alarm.") {
		codes = append(codes, l.Code)
	}
	if got := strings.Join(codes, " "); got != "alarm.begun alarm.over" {
		t.Errorf("the log tells %q", got)
	}
}

// A run does not start, since the one before it does not end: both are told of, each once,
// and a trial mail goes to everybody who may be told.
func TestLateRun(t *testing.T) {
	t.Parallel()
	var w *ward
	w = newWard(t, "2026-11-02 06:30", func() error {
		return w.clock.Wait(t.Context(), 30*time.Hour)
	})
	w.begin()
	w.until("2026-11-02 13:10")
	if text := w.letters(1); !strings.Contains(text, "Kørslen test/morning begyndte 02-11-2026 07:00 og er ikke færdig.") {
		t.Errorf("the first mail:\n%s", text)
	}
	w.until("2026-11-03 07:29")
	w.letters(1)
	w.until("2026-11-03 07:40")
	if text := w.letters(2); !strings.Contains(text, "Kørslen test/morning skulle være begyndt 03-11-2026 07:00 og er ikke begyndt.") {
		t.Errorf("the second mail:\n%s", text)
	}
	e := w.env(t.Context())
	out := &bytes.Buffer{}
	e.Stdout = out
	if err := (&alarmsCmd{Test: true}).Run(e); err != nil || out.String() != "drift@lilleby.example: mailserveren har taget imod prøven\njobcenter@lilleby.example: mailserveren har taget imod prøven\n" {
		t.Errorf("alarms --test: %v\n%s", err, out)
	}
	w.letters(4)
	w.until("2026-11-03 13:30")
	if text := w.letters(5); !strings.Contains(text, "er ikke færdig") {
		t.Errorf("over at first:\n%s", text)
	}
	w.until("2026-11-04 06:59")
	w.letters(5) // catch-up is none: the run that did not come is missed until the next begins
	w.until("2026-11-04 07:30")
	w.letters(6)
}

// An alarm whose cause comes and goes is one alarm.
func TestFlutter(t *testing.T) {
	t.Parallel()
	w := newWard(t, "2026-11-02 08:00", func() error { return nil })
	w.begin()
	stop := func(do func(*store.Tx) error) {
		h := w.open()
		defer h.close()
		if err := h.store.Write(t.Context(), do); err != nil {
			t.Fatal(err)
		}
	}
	for _, minute := range []string{"08:05", "08:10", "08:15"} {
		stop(func(t *store.Tx) error {
			return t.PutStop(store.Stop{Robot: "test", At: w.clock.Now(), Run: "r", Kind: "sign_in_refused", System: "opus", Text: "8605010001"})
		})
		w.until("2026-11-02 " + minute)
		stop(func(t *store.Tx) error { return t.ClearStops("test", w.clock.Now()) })
		w.until("2026-11-02 " + minute[:4] + "9")
	}
	if text := w.letters(1); !strings.Contains(text, "opus har afvist robottens bruger eller adgangskode.") || strings.Contains(text, "8605010001") {
		t.Errorf("the mail:\n%s", text)
	}
	w.until("2026-11-02 08:40")
	w.letters(2)
}
