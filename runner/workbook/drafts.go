package workbook

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"byskriver/runner/seal"
)

// Carried is what people filled in in a group's newest file.
type Carried struct {
	File   string           // its name; "" if the group has none
	Open   bool             // a lock file shows that somebody has it open
	Drafts map[string]Saved // by number
	Lost   int              // rows with something in them that could not be taken
}

// Drafts reads what people have filled in, as they wrote it, in the newest file
// of a group in dir. A folder or group without a file is no error. A file that
// cannot be read is a *FileError; Carried then still names it.
func Drafts(dir, group string, ring *seal.Ring) (Carried, error) {
	name, err := newest(dir, group)
	if err != nil || name == "" {
		return Carried{}, err
	}
	c := Carried{File: name, Drafts: map[string]Saved{}}
	if c.Open, err = isOpen(dir, name); err != nil {
		return c, fmt.Errorf("read drafts: %w", err)
	}
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return c, refused(name, err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return c, refused(name, err)
	}
	found, err := scan(f, st.Size(), 0)
	if fe := (*FileError)(nil); errors.As(err, &fe) {
		fe.File = name
	}
	if err != nil {
		return c, err
	}
	c.take(found, ring)
	return c, nil
}

// take keeps the rows that are ours and say one thing. What cannot be carried as
// text (a value that Excel made a date of) is left in its file, and counted.
func (c *Carried) take(found *findings, ring *seal.Ring) {
	var rows []ours
	for _, e := range found.entries {
		o, code, _ := authentic(ReadOptions{Ring: ring}, found.lists, e)
		for _, col := range []column{colChoice, colValue, colNote} {
			if bad, _ := unreadable(col, e.cells[col]); bad != "" && bad != "value-masked" {
				code = bad
			}
		}
		if code != "" {
			c.Lost++
			continue
		}
		rows = append(rows, o)
	}
	byNumber := copiesOf(rows)
	for i, o := range rows {
		switch twins := byNumber[o.number]; {
		case !twins.agree:
			c.Lost++
		case twins.first == i:
			c.Drafts[o.number] = Saved{o.number, o.revision, Draft{o.text(colChoice), o.text(colValue), o.text(colNote)}}
		}
	}
}

// newest is the name of a group's newest file in dir, by the time in its name and
// then its number; "" if there is none.
func newest(dir, group string) (string, error) {
	stem, err := stemOf(group)
	if err != nil {
		return "", fmt.Errorf("read drafts: %w", err)
	}
	form, err := regexp.Compile(`^` + regexp.QuoteMeta(stem) + `-(\d{8}-\d{6})(?:-(\d{1,4}))?` + regexp.QuoteMeta(ending) + `$`)
	if err != nil {
		return "", fmt.Errorf("read drafts: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read drafts: %w", err)
	}
	best, at, number := "", "", 0
	for _, e := range entries {
		m := form.FindStringSubmatch(e.Name())
		if m == nil || !e.Type().IsRegular() {
			continue
		}
		n := 1
		if m[2] != "" {
			if n, err = strconv.Atoi(m[2]); err != nil {
				return "", fmt.Errorf("read drafts: %w", err)
			}
		}
		if m[1] > at || m[1] == at && n > number {
			best, at, number = e.Name(), m[1], n
		}
	}
	return best, nil
}
