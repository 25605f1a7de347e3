package kspcics

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"byskriver/fixtures/town/mainframe"
	"byskriver/runner"
	"byskriver/selectors"
	"byskriver/selectors/terminal"
)

// tries counts what reached the sign-in screen.
func (s *setting) tries() int {
	n := 0
	for _, e := range s.host.Journal() {
		if e.Screen == "KSP/CICS01" && e.Key == "ENTER" {
			n++
		}
	}
	return n
}

func TestRefusedOnceAndNeverAgain(t *testing.T) {
	s := open(t, mainframe.Config{})
	s.word = "Forkert1"
	for range 5 {
		_, err := s.sys.Rights(limit(t), s.user(0).ID)
		if kindOf(err) != runner.SignInRefused || !runner.IsNotDone(err) {
			t.Fatalf("%v", err)
		}
		discreet(t, s, err)
	}
	if n := s.tries(); n != 1 || s.host.Locked("LBROBR") {
		t.Errorf("%d tries, locked: %v", n, s.host.Locked("LBROBR"))
	}
}

func TestThreeWrongPasswordsLock(t *testing.T) {
	s := open(t, mainframe.Config{})
	right := s.word
	try := func(word string) error {
		sys, err := New(s.sys.screens, s.sys.account, s.sys.options)
		if err != nil {
			t.Fatal(err)
		}
		defer sys.Close()
		s.word = word
		return sys.SignIn(limit(t))
	}
	for range 3 {
		if err := try("Forkert1"); kindOf(err) != runner.SignInRefused {
			t.Fatal(err)
		}
	}
	if err := try(right); kindOf(err) != runner.SignInRefused || !strings.Contains(err.Error(), "spærret") {
		t.Errorf("the right password of a locked user: %v", err)
	}
	s.host.Unlock("LBROBR")
	if err := try(right); err != nil {
		t.Errorf("unlocked: %v", err)
	}
}

func TestPasswordThatMustBeChanged(t *testing.T) {
	s := open(t, mainframe.Config{Operators: mainframe.StandardOperators(time.Now().AddDate(0, -3, -1))})
	for range 2 {
		if err := s.sys.SignIn(limit(t)); kindOf(err) != runner.SignInRefused || !strings.Contains(err.Error(), "udløbet") {
			t.Errorf("%v", err)
		}
	}
	if n := s.tries(); n != 1 {
		t.Errorf("%d tries", n)
	}
}

func TestTooManySessions(t *testing.T) {
	s := open(t, mainframe.Config{Sessions: 1})
	if err := s.sys.SignIn(limit(t)); err != nil {
		t.Fatal(err)
	}
	other, err := New(s.sys.screens, s.sys.account, s.sys.options)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := other.SignIn(limit(t)); kindOf(err) != runner.Unavailable {
		t.Errorf("%v", err)
	}
	s.sys.Close()
	if n := s.host.Signed("LBROBR"); n != 0 {
		t.Errorf("signed in %d times after Close", n)
	}
	if err := other.SignIn(limit(t)); err != nil {
		t.Errorf("when the other one has signed off: %v", err)
	}
}

// Passwords with what s3270 itself reads in a text, and one that does not fit.
func TestPasswordsThatAreAwkward(t *testing.T) {
	for word, want := range map[string]bool{`a"b\c(,)`: true, `\\"";'%x`: true, `Æøå{}[]~`: true, "langt over": false, "kyrilЖ12": false} {
		t.Run(word, func(t *testing.T) {
			s := open(t, mainframe.Config{Operators: []mainframe.Operator{{ID: "LBROBR", Password: word, Changed: time.Now()}}})
			s.word = word
			err := s.sys.SignIn(limit(t))
			if (err == nil) != want {
				t.Errorf("%v", err)
			}
			if !want && s.tries() > 0 {
				t.Errorf("sent all the same")
			}
			discreet(t, s, err)
			for _, e := range s.host.Journal() {
				if strings.Contains(fmt.Sprint(e), word) {
					t.Errorf("the journal tells the password: %v", e)
				}
			}
		})
	}
}

func TestNobodyAnswers(t *testing.T) {
	s := open(t, mainframe.Config{}, func(a *Account, _ *Options) { a.Address = "127.0.0.1:1" })
	if err := s.sys.SignIn(limit(t)); kindOf(err) != runner.Unavailable {
		t.Errorf("%v", err)
	}
}

func TestNoS3270(t *testing.T) {
	s := open(t, mainframe.Config{}, func(_ *Account, o *Options) { o.Terminal.Program = "/usr/bin/s3270-missing" })
	if err := s.sys.SignIn(limit(t)); err == nil || !strings.Contains(err.Error(), "apt-get install s3270") {
		t.Errorf("%v", err)
	}
}

func TestScreensFileIsChecked(t *testing.T) {
	screens, err := selectors.LoadTerminal("../../../selectors/kspcics.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s := screens.Screens["users"]
	s.Send["rights"] = selectors.Send{Type: "S", Shows: "S=Slet"} // would remove a user
	delete(screens.Screens, "content")
	_, err = New(screens, Account{}, Options{})
	if err == nil || !strings.Contains(err.Error(), "screen content is missing") {
		t.Errorf("%v", err)
	}
	screens.Screens["content"], _ = again(t).Screens["content"]
	_, err = New(screens, Account{}, Options{})
	if err == nil || !strings.Contains(err.Error(), "the one that removes") {
		t.Errorf("%v", err)
	}
	var fault *selectors.Fault
	if !errors.As(err, &fault) || fault.Line != s.Line {
		t.Errorf("%v names no line", err)
	}
}

func again(t *testing.T) *selectors.Terminal {
	t.Helper()
	screens, err := selectors.LoadTerminal("../../../selectors/kspcics.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return screens
}

// BenchmarkScreens turns pages of a user's authorisations: as the driver does it, each
// screen read whole and checked; s3270 alone with the same keys and readings from one
// script, start and sign-in included; and the driver's terminal with nothing checked.
func BenchmarkScreens(b *testing.B) {
	host, err := mainframe.Start(mainframe.Config{Seed: 20261122})
	if err != nil {
		b.Fatal(err)
	}
	defer host.Close()
	screens, err := selectors.LoadTerminal("../../../selectors/kspcics.yaml")
	if err != nil {
		b.Fatal(err)
	}
	sys, err := New(screens, Account{Address: host.Addr(), User: "LBROBL", Password: func() (string, error) { return "Læs4lst8", nil }}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer sys.Close()
	user := host.Users()[3].ID
	turn := func(how func(d *desk, key terminal.Key, page int) error) func(*testing.B) {
		return func(b *testing.B) {
			err := sys.with(b.Context(), func(d *desk) error {
				if err := d.choose(b.Context(), user, "rights"); err != nil {
					return err
				}
				b.ResetTimer()
				for i := range b.N {
					key, page := terminal.F8, 2
					if i%2 == 1 {
						key, page = terminal.F7, 1
					}
					if err := how(d, key, page); err != nil {
						return err
					}
				}
				b.StopTimer()
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "screens/s")
		}
	}
	b.Run("driver", turn(func(d *desk, key terminal.Key, page int) error {
		if err := d.press(b.Context(), key, d.whole(page, d.of(user)), "rights"); err != nil {
			return err
		}
		d.rows()
		return nil
	}))
	b.Run("s3270Alone", func(b *testing.B) {
		script := "Connect(" + host.Addr() + ")\nWait(5,InputField)\nString(\"LBROBL\")\nTab()\nString(\"Læs4lst8\")\nEnter()\n" +
			"String(\"Z728\")\nEnter()\nString(\"" + user + "\")\nEnter()\nMoveCursor(6,1)\nString(\"A\")\nEnter()\n" +
			strings.Repeat("PF(8)\nReadBuffer(Ascii)\nPF(7)\nReadBuffer(Ascii)\n", b.N/2+1) + "Quit()\n"
		cmd := exec.CommandContext(b.Context(), "/usr/bin/s3270", "-model", "3279-2", "-codepage", "cp277", "-utf8")
		cmd.Stdin = strings.NewReader(script)
		out, err := cmd.Output()
		if err != nil || !strings.Contains(string(out), "4b 53 50 2f 43 49 43 53 33 33") { // KSP/CICS33
			b.Fatalf("%v, %d bytes", err, len(out))
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "screens/s")
	})
	b.Run("keyAndRead", turn(func(d *desk, key terminal.Key, _ int) error {
		if err := d.term.Press(b.Context(), key); err != nil {
			return err
		}
		_, err := d.term.Read(b.Context())
		return err
	}))
}
