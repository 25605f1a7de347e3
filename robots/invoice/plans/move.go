package plans

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// Move is one order: those plans, to that account.
type Move struct {
	Plan    string // one plan's number, or
	EAN     string // all plans of the unit with this EAN number, or
	Account string // all plans on this artskonto, or
	Place   string // all plans on this PSP element or cost centre
	// ToAccount and ToPlace are where to; "" leaves that half as it is.
	ToAccount, ToPlace string
	By                 string // who orders it: the new version's author
	At                 time.Time
}

// hits reports whether a plan is one of those that move.
func (m Move) hits(p Plan) bool {
	switch {
	case m.Plan != "":
		return p.Number == m.Plan
	case m.EAN != "":
		return p.EAN == m.EAN
	case m.Account != "":
		return p.Account == m.Account
	}
	return m.Place != "" && (p.PSP == m.Place || p.CostCentre == m.Place)
}

// check says what is wrong with an order, in Danish.
func (m Move) check() error {
	named := 0
	for _, s := range []string{m.Plan, m.EAN, m.Account, m.Place} {
		if s != "" {
			named++
		}
	}
	switch {
	case named != 1:
		return errors.New("nævn netop én: en plan, et EAN-nummer, en artskonto eller et sted")
	case m.ToAccount == "" && m.ToPlace == "":
		return errors.New("sig, hvilken artskonto eller hvilket sted planerne skal flyttes til")
	case strings.TrimSpace(m.By) == "":
		return errors.New("sig, hvem der flytter planerne, så en anden kan godkende det")
	case m.ToPlace != "" && !pspForm.MatchString(m.ToPlace) && !costCentreForm.MatchString(m.ToPlace):
		return fmt.Errorf("%s er hverken et PSP-element (XG-, XA- eller XM- og ti cifre) eller et omkostningssted (ti cifre)", quoted(m.ToPlace))
	case strings.ContainsAny(m.ToAccount, " \t"):
		return fmt.Errorf("%s er ikke en artskonto", quoted(m.ToAccount))
	}
	return nil
}

// apply moves one plan.
func (m Move) apply(p Plan) Plan {
	if m.ToAccount != "" {
		p.Account = m.ToAccount
	}
	if m.ToPlace != "" {
		p.PSP, p.CostCentre = "", ""
		if pspForm.MatchString(m.ToPlace) {
			p.PSP = m.ToPlace
		} else {
			p.CostCentre = m.ToPlace
		}
	}
	return p
}

// HistorySheet is the tab that keeps what was moved, and by whom. Nothing is read
// from it but by Apply, which adds to it.
const HistorySheet = "Historik"

var historyColumns = []column[[]string]{
	reported("Tidspunkt", 18, kindCode, cellAt(0)), reported("Af", 24, kindText, cellAt(1)), reported("Plan", 12, kindCode, cellAt(2)),
	reported("Leverandør", 30, kindText, cellAt(3)), reported("Kolonne", 18, kindText, cellAt(4)), reported("Fra", 20, kindCode, cellAt(5)), reported("Til", 20, kindCode, cellAt(6)),
}

func cellAt(i int) func([]string) string {
	return func(row []string) string {
		if i >= len(row) {
			return ""
		}
		return row[i]
	}
}

// Apply moves plans in the sheet at path: the sheet as it was is kept beside it, and
// the new version takes its place, with what was moved in its history. It takes
// effect, as any change, when another person has approved it. The answer is Danish:
// what was changed, as the one who approves will see it.
func Apply(path string, m Move) (string, error) {
	if err := m.check(); err != nil {
		return "", err
	}
	old, problems, err := Read(path, DefaultFileLimits())
	if err != nil {
		return "", err
	}
	if Refused(problems) {
		return "", fmt.Errorf("arket kan ikke bruges, som det er: %s", problems[0])
	}
	moved := old
	moved.Plans = slices.Clone(old.Plans)
	for i, p := range moved.Plans {
		if m.hits(p) {
			moved.Plans[i] = m.apply(p)
		}
	}
	changes := Diff(old, moved)
	if len(changes) == 0 {
		return "", errors.New("ingen plan bliver ændret: enten er der ingen af dem i arket, eller de er der allerede")
	}
	rows, err := readHistory(path)
	if err != nil {
		return "", err
	}
	moved.Meta = Meta{LastModifiedBy: strings.TrimSpace(m.By), Modified: m.At.UTC().Format(time.RFC3339)}
	if err := replace(path, moved, append(rows, m.entries(changes)...), m.At); err != nil {
		return "", err
	}
	return DescribeAll(changes), nil
}

// entries are the history's rows of what was changed.
func (m Move) entries(changes []Change) (rows [][]string) {
	for _, c := range changes {
		for _, f := range c.Fields {
			rows = append(rows, []string{m.At.Format("02-01-2006 15:04"), m.By, c.Plan, c.Supplier, f.Column, f.Old, f.New})
		}
	}
	return rows
}

// readHistory reads the history that a sheet has, without its heading.
func readHistory(path string) ([][]string, error) {
	f, err := excelize.OpenFile(path, excelize.Options{UnzipSizeLimit: DefaultFileLimits().UnzippedBytes})
	if err != nil {
		return nil, fmt.Errorf("read the history of %s: %w", path, err)
	}
	defer f.Close()
	if !slices.Contains(f.GetSheetList(), HistorySheet) {
		return nil, nil
	}
	rows, err := f.GetRows(HistorySheet)
	if err != nil {
		return nil, fmt.Errorf("read the history of %s: %w", path, err)
	}
	return rows[min(1, len(rows)):], nil
}

// replace writes the new version with its history, and keeps the old one beside it
// under the time at which it was replaced.
func replace(path string, s Sheet, history [][]string, at time.Time) error {
	next := strings.TrimSuffix(path, filepath.Ext(path)) + ".ny.xlsx"
	if err := Write(next, s); err != nil {
		return err
	}
	defer os.Remove(next) // gone already where the rename succeeded
	f, err := excelize.OpenFile(next)
	if err != nil {
		return err
	}
	err = addTabs(f, tabOf(HistorySheet, historyColumns, history))
	if err == nil {
		err = f.Save()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write the history into %s: %w", next, err)
	}
	kept := strings.TrimSuffix(path, filepath.Ext(path)) + " før " + at.Format("2006-01-02 150405") + filepath.Ext(path)
	if err := os.Link(path, kept); err != nil {
		return fmt.Errorf("keep the sheet as it was: %w", err)
	}
	return os.Rename(next, path)
}
