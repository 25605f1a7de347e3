package bypattern

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"byskriver/robots/invoice/coding"
	"byskriver/robots/invoice/plans"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
	"byskriver/runner/clock"
)

const (
	ean     = "5798999901044"
	cvr     = "94122236"
	account = "40110010 XG-6451000010 K1 netto"
)

// morning is a day in November 2026, in Denmark.
var morning = time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)

// drawer keeps entries in memory.
type drawer map[string][]byte

func (d drawer) Paper(context.Context, string) (runner.Paper, bool, error) {
	return runner.Paper{}, false, nil
}

func (d drawer) Put(context.Context, runner.Paper) error { return errors.New("no papers here") }

func (d drawer) Lay(_ context.Context, name string, data []byte) error {
	d[name] = slices.Clone(data)
	return nil
}

func (d drawer) Each(_ context.Context, prefix string, entry func(string, []byte) error) error {
	for name, data := range d {
		if strings.HasPrefix(name, prefix) {
			if err := entry(name, data); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d drawer) Clear(_ context.Context, name, _ string) error {
	delete(d, name)
	return nil
}

// box is one case: the item, and what is recorded of it.
type box struct {
	runner.Case
	item    runner.Item
	clock   *clock.Manual
	decided []runner.Decided
}

func (b *box) Item() runner.Item { return b.item }

func (b *box) Now() time.Time { return b.clock.Now() }

func (b *box) Decided(_ context.Context, d runner.Decided) error {
	b.decided = append(b.decided, d)
	return nil
}

// town is a municipality with a year of postings.
type town struct {
	*testing.T
	settings Settings
	clock    *clock.Manual
	drawer   drawer
	way      *Way
	made     int
}

func newTown(t *testing.T) *town {
	t.Helper()
	dir := t.TempDir()
	s := DefaultSettings()
	s.History, s.Chart, s.State = filepath.Join(dir, "posteringer"), filepath.Join(dir, "kontoplan.csv"), filepath.Join(dir, "moenster.model")
	s.Basis, s.LimitOre, s.Delay = plans.Net, 500000, 5
	s.Learn.Late = 10
	s.Units = func(string) string { return "Rådhuset" }
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	x := &town{T: t, settings: s, clock: clock.NewManual(morning), drawer: drawer{}}
	if err := os.Mkdir(s.History, 0o750); err != nil {
		t.Fatal(err)
	}
	x.write("posteringer/2026.csv", yearOf(300))
	x.write("kontoplan.csv", "Konto;Åben\n40110010;ja\n40110020;ja\nXG-6451000010;ja\n40119999;nej\n")
	x.open()
	return x
}

func (x *town) write(name, text string) {
	x.Helper()
	if err := os.WriteFile(filepath.Join(filepath.Dir(x.settings.State), name), []byte(text), 0o640); err != nil {
		x.Fatal(err)
	}
}

// open starts the program anew and lets it collect.
func (x *town) open() {
	x.Helper()
	x.way = New(x.settings, x.drawer, x.clock)
	if err := x.way.Collect(context.Background(), nil); err != nil {
		x.Fatal(err)
	}
}

// yearOf has twenty postings a day up to the day before morning. Supplier 94122236
// is always coded alike; 94122244 is coded by the day.
func yearOf(days int) string {
	var b strings.Builder
	b.WriteString("CVR;Leverandør;EAN;Fakturanr.;Beløb;Artskonto;PSP-element;Momskode;Bogført\n")
	for d := range days {
		day := morning.AddDate(0, 0, d-days).Format("02-01-2006")
		for i := range 20 {
			supplier, konto := cvr, "40110010"
			if i%4 == 0 {
				supplier, konto = "94122244", []string{"40110010", "40110020"}[(d*7+i)%11%2]
			}
			fmt.Fprintf(&b, "%s;Firma %s ApS;%s;F-%d-%d;1.%d00,00;%s;XG-6451000010;K1;%s\n", supplier, supplier, ean, d, i, 1+(d+i)%8, konto, day)
		}
	}
	return b.String()
}

func invoice(supplier, number string, kroner int64) reading.Invoice {
	return reading.Invoice{Kind: reading.InvoiceKind, Currency: "DKK", Number: number, Net: decimal.New(kroner, 0), Payable: decimal.New(kroner*5/4, 0),
		Supplier: reading.Supplier{CVR: supplier, Name: "Firma " + supplier + " ApS"}, Buyer: reading.Buyer{EAN: ean}}
}

// item is a new invoice, found now.
func (x *town) item(inv reading.Invoice) (*box, coding.Question) {
	x.made++
	return &box{item: runner.Item{Number: fmt.Sprintf("invoice-2026-%06d", x.made), Mode: runner.Live, Created: x.clock.Now()}, clock: x.clock},
		coding.Question{Invoice: inv, Today: x.clock.Now().Format(time.DateOnly)}
}

// ask asks until the way no longer waits for others to gather.
func (x *town) ask(c *box, q coding.Question) (coding.Answer, error) {
	a, err := x.way.Code(context.Background(), c, q)
	var later *runner.Postponed
	if errors.As(err, &later) && later.Code == "MØNSTER-SAMLES" {
		x.clock.Advance(later.Until.Sub(x.clock.Now()))
		return x.way.Code(context.Background(), c, q)
	}
	return a, err
}

// person has somebody post an item.
func (x *town) person(c *box, q coding.Question, konto string) {
	x.Helper()
	err := x.way.Follow(context.Background(), c, coding.Posted{Question: q, Way: coding.Person, By: "Karen Holm",
		Coding: coding.Coding{Account: konto, PSP: "XG-6451000010", VATCode: "K1", Amount: q.Invoice.Net}})
	if err != nil {
		x.Fatal(err)
	}
}
