package invoice

import (
	"errors"
	"strings"
	"testing"

	"byskriver/robots/invoice/plans"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

// byHand is a posting that the robot knows nothing of.
var byHand = Coding{Account: "40110010", PSP: "XG-6451000010", VATCode: "K1", Amount: kr("1000"), Text: "af en person", Action: plans.ActionApprove}

// What stands posted in the portal already, by whomever, is not posted again under
// another voucher: before go-live, or by a person, nobody left a mark of it.
func TestPostedByOthersBefore(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Voucher)
		coding Coding
		code   string
	}{
		"the same":                     {func(*Voucher) {}, byHand, "FAKTURA-DOBBELT"},
		"another amount":               {func(v *Voucher) { v.Amount = kr("1250.01") }, byHand, "FAKTURA-NUMMER"},
		"another supplier's":           {func(v *Voucher) { v.CVR = otherCVR }, byHand, ""},
		"another number":               {func(v *Voucher) { v.Invoice = "F-10002" }, byHand, ""},
		"this voucher, by a colleague": {func(v *Voucher) { v.Number = "1900010001" }, byHand, "FAKTURA-DOBBELT"},
		"passed on":                    {func(*Voucher) {}, Coding{}, "FAKTURA-DOBBELT"},
	} {
		b := newBench(t, newDesk())
		v := Voucher{Number: "1900000077", CVR: supplierCVR, Invoice: "F-10001", Amount: kr("1250")}
		c.change(&v)
		b.desk.dealt(v, c.coding, c.coding)
		item := b.another(t, "F-10001")
		if c.code == "" {
			if code := b.outcome(t, item); code != "" || b.desk.posts != 1 {
				t.Errorf("%s: %s", name, code)
			}
			continue
		}
		r := refused(t, b.work(t, b.robot, item))
		if r.Code != c.code || strings.Count(r.Text, "bilag "+v.Number) != 1 || b.desk.posts != 0 {
			t.Errorf("%s: %+v, %d posts", name, r, b.desk.posts)
		}
		last := item.decided[len(item.decided)-1]
		if !strings.Contains(string(last.Input), `"posted":[{"voucher":{"number":"`+v.Number) || string(mustReplay(t, b.robot, last)) != string(last.Verdict) {
			t.Errorf("%s: recorded %s", name, last.Input)
		}
	}
}

// That its own voucher has been passed on is no posting of it; and where a person says
// that an invoice is another one, it is posted.
func TestPostedAllTheSame(t *testing.T) {
	b := newBench(t, newDesk())
	b.desk.dealt(Voucher{Number: "1900000077", CVR: supplierCVR, Invoice: "F-10001", Amount: kr("1250")}, byHand)
	b.desk.dealt(Voucher{Number: "1900010002", CVR: supplierCVR, Invoice: "F-10002", Amount: kr("1250")}, Coding{})
	item := b.another(t, "F-10001")
	if code := b.outcome(t, item); code != "FAKTURA-DOBBELT" {
		t.Fatal(code)
	}
	item.decide(ActionPost, "49000010 XG-5385000001 K1 netto", "Karen Holm")
	if code := b.outcome(t, item); code != "" || b.desk.posts != 1 {
		t.Errorf("by a person: %q", code)
	}
	if b.outcome(t, b.another(t, "F-10002")); b.desk.posts != 2 {
		t.Error("not posted, since it was passed on")
	}
}

// The portal is asked about what would be coded and about nothing else, and a posting
// that is the item's own, from before a stop, is none that stands in its way.
func TestPortalIsAskedOnce(t *testing.T) {
	b := newBench(t, newDesk())
	if code := b.outcome(t, b.another(t, "F-10001", func(i *reading.Invoice) { i.Copy = true })); code != "KOPI" || b.desk.looks != 0 {
		t.Errorf("%s, asked %d times", code, b.desk.looks)
	}
	c := b.another(t, "F-10002")
	b.crashAt = "done"
	if err := b.work(t, b.robot, c); !errors.Is(err, errCrash) || b.desk.looks != 1 {
		t.Fatalf("%v, asked %d times", err, b.desk.looks)
	}
	b.crashAt = ""
	if code := b.outcome(t, c); code != "" || b.desk.count() != 1 || b.desk.looks != 1 {
		t.Errorf("%s, %d postings, asked %d times", code, b.desk.count(), b.desk.looks)
	}
}

// While the portal cannot say what is posted, nothing is.
func TestPortalCannotSayWhatIsPosted(t *testing.T) {
	b := newBench(t, newDesk(voucher()))
	b.desk.lookErr = &runner.Trouble{Kind: runner.Unavailable, System: System, Text: "OPUS er lukket for service."}
	c := b.add(found(t, clean()))
	var trouble *runner.Trouble
	if err := b.work(t, b.robot, c); !errors.As(err, &trouble) || b.desk.posts != 0 {
		t.Errorf("%v, %d posts", err, b.desk.posts)
	}
}
