package invoice

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"byskriver/fixtures/invoices"
	"byskriver/robots/invoice/plans"
	"byskriver/runner"
)

const (
	keeper = "Anders Kjeldgaard" // saves the sheet
	second = "Karen Holm"        // approves it
)

// newPlan is a plan for a supplier that the sheet has none for.
func newPlan() invoices.PlanRow {
	r := invoices.PlanRows(noon)[0]
	r.Plan, r.Supplier, r.CVR = "LK-300", "Nordbakkedal Konsulenter ApS", "94127041"
	return r
}

// newPlansBench is a bench with nothing approved and no sheet.
func newPlansBench(t testing.TB) *bench {
	b := newBench(t, newDesk())
	b.papers = nil
	return b
}

// save saves the plan sheet.
func (b *bench) save(t testing.TB, author string, extra ...invoices.PlanRow) {
	t.Helper()
	if err := invoices.WritePlans(b.robot.settings.Plans, noon, author, extra...); err != nil {
		t.Fatal(err)
	}
}

// change collects, and is the newest item, which must be new.
func (b *bench) change(t testing.TB) *memoryCase {
	t.Helper()
	before := len(b.items)
	b.collect(t)
	if len(b.items) != before+1 {
		t.Fatalf("%d items, were %d", len(b.items), before)
	}
	c := b.items[before]
	if c.item.Twin != "" {
		t.Errorf("%s is taken for a twin of %s", c.item.Number, c.item.Twin)
	}
	return c
}

// quiet collects, and wants nothing new.
func (b *bench) quiet(t testing.TB) {
	t.Helper()
	before := len(b.items)
	if b.collect(t); len(b.items) != before {
		t.Fatalf("something new: %+v", b.items[before].item)
	}
}

// hide hides a row of the sheet, as a filter does.
func hide(t testing.TB, path string, row int) {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.SetRowVisible(plans.PlanSheet, row, false), f.Save(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// approveItem approves an item as somebody.
func (b *bench) approveItem(t testing.TB, c *memoryCase, by string) error {
	t.Helper()
	c.decide(ActionApprove, "", by)
	return b.work(t, b.robot, c)
}

func wantCode(t testing.TB, err error, code string) *runner.Refusal {
	t.Helper()
	r := refused(t, err)
	if r.Code != code {
		t.Fatalf("got %+v, want %s", r, code)
	}
	return r
}

func TestFirstSheet(t *testing.T) {
	b := newPlansBench(t)
	b.save(t, keeper)
	c := b.change(t)
	if c.item.Label != "Betalingsplaner" || c.item.Source != b.robot.settings.Plans {
		t.Errorf("found %+v", c.item)
	}
	r := wantCode(t, b.work(t, b.robot, c), "PLANER-ÆNDRET")
	for _, s := range []string{"endnu ingen godkendte betalingsplaner", "gemt af " + keeper, "Ny plan LK-101", "En anden end den, der har gemt dem"} {
		if !strings.Contains(r.Text, s) {
			t.Errorf("%q is not in %q", s, r.Text)
		}
	}
	if got := strings.Join(choicesOf(r), " "); got != "approve manual" || r.Choices[0].Label != "Godkend" {
		t.Errorf("choices %v", r.Choices)
	}
	if len(b.papers) != 0 {
		t.Fatal("in effect before anybody approved it")
	}
	if err := b.approveItem(t, c, second); err != nil {
		t.Fatal(err)
	}
	if len(b.papers) != 1 || strings.Join(b.papers[0].By, "+") != keeper+"+"+second || !b.papers[0].At.Equal(noon) {
		t.Errorf("papers %+v", b.papers)
	}
	b.quiet(t)
	b.save(t, second) // saved again by another, saying the same
	b.quiet(t)
}

func TestChangedSheet(t *testing.T) {
	b := newPlansBench(t)
	b.save(t, keeper)
	if err := b.approveItem(t, b.change(t), second); err != nil {
		t.Fatal(err)
	}
	b.save(t, keeper, newPlan())
	c := b.change(t)
	r := wantCode(t, b.work(t, b.robot, c), "PLANER-ÆNDRET")
	if !strings.Contains(r.Text, "Betalingsplanerne er ændret") || !strings.Contains(r.Text, "Ny plan LK-300, Nordbakkedal") || strings.Contains(r.Text, "LK-101") {
		t.Errorf("the difference is told as %q", r.Text)
	}
	sheet, _, err := b.robot.planKeeper().Approved(t.Context())
	if err != nil || len(sheet.For("94127041")) != 0 {
		t.Errorf("the new plan is in effect: %v", err)
	}
	b.quiet(t)
	b.clock.Advance(time.Hour)
	if err := b.approveItem(t, c, second); err != nil {
		t.Fatal(err)
	}
	if sheet, since, err := b.robot.planKeeper().Approved(t.Context()); err != nil || len(sheet.For("94127041")) != 1 || !since.Equal(noon.Add(time.Hour)) {
		t.Errorf("the new plan is not in effect: %v", err)
	}
}

func TestNobodyApprovesHisOwn(t *testing.T) {
	b := newPlansBench(t)
	b.save(t, keeper)
	c := b.change(t)
	for _, same := range []string{keeper, " anders kjeldgaard ", "ANDERS KJELDGAARD"} {
		r := wantCode(t, b.approveItem(t, c, same), "PLANER-SAMME")
		if !strings.Contains(r.Text, keeper) || strings.Join(choicesOf(r), " ") != "approve manual" {
			t.Errorf("%q: %+v", same, r)
		}
	}
	if len(b.papers) != 0 {
		t.Fatal("approved by its author")
	}
	if err := b.approveItem(t, c, second); err != nil {
		t.Errorf("then by another: %v", err)
	}
}

// A sheet that does not say who saved it can be approved by nobody, and says what
// to do; saved with a name it is another change.
func TestUnknownAuthor(t *testing.T) {
	b := newPlansBench(t)
	b.save(t, "")
	c := b.change(t)
	if r := wantCode(t, b.work(t, b.robot, c), "PLANER-UKENDT"); strings.Join(choicesOf(r), " ") != "manual" {
		t.Errorf("got %+v", r)
	}
	wantCode(t, b.approveItem(t, c, second), "PLANER-UKENDT")
	b.save(t, keeper)
	if err := b.approveItem(t, b.change(t), second); err != nil || len(b.papers) != 1 {
		t.Errorf("saved with a name: %v", err)
	}
}

// A sheet that cannot be used is told of by what is wrong, the approved plans stay
// in effect, and another broken one is told of anew.
func TestRefusedSheet(t *testing.T) {
	b := newPlansBench(t)
	b.save(t, keeper)
	if err := b.approveItem(t, b.change(t), second); err != nil {
		t.Fatal(err)
	}
	b.save(t, keeper, invoices.OverlappingRow(noon)) // contradicts itself
	r := wantCode(t, b.work(t, b.robot, b.change(t)), "PLANER-FEJL")
	if !strings.Contains(r.Text, "LK-199") || !strings.Contains(r.Text, "arbejder videre efter de godkendte planer") || strings.Join(choicesOf(r), " ") != "manual" {
		t.Errorf("got %+v", r)
	}
	b.quiet(t)
	if err := os.WriteFile(b.robot.settings.Plans, []byte("PK\x03\x04 damaged"), 0o644); err != nil {
		t.Fatal(err)
	}
	damaged := b.change(t)
	wantCode(t, b.work(t, b.robot, damaged), "PLANER-FEJL")
	if sheet, _, err := b.robot.planKeeper().Approved(t.Context()); err != nil || len(sheet.Plans) == 0 {
		t.Errorf("the approved plans are gone: %v", err)
	}
	wantCode(t, b.approveItem(t, damaged, second), "PLANER-FEJL")
	b.save(t, keeper)
	b.quiet(t)
}

func TestSuperseded(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, b *bench){
		"changed again":           func(t *testing.T, b *bench) { b.save(t, keeper) },
		"saved again by another":  func(t *testing.T, b *bench) { b.save(t, "Grethe Mølgaard", newPlan()) },
		"broken since":            func(t *testing.T, b *bench) { b.save(t, keeper, newPlan(), invoices.OverlappingRow(noon)) },
		"the newer one approved":  func(t *testing.T, b *bench) { b.save(t, keeper); mustApprove(t, b) },
		"approved and back again": func(t *testing.T, b *bench) { b.save(t, keeper); mustApprove(t, b); b.save(t, keeper, newPlan()) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newPlansBench(t)
			b.save(t, keeper, newPlan())
			c := b.change(t)
			change(t, b)
			before := len(b.papers)
			r := wantCode(t, b.approveItem(t, c, second), "PLANER-FORÆLDET")
			if len(b.papers) != before || strings.Join(choicesOf(r), " ") != "manual" {
				t.Errorf("%d papers, were %d; %+v", len(b.papers), before, r)
			}
		})
	}
}

func mustApprove(t *testing.T, b *bench) {
	t.Helper()
	if err := b.approveItem(t, b.change(t), second); err != nil {
		t.Fatal(err)
	}
}

// Going back to an earlier version is a change too, and is asked about again.
func TestGoingBackAsksAgain(t *testing.T) {
	b := newPlansBench(t)
	for i, extra := range [][]invoices.PlanRow{nil, {newPlan()}, nil, {newPlan()}} {
		b.clock.Advance(time.Hour)
		b.save(t, keeper, extra...)
		c := b.change(t)
		wantCode(t, b.work(t, b.robot, c), "PLANER-ÆNDRET")
		if err := b.approveItem(t, c, second); err != nil || len(b.papers) != i+1 {
			t.Fatalf("version %d: %v, %d papers", i, err, len(b.papers))
		}
	}
}

// An approval whose end was not noted is carried out once.
func TestApprovalIsResumed(t *testing.T) {
	b := newPlansBench(t)
	b.save(t, keeper)
	c := b.change(t)
	for range 2 {
		if err := b.approveItem(t, c, second); err != nil || len(b.papers) != 1 {
			t.Fatalf("%v, %d papers", err, len(b.papers))
		}
	}
}

// Remarks are put before the one who approves, and rows newly hidden make the
// sheet another one.
func TestRemarksAreShown(t *testing.T) {
	b := newPlansBench(t)
	b.save(t, keeper)
	b.change(t)
	hide(t, b.robot.settings.Plans, 5)
	c := b.change(t)
	if r := wantCode(t, b.work(t, b.robot, c), "PLANER-ÆNDRET"); !strings.Contains(r.Text, "Bemærk: ") || !strings.Contains(r.Text, "skjult") {
		t.Errorf("the remark is not in %q", r.Text)
	}
}

func TestMissingSheetIsAnError(t *testing.T) {
	b := newPlansBench(t)
	b.save(t, keeper)
	c := b.change(t)
	if err := os.Remove(b.robot.settings.Plans); err != nil {
		t.Fatal(err)
	}
	var r *runner.Refusal
	if err := b.approveItem(t, c, second); err == nil || errors.As(err, &r) || len(b.papers) != 0 {
		t.Errorf("got %v", err)
	}
}
