package kspcics

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"byskriver/selectors"
	"byskriver/selectors/terminal"
)

const (
	mostPages  = 2000 // of a list; one that goes on longer is none
	mostReread = 5    // how often a list is read at most until two readings are the same
)

// errMoved is a list that changed while it was read.
var errMoved = errors.New("the list changed while it was read")

// row is one line of a list: its cells by their columns' names, and where it stood.
type row struct {
	cells map[string]string
	line  int // on the screen
	page  int
}

// key is the whole row but its mark, for comparing.
func (r row) key() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(r.cells)) {
		if name != "mark" {
			b.WriteString(r.cells[name] + "\x00")
		}
	}
	return b.String()
}

// rows are those that a screen shows; blank ones are left out, and must be last.
func (d *desk) rows() (list []row, gap bool) {
	s := d.screen(d.on)
	blank := false
	page, _ := d.paging()
	for line := s.Rows.First; line <= s.Rows.Last; line++ {
		r := row{cells: map[string]string{}, line: line, page: page}
		empty := true
		for name, p := range s.Rows.Columns {
			p.Row = line
			r.cells[name] = d.now.At(p)
			empty = empty && (name == "mark" || r.cells[name] == "")
		}
		if empty {
			blank = true
			continue
		}
		gap = gap || blank
		list = append(list, r)
	}
	return list, gap
}

// paging reads »Side n af m«; 0, 0 where it says nothing of the kind.
func (d *desk) paging() (page, pages int) {
	m := regexp.MustCompile(`^Side +(\d+) +af +(\d+)$`).FindStringSubmatch(d.field("page"))
	if m == nil {
		return 0, 0
	}
	page, _ = strconv.Atoi(m[1])  // digits by the expression; too many of them give
	pages, _ = strconv.Atoi(m[2]) // a number that no page has, which is refused
	return page, pages
}

// whole is for expect: the page of a list that is wanted, with nothing missing.
func (d *desk) whole(page int, wrong func() string) func() string {
	return func() string {
		n, m := d.paging()
		list, gap := d.rows()
		s := d.screen(d.on)
		switch full := s.Rows.Last - s.Rows.First + 1; {
		case n == 0 || m == 0 || n > m || m > mostPages:
			return "it does not say which page it is"
		case n != page:
			return fmt.Sprintf("page %d, not %d", n, page)
		case gap || n < m && len(list) < full:
			return "rows are missing"
		}
		return wrong()
	}
}

// all reads a list from its first page, on which the desk stands.
func (d *desk) all(ctx context.Context, name string, wrong func() string) ([]row, error) {
	var list []row
	seen := map[string]bool{}
	if err := d.expect(ctx, d.whole(1, wrong), name); err != nil {
		return nil, err
	}
	_, pages := d.paging()
	for page := 1; ; page++ {
		more, _ := d.rows()
		for _, r := range more {
			if seen[r.key()] {
				return nil, errMoved
			}
			seen[r.key()] = true
		}
		list = append(list, more...)
		if page == pages {
			return list, nil
		}
		if err := d.press(ctx, terminal.F8, d.turned(page, wrong), name); err != nil {
			return nil, err
		}
		if n, m := d.paging(); n != page+1 || m != pages {
			return nil, errMoved
		}
	}
}

// turned is for expect after F8: the next page, or a list that has another number of
// pages than it had.
func (d *desk) turned(page int, wrong func() string) func() string {
	next := d.whole(page+1, wrong)
	_, pages := d.paging()
	return func() string {
		if n, m := d.paging(); n > 0 && m != pages {
			return wrong()
		}
		return next()
	}
}

// first goes back to a list's first page.
func (d *desk) first(ctx context.Context, name string, wrong func() string) error {
	return d.toPage(ctx, name, 1, wrong)
}

// toPage goes back to an earlier page.
func (d *desk) toPage(ctx context.Context, name string, page int, wrong func() string) error {
	if err := d.expect(ctx, wrong, name); err != nil {
		return err
	}
	for n, _ := d.paging(); n > page; n-- {
		if err := d.press(ctx, terminal.F7, d.whole(n-1, wrong), name); err != nil {
			return err
		}
	}
	return d.expect(ctx, d.whole(page, wrong), name)
}

// steadily reads a list, again if it changed meanwhile. One over several pages counts
// when two readings in a row are the same: a row that somebody else removes from an
// earlier page lets another slip by unread. A single page is read in one go.
func (d *desk) steadily(ctx context.Context, name string, wrong func() string) ([]row, error) {
	var before []row
	for try := 1; ; try++ {
		list, err := d.all(ctx, name, wrong)
		switch {
		case err != nil && !errors.Is(err, errMoved):
			return nil, err
		case err == nil && (len(list) <= d.full(name) || before != nil && slices.EqualFunc(before, list, sameRow)):
			return list, nil
		case try == mostReread:
			return nil, errMoved
		}
		if before = list; err != nil {
			before = nil
		}
		if err := d.first(ctx, name, wrong); err != nil {
			return nil, err
		}
	}
}

func sameRow(a, b row) bool { return a.key() == b.key() && a.page == b.page }

// full is how many rows a page has.
func (d *desk) full(name string) int {
	s := d.screen(name)
	return s.Rows.Last - s.Rows.First + 1
}

// mark types a letter before a row and looks that it stands before that row, that no
// other row is marked, and that nothing else has come onto the screen's fields. It
// sends nothing.
func (d *desk) mark(ctx context.Context, r row, letter string, wrong func() string) error {
	name, before := d.on, d.now
	place := d.screen(name).Rows.Columns["mark"]
	place.Row = r.line
	if err := d.term.Type(ctx, place, letter); err != nil {
		return err
	}
	return d.expect(ctx, func() string {
		if why := wrong(); why != "" {
			return why
		}
		return d.onlyMark(r, place, letter, before)
	}, name)
}

func (d *desk) onlyMark(r row, place selectors.Place, letter string, before *terminal.Buffer) string {
	list, _ := d.rows()
	if !slices.ContainsFunc(list, func(x row) bool { return x.line == r.line && x.key() == r.key() }) {
		return "the row is not where it was"
	}
	for _, f := range d.now.Inputs() {
		typed := d.now.Typed(f)
		switch {
		case f.Row == place.Row && f.Column == place.Column:
			if !strings.EqualFold(typed, letter) {
				return "the mark is not there"
			}
		case typed != before.Typed(f), f.Column == place.Column && typed != "":
			return "something else is typed on the screen"
		}
	}
	return ""
}

// marked reports whether a row of the screen is marked.
func (d *desk) marked() bool {
	column := d.screen(d.on).Rows.Columns["mark"].Column
	return slices.ContainsFunc(d.now.Inputs(), func(f terminal.Field) bool { return f.Column == column && d.now.Typed(f) != "" })
}
