package invoice

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"byskriver/robots/internal/ident"
	"byskriver/robots/invoice/grants"
	"byskriver/robots/invoice/plans"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

// office is a case system in memory. It takes a mark as often as it is sent.
type office struct {
	grants map[ident.CPR][]grants.Grant
	paid   []grants.Paid
	case_  *memoryCase // whose look-ups are counted
	asked  int
	late   int   // times it was asked without a look-up logged before
	down   error // what everything returns
	fails  error // what MarkPaid returns ...
	before bool  // ... before anything is marked, or else after
}

func (o *office) ask() error {
	o.asked++
	if o.case_ != nil && len(o.case_.lookedUp) == 0 {
		o.late++
	}
	return o.down
}

func (o *office) Grants(_ context.Context, cpr ident.CPR) ([]grants.Grant, bool, error) {
	if err := o.ask(); err != nil {
		return nil, false, err
	}
	all, known := o.grants[cpr]
	var list []grants.Grant
	for _, g := range all {
		g.Kind, g.Ownership, g.Target = "", "", "" // the list does not show them
		list = append(list, g)
	}
	return list, known, nil
}

func (o *office) Grant(_ context.Context, cpr ident.CPR, number string) (grants.Grant, []grants.Paid, error) {
	if err := o.ask(); err != nil {
		return grants.Grant{}, nil, err
	}
	for _, g := range o.grants[cpr] {
		if g.Number == number {
			return g, slices.Clone(o.paid), nil
		}
	}
	return grants.Grant{}, nil, runner.NotDone(&grants.Rejected{Text: "Bevilling " + number + " findes ikke længere hos borgeren"})
}

func (o *office) MarkPaid(_ context.Context, cpr ident.CPR, want grants.Grant, p grants.Paid) error {
	if err := o.ask(); err != nil {
		return runner.NotDone(err)
	}
	if o.fails != nil && o.before {
		return o.fails
	}
	o.paid = append(o.paid, p)
	return o.fails
}

// The support sheet's one row, and a grant that it is for.
var supportRow = grants.Row{Section: "§ 107", Kind: "Ophold", Ownership: "Privat", Target: "Voksne", Account: "59000010", PSP: "XG-5385000001",
	VATCode: "K0", Basis: string(plans.Gross), Action: string(plans.ActionCode)}

func aGrant(number string) grants.Grant {
	return grants.Grant{Number: number, Section: "§ 107", Kind: "Ophold", Ownership: "Privat", Target: "Voksne", Measure: "Botilbud", Supplier: "Lærkesangshuset",
		CVR: otherCVR, From: "2026-01-01", Amount: kr("1250"), Fixed: true, Interval: "Måned", Status: "Aktiv"}
}

// social is an invoice about a citizen, from a supplier without a plan.
func social() reading.Invoice {
	return changed(func(i *reading.Invoice) {
		i.Supplier.CVR = otherCVR
		i.Period = reading.Period{From: "2026-10-01", To: "2026-10-31"}
		i.Citizens = []reading.Citizen{{CPR: testPerson, Stated: true, Where: "/Invoice/x"}}
	})
}

// newGrantsBench is a bench with a case system and an approved support sheet.
func newGrantsBench(t testing.TB, all ...grants.Grant) (*bench, *office) {
	t.Helper()
	v := voucher()
	v.CVR = otherCVR
	b := newBench(t, newDesk(v))
	sheet, err := json.Marshal(grants.Sheet{Rows: []grants.Row{supportRow}})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.house.Put(t.Context(), runner.Paper{Name: "support-sheet", Data: sheet, At: noon}); err != nil {
		t.Fatal(err)
	}
	o := &office{grants: map[ident.CPR][]grants.Grant{testPerson: all}}
	s := b.robot.settings
	way := grants.New(grants.Settings{Sheet: t.TempDir() + "/stoetteark.xlsx", WithVAT: true, WithoutPeriod: grants.RefuseWithout,
		Purpose: grants.DefaultPurpose, Patience: s.Patience}, o, b.house)
	b.robot = New(s, b.desk, b.house, b.house.clock, way)
	return b, o
}

// item is the invoice as an item, whose look-ups the office counts.
func (b *bench) item(t testing.TB, o *office, inv reading.Invoice) *memoryCase {
	c := b.add(found(t, inv))
	o.case_ = c
	return c
}

func TestPostedByGrantAndMarked(t *testing.T) {
	b, o := newGrantsBench(t, aGrant("B-1"), with(aGrant("B-2"), func(g *grants.Grant) { g.Amount = kr("900") }))
	c := b.item(t, o, social())
	if err := b.work(t, b.robot, c); err != nil {
		t.Fatal(err)
	}
	want := Coding{Account: "59000010", PSP: "XG-5385000001", VATCode: "K0", Amount: kr("1250"), Text: "Botilbud 01.10.26-31.10.26", Action: plans.ActionCode}
	if got := b.desk.posted["1900000007"]; len(got) != 1 || !got[0].Same(want) {
		t.Errorf("posted %+v", got)
	}
	if len(o.paid) != 1 || o.paid[0].From != "2026-10-01" || o.paid[0].To != "2026-10-31" || !o.paid[0].Amount.Equal(kr("1250")) || o.paid[0].Invoice != "F-100" || o.paid[0].Voucher != "1900000007" {
		t.Errorf("marked %+v", o.paid)
	}
	for _, l := range c.lookedUp {
		if l.Subject != testPerson || l.System != "sensum" || l.Purpose != grants.DefaultPurpose {
			t.Errorf("looked up %+v", l)
		}
	}
	if o.late > 0 || len(c.lookedUp) < 3 {
		t.Errorf("%d look-ups logged, %d came before any", len(c.lookedUp), o.late)
	}
	for _, d := range c.decided {
		if d.Rule != "invoice.decide" && strings.Contains(string(d.Input), testPerson) {
			t.Errorf("%s was decided with a CPR number", d.Rule)
		}
	}
	asked := o.asked
	if err := b.work(t, b.robot, c); err != nil || len(o.paid) != 1 || b.desk.count() != 1 || o.asked != asked {
		t.Errorf("worked again: %v, %d marks, %d postings", err, len(o.paid), b.desk.count())
	}
}

func with(g grants.Grant, change func(*grants.Grant)) grants.Grant {
	change(&g)
	return g
}

// What does not lead to one grant goes to a person, and nothing is posted or marked;
// what can be told without a look-up is told without.
func TestNotByGrant(t *testing.T) {
	two := func(i *reading.Invoice) {
		i.Citizens = append(i.Citizens, reading.Citizen{CPR: "7105020002", Where: "/Invoice/Note"})
	}
	for _, c := range []struct {
		name   string
		grants []grants.Grant
		change func(*reading.Invoice)
		code   string
		looks  int
	}{
		{"none", nil, nil, "BEVILLING-INGEN", 1},
		{"several", []grants.Grant{aGrant("B-1"), aGrant("B-2")}, nil, "BEVILLING-FLERE", 1},
		{"variable", []grants.Grant{with(aGrant("B-1"), func(g *grants.Grant) { g.Fixed = false })}, nil, "BEVILLING-VARIABEL", 2},
		{"no row", []grants.Grant{with(aGrant("B-1"), func(g *grants.Grant) { g.Target = "Unge" })}, nil, "BEVILLING-STØTTEARK", 2},
		{"unknown", nil, func(i *reading.Invoice) { i.Citizens[0].CPR = "7105020002" }, "BEVILLING-BORGER-UKENDT", 1},
		{"two persons", nil, two, "BEVILLING-FLERE-BORGERE", 0},
		{"no period", nil, func(i *reading.Invoice) { i.Period = reading.Period{} }, "BEVILLING-PERIODE", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, o := newGrantsBench(t, c.grants...)
			inv := social()
			if c.change != nil {
				c.change(&inv)
			}
			item := b.item(t, o, inv)
			r := refused(t, b.work(t, b.robot, item))
			if r.Code != c.code || len(item.lookedUp) != c.looks || o.late > 0 || len(o.paid) != 0 || b.desk.posts != 0 {
				t.Errorf("got %+v, %d looked up", r, len(item.lookedUp))
			}
			if runner.Mask(r.Text) != r.Text || !slices.Contains(choicesOf(r), ActionPost) {
				t.Errorf("got %+v", r)
			}
			for _, g := range c.grants {
				if !strings.Contains(r.Text, g.Number) {
					t.Errorf("%s is not named in %q", g.Number, r.Text)
				}
			}
		})
	}
}

// The same number stated and in a text is one person.
func TestStatedAndInAText(t *testing.T) {
	b, o := newGrantsBench(t, aGrant("B-1"))
	inv := social()
	inv.Citizens = []reading.Citizen{{CPR: testPerson, Where: "/Invoice/Note"}, {CPR: testPerson, Stated: true, Where: "/Invoice/x"}}
	if err := b.work(t, b.robot, b.item(t, o, inv)); err != nil || len(o.paid) != 1 {
		t.Error(err)
	}
}

// A plan that codes it to another place than the grant is a refusal; one that codes
// it to the same place leaves it to the grant, which has a mark to make.
func TestPlanAndGrant(t *testing.T) {
	for same, code := range map[bool]string{true: "", false: "KONTERING-UENIG"} {
		b, o := newGrantsBench(t, aGrant("B-1"))
		p := paper()
		p.CVR, p.Account, p.PSP, p.VATCode, p.Basis = otherCVR, "59000010", "XG-5385000001", "K0", plans.Gross
		if !same {
			p.PSP = "XG-5385000002"
		}
		b.approve(t, plans.Sheet{Plans: []plans.Plan{p}})
		err := b.work(t, b.robot, b.item(t, o, social()))
		var r *runner.Refusal
		if errors.As(err, &r); same && (err != nil || len(o.paid) != 1) || !same && (r == nil || r.Code != code || len(o.paid) != 0 || b.desk.posts != 0) {
			t.Errorf("same %v: %v, %d marks", same, err, len(o.paid))
		}
	}
}

// An invoice that names nobody is none of the grants' business.
func TestNoCitizenIsNotLookedUp(t *testing.T) {
	b, o := newGrantsBench(t)
	inv := social()
	inv.Citizens = nil
	c := b.item(t, o, inv)
	if r := refused(t, b.work(t, b.robot, c)); r.Code != plans.RefusedNone || o.asked != 0 || len(c.lookedUp) != 0 {
		t.Errorf("got %+v, asked %d times", r, o.asked)
	}
}

// While the case system does not answer before the posting, the item is tried again.
func TestCaseSystemDownBeforePosting(t *testing.T) {
	b, o := newGrantsBench(t, aGrant("B-1"))
	o.down = &runner.Trouble{Kind: runner.Unavailable, System: "sensum", Text: "Sensum svarer ikke."}
	c := b.item(t, o, social())
	var trouble *runner.Trouble
	if err := b.work(t, b.robot, c); !errors.As(err, &trouble) || c.item.State != runner.Failed || b.desk.posts != 0 {
		t.Fatalf("got %v", err)
	}
	o.down = nil
	if err := b.work(t, b.robot, c); err != nil || len(o.paid) != 1 || b.desk.count() != 1 {
		t.Errorf("afterwards: %v", err)
	}
}

// A posting whose mark fails stands, and the person is told so.
func TestMarkThatFails(t *testing.T) {
	down := &runner.Trouble{Kind: runner.Unavailable, System: "sensum", Text: "Sensum svarer ikke."}
	b, o := newGrantsBench(t, aGrant("B-1"))
	c := b.item(t, o, social())
	o.fails, o.before = runner.NotDone(down), true
	var later *runner.Postponed
	if err := b.work(t, b.robot, c); !errors.As(err, &later) || later.Code != "BEVILLING-AFVENTER" || !strings.Contains(later.Text, "bilag 1900000007), og konteringen står ved magt") || b.desk.count() != 1 {
		t.Fatalf("down: %v", err)
	}
	if !later.Until.Equal(noon.Add(5 * time.Second)) {
		t.Errorf("tried again at %v, want soon", later.Until)
	}
	b.clock.Advance(10 * time.Hour)
	o.down = down
	if err := b.work(t, b.robot, c); !errors.As(err, &later) || b.desk.count() != 1 {
		t.Errorf("still down: %v", err)
	}
	if !later.Until.Equal(noon.Add(10*time.Hour + 15*time.Minute)) {
		t.Errorf("after ten hours tried again at %v", later.Until)
	}
	b.clock.Advance(39 * time.Hour)
	if r := refused(t, b.work(t, b.robot, c)); r.Code != "BEVILLING-IKKE-MARKERET" || !strings.Contains(r.Text, "konteringen står ved magt") || strings.Contains(strings.Join(choicesOf(r), " "), ActionPost) {
		t.Errorf("after 49 hours: %+v", r)
	}
	o.down, o.fails = nil, nil
	c.decide(runner.ActionRetry, "", "Karen Holm")
	if err := b.work(t, b.robot, c); err != nil || len(o.paid) != 1 || b.desk.count() != 1 {
		t.Errorf("tried again: %v, %d marks, %d postings", err, len(o.paid), b.desk.count())
	}
}

func TestMarkThatIsRefused(t *testing.T) {
	b, o := newGrantsBench(t, aGrant("B-1"))
	c := b.item(t, o, social())
	o.fails, o.before = runner.NotDone(&grants.Rejected{Text: "Bevillingen er ændret"}), true
	r := refused(t, b.work(t, b.robot, c))
	if r.Code != "BEVILLING-IKKE-MARKERET" || !strings.Contains(r.Text, "»Bevillingen er ændret«") || !strings.Contains(r.Text, "konteringen står ved magt") || b.desk.count() != 1 {
		t.Errorf("got %+v", r)
	}
	o.fails = nil
	o.paid = []grants.Paid{{From: "2026-10-15", To: "2026-11-15", Invoice: "hånd", Voucher: "5100009999"}}
	c.decide(runner.ActionRetry, "", "Karen Holm")
	if r := refused(t, b.work(t, b.robot, c)); r.Code != "BEVILLING-IKKE-MARKERET" || !strings.Contains(r.Text, "markeret betalt imens (faktura hånd, bilag 5100009999)") || len(o.paid) != 1 {
		t.Errorf("marked by another meanwhile: %+v", r)
	}
	changed := &runner.Trouble{Kind: runner.ScreenChanged, System: "sensum", Text: "Skærmen er ændret."}
	o.paid, o.down = nil, changed
	var trouble *runner.Trouble
	if err := b.work(t, b.robot, c); !errors.As(err, &trouble) || trouble.Kind != runner.ScreenChanged || !strings.Contains(trouble.Text, "konteringen står ved magt") {
		t.Errorf("a changed screen: %v", err)
	}
}
