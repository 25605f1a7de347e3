package terminal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Config is how terminals are to be. Zero values are as said.
type Config struct {
	Program  string        // /usr/bin/s3270
	CodePage string        // cp277: Danish and Norwegian
	Connect  time.Duration // 20 s: the most that a connection may take
	Answer   time.Duration // 30 s: the most that the host may take for an answer
	Secure   bool          // over TLS, the host's certificate checked
	CAFile   string        // whose certificates are believed, PEM; "" is the system's
}

func (c Config) filled() Config {
	if c.Program == "" {
		c.Program = "/usr/bin/s3270"
	}
	if c.CodePage == "" {
		c.CodePage = "cp277"
	}
	if c.Connect == 0 {
		c.Connect = 20 * time.Second
	}
	if c.Answer == 0 {
		c.Answer = 30 * time.Second
	}
	return c
}

func (c Config) arguments() []string {
	args := []string{"-model", "3279-2", "-codepage", c.CodePage, "-utf8"}
	if c.CAFile != "" {
		args = append(args, "-cafile", c.CAFile)
	}
	return args
}

// Terminal is one s3270 with its connection.
type Terminal struct {
	cfg  Config
	proc *process
	size string // what the screen is in the status line
}

// Key is a key that sends the screen to the host.
type Key string

// The keys that are pressed.
const (
	Enter Key = "Enter()"
	F3    Key = "PF(3)"
	F7    Key = "PF(7)"
	F8    Key = "PF(8)"
	F12   Key = "PF(12)"
)

// Dial starts a terminal and connects it to host:port. It returns when the host has
// sent a first screen: one with a field to type in, or after that time another one.
func Dial(ctx context.Context, cfg Config, address string) (*Terminal, error) {
	cfg = cfg.filled()
	if strings.ContainsAny(address, "\"\\()\n\r ,@") || !strings.Contains(address, ":") {
		return nil, &Refused{"connect", "the address must be host:port"}
	}
	proc, err := launch(cfg)
	if err != nil {
		return nil, err
	}
	t := &Terminal{cfg: cfg, proc: proc}
	if cfg.Secure {
		address = "L:" + address
	}
	if err := t.connect(ctx, address); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

func (t *Terminal) connect(ctx context.Context, address string) error {
	const what = "connect"
	deadline := time.Now().Add(t.cfg.Connect)
	_, err := t.do(ctx, what, "Connect("+address+")", t.cfg.Connect)
	var refused *Refused
	if errors.As(err, &refused) {
		return &Gone{what + " (" + refused.Said + ")"}
	}
	if err != nil {
		return err
	}
	seconds := max(1, int(time.Until(deadline)/time.Second))
	_, err = t.do(ctx, what, fmt.Sprintf("Wait(%d,InputField)", seconds), time.Until(deadline)+time.Second)
	if !errors.As(err, &refused) {
		return err
	}
	screen, err := t.Read(ctx)
	if err == nil && strings.TrimSpace(screen.Text()) == "" {
		return &Slow{what, t.cfg.Connect}
	}
	return err
}

// PID is the child's process number, for those who watch it.
func (t *Terminal) PID() int { return t.proc.pid }

// Close ends the terminal. It may be called again.
func (t *Terminal) Close() { t.proc.kill() }

// Press sends the screen by a key, and returns when the host has given the keyboard
// back. What the host shows then is for Read.
func (t *Terminal) Press(ctx context.Context, key Key) error {
	_, err := t.do(ctx, "press "+strings.TrimSuffix(string(key), "()"), string(key), t.cfg.Answer)
	return err
}

// Changed waits until the host has sent something since the last Read, at most d,
// and reports whether it has.
func (t *Terminal) Changed(ctx context.Context, d time.Duration) (bool, error) {
	seconds := max(1, int((d+time.Second-1)/time.Second))
	_, err := t.do(ctx, "wait for the screen", fmt.Sprintf("Wait(%d,Output)", seconds), d+t.cfg.Answer)
	var refused *Refused
	if errors.As(err, &refused) && strings.Contains(refused.Said, "Timed out") {
		return false, nil
	}
	return err == nil, err
}

// do has s3270 do one command and gives its data lines. what is for errors: the
// command itself may be a password.
func (t *Terminal) do(ctx context.Context, what, command string, limit time.Duration) ([]string, error) {
	if _, err := t.proc.in.Write([]byte(command + "\n")); err != nil {
		t.Close()
		return nil, &Ended{what, t.proc.said.String()}
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	var lines []string
	for {
		select {
		case line, ok := <-t.proc.lines:
			if !ok {
				t.Close()
				return nil, &Ended{what, t.proc.said.String()}
			}
			if line == "ok" || line == "error" {
				return t.answer(what, lines, line == "ok")
			}
			if lines = append(lines, line); len(lines) > 4*maxRows {
				t.Close()
				return nil, &Ended{what, "more lines than a screen has"}
			}
		case <-timer.C:
			t.Close()
			return nil, &Slow{what, limit}
		case <-ctx.Done():
			t.Close()
			return nil, fmt.Errorf("%s: %w", what, ctx.Err())
		}
	}
}

// answer parts the data from the status line and looks what that says.
func (t *Terminal) answer(what string, lines []string, ok bool) ([]string, error) {
	if len(lines) == 0 {
		t.Close()
		return nil, &Ended{what, "an answer without a status line"}
	}
	status := strings.Fields(lines[len(lines)-1])
	var data []string
	for _, line := range lines[:len(lines)-1] {
		text, found := strings.CutPrefix(line, "data:")
		if !found {
			t.Close()
			return nil, &Ended{what, "an answer that is none of s3270's"}
		}
		data = append(data, strings.TrimPrefix(text, " "))
	}
	switch {
	case len(status) < statusFields:
		t.Close()
		return nil, &Ended{what, "a status line of another form"}
	case !ok && strings.Contains(strings.Join(data, " "), "Timed out"):
		return nil, &Refused{what, "Timed out"}
	case !strings.HasPrefix(status[connection], "C("):
		return nil, &Gone{what}
	case !ok:
		return nil, &Refused{what, strings.Join(data, " ")}
	case status[keyboard] != "U":
		return nil, &Refused{what, "the keyboard is locked (" + status[keyboard] + ")"}
	}
	t.size = status[rowsField] + "x" + status[columnsField]
	return data, nil
}

// Where the status line has what, by x3270's description of it.
const (
	keyboard     = 0
	connection   = 3
	rowsField    = 6
	columnsField = 7
	statusFields = 12
)
