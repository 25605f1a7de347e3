package workbook

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Export lays the book in dir as a new file for a group ("" for everybody), named
// undtagelser-GROUP-YYYYMMDD-HHMMSS.xlsx by the local time at, and returns its
// path. A name that is taken, or whose lock file shows it open, gets a number
// after it: nothing is ever overwritten. What people have filled in in the
// group's newest earlier file is carried over to rows that still have the same
// revision, unless the row brings a draft of its own; the overview says so.
//
// The file is written beside its place and moved there when it is whole, so that
// nobody opens half of it.
func Export(dir, group string, at time.Time, b Book) (string, error) {
	if b.Zone == nil || b.Ring == nil {
		return "", errors.New("export workbook: a ring and a time zone are needed")
	}
	stem, err := stemOf(group)
	if err != nil {
		return "", fmt.Errorf("export workbook: %w", err)
	}
	b.Group, b.Made = group, at
	old, err := Drafts(dir, group, b.Ring)
	var unread *FileError
	if err != nil && !errors.As(err, &unread) {
		return "", fmt.Errorf("export workbook: %w", err)
	}
	c := &carrier{old: old, unread: unread}
	b.Robots = c.overlay(b.Robots)
	temp, err := laid(dir, func(w io.Writer) error { return write(w, b, excelLimits(), c.notes) })
	if err != nil {
		return "", fmt.Errorf("export workbook: %w", err)
	}
	path, err := place(temp, dir, stem+"-"+at.In(b.Zone).Format(stamp))
	if err != nil {
		return "", errors.Join(fmt.Errorf("export workbook: %w", err), os.Remove(temp))
	}
	return path, syncDir(dir)
}

// stamp is the time in a file's name.
const stamp = "20060102-150405"

// ending is the ending of every file.
const ending = ".xlsx"

// stemOf is the first part of a group's file names: letters that every file
// system takes.
func stemOf(group string) (string, error) {
	const stem = "undtagelser"
	if group == "" {
		return stem, nil
	}
	slug := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.NewReplacer("æ", "ae", "ø", "oe", "å", "aa").Replace(folded(group)))
	slug = strings.Join(strings.FieldsFunc(slug, func(r rune) bool { return r == '-' }), "-")
	if slug == "" || len(slug) > 60 {
		return "", fmt.Errorf("the group %q does not make a file name", group)
	}
	return stem + "-" + slug, nil
}

// laid writes a workbook to a file in dir that nobody takes for one. It is readable
// for the folder's group, since people are to work in it.
func laid(dir string, write func(io.Writer) error) (name string, err error) {
	f, err := os.CreateTemp(dir, ".undtagelser-*.tmp")
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	err = write(f)
	if err == nil {
		err = f.Chmod(0o660)
	}
	if err == nil {
		err = f.Sync()
	}
	return f.Name(), errors.Join(err, f.Close())
}

// mostNumbers is how many files of one second are tried for.
const mostNumbers = 1000

// place moves a finished file to the first free name.
func place(temp, dir, stem string) (string, error) {
	for n := 1; n <= mostNumbers; n++ {
		name := stem + ending
		if n > 1 {
			name = stem + "-" + strconv.Itoa(n) + ending
		}
		if open, err := isOpen(dir, name); err != nil {
			return "", err
		} else if open {
			continue
		}
		path := filepath.Join(dir, name)
		switch err := moveNew(temp, path); {
		case err == nil:
			return path, nil
		case !errors.Is(err, fs.ErrExist):
			return "", err
		}
	}
	return "", fmt.Errorf("no free name for %s in %s", stem, dir)
}

// moveNew moves a file to a name that must be free. A hard link is the one way to
// do so in one step; where the file system has none, the name is taken with an
// empty file first.
func moveNew(from, to string) error {
	err := os.Link(from, to)
	if err == nil {
		return os.Remove(from)
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	return moveOver(from, to)
}

// moveOver takes a name with an empty file, and moves a file over it.
func moveOver(from, to string) error {
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o660)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Close(), os.Rename(from, to)); err != nil {
		return errors.Join(err, os.Remove(to))
	}
	return nil
}

// isOpen reports whether the lock file of Excel or LibreOffice lies beside a name.
func isOpen(dir, name string) (bool, error) {
	for _, lock := range []string{"~$" + name, ".~lock." + name + "#"} {
		_, err := os.Lstat(filepath.Join(dir, lock))
		switch {
		case err == nil:
			return true, nil
		case !errors.Is(err, fs.ErrNotExist):
			return false, err
		}
	}
	return false, nil
}

// syncDir makes the new name last through a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("export workbook: %w", err)
	}
	defer d.Close()
	// Some network file systems cannot sync a folder; the file itself is safe.
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		return fmt.Errorf("export workbook: sync %s: %w", dir, err)
	}
	return nil
}

// carrier lays what people wrote in an earlier file over the rows of a new one.
type carrier struct {
	old          Carried
	unread       *FileError
	taken, unfit int
}

func (c *carrier) overlay(robots []Robot) []Robot {
	var out []Robot
	for _, r := range robots {
		if r.Rows != nil {
			r.Rows = c.rows(r.Rows)
		}
		out = append(out, r)
	}
	return out
}

func (c *carrier) rows(in iter.Seq2[Row, error]) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for r, err := range in {
			if err == nil {
				c.carry(&r)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

func (c *carrier) carry(r *Row) {
	d, ok := c.old.Drafts[r.Number]
	switch {
	case !ok || r.Draft != Draft{}:
	case d.Revision != r.Revision:
		c.unfit++
	default:
		r.Draft = d.Draft
		c.taken++
	}
}

// notes say on the overview what became of what people had filled in.
func (c *carrier) notes() []string {
	var notes []string
	add := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	if c.unread != nil {
		add("Det, der måtte være udfyldt i %s, kunne ikke overføres. %s", c.unread.File, c.unread.Text)
	}
	if c.taken > 0 {
		add("Det, der var udfyldt i %s, er ført over hertil (%s). Arbejd videre her.", c.old.File, rowCount(c.taken))
	}
	if c.unfit > 0 {
		add("%s i %s er ikke ført over, fordi sagen har ændret sig. Tag stilling igen.", rowCount(c.unfit), c.old.File)
	}
	if c.old.Lost > 0 {
		add("%s i %s kunne ikke læses og er ikke ført over. Se efter i filen.", rowCount(c.old.Lost), c.old.File)
	}
	if c.old.Open {
		add("%s var åben, da listen blev lavet. Det, der ikke var gemt, er ikke med.", c.old.File)
	}
	return notes
}

func rowCount(n int) string {
	if n == 1 {
		return "1 række"
	}
	return strconv.Itoa(n) + " rækker"
}
