package terminal

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"byskriver/selectors"
)

const maxRows, maxColumns = selectors.TerminalRows, selectors.TerminalColumns

// Buffer is a screen as it was read: all of it, at one moment.
type Buffer struct {
	cells  [maxRows * maxColumns]rune
	shows  [maxRows * maxColumns]bool // false where a field hides what is in it
	fields []Field
}

// Field is one field of a screen.
type Field struct {
	Row, Column int // of its first character, from 1
	Length      int
	Protected   bool // nothing can be typed there
	Hidden      bool

	start int
}

// The bits of a 3270 field attribute (IBM GA23-0059).
const (
	bitProtected = 0x20
	bitsDisplay  = 0x0c // both set: not shown
)

// Read reads the screen.
func (t *Terminal) Read(ctx context.Context) (*Buffer, error) {
	data, err := t.do(ctx, "read the screen", "ReadBuffer(Ascii)", t.cfg.Answer)
	if err != nil {
		return nil, err
	}
	if t.size != fmt.Sprintf("%dx%d", maxRows, maxColumns) || len(data) != maxRows {
		return nil, &Refused{"read the screen", "it is " + t.size + ", not 24x80"}
	}
	return parse(data)
}

// parse reads the lines of ReadBuffer(Ascii): UTF-8 in hexadecimal, and SF(c0=xx)
// where a field's attribute stands.
func parse(data []string) (*Buffer, error) {
	b := &Buffer{}
	var starts []int
	var attrs []byte
	for row, line := range data {
		cells := strings.Fields(line)
		if len(cells) != maxColumns {
			return nil, &Refused{"read the screen", fmt.Sprintf("row %d has %d places", row+1, len(cells))}
		}
		for column, cell := range cells {
			i := row*maxColumns + column
			attr, isField, err := attribute(cell)
			if err != nil {
				return nil, err
			}
			if isField {
				starts, attrs = append(starts, i), append(attrs, attr)
				b.cells[i] = ' '
				continue
			}
			if b.cells[i], err = character(cell); err != nil {
				return nil, err
			}
		}
	}
	b.divide(starts, attrs)
	return b, nil
}

func attribute(cell string) (attr byte, is bool, err error) {
	inner, ok := strings.CutPrefix(cell, "SF(")
	if !ok {
		return 0, false, nil
	}
	for part := range strings.SplitSeq(strings.TrimSuffix(inner, ")"), ",") {
		if digits, ok := strings.CutPrefix(part, "c0="); ok {
			n, err := strconv.ParseUint(digits, 16, 8)
			if err != nil {
				return 0, false, &Refused{"read the screen", "an attribute that is none"}
			}
			return byte(n), true, nil
		}
	}
	return 0, false, &Refused{"read the screen", "a field without an attribute"}
}

func character(cell string) (rune, error) {
	raw, err := hex.DecodeString(cell)
	if err != nil || len(raw) == 0 {
		return 0, &Refused{"read the screen", "a character that is none"}
	}
	if raw[0] == 0 {
		return ' ', nil
	}
	return []rune(string(raw))[0], nil
}

// divide finds the fields: each runs to the next attribute, the last one on over the
// end of the screen to the first.
func (b *Buffer) divide(starts []int, attrs []byte) {
	for i := range b.shows {
		b.shows[i] = true
	}
	const all = maxRows * maxColumns
	for k, at := range starts {
		first := (at + 1) % all
		length := (starts[(k+1)%len(starts)] - at - 1 + all) % all
		f := Field{
			Row: first/maxColumns + 1, Column: first%maxColumns + 1, Length: length, start: first,
			Protected: attrs[k]&bitProtected != 0, Hidden: attrs[k]&bitsDisplay == bitsDisplay,
		}
		b.fields = append(b.fields, f)
		for i := range length {
			b.shows[(first+i)%all] = !f.Hidden
		}
	}
}

func offset(row, column int) int { return (row-1)*maxColumns + column - 1 }

// Row is what a row shows, blanks and all; what is hidden is blank.
func (b *Buffer) Row(row int) string { return b.slice(offset(row, 1), maxColumns) }

func (b *Buffer) slice(from, length int) string {
	cells := slices.Clone(b.cells[from : from+length])
	for i := range cells {
		if !b.shows[from+i] {
			cells[i] = ' '
		}
	}
	return string(cells)
}

// At is what a place shows, without the blanks around it.
func (b *Buffer) At(p selectors.Place) string {
	return strings.TrimSpace(b.slice(offset(p.Row, p.Column), p.Length))
}

// Text is the screen as lines; what is hidden is blank.
func (b *Buffer) Text() string {
	var s strings.Builder
	for row := 1; row <= maxRows; row++ {
		s.WriteString(strings.TrimRight(b.Row(row), " ") + "\n")
	}
	return s.String()
}

// Inputs are the fields in which one can type, in their order.
func (b *Buffer) Inputs() []Field {
	return slices.DeleteFunc(slices.Clone(b.fields), func(f Field) bool { return f.Protected })
}

// Typed is what a field shows, without the blanks around it; "" if it is hidden.
func (b *Buffer) Typed(f Field) string {
	return b.At(selectors.Place{Row: f.Row, Column: f.Column, Length: min(f.Length, len(b.cells)-f.start)})
}

// Is reports whether this is the screen.
func (b *Buffer) Is(s *selectors.Screen) bool {
	return !slices.ContainsFunc(s.Probe, func(m selectors.Mark) bool {
		if m.Column == 0 {
			return !strings.Contains(b.Row(m.Row), m.Text)
		}
		rest := string([]rune(b.Row(m.Row))[m.Column-1:])
		return !strings.HasPrefix(rest, m.Text)
	})
}

// Name is which of a system's screens this is: "" if none, or more than one.
func (b *Buffer) Name(t *selectors.Terminal) string {
	name := ""
	for n, s := range t.Screens {
		if !b.Is(s) {
			continue
		}
		if name != "" {
			return ""
		}
		name = n
	}
	return name
}
