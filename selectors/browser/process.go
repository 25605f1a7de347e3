package browser

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is one running Chromium with everything it has started.
//
// It ends with us by three separate means. Its debugging pipe closes when we die,
// and Chromium leaves then. The kernel kills it when the thread that started it
// dies (Pdeathsig), also where Chromium hangs. Its own children end when their
// channel to it closes. On an orderly end the whole process group is killed and
// waited for.
type process struct {
	pid  int // also the number of the process group
	conn *conn
	dir  *profile
	exit chan struct{} // closed when the main process has ended
	tail *tail         // the last of what it said on standard error

	end sync.Once
}

// closedNetwork are the flags without which Chromium talks to hosts that nobody
// asked it to talk to, stops on questions for a person, or slows what it cannot
// see.
var closedNetwork = []string{
	"--no-startup-window", "--no-first-run", "--no-default-browser-check", "--no-service-autorun",
	"--disable-background-networking", "--disable-component-update", "--disable-sync",
	"--disable-quic", "--disable-http2", "--disable-client-side-phishing-detection", "--disable-default-apps",
	"--disable-domain-reliability", "--disable-breakpad", "--disable-extensions",
	"--disable-search-engine-choice-screen", "--disable-field-trial-config",
	"--no-pings", "--metrics-recording-only", "--password-store=basic", "--use-mock-keychain",
	"--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows",
	"--disable-renderer-backgrounding", "--disable-ipc-flooding-protection", "--disable-hang-monitor",
	"--disable-popup-blocking", "--disable-prompt-on-repost",
	// All frames of a page in one process, also those of other sites: one round
	// trip reaches them all. The robots visit the municipality's systems only.
	"--disable-site-isolation-trials",
	"--disable-features=IsolateOrigins,site-per-process,Translate,MediaRouter,OptimizationHints," +
		"AutofillServerCommunication,InterestFeedContentSuggestions,CertificateTransparencyComponentUpdater," +
		"HttpsUpgrades,PaintHolding,DialMediaRouteProvider,BackForwardCache,WebUIOmniboxPopup,WebUIOmniboxAimPopup",
}

func flags(cfg Config, dir string) []string {
	list := append([]string{"--remote-debugging-pipe", "--user-data-dir=" + dir,
		fmt.Sprintf("--window-size=%d,%d", cfg.Width, cfg.Height)}, closedNetwork...)
	if !cfg.Headful {
		list = append(list, "--headless=new", "--hide-scrollbars", "--mute-audio", "--disable-gpu")
	}
	if cfg.NoSandbox {
		list = append(list, "--no-sandbox")
	}
	return append(list, cfg.Flags...)
}

// launch starts Chromium. The process that is returned has an open connection;
// whether Chromium answers on it is for the caller to see.
func launch(cfg Config) (*process, error) {
	dir, err := newProfile(cfg.TempDir)
	if err != nil {
		return nil, err
	}
	toIn, toOut, err := os.Pipe()
	if err != nil {
		dir.remove()
		return nil, fmt.Errorf("make a pipe to Chromium: %w", err)
	}
	fromIn, fromOut, err := os.Pipe()
	if err != nil {
		toIn.Close()
		toOut.Close()
		dir.remove()
		return nil, fmt.Errorf("make a pipe from Chromium: %w", err)
	}
	p := &process{dir: dir, exit: make(chan struct{}), tail: &tail{limit: 4096}}
	cmd := exec.Command(cfg.Bin, flags(cfg, dir.path)...)
	cmd.ExtraFiles = []*os.File{toIn, fromOut} // descriptors 3 and 4, as the pipe flag wants them
	cmd.Stderr = p.tail
	cmd.WaitDelay = time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	started := make(chan error, 1)
	go p.run(cmd, started)
	err = <-started
	toIn.Close()
	fromOut.Close()
	if err != nil {
		toOut.Close()
		fromIn.Close()
		dir.remove()
		return nil, fmt.Errorf("start %s: %w", cfg.Bin, err)
	}
	p.conn = newConn(fromIn, toOut)
	go func() {
		<-p.exit
		p.conn.fail(&Closed{What: "Chromium", Err: fmt.Errorf("it ended; it last said: %s", p.tail)})
		toOut.Close()
		fromIn.Close()
	}()
	return p, nil
}

// run starts the command and stays until it ends, on one thread of its own:
// Pdeathsig goes by the thread that started the child, not by the process.
func (p *process) run(cmd *exec.Cmd, started chan<- error) {
	runtime.LockOSThread()
	if err := cmd.Start(); err != nil {
		started <- err
		return
	}
	p.pid = cmd.Process.Pid
	started <- nil
	_ = cmd.Wait() // how it ended is of no interest; that it did is
	close(p.exit)
}

// stop ends Chromium and everything it started, politely first, and removes its
// folder. It returns when none of its processes is left.
func (p *process) stop(grace time.Duration) error {
	var err error
	p.end.Do(func() {
		polite := p.conn.send("", "Browser.close", nil)
		ctx, cancel := context.WithTimeout(context.Background(), grace)
		defer cancel()
		if _, e := polite.wait(ctx); e == nil {
			select {
			case <-p.exit:
			case <-ctx.Done():
			}
		}
		err = p.kill(grace)
		if e := p.dir.remove(); e != nil {
			err = errors.Join(err, e)
		}
	})
	return err
}

// kill ends the whole process group and waits until it is empty.
func (p *process) kill(limit time.Duration) error {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for {
		if err := syscall.Kill(-p.pid, syscall.SIGKILL); errors.Is(err, syscall.ESRCH) {
			<-p.exit
			return nil
		}
		if members, err := group(p.pid); err == nil && alive(members) == 0 {
			return nil // what is left is dead and waits for PID 1
		}
		select {
		case <-look.C:
		case <-deadline.C:
			return fmt.Errorf("end Chromium: process group %d is still there after %s", p.pid, limit)
		}
	}
}

// tail keeps the end of what is written to it.
type tail struct {
	mu    sync.Mutex
	limit int
	data  []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = append(t.data, b...)
	if over := len(t.data) - t.limit; over > 0 {
		t.data = append([]byte(nil), t.data[over:]...)
	}
	return len(b), nil
}

// String is what was last written, on one line.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(bytes.TrimSpace(t.data)) == 0 {
		return "nothing"
	}
	return strings.Join(strings.Fields(string(t.data)), " ")
}
