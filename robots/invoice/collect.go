package invoice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

// Collect looks at the plan sheet, then at every file in the drop folder. A file
// is put away only when its item is settled.
func (r *Robot) Collect(ctx context.Context, found runner.Finder) error {
	if err := r.collectPlans(ctx, found); err != nil {
		return err
	}
	entries, err := os.ReadDir(r.settings.Drop)
	if err != nil {
		return fmt.Errorf("list the drop folder: %w", err)
	}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.collectFile(ctx, e, found); err != nil {
			return fmt.Errorf("collect %q: %w", e.Name(), err)
		}
	}
	return nil
}

func (r *Robot) collectFile(ctx context.Context, e fs.DirEntry, found runner.Finder) error {
	work, ok, err := r.seen.look(ctx, e)
	if err != nil || !ok {
		return err
	}
	s, err := found(work)
	if err != nil || !s.Settled() {
		return err
	}
	return r.putAway(e.Name(), s.Number)
}

// putAway moves a settled file to the folder of settled ones, under its item's
// number, so that two files of the same name both keep their place.
func (r *Robot) putAway(name, number string) error {
	if err := os.MkdirAll(r.settings.Done, 0o750); err != nil {
		return fmt.Errorf("make the folder of settled invoices: %w", err)
	}
	to := filepath.Join(r.settings.Done, number+" "+name)
	for n := 2; ; n++ {
		if _, err := os.Lstat(to); errors.Is(err, fs.ErrNotExist) {
			break
		} else if err != nil {
			return err
		}
		to = filepath.Join(r.settings.Done, fmt.Sprintf("%s (%d) %s", number, n, name))
	}
	if err := os.Rename(filepath.Join(r.settings.Drop, name), to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("put a settled invoice away: %w", err)
	}
	r.seen.forget(name)
	return nil
}

// folder reads files in the drop folder, and remembers what it read of those that
// have not changed since.
type folder struct {
	settings Settings
	clock    runner.Clock
	known    map[string]remembered
}

type remembered struct {
	size     int64
	modified time.Time
	work     runner.Found
}

func newFolder(s Settings, clock runner.Clock) *folder {
	return &folder{settings: s, clock: clock, known: map[string]remembered{}}
}

func (f *folder) forget(name string) { delete(f.known, name) }

// unfinished is how long a file may bear the name of one that is still being
// sent before somebody is asked to look at it.
const unfinished = 24 * time.Hour

// look reads one entry of the drop folder. ok is false where it is to be left
// alone for now.
func (f *folder) look(ctx context.Context, e fs.DirEntry) (work runner.Found, ok bool, err error) {
	info, err := e.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return work, false, nil // taken away meanwhile
	}
	if err != nil {
		return work, false, err
	}
	age := f.clock.Now().Sub(info.ModTime())
	switch {
	case info.IsDir():
		return work, false, nil
	case age < f.settings.Quiet:
		return work, false, nil
	case stillSent(e.Name()):
		return f.oddity(e.Name(), "FIL-UFÆRDIG", "Filen har i over et døgn båret et navn, som om den stadig er ved at blive sendt. Undersøg afsendelsen, og omdøb eller fjern filen."), age > unfinished, nil
	case !info.Mode().IsRegular():
		return f.oddity(e.Name(), "FIL-ART", "Det er ikke en almindelig fil, men for eksempel en genvej. Læg selve fakturaen i mappen."), true, nil
	}
	if k, have := f.known[e.Name()]; have && k.size == info.Size() && k.modified.Equal(info.ModTime()) {
		return k.work, true, nil
	}
	work, err = f.read(ctx, e.Name())
	if err != nil {
		return work, false, err
	}
	f.known[e.Name()] = remembered{size: info.Size(), modified: info.ModTime(), work: work}
	return work, true, nil
}

// stillSent reports whether a name is one that programs give to files which they
// are still writing.
func stillSent(name string) bool {
	lower := strings.ToLower(name)
	for _, end := range []string{".tmp", ".part", ".partial", ".filepart", ".crdownload", "~"} {
		if strings.HasSuffix(lower, end) {
			return true
		}
	}
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$")
}

func (f *folder) read(ctx context.Context, name string) (runner.Found, error) {
	inv, findings, err := reading.ReadFile(ctx, filepath.Join(f.settings.Drop, name), f.settings.Reading)
	if err != nil {
		if ctx.Err() != nil {
			return runner.Found{}, err
		}
		return f.oddity(name, "FIL-ULÆSELIG", "Filen kan ikke åbnes. Kontrollér, at robotten har lov til at læse den, og vælg Prøv igen."), nil
	}
	return f.foundInvoice(name, inv, findings)
}

// foundInvoice is the work that a file is. Its key is the supplier, the kind and
// the number; a file in which these cannot be read is known by its bytes.
func (f *folder) foundInvoice(name string, inv reading.Invoice, findings []reading.Finding) (runner.Found, error) {
	w := runner.Found{Key: "file/" + inv.Digest, Source: name, Area: f.area(inv.Buyer.EAN)}
	if inv.Digest == "" {
		w.Key = fmt.Sprintf("file/%s/%d", name, inv.Size)
	}
	content := Content{Findings: findings}
	if inv.Number != "" {
		content.Invoice, w.Label = &inv, inv.Number
		w.Key = "invoice/" + sender(inv.Supplier) + "/" + string(inv.Kind) + "/" + inv.Number
	}
	if day, err := time.Parse(time.DateOnly, inv.DueDate); err == nil {
		w.Due = day
	}
	b, err := json.Marshal(content)
	w.Content = b
	return w, err
}

func sender(s reading.Supplier) string {
	if s.CVR != "" {
		return s.CVR
	}
	return s.Endpoint.Scheme + ":" + s.Endpoint.ID + ":" + s.Name
}

func (f *folder) area(ean string) string {
	for _, u := range f.settings.Units {
		if u.EAN == ean {
			return u.Area
		}
	}
	return ""
}

// oddity is a file that is no invoice, known by its name.
func (f *folder) oddity(name, code, text string) runner.Found {
	b, err := json.Marshal(Content{Findings: []reading.Finding{{Code: code, Text: text, Fatal: true}}})
	if err != nil {
		panic("byskriver: a finding does not encode: " + err.Error())
	}
	return runner.Found{Key: "name/" + name, Content: b, Source: name}
}
