// Package rightsfile reads who may do what from a file of comma-separated values, for a
// system that has nothing else. Which column is what, the municipality says.
//
// A reading is whole or an error: a row that cannot be read stops it, every such row is
// named by its line, and nothing of the file is used. A file that is older than allowed
// is an error too: what was given and taken since is not in it. No error holds what
// stands in a row.
package rightsfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Columns are the headings under which the file has what. Account and Right must be
// named, and one of CPR and Login; an empty one is not there.
type Columns struct {
	Account     string `yaml:"account"` // what the system calls the user
	CPR         string `yaml:"cpr"`
	Login       string `yaml:"login"` // the directory's login
	Name        string `yaml:"name"`
	Unit        string `yaml:"unit"`
	Active      string `yaml:"active"`
	LastUse     string `yaml:"last_use"`
	Right       string `yaml:"right"` // what makes the right that one; an empty cell is a user without rights
	RightName   string `yaml:"right_name"`
	Description string `yaml:"description"`
	Owner       string `yaml:"owner"`
	Scope       string `yaml:"scope"` // what the right is cut down to
}

// Settings are how one system's file is read.
type Settings struct {
	File      string
	Columns   Columns
	Delimiter string        // one character; ; if ""
	Encoding  string        // utf-8 or windows-1252; utf-8 if ""
	Inactive  []string      // what the column Active says of an account that is switched off; every other text is an active one
	Day       string        // how days are written, such as 31-12-2026; 31-12-2026 if ""
	Oldest    time.Duration // how old the file may be; 0 is any age
}

// Row is one line of the file.
type Row struct {
	Line                int
	Account, CPR, Login string // CPR is ten digits
	Name, Unit          string
	Active              bool
	LastUse             time.Time // zero where there is none
	Right, RightName    string
	Description, Owner  string
	Scope               string
}

const (
	largest  = 64 << 20 // of a file, in bytes
	mostTold = 20       // damaged rows that are named
)

// Check tells all that is wrong with the settings, joined.
func (s Settings) Check() error {
	var wrong []error
	c := s.Columns
	for _, x := range []struct{ key, value string }{{"file", s.File}, {"columns.account", c.Account}, {"columns.right", c.Right}} {
		if x.value == "" {
			wrong = append(wrong, fmt.Errorf("%s is missing", x.key))
		}
	}
	if c.CPR == "" && c.Login == "" {
		wrong = append(wrong, errors.New("columns.cpr or columns.login is missing: users are paired with employees by one of them"))
	}
	if utf8.RuneCountInString(s.delimiter()) != 1 || strings.ContainsAny(s.delimiter(), "\"\r\n") {
		wrong = append(wrong, errors.New("delimiter must be one character, such as \";\""))
	}
	if !slices.Contains([]string{"", "utf-8", "windows-1252"}, s.Encoding) {
		wrong = append(wrong, errors.New("encoding must be utf-8 or windows-1252"))
	}
	if day, err := time.Parse(s.layout(), s.example()); err != nil || day.Format(time.DateOnly) != "2026-12-31" {
		wrong = append(wrong, errors.New("day must show how 31 December 2026 is written, such as 31-12-2026 or 2026-12-31"))
	}
	if c.Active != "" && len(s.Inactive) == 0 {
		wrong = append(wrong, errors.New("inactive is missing: what the column "+c.Active+" says of an account that is switched off"))
	}
	return errors.Join(wrong...)
}

func (s Settings) delimiter() string {
	if s.Delimiter == "" {
		return ";"
	}
	return s.Delimiter
}

func (s Settings) example() string {
	if s.Day == "" {
		return "31-12-2026"
	}
	return s.Day
}

// layout is the day's form as Go has it.
func (s Settings) layout() string {
	return strings.NewReplacer("2026", "2006", "31", "02", "12", "01").Replace(s.example())
}

// Read reads the file. at is the time by which its age is measured.
func (s Settings) Read(at time.Time) ([]Row, error) {
	info, err := os.Stat(s.File)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the rights: %w", err)
	case info.Size() > largest:
		return nil, fmt.Errorf("%s: %d bytes are more than the %d that are read; is it the right file?", s.File, info.Size(), largest)
	case s.Oldest > 0 && at.Sub(info.ModTime()) > s.Oldest:
		return nil, fmt.Errorf("%s: the file is from %s and may be %s old; have the system write it anew", s.File, info.ModTime().Format("2006-01-02 15:04"), s.Oldest)
	}
	data, err := os.ReadFile(s.File)
	if err != nil {
		return nil, fmt.Errorf("read the rights: %w", err)
	}
	return s.Parse(data)
}

// Parse reads a file's content.
func (s Settings) Parse(data []byte) ([]Row, error) {
	if s.Encoding == "windows-1252" {
		text, err := charmap.Windows1252.NewDecoder().Bytes(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.File, err)
		}
		data = text
	}
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("%s: the file is no UTF-8; say encoding: windows-1252 if the system writes that", s.File)
	}
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	in.Comma, in.FieldsPerRecord = []rune(s.delimiter())[0], -1
	head, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: the file has no headings", s.File)
	}
	table, err := s.table(head)
	if err != nil {
		return nil, err
	}
	return table.rows(in)
}
