package browser_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"byskriver/selectors/browser"

	"golang.org/x/sys/unix"
)

// childFolder, when set, has this test program not test but be a program that
// drives a browser and is killed: it names the folder for Chromium's data.
const childFolder = "BYSKRIVER_TEST_CHILD"

// child starts a browser with a page whose script never ends and one that loads
// for ever, tells the process group, and stays.
func child(url string) {
	cfg := config()
	cfg.TempDir = os.Getenv(childFolder)
	b, err := browser.Start(context.Background(), cfg)
	if err != nil {
		panic(err)
	}
	fmt.Println(b.PID())
	for _, path := range []string{"/hang.html", "/endless"} {
		p, err := b.Page(context.Background(), shared.system)
		if err != nil {
			panic(err)
		}
		if err := p.Open(context.Background(), url+path); err != nil {
			panic(err)
		}
		p.SetPatience(time.Millisecond)
		if path == "/hang.html" {
			_ = p.Click(context.Background(), "hang.hang") // the page answers no more
		}
	}
	fmt.Println("ready")
	select {}
}

// startChild starts a program that drives a browser and returns it, the process
// group of its Chromium, and a wait for it to say that it is busy.
func startChild(t *testing.T, dir string) (cmd *exec.Cmd, pgid int, busy func()) {
	t.Helper()
	cmd = exec.Command(os.Args[0], shared.url)
	cmd.Env = append(os.Environ(), childFolder+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("the program that is to be killed did not start")
	}
	if pgid, err = strconv.Atoi(lines.Text()); err != nil {
		t.Fatal(err)
	}
	return cmd, pgid, func() {
		if !lines.Scan() || lines.Text() != "ready" {
			t.Fatal("the program that is to be killed did not get ready")
		}
	}
}

// members lists the processes of a group with their states, as in /proc; dead is
// whether those count that only wait to be taken in.
func members(pgid int, dead bool) map[int]string {
	list := map[int]string{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		data, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		_, after, _ := strings.Cut(string(data), ") ")
		if f := strings.Fields(after); len(f) > 2 && f[2] == strconv.Itoa(pgid) && (dead || f[0] != "Z") {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
			list[pid] = f[0]
		}
	}
	return list
}

// emptied waits until nothing of a process group is left, taking in what is dead
// the way PID 1 does.
func emptied(t *testing.T, pgid int) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		for {
			if pid, err := syscall.Wait4(-pgid, nil, syscall.WNOHANG, nil); err != nil || pid <= 0 {
				break
			}
		}
		left := members(pgid, true)
		if len(left) == 0 {
			return
		}
		select {
		case <-look.C:
		case <-deadline:
			syscall.Kill(-pgid, syscall.SIGKILL)
			t.Fatalf("still there after 20 s: %v", left)
		}
	}
}

func TestChromiumEndsWithUsAfterKill9(t *testing.T) {
	// What the killed program leaves behind comes to us instead of PID 1, so that
	// the test can tell zombies that nobody reaps from those of this machine.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	defer unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
	dir := t.TempDir()
	for _, when := range []string{"at once", "busy", "stopped"} {
		cmd, pgid, busy := startChild(t, dir)
		if when != "at once" {
			busy()
			if n := len(members(pgid, true)); n < 4 {
				t.Fatalf("only %d processes in the group", n)
			}
		}
		if when == "stopped" { // it cannot see that its pipe has closed
			if err := syscall.Kill(pgid, syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
		}
		if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
		emptied(t, pgid)
	}

	// The folders of the killed are swept by the next start, which removes its own.
	if left, _ := filepath.Glob(dir + "/*"); len(left) != 1 {
		t.Fatalf("folders left: %v", left)
	}
	cfg := config()
	cfg.TempDir = dir
	b, err := browser.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(dir + "/*"); len(left) != 1 {
		t.Fatalf("folders left: %v", left)
	}
	pgid := b.PID()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(dir + "/*"); len(left) != 0 {
		t.Fatalf("folders left: %v", left)
	}
	emptied(t, pgid)
}

func TestBrowserThatIsKilled(t *testing.T) {
	b, err := browser.Start(t.Context(), config())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	p, err := b.Page(t.Context(), shared.system)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Open(t.Context(), shared.url+"/form.html"); err != nil {
		t.Fatal(err)
	}
	first := b.PID()
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	var closed *browser.Closed
	if err := p.At(t.Context(), "receipt"); !errors.As(err, &closed) {
		t.Fatalf("got %v", err)
	}
	if err := p.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := p.Open(t.Context(), shared.url+"/form.html"); err != nil {
		t.Fatal(err)
	}
	if err := p.At(t.Context(), "form"); err != nil || b.PID() == first {
		t.Fatalf("%v, %d", err, b.PID())
	}
	p.Release()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Page(t.Context(), shared.system); !errors.As(err, &closed) {
		t.Fatalf("got %v", err)
	}
}

func TestStartThatFails(t *testing.T) {
	for _, bin := range []string{"/nonexistent/chromium", "/bin/false"} {
		cfg := config()
		cfg.Bin, cfg.TempDir = bin, t.TempDir()
		if b, err := browser.Start(t.Context(), cfg); err == nil {
			b.Close()
			t.Fatalf("started %s", bin)
		} else if !strings.Contains(err.Error(), bin) {
			t.Errorf("the error does not name %s: %v", bin, err)
		}
		if left, _ := filepath.Glob(cfg.TempDir + "/*"); len(left) != 0 {
			t.Errorf("folders left: %v", left)
		}
	}
}
