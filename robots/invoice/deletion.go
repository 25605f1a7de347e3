package invoice

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

// ActionDelete is a person's decision that the invoice is deleted: Slet, with the
// reason in Bemærkning. An invoice is a binding document, so what is kept of it says
// which file it was, who deleted it and why. The robot deletes nothing in the
// portal; it sees that the person has done so.
const ActionDelete = "delete"

func deletion() runner.Choice {
	return runner.Choice{Action: ActionDelete, Label: "Slet", NeedsNote: true}
}

// deleted is the documentation of a deletion. Its JSON names never change.
type deleted struct {
	Item     string    `json:"item"`
	File     string    `json:"file"`   // its name as it came
	Digest   string    `json:"sha256"` // of the file, hex
	Size     int64     `json:"bytes"`
	Supplier string    `json:"supplier"`
	CVR      string    `json:"cvr"`
	Number   string    `json:"number"`
	Issued   string    `json:"issued"`
	Payable  string    `json:"payable"`
	Currency string    `json:"currency"`
	Why      string    `json:"why"`
	By       string    `json:"by"`
	At       time.Time `json:"at"`
	Source   string    `json:"source"` // the file that the decision was read from
	Proof    string    `json:"source_sha256,omitempty"`
}

// deleteByPerson carries out Slet: it keeps the documentation, and ends the item
// when the voucher is out of the portal's inbox.
func (r *Robot) deleteByPerson(ctx context.Context, c runner.Case, content Content, d runner.Decision) error {
	if strings.TrimSpace(d.Note) == "" {
		return runner.Refuse("SLET-BEMÆRKNING", "En faktura kan kun slettes med en bemærkning om hvorfor. Skriv den, og vælg Slet igen.", "", deletion(), runner.Retry(), runner.Manual())
	}
	inv := content.Invoice
	paper, err := json.MarshalIndent(documentation(c.Item(), *inv, d), "", "  ")
	if err != nil {
		return fmt.Errorf("write the documentation of a deletion: %w", err)
	}
	if _, err := c.Keep(ctx, runner.Evidence{Name: "sletning.json", Data: append(runner.MaskBytes(paper), '\n')}); err != nil {
		return fmt.Errorf("keep the documentation of a deletion: %w", err)
	}
	found, err := r.vouchers(ctx, c, content)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		_, err := leave(ctx, c, markReturned, c.Item().Number)
		return err
	}
	return runner.Refuse("SLET-BILAG", fmt.Sprintf("Sletningen er noteret, men bilag %s ligger stadig i portalens indbakke. Slet det dér, og vælg Slet igen.", numbersOf(found)),
		"", deletion(), runner.Retry(), runner.Manual())
}

func documentation(item runner.Item, inv reading.Invoice, d runner.Decision) deleted {
	return deleted{Item: item.Number, File: item.Source, Digest: inv.Digest, Size: inv.Size, Supplier: inv.Supplier.Name, CVR: inv.Supplier.CVR,
		Number: inv.Number, Issued: inv.IssueDate, Payable: inv.Payable.StringFixed(2), Currency: inv.Currency, Why: d.Note, By: d.By, At: d.At, Source: d.Source, Proof: d.Digest}
}

func numbersOf(found []Voucher) string {
	numbers := make([]string, len(found))
	for i, v := range found {
		numbers[i] = v.Number
	}
	return strings.Join(numbers, ", ")
}
