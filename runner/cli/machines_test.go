package cli_test

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"byskriver/fixtures/postgres"
)

// system is what the machines' robot posts to. It tells who came, and has whoever it
// was told to hold wait for their answer.
type system struct {
	*httptest.Server
	mu     sync.Mutex
	posts  map[string][]string // by key: the machines that posted it
	seen   chan string         // "machine find key" or "machine post key", as they come
	hold   func(machine, what string) bool
	let    chan struct{} // closed when who is held may go on
	posted chan string
}

const postings = 24

func newSystem(t testing.TB, hold func(machine, what string) bool) *system {
	s := &system{posts: map[string][]string{}, seen: make(chan string, 10000), hold: hold, let: make(chan struct{}), posted: make(chan string, 10000)}
	s.Server = httptest.NewServer(http.HandlerFunc(s.answer))
	t.Cleanup(s.Close)
	return s
}

// answer takes a posting at once, and says so when it may.
func (s *system) answer(w http.ResponseWriter, r *http.Request) {
	machine, what, key := r.Header.Get("Machine"), strings.Trim(filepath.Dir(r.URL.Path), "/"), filepath.Base(r.URL.Path)
	s.mu.Lock()
	if what == "post" {
		s.posts[key] = append(s.posts[key], machine)
		s.posted <- machine
	}
	there := len(s.posts[key])
	s.mu.Unlock()
	s.seen <- machine + " " + what + " " + key
	if s.hold(machine, what) {
		select {
		case <-s.let:
		case <-r.Context().Done():
		}
	}
	fmt.Fprint(w, there)
}

// once makes sure that every key was posted exactly once.
func (s *system) once(t testing.TB) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range postings {
		if who := s.posts[fmt.Sprint("k", i)]; len(who) != 1 {
			t.Errorf("k%d was posted by %v", i, who)
		}
	}
}

// all waits until everything is posted.
func (s *system) all(t testing.TB, within time.Duration) {
	t.Helper()
	late := time.After(within)
	for {
		s.mu.Lock()
		n := len(s.posts)
		s.mu.Unlock()
		if n == postings {
			return
		}
		select {
		case <-s.seen:
		case <-late:
			t.Fatalf("%d of %d posted after %v", n, postings, within)
		}
	}
}

// fleet is a folder that several machines have, and the programs on them.
type fleet struct {
	testing.TB
	dir string
	url string
}

const fleetConfig = `municipality: Lilleby Kommune
store:
  key: file:store.key
  postgres: {host: 127.0.0.1, port: %d, database: %s, user: byskriver, password: file:postgres, ca: %s}
log: {key: "file:log.key", lines: log/lines.jsonl, checkpoints: [log]}
systems:
  erp: {url: %s, service: {}, settles_after: 1s, longest_request: 3s}
machines:
  rpa1: {robots: [poster]}
  rpa2: {robots: [poster]}
  rpa3: {robots: [poster]}
  rpa4: {robots: [other]}
robots: {poster: {at_once: 4}, other: {}}
schedules: schedules
`

func newFleet(t testing.TB, db postgres.Database, url string) *fleet {
	f := &fleet{TB: t, dir: t.TempDir(), url: url}
	f.file("byskriver.yaml", fmt.Sprintf(fleetConfig, db.Port, db.Name, db.Authority, url))
	f.file("postgres", db.Password)
	f.file("schedules/poster.yaml", "robot: poster\nschedules:\n  - {name: yearly, cron: \"0 4 1 1 *\", days: every, catch-up: none, run: {mode: live}}\n")
	f.want(f.start("rpa1", "init").Wait())
	return f
}

func (f *fleet) file(name, text string) {
	f.Helper()
	path := filepath.Join(f.dir, name)
	f.want(os.MkdirAll(filepath.Dir(path), 0o700))
	f.want(os.WriteFile(path, []byte(text), 0o600))
}

func (f *fleet) want(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// program is byskriver on a machine.
type program struct {
	*exec.Cmd
	said chan string // lines of its output
}

func (f *fleet) start(machine string, args ...string) *program {
	f.Helper()
	p := &program{Cmd: exec.Command(os.Args[0], append([]string{"-c", filepath.Join(f.dir, "byskriver.yaml")}, args...)...), said: make(chan string, 1000)}
	p.Env = append(os.Environ(), "BYSKRIVER_MACHINE="+machine, inSystem+"="+f.url)
	out, err := p.StdoutPipe()
	f.want(err)
	p.Stderr = p.Cmd.Stdout
	f.want(p.Start())
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			p.said <- lines.Text()
		}
		close(p.said)
	}()
	f.Cleanup(func() { _ = p.Process.Kill(); _ = p.Wait() })
	return p
}

// says waits until the program says something.
func (f *fleet) says(p *program, what string, within time.Duration) {
	f.Helper()
	late := time.After(within)
	for {
		select {
		case line, ok := <-p.said:
			if !ok {
				f.Fatalf("the program ended and never said %q", what)
			}
			if strings.Contains(line, what) {
				return
			}
		case <-late:
			f.Fatalf("not said within %v: %q", within, what)
		}
	}
}

// comes waits until the system has seen something of a machine so often.
func (s *system) comes(t testing.TB, what string, times int) {
	t.Helper()
	late := time.After(time.Minute)
	for times > 0 {
		select {
		case line := <-s.seen:
			if strings.HasPrefix(line, what) {
				times--
			}
		case <-late:
			t.Fatalf("%q did not come %d more times", what, times)
		}
	}
}

// A machine is killed in the middle of its postings, which the system takes and never
// answers. Those that serve take up what it held within 30 seconds: all is posted, and
// nothing twice. Then the one that keeps the schedules is killed, too, and the other
// keeps them.
func TestAKilledMachine(t *testing.T) {
	t.Parallel()
	s := newSystem(t, func(machine, what string) bool { return machine == "rpa1" && what == "post" })
	f := newFleet(t, database.Empty(t), s.URL)
	a := f.start("rpa1", "run", "poster")
	s.comes(t, "rpa1 post", 4) // as many as it works at once
	leader := f.start("rpa2", "serve")
	f.says(leader, "keeps the schedules", time.Minute)
	other := f.start("rpa3", "serve")
	f.says(other, "machine rpa3 serves", time.Minute)
	f.want(a.Process.Kill())
	killed := time.Now()
	s.all(t, 30*time.Second)
	t.Logf("all was posted %.1f s after the kill", time.Since(killed).Seconds())
	select {
	case line := <-leader.said:
		t.Log("rpa2:", line)
	case line := <-other.said:
		t.Log("rpa3:", line)
	case <-time.After(time.Minute):
		t.Error("nobody told of the run that took the work up")
	}
	f.want(leader.Process.Kill())
	killed = time.Now()
	f.says(other, "keeps the schedules", 30*time.Second)
	t.Logf("the schedules were kept again %.1f s after the kill", time.Since(killed).Seconds())
	run := f.start("rpa1", "run", "poster")
	close(s.let)
	f.says(run, "run-poster", time.Minute)
	s.once(t)
	f.want(f.start("rpa1", "log", "verify").Wait())
}

// A machine is stopped between looking and posting, for longer than its lease, and woken
// when another has done its work: it posts nothing more.
func TestAFrozenMachine(t *testing.T) {
	t.Parallel()
	s := newSystem(t, func(machine, what string) bool { return false })
	f := newFleet(t, database.Empty(t), s.URL)
	a := f.start("rpa1", "run", "poster")
	s.comes(t, "rpa1 post", 2)
	f.want(a.Process.Signal(syscall.SIGSTOP))
	b := f.start("rpa2", "run", "poster")
	stopped := time.Now()
	s.all(t, time.Minute)
	f.says(b, "run-poster", time.Minute)
	t.Logf("all was worked %.1f s after the stop", time.Since(stopped).Seconds())
	before := len(s.posted)
	f.want(a.Process.Signal(syscall.SIGCONT))
	if err := a.Wait(); err == nil {
		t.Error("the machine that was woken did not say that its claims were lost")
	}
	if after := len(s.posted); after != before {
		t.Errorf("%d postings after it was woken", after-before)
	}
	s.once(t)
}

// A robot is worked where it is assigned.
func TestARobotOfAnotherMachine(t *testing.T) {
	t.Parallel()
	s := newSystem(t, func(string, string) bool { return false })
	f := newFleet(t, database.Empty(t), s.URL)
	p := f.start("rpa4", "run", "poster")
	if err := p.Wait(); err == nil || p.ProcessState.ExitCode() != 2 {
		t.Errorf("robot poster on rpa4: %v", err)
	}
	if err := f.start("rpa9", "serve").Wait(); err == nil {
		t.Error("a machine that is not named serves")
	}
}
