package attest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"byskriver/runner"
	"byskriver/schedules"
)

// MostInBatch is how many people one order to the police can hold.
const MostInBatch = 50

// The decisions about a batch.
const (
	actionSent = "sent"
	actionBack = "back"
)

func batchChoices() []runner.Choice {
	return []runner.Choice{{Action: actionSent, Label: "Sendt"}, {Action: actionBack, Label: "Læg tilbage", NeedsNote: true}}
}

// timeOf is a moment; the zero one is none.
type timeOf = time.Time

// midnight is a date as a deadline in a list: noon in UTC is that date everywhere
// that the list is read.
func midnight(d schedules.Date) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC)
}

// lastBatch is the drawer's entry with the number of the batch that was laid last.
const lastBatch = inDays + "bundt"

// batchID draws the next number of the day. None is given twice, also not that of a
// batch that was laid back: its item has ended, and another batch would have none.
func (r *Robot) batchID(ctx context.Context) (string, error) {
	last := ""
	if err := r.drawer.Each(ctx, lastBatch, func(_ string, data []byte) error {
		last = string(data)
		return nil
	}); err != nil {
		return "", fmt.Errorf("look for the batch that was laid last: %w", err)
	}
	n := 1
	if given, today := strings.CutPrefix(last, r.today().String()+"-"); today {
		number, err := strconv.Atoi(given)
		if err != nil {
			return "", fmt.Errorf("read the number of the batch that was laid last: %w", err)
		}
		n = number + 1
	}
	for ; ; n++ {
		id := r.today().String() + "-" + fmt.Sprintf("%02d", n)
		if _, taken := r.register.batch(id); !taken && !r.register.used(id) {
			// Noted before it is given: a stop between the two costs a number.
			return id, r.drawer.Lay(ctx, lastBatch, []byte(id))
		}
	}
}

// used reports whether a record was sent in a batch of that id.
func (g *register) used(id string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, rec := range g.records {
		if rec.Batch == id {
			return true
		}
	}
	return false
}

// batched is, by record, the batch that it lies ready in.
func (g *register) batched() map[string]string {
	g.mu.Lock()
	defer g.mu.Unlock()
	in := map[string]string{}
	for _, b := range g.batches {
		for _, l := range b.Lines {
			in[l.Record] = b.ID
		}
	}
	return in
}

// workBatch lays a batch ready for a person, and takes it as sent when the person
// says so.
func (r *Robot) workBatch(ctx context.Context, c runner.Case, id string) error {
	c.Label(id)
	b, ok := r.register.batch(id)
	if !ok {
		return nil // sent or put back before a stop
	}
	d := c.Item().Decision
	switch {
	case d != nil && d.Action == actionSent:
		return r.batchSent(ctx, b, r.dateOf(d.At))
	case d != nil && d.Action == actionBack:
		return r.batchBack(ctx, b)
	}
	lines := len(b.Lines)
	b, err := r.trim(ctx, b)
	if err != nil || lines > 0 && len(b.Lines) == 0 {
		return err
	}
	if err := r.layOut(b); err != nil {
		return fmt.Errorf("lay batch %s ready: %w", id, err)
	}
	what := fmt.Sprintf("%d stk. %s ligger klar i mappen %s.", len(b.Lines), r.typeName(b.Type), id)
	if r.today().Before(b.sendBy()) {
		return runner.Refuse("BUNDT-KLAR", what+" Følg forsiden, send bestillingen til politiet, og vælg Sendt senest "+danish(b.sendBy())+".", "", batchChoices()...)
	}
	b.Late = true
	if err := r.register.putBatch(ctx, b); err != nil {
		return err
	}
	return runner.Refuse("BUNDT-IKKE-SENDT", what+" Det skulle være sendt senest "+danish(b.sendBy())+". Send det nu, og vælg Sendt.", "", batchChoices()...)
}

// batchSent notes that each of a batch's orders is with the police.
func (r *Robot) batchSent(ctx context.Context, b batch, on schedules.Date) error {
	for _, l := range b.Lines {
		_, err := r.register.change(ctx, l.Record, func(rec *record, _ map[string]record) bool {
			if rec.Phase != phaseWanted {
				return false // noted before a stop
			}
			rec.Phase, rec.Batch, rec.Sent, rec.Answer, rec.Times = phaseSent, b.ID, on, "", rec.Times+1
			return true
		})
		if err != nil {
			return err
		}
	}
	return r.batchGone(ctx, b, "sendt")
}

// batchBack lays a batch's orders back: the next batches take them.
func (r *Robot) batchBack(ctx context.Context, b batch) error {
	return r.batchGone(ctx, b, "lagt tilbage")
}

// batchGone deletes a batch's files and what is known of it.
func (r *Robot) batchGone(ctx context.Context, b batch, rule string) error {
	if err := os.RemoveAll(r.batchFolder(b)); err != nil {
		return fmt.Errorf("delete the files of batch %s: %w", b.ID, err)
	}
	return r.register.dropBatch(ctx, b.ID, rule)
}

func (r *Robot) batchFolder(b batch) string { return filepath.Join(r.settings.Batches, b.ID) }

// layOut writes a batch's files: the text to paste, and a sheet with a cover page.
func (r *Robot) layOut(b batch) error {
	var text strings.Builder
	for _, l := range b.Lines {
		text.WriteString(l.CPR[:6] + "-" + l.CPR[6:] + "\t" + l.Name + "\r\n")
	}
	if err := r.write(filepath.Join(r.batchFolder(b), "tekst.txt"), []byte(text.String())); err != nil {
		return err
	}
	sheet, err := r.sheet(b)
	if err != nil {
		return err
	}
	return r.write(filepath.Join(r.batchFolder(b), "bestilling.xlsx"), sheet)
}

// cover is what the person who sends a batch does, in order.
func (r *Robot) cover(b batch) []string {
	return []string{
		"Bestilling af " + strings.ToLower(r.typeName(b.Type)) + ", bundt " + b.ID,
		"",
		"Attest:\t" + r.settings.Policy.Site[b.Type],
		"Hjemmel:\t" + b.Basis,
		"Antal:\t" + strconv.Itoa(len(b.Lines)),
		"Send senest:\t" + danish(b.sendBy()),
		"",
		"Sådan gør du:",
		"1. Log på politiets side for myndigheder med dit eget login. En robot må ikke gøre det.",
		"2. Vælg den attest, der står ovenfor, og skriv hjemlen.",
		"3. Kopiér begge kolonner i arket Personer, uden overskriften, og sæt dem ind på politiets side. Filen tekst.txt har det samme som ren tekst.",
		"4. Se efter, at siden viser " + strconv.Itoa(len(b.Lines)) + " personer, og send bestillingen.",
		"5. Find bundtet på robottens liste, og vælg Sendt. Så venter robotten på svarene, og disse filer slettes.",
		"Kan bundtet ikke sendes, så vælg Læg tilbage og skriv hvorfor. Så kommer personerne med i et nyt.",
	}
}

// sheet is the batch as a workbook: the cover page, and a line a person.
func (r *Robot) sheet(b batch) (data []byte, err error) {
	f := excelize.NewFile()
	defer func() {
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
	}()
	if err := f.SetSheetName("Sheet1", "Forside"); err != nil {
		return nil, err
	}
	if _, err := f.NewSheet("Personer"); err != nil {
		return nil, err
	}
	for i, text := range r.cover(b) {
		left, right, _ := strings.Cut(text, "\t")
		if err := row(f, "Forside", i+1, left, right); err != nil {
			return nil, err
		}
	}
	if err := row(f, "Personer", 1, "Personnummer", "Navn"); err != nil {
		return nil, err
	}
	for i, l := range b.Lines {
		if err := row(f, "Personer", i+2, l.CPR[:6]+"-"+l.CPR[6:], l.Name); err != nil {
			return nil, err
		}
	}
	for _, w := range []struct {
		sheet, column string
		width         float64
	}{{"Forside", "A", 16}, {"Forside", "B", 60}, {"Personer", "A", 16}, {"Personer", "B", 40}} {
		if err := f.SetColWidth(w.sheet, w.column, w.column, w.width); err != nil {
			return nil, err
		}
	}
	buffer, err := f.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}

// row writes texts beside each other. Names have been seen to hold letters only.
func row(f *excelize.File, sheet string, n int, cells ...string) error {
	for i, text := range cells {
		at, err := excelize.CoordinatesToCellName(i+1, n)
		if err != nil {
			return err
		}
		if text == "" {
			continue
		}
		if err := f.SetCellStr(sheet, at, text); err != nil {
			return err
		}
	}
	return nil
}
