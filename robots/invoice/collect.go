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
// is put away only when its item is settled. What stands in the way of one file,
// or of the plan sheet, is told at the end and holds up no other file.
func (r *Robot) Collect(ctx context.Context, found runner.Finder) error {
	troubles := []error{r.collectPlans(ctx, found), r.collectEnding(ctx, found), r.collectKept(ctx, found)}
	entries, err := os.ReadDir(r.settings.Drop)
	if err != nil {
		troubles = append(troubles, fmt.Errorf("list the drop folder: %w", err))
	}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		trouble, err := r.collectFile(ctx, e, found)
		if trouble != nil {
			troubles = append(troubles, fmt.Errorf("collect %q: %w", e.Name(), trouble))
		}
		if err != nil {
			troubles = append(troubles, fmt.Errorf("collect %q: %w", e.Name(), err))
			break
		}
	}
	return errors.Join(troubles...)
}

// collectFile reports one entry of the drop folder, and puts it away where it is
// settled. trouble is about this entry alone; after err nothing can be stored.
func (r *Robot) collectFile(ctx context.Context, e fs.DirEntry, found runner.Finder) (trouble, err error) {
	seen, ok, err := r.seen.look(ctx, e)
	if err != nil || !ok {
		return err, nil
	}
	standing, err := found(seen.work)
	if err != nil {
		return nil, err
	}
	if !standing.Settled() || seen.info.IsDir() {
		return nil, nil
	}
	return r.putAway(seen.info, standing.Number), nil
}

// putAway moves a settled file to the folder of settled ones, under its item's
// number, so that two files of the same name both keep their place. A file that
// has come in its stead since it was looked at stays.
func (r *Robot) putAway(was fs.FileInfo, number string) error {
	from := filepath.Join(r.settings.Drop, was.Name())
	if is, err := os.Lstat(from); errors.Is(err, fs.ErrNotExist) || err == nil && !unchanged(was, is) {
		r.seen.forget(was.Name())
		return nil
	} else if err != nil {
		return fmt.Errorf("look at a settled invoice again: %w", err)
	}
	if err := os.MkdirAll(r.settings.Done, 0o750); err != nil {
		return fmt.Errorf("make the folder of settled invoices: %w", err)
	}
	for nth := 1; ; nth++ {
		to := filepath.Join(r.settings.Done, settledName(number, nth, was.Name()))
		if _, err := os.Lstat(to); errors.Is(err, fs.ErrNotExist) {
			r.seen.forget(was.Name())
			return os.Rename(from, to)
		} else if err != nil {
			return fmt.Errorf("find a name for a settled invoice: %w", err)
		}
	}
}

// longestName is how many bytes a file's name may have on Linux.
const longestName = 255

// settledName is what a settled file is called: its item's number, then its own
// name as far as there is room. nth tells apart files of one item with one name.
func settledName(number string, nth int, name string) string {
	front := number + " "
	if nth > 1 {
		front = fmt.Sprintf("%s (%d) ", number, nth)
	}
	over := len(front) + len(name) - longestName
	if over <= 0 {
		return front + name
	}
	end := filepath.Ext(name)
	if len(end) > len(".invoice") {
		end = ""
	}
	stem := strings.TrimSuffix(name, end)
	return front + strings.ToValidUTF8(stem[:len(stem)-over], "") + end
}

// unchanged reports whether two looks at a name saw the same file with the same
// content, as far as its size and time tell.
func unchanged(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// folder reads files in the drop folder, and remembers what it read of those that
// have not changed since.
type folder struct {
	settings Settings
	clock    runner.Clock
	known    map[string]sighting
}

// sighting is an entry of the drop folder, and the work that it is.
type sighting struct {
	info fs.FileInfo
	work runner.Found
}

func newFolder(s Settings, clock runner.Clock) *folder {
	return &folder{settings: s, clock: clock, known: map[string]sighting{}}
}

func (f *folder) forget(name string) { delete(f.known, name) }

// unfinished is how long a file may bear the name of one that is still being
// sent before somebody is asked to look at it. A time stamp that lies further
// ahead than this was set by hand or by a wrong clock, and is waited for no more.
const unfinished = 24 * time.Hour

// look reads one entry of the drop folder. ok is false where this run leaves it
// alone.
func (f *folder) look(ctx context.Context, e fs.DirEntry) (s sighting, ok bool, err error) {
	info, err := e.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return s, false, nil // taken away meanwhile
	}
	if err != nil {
		return s, false, err
	}
	age := f.clock.Now().Sub(info.ModTime())
	switch {
	case age < f.settings.Quiet && age > -unfinished:
		return s, false, nil
	case info.IsDir():
		return f.odd(info, folderInside), f.reportable(info), nil
	case stillSent(info.Name()):
		return f.odd(info, neverFinished), age > unfinished || age < -unfinished, nil
	case !info.Mode().IsRegular():
		return f.odd(info, noFile), true, nil
	}
	if k, have := f.known[info.Name()]; have && unchanged(k.info, info) {
		return k, true, nil
	}
	return f.read(ctx, info)
}

// reportable reports whether a folder in the drop folder is one that somebody
// should hear of: neither hidden nor the folder of settled invoices.
func (f *folder) reportable(dir fs.FileInfo) bool {
	done, err := os.Stat(f.settings.Done)
	return !strings.HasPrefix(dir.Name(), ".") && (err != nil || !os.SameFile(done, dir))
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

// read reads a file that is not known yet. One that changed or went while it was
// read is left alone.
func (f *folder) read(ctx context.Context, info fs.FileInfo) (s sighting, ok bool, err error) {
	path := filepath.Join(f.settings.Drop, info.Name())
	inv, findings, err := reading.ReadFile(ctx, path, f.settings.Reading)
	if ctx.Err() != nil {
		return s, false, ctx.Err()
	}
	if now, lerr := os.Lstat(path); lerr != nil || !unchanged(info, now) {
		if errors.Is(lerr, fs.ErrNotExist) {
			lerr = nil
		}
		return s, false, lerr
	}
	if err != nil {
		return f.odd(info, unreadable), true, nil // and tried again next time
	}
	s = sighting{info: info}
	if s.work, err = f.foundInvoice(info, inv, findings); err != nil {
		return s, false, err
	}
	f.known[info.Name()] = s
	return s, true, nil
}

// foundInvoice is the work that a file is. Its key is the supplier, the kind and
// the number; a file in which these cannot be read is known by its bytes.
func (f *folder) foundInvoice(info fs.FileInfo, inv reading.Invoice, findings []reading.Finding) (runner.Found, error) {
	w := runner.Found{Key: "file/" + inv.Digest, Source: info.Name(), Area: f.area(inv.Buyer.EAN)}
	if inv.Digest == "" { // not read to its end, being too large
		w.Key = fmt.Sprintf("file/%s/%d", nameAndTime(info), inv.Size)
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
	w.Content, w.Same = b, inv.Digest
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

// oddity is a reason why an entry of the drop folder is not read.
type oddity struct{ code, text string }

// The oddities, with what to do about them.
var (
	neverFinished = oddity{"FIL-UFÆRDIG", "Filen har i over et døgn båret et navn, som om den stadig er ved at blive sendt. Undersøg afsendelsen, og omdøb eller fjern filen."}
	noFile        = oddity{"FIL-ART", "Det er ikke en almindelig fil, men for eksempel en genvej. Læg selve fakturaen i mappen."}
	unreadable    = oddity{"FIL-ULÆSELIG", "Filen kan ikke åbnes. Giv robotten lov til at læse den; så tager robotten den selv."}
	folderInside  = oddity{"FIL-MAPPE", "Der ligger en mappe i modtagemappen, og robotten ser ikke i den. Læg fakturaerne direkte i modtagemappen."}
)

// odd is an entry that is not read, known by its name and time: another file that
// comes under the same name later is told of again. A folder is known by its name
// alone, since its time changes with all that is put into it.
func (f *folder) odd(info fs.FileInfo, o oddity) sighting {
	b, err := json.Marshal(Content{Findings: []reading.Finding{{Code: o.code, Text: o.text, Fatal: true}}})
	if err != nil {
		panic("byskriver: a finding does not encode: " + err.Error())
	}
	key := "name/" + nameAndTime(info)
	if info.IsDir() {
		key = "folder/" + info.Name()
	}
	return sighting{info: info, work: runner.Found{Key: key, Content: b, Same: key, Source: info.Name()}}
}

func nameAndTime(info fs.FileInfo) string {
	return info.Name() + "/" + info.ModTime().UTC().Format(time.RFC3339Nano)
}
