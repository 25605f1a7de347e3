// Package pdftext reads the text of a PDF by Debian's poppler-utils: pdftotext
// -layout, which keeps lines together, and pdfimages -list, which tells of pictures.
// Each is a child process that gets the document over its standard input, so that
// none lies on a disk, and that can use no more time and memory than it may.
package pdftext

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Limits bound what one document may cost.
type Limits struct {
	Time   time.Duration // 20 s if 0; of wall clock, and of processor rounded up
	Memory uint64        // bytes of address space; 1 GiB if 0
	Output int           // bytes of text; 1 MiB if 0
}

// Programs are where poppler's programs are.
type Programs struct{ Text, Images string }

// Debian is where Debian's package poppler-utils puts them.
func Debian() Programs { return Programs{Text: "/usr/bin/pdftotext", Images: "/usr/bin/pdfimages"} }

// Page is what is read of a document.
type Page struct {
	Text   string
	Images int
}

// What may be the matter with a document.
var (
	ErrLocked = errors.New("the document is protected by a password or forbids reading")
	ErrBroken = errors.New("the document cannot be opened as PDF, or costs more than it may")
)

// Read reads a document. An error that is neither ErrLocked nor ErrBroken says
// something about this machine. No error holds anything of the document.
func (p Programs) Read(ctx context.Context, pdf []byte, l Limits) (Page, error) {
	if l.Time == 0 {
		l.Time = 20 * time.Second
	}
	if l.Memory == 0 {
		l.Memory = 1 << 30
	}
	if l.Output == 0 {
		l.Output = 1 << 20
	}
	text, err := run(ctx, l, pdf, p.Text, "-layout", "-enc", "UTF-8", "-", "-")
	if err != nil {
		return Page{}, err
	}
	list, err := run(ctx, l, pdf, p.Images, "-list", "-")
	if err != nil {
		return Page{}, err
	}
	// The list has two lines of headings.
	return Page{Text: string(text), Images: max(0, len(strings.Split(strings.TrimSpace(string(list)), "\n"))-2)}, nil
}

// run gives a document to a child process that is held to its limits before it
// gets a byte of it.
func run(ctx context.Context, l Limits, pdf []byte, program string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, l.Time)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = []string{"LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin"}
	out, errs := &bounded{most: l.Output}, &bounded{most: 4096}
	cmd.Stdout, cmd.Stderr = out, errs
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s (Debian: apt-get install poppler-utils): %w", program, err)
	}
	limitErr := hold(cmd.Process.Pid, l)
	if limitErr == nil {
		// It may stop reading before the end; how it ended tells more than this does.
		_, _ = io.Copy(in, bytes.NewReader(pdf))
	}
	_ = in.Close()
	err = cmd.Wait()
	switch {
	case limitErr != nil:
		return nil, fmt.Errorf("hold %s to its limits: %w", program, limitErr)
	case out.over, ctx.Err() != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, ErrBroken
	case ctx.Err() != nil:
		return nil, fmt.Errorf("read a document: %w", ctx.Err())
	}
	return out.b.Bytes(), verdict(err, errs.b.String())
}

// verdict reads how poppler's programs end: 1 is a document that does not open, 3
// one that forbids it; a password is told only in words.
func verdict(err error, said string) error {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &exit):
		return fmt.Errorf("read a document: %w", err)
	case exit.ExitCode() == 3, strings.Contains(said, "Incorrect password"), strings.Contains(said, "not allowed"):
		return ErrLocked
	}
	return ErrBroken
}

// hold sets a started process's limits.
func hold(pid int, l Limits) error {
	seconds := uint64(l.Time/time.Second) + 1
	for resource, most := range map[int]uint64{unix.RLIMIT_AS: l.Memory, unix.RLIMIT_CPU: seconds, unix.RLIMIT_FSIZE: 0, unix.RLIMIT_CORE: 0} {
		if err := unix.Prlimit(pid, resource, &unix.Rlimit{Cur: most, Max: most}, nil); err != nil {
			return err
		}
	}
	return nil
}

// bounded keeps so many bytes and no more.
type bounded struct {
	b    bytes.Buffer
	most int
	over bool
}

// Write takes what fits. More ends the process: its pipe breaks.
func (w *bounded) Write(p []byte) (int, error) {
	if w.b.Len()+len(p) > w.most {
		w.over = true
		return 0, errors.New("the text is longer than it may be")
	}
	return w.b.Write(p)
}
