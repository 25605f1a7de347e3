package bypattern

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"byskriver/robots/invoice/coding"
	"byskriver/robots/invoice/patterns"
	"byskriver/robots/invoice/plans"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

func TestCodesWhatIsAlwaysSo(t *testing.T) {
	x := newTown(t)
	c, q := x.item(invoice(cvr, "F-9000-1", 1300))
	a, err := x.ask(c, q)
	if err != nil || a.Say != coding.Codes {
		t.Fatalf("%+v, %v", a, err)
	}
	want := coding.Coding{Account: "40110010", PSP: "XG-6451000010", VATCode: "K1", Amount: decimal.New(1300, 0), Text: "Faktura F-9000-1, efter mønster", Action: plans.ActionCode}
	if !a.Coding.Same(want) {
		t.Errorf("coding %+v", a.Coding)
	}
	if !strings.HasPrefix(a.Why, "De seneste ") || !strings.Contains(a.Why, "fakturaer fra Firma 94122236 ApS") || !strings.HasSuffix(a.Why, " er konteret "+account+".") {
		t.Errorf("why: %q", a.Why)
	}
	if len(c.decided) != 1 || c.decided[0].Rule != "invoice.pattern" {
		t.Fatalf("recorded %+v", c.decided)
	}
	if again, err := x.way.Rules()[0].Replay(c.decided[0].Input); err != nil || !bytes.Equal(again, c.decided[0].Verdict) {
		t.Errorf("replayed: %s, %v; recorded %s", again, err, c.decided[0].Verdict)
	}
	var in patterns.Input
	if err := json.Unmarshal(c.decided[0].Input, &in); err != nil || len(in.Model) != 64 {
		t.Errorf("the model's digest is %q, %v", in.Model, err)
	}
}

func TestPassesOn(t *testing.T) {
	x := newTown(t)
	credit := invoice(cvr, "K-1", 1300)
	credit.Kind = reading.CreditNoteKind
	euro := invoice(cvr, "F-9000-2", 1300)
	euro.Currency = "EUR"
	for code, inv := range map[string]reading.Invoice{"MØNSTER-USIKKER": invoice("94122244", "F-9000-3", 1300), "MØNSTER-BELØB": invoice(cvr, "F-9000-4", 5001),
		"MØNSTER-ART": credit, "MØNSTER-ART ": euro} {
		c, q := x.item(inv)
		a, err := x.ask(c, q)
		if err != nil || a.Say != coding.Passes || a.Code != strings.TrimSpace(code) || a.Why == "" {
			t.Errorf("%s: %+v, %v", code, a, err)
		}
	}
	c, q := x.item(invoice(cvr, "F-9000-5", 1300))
	q.Coded = true
	notes := len(x.drawer)
	if a, err := x.way.Code(context.Background(), c, q); err != nil || a.Say != coding.Codes || len(x.drawer) != notes {
		t.Errorf("beside another way: %+v, %v, %d notes", a, err, len(x.drawer))
	}
}

// The chart and the suppliers are those of the moment; what is closed is forgotten
// the next night.
func TestListsAreTheMunicipalitys(t *testing.T) {
	x := newTown(t)
	x.write("kontoplan.csv", "Konto;Åben\n40110010;nej\n40110020;ja\nXG-6451000010;ja\n")
	c, q := x.item(invoice(cvr, "F-9000-1", 1300))
	if a, err := x.ask(c, q); err != nil || a.Code != "MØNSTER-KONTO" {
		t.Errorf("a closed account: %+v, %v", a, err)
	}
	x.open()
	if a, err := x.ask(c, q); err != nil || a.Say != coding.Passes || strings.Contains(a.Why, "40110010") {
		t.Errorf("after the night: %+v, %v", a, err)
	}
	x = newTown(t)
	x.write("leverandoerer.csv", "CVR\n94122244\n")
	x.settings.Suppliers = x.settings.Chart[:len(x.settings.Chart)-len("kontoplan.csv")] + "leverandoerer.csv"
	x.open()
	if a, err := x.ask(x.item(invoice(cvr, "F-9000-1", 1300))); err != nil || a.Code != "MØNSTER-LEVERANDØR" {
		t.Errorf("not approved: %+v, %v", a, err)
	}
}

// ten are ten like invoices of a day, asked about once, so that all are gathered.
func ten(x *town) (cs []*box, qs []coding.Question) {
	for i := range 10 {
		c, q := x.item(invoice(cvr, fmt.Sprintf("F-9100-%d", i), 1300))
		if _, err := x.way.Code(context.Background(), c, q); err == nil {
			x.Fatal("an invoice is coded before the day's like ones are gathered")
		}
		cs, qs = append(cs, c), append(qs, q)
	}
	x.clock.Advance(x.settings.Gather)
	return cs, qs
}

// says is what becomes of each.
func says(x *town, cs []*box, qs []coding.Question) (counts map[string]int, answers []coding.Answer) {
	counts = map[string]int{}
	for i := range cs {
		a, err := x.way.Code(context.Background(), cs[i], qs[i])
		var later *runner.Postponed
		switch {
		case errors.As(err, &later):
			counts[later.Code]++
		case err != nil:
			x.Fatal(err)
		case a.Code != "":
			counts[a.Code]++
		default:
			counts[string(a.Say)]++
		}
		answers = append(answers, a)
	}
	return counts, answers
}

func TestTheDaysCheck(t *testing.T) {
	for _, right := range []bool{true, false} {
		x := newTown(t)
		cs, qs := ten(x)
		counts, answers := says(x, cs, qs)
		if counts["MØNSTER-KONTROL"] != 2 || counts["MØNSTER-VENTER"] != 8 {
			t.Fatalf("%v", counts)
		}
		if again, _ := says(x, cs, qs); again["MØNSTER-KONTROL"] != 2 {
			t.Fatalf("asked again: %v", again)
		}
		konto, want := "40110010", string(coding.Codes)
		if !right {
			konto, want = "40110020", "MØNSTER-HOLDT"
		}
		x.open() // another run of the program
		var rest []*box
		var restQ []coding.Question
		asked := 0
		for i, a := range answers {
			if a.Code != "MØNSTER-KONTROL" {
				rest, restQ = append(rest, cs[i]), append(restQ, qs[i])
				continue
			}
			if asked++; asked == 2 {
				konto = map[bool]string{true: "40110010", false: konto}[right]
			}
			x.person(cs[i], qs[i], konto)
			if c, _ := says(x, cs[9:], qs[9:]); right && asked == 1 && c["MØNSTER-VENTER"] != 1 && c["MØNSTER-KONTROL"] != 1 {
				t.Errorf("after one right answer of two: %v", c)
			}
		}
		if counts, _ := says(x, rest, restQ); counts[want] != 8 {
			t.Errorf("answers right %v: %v", right, counts)
		}
	}
}

func TestNobodyAnswers(t *testing.T) {
	x := newTown(t)
	cs, qs := ten(x)
	says(x, cs, qs)
	x.clock.Advance(x.settings.Patience)
	for i := range qs {
		qs[i].Today = x.clock.Now().Format(time.DateOnly)
	}
	if counts, _ := says(x, cs, qs); counts["MØNSTER-KONTROL"] != 2 || counts["MØNSTER-UBESVARET"] != 8 {
		t.Errorf("%v", counts)
	}
}

// A person's other coding of what the robot would have coded has it begin anew with
// the supplier the same night, also where the postings do not have it yet.
func TestACorrectionTeaches(t *testing.T) {
	x := newTown(t)
	c, q := x.item(invoice(cvr, "F-9200-1", 1300))
	if a, err := x.ask(c, q); err != nil || a.Say != coding.Codes {
		t.Fatalf("%+v, %v", a, err)
	}
	x.person(c, q, "40110020")
	x.clock.Advance(24 * time.Hour)
	x.open()
	if a, err := x.ask(x.item(invoice(cvr, "F-9200-2", 1300))); err != nil || a.Say == coding.Codes {
		t.Errorf("after the correction: %+v, %v", a, err)
	}
	shadow, q := x.item(invoice(cvr, "F-9200-3", 1300))
	shadow.item.Mode = runner.Shadow
	before := len(x.drawer)
	if _, err := x.way.Code(context.Background(), shadow, q); err != nil {
		t.Errorf("a shadow run's invoice waits: %v", err)
	}
	x.person(shadow, q, "40110020")
	if len(x.drawer) != before {
		t.Error("a shadow run's posting is learnt from")
	}
}

// The same night with the same postings the model is not learnt again, and another
// program learns the same, byte for byte.
func TestLearnsOnce(t *testing.T) {
	x := newTown(t)
	first, err := os.ReadFile(x.settings.State)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(x.settings.State, morning, morning); err != nil {
		t.Fatal(err)
	}
	x.open()
	if info, err := os.Stat(x.settings.State); err != nil || !info.ModTime().Equal(morning) {
		t.Errorf("learnt again: %v, %v", info.ModTime(), err)
	}
	if err := os.Remove(x.settings.State); err != nil {
		t.Fatal(err)
	}
	x.open()
	if again, err := os.ReadFile(x.settings.State); err != nil || !bytes.Equal(again, first) {
		t.Errorf("%d bytes, then %d: %v", len(first), len(again), err)
	}
	x.write("posteringer/2027.csv", strings.Replace(yearOf(1), "F-0-", "G-0-", -1))
	x.open()
	if again, err := os.ReadFile(x.settings.State); err != nil || bytes.Equal(again, first) {
		t.Errorf("new postings teach nothing: %v", err)
	}
	x.write("posteringer/2027.csv", "CVR;Forkert\n")
	x.way = New(x.settings, x.drawer, x.clock)
	if err := x.way.Collect(context.Background(), nil); err == nil || !strings.Contains(err.Error(), `2027.csv:1: there is no column "Fakturanr."`) {
		t.Errorf("broken postings: %v", err)
	}
	if a, err := x.ask(x.item(invoice(cvr, "F-9300-1", 1300))); err != nil || a.Say != coding.Codes {
		t.Errorf("with broken postings it goes by what it learnt last: %+v, %v", a, err)
	}
}

// Others of the day that would be coded otherwise, or elsewhere, are no part of the
// group.
func TestGroupsAreOfLikeOnes(t *testing.T) {
	x := newTown(t)
	for i := range 20 {
		pair := patterns.Pair{Origin: "5798999901075", Label: account}
		if i%2 == 0 {
			pair = patterns.Pair{Origin: ean, Label: "40110020 XG-6451000010 K1 netto"}
		}
		other, _ := x.item(reading.Invoice{})
		if err := x.way.lay(context.Background(), note{Item: other.item.Number, Day: 20777, At: morning, Pair: pair}); err != nil {
			t.Fatal(err)
		}
	}
	if a, err := x.ask(x.item(invoice(cvr, "F-9400-1", 1300))); err != nil || a.Say != coding.Codes {
		t.Errorf("%+v, %v", a, err)
	}
}

// What a person coded otherwise than was proposed corrects, whether the postings
// have it or only the robot knows; what came as proposed does not, and what the
// robot had no word in does not.
func TestWhatCorrects(t *testing.T) {
	x := newTown(t)
	open, err := readChart(x.settings.Chart)
	if err != nil {
		t.Fatal(err)
	}
	const other = "40110020 XG-6451000010 K1 netto"
	posting := func(number, label string) patterns.Posting {
		return patterns.Posting{Facts: patterns.Facts{Supplier: cvr, Number: number}, Label: label}
	}
	noted := func(item, number, proposed, label string) note {
		p := posting(number, label)
		return note{Item: item, Pair: patterns.Pair{Origin: ean, Label: proposed}, Posted: &p}
	}
	got := map[string]bool{}
	for _, p := range taught([]patterns.Posting{posting("1", other), posting("2", account), posting("3", other), posting("4", "40119999 XG-6451000010 K1 netto")},
		[]note{noted("a", "1", account, account), noted("b", "2", account, account), noted("c", "5", account, other), noted("d", "6", "", other), noted("e", "7", other, other)}, open) {
		got[p.Number] = p.Corrects
	}
	want := map[string]bool{"1": true, "2": false, "3": false, "5": true, "6": false, "7": false}
	if !maps.Equal(got, want) {
		t.Errorf("taught %v, want %v", got, want)
	}
}
