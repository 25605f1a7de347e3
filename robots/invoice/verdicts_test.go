package invoice

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"byskriver/robots/invoice/plans"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

// fatalBy are the files of the published folder in which the official rules find
// something fatal, by their path in it.
func fatalBy(t testing.TB, list string) map[string]bool {
	t.Helper()
	f, err := os.Open(filepath.Join(os.Getenv("BYSKRIVER_INVOICES"), list))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string]bool{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		cells := strings.Split(lines.Text(), "\t")
		out[cells[0]] = len(cells) > 3 && cells[3] != "0"
	}
	return out
}

// receiving is a bench that receives for whatever EAN number an invoice names, with
// an approved sheet that has no plan for anybody in it.
func receiving(t testing.TB, root tree, inv reading.Invoice) *bench {
	t.Helper()
	amount := inv.Payable
	if root.XMLName.Local == "CreditNote" {
		amount = amount.Neg()
	}
	var supplier tree
	for _, p := range root.all("AccountingSupplierParty/Party") {
		supplier = p
	}
	b := newBench(t, newDesk(Voucher{Number: "1900000007", CVR: supplier.cvr(), Invoice: root.text("ID"), Amount: amount}), plans.Plan{})
	for _, p := range root.all("AccountingCustomerParty/Party") {
		b.robot.settings.Units = []Unit{{EAN: p.ean(), Name: "Rådhuset", Active: true}}
	}
	return b
}

// Every published invoice that is worked ends on a person's list with a reason in
// it: nobody has a plan for its supplier. What the official rules find fatal is
// refused for its form; what they pass is found in the portal and refused for what
// the municipality asks for.
func TestPublishedInvoicesAreRefusedWithAReason(t *testing.T) {
	files := published(t, originals...)
	verdicts := fatalBy(t, "verdicts.tsv")
	counts := map[string]int{}
	for _, file := range files {
		root, _ := parse(t, file)
		inv, findings, err := reading.ReadFile(t.Context(), file, reading.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(filepath.Dir(file)) + "/" + filepath.Base(file)
		fatal, known := verdicts[name]
		if !known || fatal && !reading.Fatal(findings) {
			t.Errorf("%s: the official verdict is fatal=%v (known %v), findings %v", name, fatal, known, findings)
		}
		b := receiving(t, root, inv)
		r := workPublished(t, b, file, inv, findings)
		counts[r.Code]++
		if x, broken := wrongVAT(Input{Invoice: inv}); broken && !reading.Fatal(findings) {
			t.Errorf("%s: its VAT, which the official rules pass, is held to be wrong: %s", name, x)
		}
		if inForm := b.desk.finds == 0; inForm != (reading.Fatal(findings) || inv.Supplier.CVR == "") {
			t.Errorf("%s: %d searches in the portal, then %s", name, b.desk.finds, r.Code)
		}
		if b.desk.finds > 0 && strings.Join(choicesOf(r), " ") != "retry manual post delete" {
			t.Errorf("%s: its voucher was not found: %+v", name, r)
		}
	}
	t.Logf("%d published invoices: %v", len(files), counts)
}

// workPublished works one invoice and checks that its refusal says why.
func workPublished(t *testing.T, b *bench, file string, inv reading.Invoice, findings []reading.Finding) *runner.Refusal {
	t.Helper()
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	f, err := b.robot.seen.foundInvoice(info, inv, findings)
	if err != nil {
		t.Fatal(err)
	}
	r := refused(t, b.work(t, b.robot, b.add(f)))
	if r.Code == "" || len(strings.Fields(r.Text)) < 5 || !utf8.ValidString(r.Text) || strings.Contains(r.Text, "{") || runner.Mask(r.Text) != r.Text {
		t.Errorf("%s: %+v", file, r)
	}
	if b.desk.posts != 0 {
		t.Errorf("%s was posted", file)
	}
	return r
}

// Every changed copy of a published invoice ends with a reason too, and none that
// the official rules find fatal is looked for in the portal.
func TestChangedInvoicesAreRefusedWithAReason(t *testing.T) {
	files := published(t, "mutants")
	began := time.Now()
	wrong := 0
	for _, file := range files {
		inv, findings, err := reading.ReadFile(t.Context(), file, reading.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		b := newBench(t, newDesk(), plans.Plan{})
		b.robot.settings.Patience = -1
		b.robot.settings.Units = []Unit{{EAN: inv.Buyer.EAN, Name: "Rådhuset", Active: true}}
		workPublished(t, b, file, inv, findings)
		if reading.Fatal(findings) {
			wrong++
			if b.desk.finds != 0 {
				t.Errorf("%s: looked for in the portal although %v", file, findings)
			}
		}
	}
	t.Logf("%d changed invoices, %d of them refused for their form, in %v", len(files), wrong, time.Since(began).Round(time.Millisecond))
}
