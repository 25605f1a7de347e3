package terminal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
)

// process is one running s3270.
type process struct {
	pid   int
	in    io.WriteCloser
	lines chan string   // what it answers, line by line; closed at the end
	exit  chan struct{} // closed when it has ended and been waited for
	said  *tail
	end   sync.Once
}

// launch starts s3270. It is in a process group of its own, and gets nothing of our
// environment: it would read a person's own settings otherwise.
func launch(cfg Config) (*process, error) {
	p := &process{lines: make(chan string, 64), exit: make(chan struct{}), said: &tail{}}
	cmd := exec.Command(cfg.Program, cfg.arguments()...)
	cmd.Env = []string{"LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin", "HOME=/nonexistent"}
	cmd.Dir = "/"
	cmd.Stderr = p.said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe to s3270: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make a pipe from s3270: %w", err), in.Close())
	}
	p.in = in
	started := make(chan error, 1)
	go p.run(cmd, out, started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s (Debian: apt-get install s3270): %w", cfg.Program, err)
	}
	return p, nil
}

// run starts the command and stays until it has ended, on one thread of its own:
// Pdeathsig goes by the thread that started the child, not by the process.
func (p *process) run(cmd *exec.Cmd, out io.Reader, started chan<- error) {
	runtime.LockOSThread()
	defer close(p.exit)
	defer close(p.lines)
	if err := cmd.Start(); err != nil {
		started <- err
		return
	}
	p.pid = cmd.Process.Pid
	started <- nil
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		p.lines <- lines.Text()
	}
	_ = cmd.Wait() // how it ended is of no interest; that it did is
}

// kill ends the process group and returns when s3270 has been waited for.
func (p *process) kill() {
	p.end.Do(func() {
		_ = p.in.Close()                          // what matters is that it is dead, and that is seen below
		_ = syscall.Kill(-p.pid, syscall.SIGKILL) // ESRCH: it ended by itself
		for range p.lines {
			continue // so that run comes to its end
		}
		<-p.exit
	})
}

// tail keeps the beginning of what s3270 says on standard error.
type tail struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write keeps what fits.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if room := 2048 - t.b.Len(); room > 0 {
		t.b.Write(b[:min(room, len(b))])
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := strings.Join(strings.Fields(t.b.String()), " "); s != "" {
		return s
	}
	return "nothing"
}
