package runlog

import (
	"bufio"
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/sirupsen/logrus"

	"byskriver/runner"
)

// lineWriter writes entries as JSON lines through logrus. logrus only prints to
// standard error when it cannot write, so what goes wrong is caught on both sides
// of it: in the formatter and in the writer.
type lineWriter struct {
	mu     sync.Mutex
	logger *logrus.Logger
	out    *bufio.Writer
	under  io.Writer
	err    error // the first failure since the last flush
}

func newLineWriter(w io.Writer) *lineWriter {
	lw := &lineWriter{out: bufio.NewWriterSize(w, 64<<10), under: w}
	lw.logger = logrus.New()
	lw.logger.SetOutput(lineOutput{lw})
	lw.logger.SetFormatter(maskingFormatter{lw, &logrus.JSONFormatter{
		TimestampFormat:   leafTime,
		DisableHTMLEscape: true,
		FieldMap:          logrus.FieldMap{logrus.FieldKeyMsg: "text"},
	}})
	return lw
}

// maskingFormatter masks the bytes of a line. A hook would see the fields before
// they are bytes, and miss what is nested in them.
type maskingFormatter struct {
	w    *lineWriter
	next logrus.Formatter
}

// Format is logrus.Formatter.
func (f maskingFormatter) Format(e *logrus.Entry) ([]byte, error) {
	b, err := f.next.Format(e)
	if err != nil {
		f.w.failed(err)
		return nil, err
	}
	return runner.MaskBytes(b), nil
}

// lineOutput is where logrus writes to.
type lineOutput struct{ w *lineWriter }

// Write is io.Writer.
func (o lineOutput) Write(b []byte) (int, error) {
	n, err := o.w.out.Write(b)
	if err != nil {
		o.w.failed(err)
	}
	return n, err
}

// failed keeps the first failure. logrus calls back in the goroutine that writes,
// which holds the lock.
func (w *lineWriter) failed(err error) {
	if w.err == nil {
		w.err = err
	}
}

// write writes one line an entry and returns when all have reached the writer
// beneath, on disk if it can tell.
func (w *lineWriter) write(entries []Logged) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = nil
	w.out.Reset(w.under)
	for _, e := range entries {
		w.logger.WithTime(e.At).WithFields(e.lineFields()).Info(e.Text)
	}
	if err := w.out.Flush(); err != nil {
		w.failed(err)
	}
	if s, ok := w.under.(interface{ Sync() error }); ok && w.err == nil {
		if err := s.Sync(); err != nil {
			w.failed(err)
		}
	}
	return w.err
}

// lineFields are the keys of an entry's line beside time, level and text.
func (e Logged) lineFields() logrus.Fields {
	f := logrus.Fields{"seq": e.Seq, "code": e.Code}
	if e.Run != "" {
		f["run"] = e.Run
	}
	if e.Item != "" {
		f["item"] = e.Item
	}
	if len(e.Fields) > 0 {
		f["fields"] = e.Fields
	}
	if e.State != Readable {
		f["state"] = e.State
	}
	return f
}

// linesPerRead is how many entries are read, written and counted as written at a
// time.
const linesPerRead = 1024

// publishLines writes the lines of all entries that have none yet. The count of
// written lines moves on after they were written.
func (l *Log) publishLines(ctx context.Context, db DB) error {
	if l.lines == nil {
		return nil
	}
	written, found, err := l.linesWritten(ctx, db)
	if err != nil || !found {
		return err
	}
	for {
		page, err := readPage(ctx, db, "WHERE seq > $1 ORDER BY seq LIMIT $2", []any{written, linesPerRead})
		if err != nil || len(page) == 0 {
			return err
		}
		entries, err := l.open(ctx, db, page)
		if err != nil {
			return err
		}
		if err := l.lines.write(entries); err != nil {
			return fmt.Errorf("write the log's lines after entry %d: %w", written, err)
		}
		written = page[len(page)-1].seq
		_, err = db.ExecContext(ctx, `UPDATE log_lines SET written = $1, mac = $2 WHERE one = 1 AND written < $3`,
			written, l.linesMAC(written), written)
		if err != nil {
			return fmt.Errorf("note that lines are written up to entry %d: %w", written, err)
		}
	}
}

// linesWritten is the number of the last entry that has a line. A log in which
// nothing was ever numbered has none such.
func (l *Log) linesWritten(ctx context.Context, q Querier) (written int64, found bool, err error) {
	var mac []byte
	found, err = queryOne(ctx, q, `SELECT written, mac FROM log_lines WHERE one = 1`, nil, &written, &mac)
	if err == nil && found && !hmac.Equal(mac, l.linesMAC(written)) {
		err = ErrChanged
	}
	if err == nil && !found {
		if _, begun, e := l.readHead(ctx, q); begun || e != nil {
			err = errors.Join(ErrChanged, e)
		}
	}
	if err != nil {
		return 0, found, fmt.Errorf("how far the log's lines are written: %w", err)
	}
	return written, found, nil
}
