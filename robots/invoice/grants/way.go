package grants

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"byskriver/robots/internal/ident"
	"byskriver/robots/invoice/approval"
	"byskriver/robots/invoice/coding"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

// Name is the way's name in the records.
const Name = "grant"

// System is the case system's name in the configuration.
const System = "sensum"

// Cases is what this way does in the case system. Each method may meet one that
// shows another citizen than was asked for: that is an error, and nothing of it
// is given out.
type Cases interface {
	// Grants are a citizen's grants. known is false where nobody has that number.
	Grants(ctx context.Context, cpr ident.CPR) (grants []Grant, known bool, err error)
	// Grant is one of them with all that its own page shows, and what was marked as
	// paid on it.
	Grant(ctx context.Context, cpr ident.CPR, number string) (Grant, []Paid, error)
	// MarkPaid marks it as paid, if it still is as want. An error marked with
	// runner.NotDone left it as it was; one that is a *Rejected is the case system's
	// own refusal.
	MarkPaid(ctx context.Context, cpr ident.CPR, want Grant, p Paid) error
}

// Rejected is the case system's own refusal, in its own words.
type Rejected struct{ Text string }

// Error is what the case system said.
func (r *Rejected) Error() string { return "the case system refuses: " + r.Text }

// Way codes invoices by citizens' grants. It is a coding.Coder.
type Way struct {
	settings Settings
	cases    Cases
	sheet    *approval.Keeper[Sheet]
}

var (
	_ coding.Coder    = (*Way)(nil)
	_ coding.Follower = (*Way)(nil)
	_ coding.Keeper   = (*Way)(nil)
	_ runner.Ruler    = (*Way)(nil)
)

// New builds the way. The approved support sheet is kept on the robot's shelf.
func New(s Settings, cases Cases, shelf runner.Shelf) *Way {
	return &Way{settings: s, cases: cases, sheet: keeper(s.Sheet, shelf)}
}

// Name is the way's name.
func (w *Way) Name() string { return Name }

// Rules are the rules that its decisions can be replayed with.
func (w *Way) Rules() []runner.Rule {
	return []runner.Rule{findRule(), codeRule()}
}

func findRule() runner.Rule { return runner.NewRule("grant.find", FindGrant) }
func codeRule() runner.Rule { return runner.NewRule("grant.code", CodeGrant) }

// Files are the files that its decisions depend on, by what they are.
func (w *Way) Files() map[string]string { return map[string]string{"support_sheet": w.settings.Sheet} }

// stops is the answer that sends the invoice to a person.
func stops(r *Refusal) coding.Answer {
	return coding.Answer{Say: coding.Stops, Code: r.Code, Why: runner.Mask(r.Text)}
}

// Code answers for invoices that name a citizen. What can be refused without a
// look at anybody's grants is refused without.
func (w *Way) Code(ctx context.Context, c runner.Case, q coding.Question) (coding.Answer, error) {
	if len(q.Invoice.Citizens) == 0 {
		return coding.Answer{Say: coding.Passes}, nil
	}
	who, period, refusal := w.before(q.Invoice)
	if refusal != nil {
		return stops(refusal), nil
	}
	sheet, since, err := w.sheet.Approved(ctx)
	if err != nil {
		return coding.Answer{}, err
	}
	if since.IsZero() {
		return stops(&Refusal{codeNoSheet, "Kommunens støtteark er endnu ikke godkendt, så robotten kan ikke kontere efter bevillinger. Få det godkendt, og vælg Prøv igen, eller kontér fakturaen selv."}), nil
	}
	leave, err := c.Enter(ctx, System)
	if err != nil {
		return coding.Answer{}, err
	}
	defer leave()
	found, err := w.find(ctx, c, q.Invoice, who, period)
	if err != nil {
		return coding.Answer{}, err
	}
	if found.Refusal != nil {
		return stops(found.Refusal), nil
	}
	return w.code(ctx, c, q.Invoice, who, period, found, sheet.Rows)
}

// person is whom an invoice is about.
type person struct {
	cpr    ident.CPR
	stated bool // the invoice says that it is a CPR number
}

// before is what can be told without the case system: whom the invoice is about,
// and for which period.
func (w *Way) before(inv reading.Invoice) (who person, period Period, r *Refusal) {
	who, r = citizenOf(inv)
	switch {
	case r != nil:
		return who, period, r
	case inv.Kind != reading.InvoiceKind:
		return who, period, &Refusal{codeCredit, "Kreditnotaen gælder en borger. Find den betaling, den hører til, kontér den selv, og ret bevillingen i fagsystemet."}
	case inv.Currency != "DKK":
		return who, period, &Refusal{codeCurrency, "Fakturaen gælder en borger og er i " + runner.Mask(inv.Currency) + ", og bevillinger er i kroner. Omregn, og kontér den selv."}
	}
	period, ok := periodOf(inv, w.settings.WithoutPeriod)
	if !ok {
		return who, period, &Refusal{codePeriod, "Fakturaen gælder en borger, men siger ikke entydigt, hvilken periode den er for. Find bevillingen og perioden, og kontér fakturaen selv."}
	}
	return who, period, nil
}

// citizenOf is the one person that an invoice names: a number that the invoice
// calls a CPR number, or else one found in a text. Whoever else is named, anywhere,
// makes it more than one.
func citizenOf(inv reading.Invoice) (person, *Refusal) {
	var all []string
	who := person{}
	for _, c := range inv.Citizens {
		if !slices.Contains(all, c.CPR) {
			all = append(all, c.CPR)
		}
		if who.cpr == "" || c.Stated && !who.stated {
			who = person{ident.CPR(c.CPR), c.Stated}
		}
	}
	if len(all) > 1 {
		return person{}, &Refusal{codePeople, fmt.Sprintf("Fakturaen nævner %d forskellige personnumre, eller tal, der kan være det. Afgør, hvem den gælder, og kontér den selv.", len(all))}
	}
	return who, nil
}

// lookUp logs a look-up before it is made.
func (w *Way) lookUp(ctx context.Context, c runner.Case, who ident.CPR) error {
	err := c.LookUp(ctx, runner.LookUp{Subject: string(who), System: System, Purpose: w.settings.Purpose})
	if err != nil {
		return fmt.Errorf("log the look-up of a citizen's grants: %w", err)
	}
	return nil
}

// find lists the citizen's grants and excludes those that cannot be the invoice's.
func (w *Way) find(ctx context.Context, c runner.Case, inv reading.Invoice, who person, period Period) (FindVerdict, error) {
	if err := w.lookUp(ctx, c, who.cpr); err != nil {
		return FindVerdict{}, err
	}
	list, known, err := w.cases.Grants(ctx, who.cpr)
	if err != nil {
		return FindVerdict{}, fmt.Errorf("look up the citizen's grants: %w", err)
	}
	return runner.Decide[FindVerdict](ctx, c, findRule(), FindInput{Known: known, Stated: who.stated, CVR: inv.Supplier.CVR,
		Supplier: inv.Supplier.Name, Amount: w.amount(inv), Period: period, Grants: list})
}

// amount is what of an invoice the grants' amounts are held against.
func (w *Way) amount(inv reading.Invoice) decimal.Decimal {
	if w.settings.WithVAT {
		return inv.Payable
	}
	return inv.Net
}

// code reads the one grant whole and codes by it.
func (w *Way) code(ctx context.Context, c runner.Case, inv reading.Invoice, who person, period Period, found FindVerdict, rows []Row) (coding.Answer, error) {
	if err := w.lookUp(ctx, c, who.cpr); err != nil {
		return coding.Answer{}, err
	}
	g, paid, err := w.cases.Grant(ctx, who.cpr, found.Grant)
	if err != nil {
		return coding.Answer{}, fmt.Errorf("read grant %s: %w", found.Grant, err)
	}
	// The list and the grant's own page are read a moment apart.
	again := FindGrant(FindInput{Known: true, CVR: inv.Supplier.CVR, Amount: w.amount(inv), Period: period, Grants: []Grant{g}})
	if again.Grant != found.Grant {
		return coding.Answer{}, fmt.Errorf("grant %s was changed while the robot read it", found.Grant)
	}
	in := CodeInput{Grant: g, Paid: paid, Period: period, Net: inv.Net, Payable: inv.Payable, Others: len(found.Excluded), Rows: rows}
	if CodeGrant(in).Coding != nil {
		if in.Held, err = hold(ctx, c, who.cpr, g.Number, period); err != nil {
			return coding.Answer{}, err
		}
	}
	v, err := runner.Decide[CodeVerdict](ctx, c, codeRule(), in)
	if err != nil {
		return coding.Answer{}, err
	}
	if v.Refusal != nil {
		return stops(v.Refusal), nil
	}
	proof, err := json.Marshal(mark{Grant: g, Period: period, Amount: w.amount(inv), Since: c.Now()})
	if err != nil {
		return coding.Answer{}, fmt.Errorf("encode what is to be marked on grant %s: %w", g.Number, err)
	}
	return coding.Answer{Say: coding.Codes, Coding: v.Coding, By: "bevilling " + g.Number, Why: v.Why, Citizen: true, Proof: proof}, nil
}
