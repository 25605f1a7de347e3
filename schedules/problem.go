package schedules

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong in a schedules file.
type Problem struct {
	File         string
	Line, Column int    // from 1; 0 where the whole file is meant
	Text         string // what is wrong and what to do
}

// String is the problem as file:line:column: text.
func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Text
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Text)
}

// Problems is an error that holds everything that is wrong, in the order of the
// files and lines.
type Problems []Problem

// Error has one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}
