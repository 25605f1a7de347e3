package sensum

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"byskriver/robots/internal/screen"
)

// open goes to a citizen's grant. One that is not in the citizen's list is a
// *screen.Refused.
func (d *desk) open(ctx context.Context, cpr, number string) error {
	known, err := d.citizen(ctx, cpr)
	if err != nil {
		return fmt.Errorf("find the citizen of grant %s: %w", number, err)
	}
	if !known {
		return &screen.Refused{Text: "Borgeren findes ikke længere i Sensum"}
	}
	if err := d.turnTo(ctx, cpr, number); err != nil {
		return fmt.Errorf("find grant %s: %w", number, err)
	}
	if err := d.ClickRow(ctx, "citizen.grants", map[string]string{"number": number}, "number"); err != nil {
		return err
	}
	if err := d.at(ctx, "grant"); err != nil {
		return err
	}
	return d.still(ctx, "grant", cpr, number)
}

// turnTo turns the pages of the list until it shows the grant.
func (d *desk) turnTo(ctx context.Context, cpr, number string) error {
	for n := 1; ; n++ {
		_, last, of, err := d.count(ctx, "citizen")
		if err != nil {
			return err
		}
		if of == 0 {
			return &screen.Refused{Text: "Bevilling " + number + " findes ikke længere hos borgeren"}
		}
		rows, err := d.Rows(ctx, "citizen.grants")
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row["number"] == number {
				return nil
			}
		}
		if last >= of || n > maxPages {
			return &screen.Refused{Text: "Bevilling " + number + " findes ikke længere hos borgeren"}
		}
		if err := d.Click(ctx, "citizen.next"); err != nil {
			return err
		}
		if err := d.at(ctx, "citizen"); err != nil {
			return err
		}
		if err := d.is(ctx, "citizen", cpr); err != nil {
			return err
		}
	}
}

// grant reads the grant's page, on which the desk stands.
func (d *desk) grant(ctx context.Context, number string) (Grant, error) {
	row := map[string]string{"number": number}
	for _, name := range []string{"section", "kind", "ownership", "target", "measure", "supplier", "cvr", "from", "to", "amount", "interval", "status"} {
		text, err := d.Text(ctx, "grant."+name)
		if err != nil {
			return Grant{}, err
		}
		row[name] = text
	}
	return grantOf(row)
}

// history reads what was marked as paid, from the grant's page.
func (d *desk) history(ctx context.Context, cpr, number string) ([]Paid, error) {
	if err := d.Click(ctx, "grant.history"); err != nil {
		return nil, err
	}
	if err := d.at(ctx, "history"); err != nil {
		return nil, err
	}
	if err := d.still(ctx, "history", cpr, number); err != nil {
		return nil, err
	}
	rows, err := d.list(ctx, "history", "paid", cpr)
	if err != nil {
		return nil, fmt.Errorf("read what was paid on grant %s: %w", number, err)
	}
	paid := make([]Paid, len(rows))
	for i, row := range rows {
		if paid[i], err = paidOf(row); err != nil {
			return nil, fmt.Errorf("read what was paid on grant %s: %w", number, err)
		}
	}
	return paid, nil
}

// none is what the case system shows in a field that is empty.
const none = "-"

func grantOf(row map[string]string) (g Grant, err error) {
	g = Grant{Number: row["number"], Section: row["section"], Kind: row["kind"], Ownership: row["ownership"], Target: row["target"],
		Measure: row["measure"], Supplier: row["supplier"], CVR: row["cvr"], Interval: row["interval"], Status: row["status"]}
	if g.From, err = dayOf(row["from"]); err != nil {
		return g, err
	}
	if to := row["to"]; to != "" && to != none {
		if g.To, err = dayOf(to); err != nil {
			return g, err
		}
	}
	if amount := row["amount"]; amount != "" && amount != none {
		g.Fixed = true
		g.Amount, err = amountOf(amount)
	}
	return g, err
}

func paidOf(row map[string]string) (p Paid, err error) {
	p = Paid{Invoice: row["invoice"], Voucher: row["voucher"], By: row["by"]}
	if p.From, err = dayOf(row["from"]); err != nil {
		return p, err
	}
	if p.To, err = dayOf(row["to"]); err != nil {
		return p, err
	}
	p.Amount, err = amountOf(row["amount"])
	return p, err
}

// dottedDay is how the case system writes a day.
const dottedDay = "02.01.2006"

func dayOf(s string) (string, error) {
	t, err := time.Parse(dottedDay, s)
	if err != nil {
		return "", fmt.Errorf("%q is not a day such as 31.12.2026", s)
	}
	return t.Format(time.DateOnly), nil
}

// dotted is a day as the case system's forms take it; day is YYYY-MM-DD.
func dotted(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day // the case system refuses it
	}
	return t.Format(dottedDay)
}

// danish is an amount as the case system's forms take it: 1234,50.
func danish(d decimal.Decimal) string { return strings.Replace(d.StringFixed(2), ".", ",", 1) }

// danishAmount is an amount as the case system shows it: 1.234,50.
var danishAmount = regexp.MustCompile(`^([0-9]{1,3}(?:\.[0-9]{3})*|[0-9]+),([0-9]{2})$`)

func amountOf(s string) (decimal.Decimal, error) {
	m := danishAmount.FindStringSubmatch(s)
	if m == nil {
		return decimal.Decimal{}, fmt.Errorf("%q is not an amount such as 1.234,50", s)
	}
	return decimal.NewFromString(strings.ReplaceAll(m[1], ".", "") + "." + m[2])
}
