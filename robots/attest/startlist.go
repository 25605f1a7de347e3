package attest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"byskriver/robots/attest/rules"
	"byskriver/schedules"
)

// soon is how many days ahead a start is on the list.
const soon = 7

// listPrefix begins the names of the files with start dates.
const listPrefix = "startdatoer-"

// unclearType stands for the certificate where nobody knows which one is needed.
const unclearType = "uafklaret"

// start is a line of the list: somebody who starts soon, or has started, without a
// certificate.
type start struct {
	name, unit, post, what, status string
	on                             schedules.Date
}

// startLists writes the day's lists, once a day: everybody's for the payroll office,
// and each unit's own for its leader. They have no CPR number and no word of an answer.
func (r *Robot) startLists(ctx context.Context, open []rules.Order) error {
	today := r.today()
	name := inDays + "startdatoer"
	done := ""
	if err := r.drawer.Each(ctx, name, func(_ string, data []byte) error {
		done = string(data)
		return nil
	}); err != nil || done == today.String() {
		return err
	}
	all := r.starts(open)
	units := map[string][]start{}
	for _, s := range all {
		units[s.unit] = append(units[s.unit], s)
	}
	if err := r.startList(r.settings.Areas.Payroll, "Alle enheder", all); err != nil {
		return err
	}
	for unit, list := range units {
		if err := r.startList(filepath.Join("enheder", folderName(unit)), unit, list); err != nil {
			return err
		}
	}
	return r.drawer.Lay(ctx, name, []byte(today.String()))
}

// starts are those who start within a week, or have started, without a certificate
// that they need.
func (r *Robot) starts(open []rules.Order) []start {
	var all []start
	last := r.today().AddDays(soon)
	seen := map[string]bool{}
	add := func(o rules.Order, what, status string) {
		if !o.Start.IsZero() && !o.Start.After(last) {
			all = append(all, start{o.Name, o.Unit, o.Post, what, status, o.Start})
		}
	}
	for _, rec := range r.register.all() {
		seen[rec.Order.ID] = true
		if rec.Phase != phaseEnded || !rec.End.good() {
			what := r.typeName(rec.Need.Type)
			if rec.Need.Type == typeUnclear {
				what = unclearType
			}
			add(rec.Order, what, standing(rec))
		}
	}
	for _, o := range open {
		if v := rules.NeedsOf(rules.OrderInput{Order: o, Policy: r.settings.Policy.Rules}); !seen[o.ID] && (v.Refusal != nil || len(v.Needs) > 0) {
			add(o, unclearType, "bestillingen er ikke behandlet")
		}
	}
	slices.SortFunc(all, func(a, b start) int {
		if n := a.on.Compare(b.on); n != 0 {
			return n
		}
		return strings.Compare(a.unit+a.name+a.what, b.unit+b.name+b.what)
	})
	return all
}

// standing is how a certificate stands, as a leader may read it.
func standing(rec record) string {
	switch rec.Phase {
	case phaseConsent:
		return "afventer samtykke i bestillingen"
	case phaseWanted, phaseTwin:
		return "bestilles"
	case phaseSent:
		return "bestilt " + danish(rec.Sent)
	}
	return "afsluttet uden attest"
}

// folderName is a unit's name as a folder's.
func folderName(unit string) string {
	safe := strings.Map(func(c rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, c) || c < ' ' {
			return '-'
		}
		return c
	}, strings.TrimSpace(unit))
	return strings.TrimLeft(safe, ".")
}

// startList writes one list.
func (r *Robot) startList(folder, title string, list []start) (err error) {
	f := excelize.NewFile()
	defer func() {
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
	}()
	const sheet = "Startdatoer"
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	today := r.today()
	if err := row(f, sheet, 1, "Starter inden for en uge eller er startet uden attest, "+danish(today), "", "", "", "", "", title); err != nil {
		return err
	}
	if err := row(f, sheet, 3, "Start", "Hvornår", "Navn", "Enhed", "Stilling", "Attest", "Status"); err != nil {
		return err
	}
	for i, s := range list {
		when := "starter om " + days(today, s.on)
		if !s.on.After(today) {
			when = "STARTET UDEN ATTEST"
		}
		if err := row(f, sheet, i+4, danish(s.on), when, s.name, s.unit, s.post, s.what, s.status); err != nil {
			return err
		}
	}
	if len(list) == 0 {
		if err := row(f, sheet, 4, "Ingen."); err != nil {
			return err
		}
	}
	if err := f.SetColWidth(sheet, "A", "G", 24); err != nil {
		return err
	}
	buffer, err := f.WriteToBuffer()
	if err != nil {
		return err
	}
	if err := r.write(filepath.Join(r.settings.StartLists, folder, listPrefix+today.String()+".xlsx"), buffer.Bytes()); err != nil {
		return fmt.Errorf("write the list of start dates: %w", err)
	}
	return nil
}

// days is how far a date lies ahead, in words.
func days(from, to schedules.Date) string {
	n := 0
	for d := from; d.Before(to); d = d.AddDays(1) {
		n++
	}
	if n == 1 {
		return "1 dag"
	}
	return fmt.Sprintf("%d dage", n)
}

// oldLists deletes the lists that have lain as long as they may.
func (r *Robot) oldLists() error {
	return filepath.WalkDir(r.settings.StartLists, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			if os.IsNotExist(err) {
				return nil
			}
			return err
		}
		day, ok := strings.CutPrefix(e.Name(), listPrefix)
		on, err := schedules.ParseDate(strings.TrimSuffix(day, ".xlsx"))
		if !ok || err != nil || !r.today().After(on.AddDays(r.settings.Policy.Lists)) {
			return nil // another's file is none of the robot's
		}
		return os.Remove(path)
	})
}
