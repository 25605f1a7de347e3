package invoice

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"byskriver/robots/invoice/plans"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
	"byskriver/runner/clock"
)

// noon is when the tests take place: Saturday 21 November 2026, one o'clock in
// Denmark.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// The parties of the tests; the firms are made up.
const (
	supplierCVR = "94122236"
	otherCVR    = "94131480"
	townHall    = "5798999901044"
	closedUnit  = "5798999901075"
	nobodys     = "5798999901990"
	testPerson  = "8605010001" // a test number, which nobody can have
)

func kr(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// clean is an invoice that falls inside a plan and has its voucher.
func clean() reading.Invoice {
	return reading.Invoice{Format: reading.OIOUBL, Customization: "OIOUBL-2.1", Kind: reading.InvoiceKind, TypeCode: "380", Number: "F-100",
		IssueDate: "2026-11-02", DueDate: "2026-12-02", Currency: "DKK", Payable: kr("1250"), Net: kr("1000"), VAT: kr("250"),
		Gross: kr("1250"), LinesSum: kr("1000"),
		Taxes:    []reading.Tax{{Category: "StandardRated", Scheme: "63", Percent: kr("25"), Base: kr("1000"), Amount: kr("250")}},
		Supplier: reading.Supplier{CVR: supplierCVR, Name: "Mølbygaard Kontorforsyning ApS"},
		Buyer:    reading.Buyer{EAN: townHall, Name: "Rådhuset", Reference: "LBY00101", Order: "LK-0001"},
		Payments: []reading.Payment{{Code: "42", Registration: "9990", Account: "44122236"}},
		Lines:    []reading.Line{{ID: "1", Name: "Kopipapir", Quantity: kr("10"), Price: kr("100"), PerUnits: kr("1"), Net: kr("1000")}},
		Digest:   "0011", Size: 4711}
}

func townHallUnit() *Unit {
	return &Unit{EAN: townHall, Name: "Rådhuset", Area: "Økonomi", Active: true}
}

// paper is the supplier's one plan.
func paper() plans.Plan {
	return plans.Plan{Number: "LK-107", Supplier: "Mølbygaard Kontorforsyning ApS", CVR: supplierCVR, Account: "40110010", PSP: "XG-6451000010",
		VATCode: "K1", Basis: plans.Net, Text: "Kontorartikler {fakturanr}", From: kr("1"), To: kr("5000"), Interval: plans.NoInterval,
		ValidFrom: "2026-01-01", ValidTo: "2026-12-31", Action: plans.ActionCode, Area: "Økonomi"}
}

func voucher() Voucher {
	return Voucher{Number: "1900000007", CVR: supplierCVR, Invoice: "F-100", Amount: kr("1250"), EAN: townHall}
}

// inputOf is what would be decided from an invoice, with one voucher and one plan.
func inputOf(t testing.TB, inv reading.Invoice) Input {
	t.Helper()
	match, err := matchInput(noon, plans.DefaultSettings(), inv)
	if err != nil {
		t.Fatal(err)
	}
	match.Plans = []plans.Plan{paper()}
	return Input{Invoice: inv, Unit: townHallUnit(), Vouchers: []Voucher{voucher()}, Plans: match}
}

// changed is clean with one change.
func changed(change func(*reading.Invoice)) reading.Invoice {
	inv := clean()
	change(&inv)
	return inv
}

// found is an invoice as Collect reports it.
func found(t testing.TB, inv reading.Invoice) runner.Found {
	t.Helper()
	b, err := json.Marshal(Content{Invoice: &inv})
	if err != nil {
		t.Fatal(err)
	}
	return runner.Found{Key: "invoice/" + inv.Supplier.CVR + "/" + string(inv.Kind) + "/" + inv.Number, Content: b, Label: inv.Number}
}

// bench is a robot with a house and a portal.
type bench struct {
	*house
	robot *Robot
	desk  *desk
}

// newBench builds a robot whose plan sheet, with paper in it, has been approved.
func newBench(t testing.TB, d *desk, sheet ...plans.Plan) *bench {
	t.Helper()
	h := &house{clock: clock.NewManual(noon)}
	if sheet == nil {
		sheet = []plans.Plan{paper()}
	}
	h.approve(t, plans.Sheet{Plans: sheet, Always: []plans.Always{}})
	s := Settings{Drop: t.TempDir(), Done: t.TempDir(), Plans: t.TempDir() + "/betalingsplaner.xlsx", Quiet: 10 * time.Second, Patience: 48 * time.Hour,
		Units:   []Unit{*townHallUnit(), {EAN: closedUnit, Name: "Turistkontoret", Area: "Økonomi"}},
		Reading: reading.DefaultLimits(), Match: plans.DefaultSettings(), Limits: DefaultLimits()}
	return &bench{house: h, desk: d, robot: New(s, d, h, h.clock)}
}

// approve lays a sheet on the shelf.
func (h *house) approve(t testing.TB, s plans.Sheet) {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Put(t.Context(), runner.Paper{Name: paperPlans, Data: data, At: h.clock.Now()}); err != nil {
		t.Fatal(err)
	}
}

// refused is the refusal that an error is.
func refused(t testing.TB, err error) *runner.Refusal {
	t.Helper()
	var r *runner.Refusal
	if !errors.As(err, &r) {
		t.Fatalf("got %v, want a refusal", err)
	}
	return r
}

// actions are the decisions that a refusal allows.
func choicesOf(r *runner.Refusal) (all []string) {
	for _, c := range r.Choices {
		all = append(all, c.Action)
	}
	return all
}
