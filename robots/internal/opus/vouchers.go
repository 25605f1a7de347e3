package opus

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"byskriver/robots/internal/screen"
	"byskriver/runner"
	"byskriver/selectors/browser"
)

// Voucher is a voucher in the inbox.
type Voucher struct {
	Number  string // ten digits
	CVR     string
	Invoice string
	Amount  decimal.Decimal // negative for a credit note
	EAN     string
}

// Coding is a coding as the portal's form takes it and as its list shows it.
type Coding struct {
	Account    string
	PSP        string // either this
	CostCentre string // or this
	VATCode    string
	Amount     decimal.Decimal
	Text       string
	Action     Action
	NextAgent  string // with Forward only
}

// Action is what the form does with a coded voucher.
type Action string

// The actions, by the name of their place in the selectors file.
const (
	Code    Action = "action_code"
	Forward Action = "action_forward"
	Approve Action = "action_approve"
)

// Find lists the vouchers in the inbox that are exactly this supplier's invoice.
func (p *Portal) Find(ctx context.Context, cvr, invoice string, amount decimal.Decimal) (found []Voucher, err error) {
	err = p.with(ctx, wanted{}, func(d *desk) error {
		rows, err := d.search(ctx, wanted{cvr, invoice, danish(amount)})
		if err != nil {
			return fmt.Errorf("search the inbox: %w", err)
		}
		for _, row := range rows {
			v, err := voucherOf(row)
			if err != nil {
				return err
			}
			if v.CVR == cvr && v.Invoice == invoice && v.Amount.Equal(amount) {
				found = append(found, v)
			}
		}
		return nil
	})
	return found, err
}

// search fills in the inbox's form and reads all pages of the answer. Where the
// inbox stands open from the search before, it is searched from there, as a
// caseworker would.
func (d *desk) search(ctx context.Context, w wanted) ([]map[string]string, error) {
	if d.inboxShows.open {
		rows, err := d.ask(ctx, w)
		if err == nil || !screen.SignedOut(err) {
			return rows, err
		}
	}
	if err := d.inbox(ctx); err != nil {
		return nil, err
	}
	return d.ask(ctx, w)
}

func (d *desk) ask(ctx context.Context, w wanted) ([]map[string]string, error) {
	d.inboxShows = answered{}
	err := d.FillAll(ctx, browser.Field{Name: "inbox.cvr", Value: w.cvr}, browser.Field{Name: "inbox.invoice", Value: w.invoice},
		browser.Field{Name: "inbox.from", Value: w.amount}, browser.Field{Name: "inbox.to", Value: w.amount})
	if err != nil {
		return nil, err
	}
	rows, pages, err := d.answer(ctx, "inbox")
	if err != nil {
		return nil, err
	}
	d.inboxShows.open = true
	if pages == 1 {
		d.inboxShows.to, d.inboxShows.rows = w, rows
	}
	return rows, nil
}

// maxPages bounds how far an answer is read: a search that names one invoice and
// gives hundreds was not understood by the portal.
const maxPages = 20

// answer presses the search button of a list and reads what comes, page by page.
func (d *desk) answer(ctx context.Context, list string) (all []map[string]string, pages int, err error) {
	seen, err := d.ClickTo(ctx, list+".search", list+".none", list+".paging")
	if err != nil || seen.Name == list+".none" {
		return nil, 0, err
	}
	for page := 1; ; page++ {
		rows, err := d.Rows(ctx, list+".vouchers")
		if err != nil {
			return nil, 0, err
		}
		all = append(all, rows...)
		at, of, err := d.paging(ctx, list)
		if err != nil {
			return nil, 0, err
		}
		switch {
		case at != page || of > maxPages:
			return nil, 0, fmt.Errorf("the list shows page %d of %d, expected page %d", at, of, page)
		case at == of:
			return all, of, nil
		}
		if _, err := d.ClickTo(ctx, list+".next", list+".paging"); err != nil {
			return nil, 0, err
		}
	}
}

var pagingText = regexp.MustCompile(`^Side (\d+) af (\d+)$`)

func (d *desk) paging(ctx context.Context, list string) (at, of int, err error) {
	text, err := d.Text(ctx, list+".paging")
	if err != nil {
		return 0, 0, err
	}
	m := pagingText.FindStringSubmatch(text)
	if m == nil {
		return 0, 0, fmt.Errorf("the list's paging says %q, expected Side N af M", text)
	}
	at, _ = strconv.Atoi(m[1])
	of, _ = strconv.Atoi(m[2])
	return at, of, nil
}

func voucherOf(row map[string]string) (Voucher, error) {
	amount, err := parseDanish(row["amount"])
	if err != nil {
		return Voucher{}, fmt.Errorf("read the amount of voucher %s: %w", row["number"], err)
	}
	return Voucher{Number: row["number"], CVR: row["cvr"], Invoice: row["invoice"], Amount: amount, EAN: row["ean"]}, nil
}

// Post codes a voucher that waits in the inbox. Until the last button is pressed
// nothing is changed, and every error says so by runner.NotDone; from then on
// only the portal's own refusal does.
func (p *Portal) Post(ctx context.Context, v Voucher, c Coding) error {
	return p.with(ctx, wantedOf(v), func(d *desk) error {
		if err := d.fillCoding(ctx, v, c); err != nil {
			return runner.NotDone(err)
		}
		seen, err := d.ClickTo(ctx, "coding.check", "coding.checked", "coding.error")
		if err != nil {
			return runner.NotDone(err)
		}
		if seen.Name == "coding.error" || !says(seen.Text, v.Number) {
			return runner.NotDone(&Refused{Text: seen.Text})
		}
		seen, err = d.ClickOnce(ctx, "coding.post", "coding.created", "coding.error")
		if err != nil {
			return err
		}
		if seen.Name == "coding.error" {
			return runner.NotDone(&Refused{Text: seen.Text})
		}
		if !says(seen.Text, v.Number) {
			return fmt.Errorf("the portal says %q, which does not name voucher %s", seen.Text, v.Number)
		}
		return nil
	})
}

// fillCoding opens the voucher's coding form and fills it in.
func (d *desk) fillCoding(ctx context.Context, v Voucher, c Coding) error {
	listed := row(d.inboxShows.rows, v.Number)
	if d.inboxShows.to != wantedOf(v) || listed == nil {
		rows, err := d.search(ctx, wantedOf(v))
		if err != nil {
			return fmt.Errorf("find voucher %s: %w", v.Number, err)
		}
		if listed = row(rows, v.Number); listed == nil {
			return &Refused{Text: fmt.Sprintf("Bilag %s ligger ikke længere i indbakken", v.Number)}
		}
	}
	d.inboxShows = answered{}
	if err := d.ClickRow(ctx, "inbox.vouchers", map[string]string{"number": v.Number}, "number"); err != nil {
		return err
	}
	if err := d.At(ctx, "voucher"); err != nil {
		return err
	}
	if title, err := d.Text(ctx, "voucher.title"); err != nil || !says(title, v.Number) {
		return fmt.Errorf("the voucher opened is %q, expected %s: %w", title, v.Number, orWrong(err))
	}
	if status, err := d.Text(ctx, "voucher.status"); err != nil || status != listed["status"] {
		return changedMeanwhile(v.Number, status, err)
	}
	if err := d.turn(ctx, "voucher.code", "coding"); err != nil {
		return err
	}
	place, value := "coding.psp", c.PSP
	if c.PSP == "" {
		place, value = "coding.centre", c.CostCentre
	}
	fields := []browser.Field{{Name: "coding.account", Value: c.Account}, {Name: place, Value: value},
		{Name: "coding.amount", Value: danish(c.Amount)}, {Name: "coding.text", Value: c.Text}}
	if c.Action == Forward {
		fields = append(fields, browser.Field{Name: "coding.agent", Value: c.NextAgent})
	}
	if err := d.FillAll(ctx, fields...); err != nil {
		return err
	}
	if err := d.Choose(ctx, "coding.vat", c.VATCode); err != nil {
		return err
	}
	return d.Check(ctx, "coding."+string(c.Action))
}

// changedMeanwhile says that a voucher no longer stands as the list showed it:
// a colleague may have dealt with it, and the portal takes a second posting.
func changedMeanwhile(number, status string, err error) error {
	if err != nil {
		return err
	}
	return &Refused{Text: fmt.Sprintf("Bilag %s er ændret, siden robotten fandt det: det har nu status »%s«", number, status)}
}

// errWrongVoucher says that the portal opened something else than was asked for.
var errWrongVoucher = fmt.Errorf("another voucher was opened")

func orWrong(err error) error {
	if err != nil {
		return err
	}
	return errWrongVoucher
}

// Posted lists the postings that the portal shows on a voucher.
func (p *Portal) Posted(ctx context.Context, number string) (posted []Coding, err error) {
	err = p.with(ctx, wanted{}, func(d *desk) error {
		if err := d.tab(ctx, "find"); err != nil {
			return err
		}
		if err := d.FillAll(ctx, browser.Field{Name: "find.number", Value: number}); err != nil {
			return err
		}
		rows, _, err := d.answer(ctx, "find")
		if err != nil {
			return fmt.Errorf("look for postings on voucher %s: %w", number, err)
		}
		for _, row := range rows {
			if row["number"] != number {
				continue
			}
			c, err := codingOf(row)
			if err != nil {
				return fmt.Errorf("read a posting on voucher %s: %w", number, err)
			}
			posted = append(posted, c)
		}
		return nil
	})
	return posted, err
}

// PostedVoucher is a posting with the voucher that it is on.
type PostedVoucher struct {
	Voucher Voucher
	Coding  Coding
}

// PostedOn lists the postings that the portal shows on a supplier's invoice.
func (p *Portal) PostedOn(ctx context.Context, cvr, invoice string) (posted []PostedVoucher, err error) {
	err = p.with(ctx, wanted{}, func(d *desk) error {
		if err := d.tab(ctx, "find"); err != nil {
			return err
		}
		if err := d.FillAll(ctx, browser.Field{Name: "find.cvr", Value: cvr}, browser.Field{Name: "find.invoice", Value: invoice}); err != nil {
			return err
		}
		rows, _, err := d.answer(ctx, "find")
		if err != nil {
			return fmt.Errorf("look for postings on invoice %s: %w", runner.Mask(invoice), err)
		}
		posted = nil
		for _, row := range rows {
			if row["cvr"] != cvr || row["invoice"] != invoice {
				continue
			}
			gross := map[string]string{"number": row["number"], "cvr": cvr, "invoice": invoice, "amount": row["gross"], "ean": row["ean"]}
			v, err := voucherOf(gross)
			if err != nil {
				return err
			}
			c, err := codingOf(row)
			if err != nil {
				return fmt.Errorf("read a posting on voucher %s: %w", v.Number, err)
			}
			posted = append(posted, PostedVoucher{Voucher: v, Coding: c})
		}
		return nil
	})
	return posted, err
}

// What the portal calls a voucher that has been dealt with.
const (
	statusCoded    = "Konteret"
	statusApproved = "Konteret og godkendt"
	statusSent     = "Videresendt til "
)

func codingOf(row map[string]string) (Coding, error) {
	c := Coding{Account: row["account"], PSP: row["psp"], CostCentre: row["centre"], VATCode: row["vat"], Text: row["text"]}
	switch agent, sent := strings.CutPrefix(row["status"], statusSent); {
	case sent:
		c.Action, c.NextAgent = Forward, agent
	case row["status"] == statusApproved:
		c.Action = Approve
	case row["status"] == statusCoded:
		c.Action = Code
	default:
		return c, fmt.Errorf("unknown status %q", row["status"])
	}
	if row["amount"] == "" {
		return c, nil // forwarded by hand, without a coding
	}
	var err error
	c.Amount, err = parseDanish(row["amount"])
	return c, err
}
