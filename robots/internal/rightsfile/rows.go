package rightsfile

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// table knows where each column stands, and what the rows so far have said.
type table struct {
	settings Settings
	width    int
	at       map[string]int // heading → place
	accounts map[string]Row
	held     map[string]int // account, right and scope → line
	damaged  []error
}

// table finds the columns in the headings; each must be there once.
func (s Settings) table(head []string) (*table, error) {
	t := &table{settings: s, width: len(head), at: map[string]int{}, accounts: map[string]Row{}, held: map[string]int{}}
	c := s.Columns
	var wrong []error
	for _, name := range []string{c.Account, c.CPR, c.Login, c.Name, c.Unit, c.Active, c.LastUse, c.Right, c.RightName, c.Description, c.Owner, c.Scope} {
		if name == "" {
			continue
		}
		places := 0
		for i, h := range head {
			if strings.TrimSpace(h) == name {
				t.at[name], places = i, places+1
			}
		}
		if places != 1 {
			wrong = append(wrong, fmt.Errorf("%s:1: the column %q stands there %d times, and must once; correct columns in the configuration, or the file", s.File, name, places))
		}
	}
	return t, errors.Join(wrong...)
}

func (t *table) rows(in *csv.Reader) ([]Row, error) {
	var all []Row
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		line, _ := in.FieldPos(0)
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			t.damage(bad.Line, "a quotation mark that does not belong there; the rest of the file cannot be read")
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.settings.File, err)
		}
		if row, ok := t.row(line, cells); ok {
			all = append(all, row)
		}
	}
	if n := len(t.damaged); n > 0 {
		told := t.damaged[:min(n, mostTold)]
		if n > mostTold {
			told = append(slices.Clone(told), fmt.Errorf("%s: and %d more rows", t.settings.File, n-mostTold))
		}
		return nil, errors.Join(told...)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: the file has headings and no rows; a system without users is not believed", t.settings.File)
	}
	return all, nil
}

func (t *table) damage(line int, what string) {
	t.damaged = append(t.damaged, fmt.Errorf("%s:%d: %s", t.settings.File, line, what))
}

// row reads one line, and reports whether it is sound.
func (t *table) row(line int, cells []string) (Row, bool) {
	if len(cells) != t.width {
		t.damage(line, fmt.Sprintf("%d cells where the headings are %d", len(cells), t.width))
		return Row{}, false
	}
	get := func(name string) string {
		i, ok := t.at[name]
		if name == "" || !ok {
			return ""
		}
		return strings.TrimSpace(cells[i])
	}
	c := t.settings.Columns
	r := Row{Line: line, Account: get(c.Account), Login: get(c.Login), Name: get(c.Name), Unit: get(c.Unit), Active: !slices.Contains(t.settings.Inactive, get(c.Active)),
		Right: get(c.Right), RightName: get(c.RightName), Description: get(c.Description), Owner: get(c.Owner), Scope: get(c.Scope)}
	before := len(t.damaged)
	if r.Account == "" {
		t.damage(line, "no user")
	}
	var ok bool
	if r.CPR, ok = cpr(get(c.CPR)); !ok {
		t.damage(line, "the CPR number is none")
	}
	if used := get(c.LastUse); used != "" {
		day, err := time.Parse(t.settings.layout(), used)
		if err != nil {
			t.damage(line, "the day of last use is none as day in the configuration shows it")
		}
		r.LastUse = day
	}
	if r.Account != "" {
		t.compare(r)
	}
	return r, len(t.damaged) == before
}

// compare holds a row against those before it.
func (t *table) compare(r Row) {
	first, ok := t.accounts[r.Account]
	switch {
	case !ok:
		t.accounts[r.Account] = r
	case first.CPR != r.CPR || first.Login != r.Login || first.Active != r.Active:
		t.damage(r.Line, fmt.Sprintf("says something else of its user than line %d", first.Line))
	}
	key := r.Account + "\x00" + r.Right + "\x00" + r.Scope
	if line, twice := t.held[key]; twice {
		t.damage(r.Line, fmt.Sprintf("the same right of the same user as line %d", line))
		return
	}
	t.held[key] = r.Line
}

// cpr is a CPR number as ten digits, with or without its hyphen; "" is none and allowed.
func cpr(text string) (string, bool) {
	if text == "" {
		return "", true
	}
	if len(text) == 11 && (text[6] == '-' || text[6] == ' ') {
		text = text[:6] + text[7:]
	}
	if len(text) != 10 || strings.Trim(text, "0123456789") != "" {
		return "", false
	}
	day := (int(text[0]-'0')*10 + int(text[1]-'0')) % 60 // a test number has 60 added
	month := int(text[2]-'0')*10 + int(text[3]-'0')
	return text, day >= 1 && day <= 31 && month >= 1 && month <= 12
}
