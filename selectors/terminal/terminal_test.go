package terminal_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"byskriver/fixtures/town/mainframe"
	"byskriver/selectors"
	"byskriver/selectors/terminal"
)

func dial(t *testing.T, tricks ...mainframe.Trick) (*terminal.Terminal, *mainframe.Host) {
	t.Helper()
	if _, err := os.Stat("/usr/bin/s3270"); err != nil {
		t.Skip("s3270 is not installed (Debian: apt-get install s3270)")
	}
	host, err := mainframe.Start(mainframe.Config{Seed: 1, Tricks: tricks})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := host.Close(); err != nil {
			t.Error(err)
		}
	})
	term, err := terminal.Dial(t.Context(), terminal.Config{Connect: 5 * time.Second, Answer: time.Second}, host.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(term.Close)
	return term, host
}

func user() selectors.Place     { return selectors.Place{Row: 8, Column: 34, Length: 8} }
func password() selectors.Place { return selectors.Place{Row: 10, Column: 34, Length: 8, Hidden: true} }

func TestWhatIsHiddenIsNotPartOfTheScreen(t *testing.T) {
	term, _ := dial(t)
	ctx := t.Context()
	if err := errors.Join(term.Type(ctx, user(), "LBRØBR"), term.Type(ctx, password(), "Hemmelig")); err != nil {
		t.Fatal(err)
	}
	b, err := term.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if b.At(user()) != "LBRØBR" || b.At(password()) != "" || strings.Contains(b.Text(), "Hemmelig") || !strings.HasPrefix(b.Row(1), " KSP/CICS01 ") {
		t.Errorf("the screen:\n%s", b.Text())
	}
	if f := b.Inputs(); len(f) != 2 || f[0].Length != 8 || !f[1].Hidden || b.Typed(f[0]) != "LBRØBR" || b.Typed(f[1]) != "" {
		t.Errorf("fields: %+v", f)
	}
}

func TestTypeRefusesWhatDoesNotFit(t *testing.T) {
	term, host := dial(t)
	hidden := user()
	hidden.Hidden = true
	for text, p := range map[string]selectors.Place{
		"ni tegn..": user(), "a\nb": user(), "\x1b": user(), " x": user(), "Ж": user(),
		"A": hidden, "B": {Row: 3, Column: 3, Length: 8}, "C": {Row: 8, Column: 34, Length: 4},
	} {
		err := term.Type(t.Context(), p, text)
		var no *terminal.Refused
		if !errors.As(err, &no) || len(text) > 1 && strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if n := len(host.Journal()); n != 1 {
		t.Errorf("the host got %d keys", n-1)
	}
}

func TestHostThatHangsUp(t *testing.T) {
	term, host := dial(t)
	host.HangUp()
	var gone *terminal.Gone
	for range 100 { // s3270 may not know yet
		_, err := term.Changed(t.Context(), time.Second)
		if errors.As(err, &gone) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // s3270 says ok with the old screen
		if _, err := term.Read(t.Context()); !errors.As(err, &gone) {
			t.Errorf("read: %v", err)
		}
		if err := term.Press(t.Context(), terminal.Enter); !errors.As(err, &gone) {
			t.Errorf("press: %v", err)
		}
	}
}

func TestHostThatIsSilent(t *testing.T) {
	term, _ := dial(t, mainframe.Trick{Key: "F3", Do: mainframe.Silent()})
	var slow *terminal.Slow
	if err := term.Press(t.Context(), terminal.F3); !errors.As(err, &slow) {
		t.Errorf("%v", err)
	}
	var ended *terminal.Ended
	if _, err := term.Read(t.Context()); !errors.As(err, &ended) {
		t.Errorf("afterwards: %v", err)
	}
	if err := syscall.Kill(term.PID(), 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("s3270 is still there: %v", err)
	}
}

func TestAddressesThatAreCommands(t *testing.T) {
	for _, address := range []string{"", "host", "a:1) Quit(", "a:1\nQuit()", "L:a@b:1"} {
		if _, err := terminal.Dial(t.Context(), terminal.Config{}, address); err == nil || !strings.Contains(err.Error(), "host:port") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// TestEndsWithUs kills the program that has a terminal open; s3270 goes too. The
// program is this test itself, which then finds the address in its environment.
func TestEndsWithUs(t *testing.T) {
	if address := os.Getenv("TERMINAL_TEST_ADDRESS"); address != "" {
		term, err := terminal.Dial(t.Context(), terminal.Config{}, address)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("pid %d\n", term.PID())
		select {} // until it is killed
	}
	_, host := dial(t, mainframe.Trick{Key: "F3", Do: mainframe.Silent()})
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestEndsWithUs$")
	cmd.Env = append(os.Environ(), "TERMINAL_TEST_ADDRESS="+host.Addr())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines, pid := bufio.NewScanner(out), 0
	for pid == 0 && lines.Scan() {
		if digits, ok := strings.CutPrefix(lines.Text(), "pid "); ok {
			if pid, err = strconv.Atoi(digits); err != nil {
				t.Fatal(err)
			}
		}
	}
	if pid == 0 || syscall.Kill(pid, 0) != nil {
		t.Fatalf("no s3270 with pid %d", pid)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	deadline := time.Now().Add(10 * time.Second)
	for alive(pid) {
		if time.Now().After(deadline) {
			t.Fatal("s3270 lives on")
		}
	}
}

// alive reports whether a process runs; a dead one may wait for PID 1.
func alive(pid int) bool {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := strings.Cut(string(data), ") ")
	return err == nil && !strings.HasPrefix(rest, "Z")
}
