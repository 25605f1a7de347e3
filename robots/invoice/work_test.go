package invoice

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"byskriver/robots/internal/opus"
	"byskriver/robots/invoice/plans"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

func TestPostsOnce(t *testing.T) {
	b := newBench(t, newDesk(voucher()))
	c := b.add(found(t, clean()))
	if err := b.work(t, b.robot, c); err != nil {
		t.Fatal(err)
	}
	want := Coding{Account: "40110010", PSP: "XG-6451000010", VATCode: "K1", Amount: kr("1000"), Text: "Kontorartikler F-100", Action: plans.ActionCode}
	if got := b.desk.posted["1900000007"]; len(got) != 1 || !got[0].Same(want) {
		t.Errorf("posted %+v", got)
	}
	if c.label != "1900000007" || len(c.decided) != 1 || c.decided[0].Rule != "invoice.decide" {
		t.Errorf("label %q, decided %+v", c.label, c.decided)
	}
	if s := string(c.steps[stepPost].receipt); !strings.Contains(s, `"voucher":"1900000007"`) || !strings.Contains(s, `"account":"40110010"`) {
		t.Errorf("receipt %s", s)
	}
	if err := b.work(t, b.robot, c); err != nil || b.desk.count() != 1 || b.desk.finds != 1 {
		t.Errorf("worked again: %v, %d postings, %d searches", err, b.desk.count(), b.desk.finds)
	}
}

// A credit note is looked for by its amount below zero.
func TestCreditNoteIsLookedForBelowZero(t *testing.T) {
	v := voucher()
	v.Amount = kr("-1250")
	b := newBench(t, newDesk(v))
	c := b.add(found(t, changed(func(i *reading.Invoice) { i.Kind = reading.CreditNoteKind })))
	r := refused(t, b.work(t, b.robot, c))
	if r.Code != "KREDIT-REFERENCE" || c.label != v.Number {
		t.Fatalf("got %+v, label %q", r, c.label)
	}
	c.decide(ActionPost, "49000010 XG-5385000001 K1 netto", "Karen Holm")
	if err := b.work(t, b.robot, c); err != nil || !b.desk.posted[v.Number][0].Amount.Equal(kr("-1000")) {
		t.Errorf("posted %+v, %v", b.desk.posted, err)
	}
}

func TestVoucherThatIsMissing(t *testing.T) {
	b := newBench(t, newDesk())
	c := b.add(found(t, clean()))
	var later *runner.Postponed
	if err := b.work(t, b.robot, c); !errors.As(err, &later) || later.Code != "BILAG-MANGLER" || !later.Until.Equal(noon.Add(30*time.Minute)) {
		t.Fatalf("got %v", err)
	}
	if len(c.decided) != 1 || string(c.decided[0].Verdict) != `{"wait":true}` || c.label != "F-100" {
		t.Errorf("decided %s, label %q", c.decided[0].Verdict, c.label)
	}
	b.clock.Advance(48 * time.Hour)
	if err := b.work(t, b.robot, c); !errors.As(err, &later) {
		t.Errorf("after just 48 hours: %v", err)
	}
	b.clock.Advance(time.Second)
	if r := refused(t, b.work(t, b.robot, c)); r.Code != "BILAG-MANGLER" || strings.Contains(strings.Join(choicesOf(r), " "), ActionPost) {
		t.Errorf("after 48 hours: %+v", r)
	}
	b.desk.inbox = []Voucher{voucher()}
	c.decide(runner.ActionRetry, "", "Karen Holm")
	if err := b.work(t, b.robot, c); err != nil || b.desk.count() != 1 {
		t.Errorf("tried again when it has come: %v", err)
	}
}

func TestTwoVouchers(t *testing.T) {
	second := voucher()
	second.Number = "1900000008"
	b := newBench(t, newDesk(voucher(), second))
	c := b.add(found(t, clean()))
	if r := refused(t, b.work(t, b.robot, c)); r.Code != "BILAG-FLERE" || b.desk.posts != 0 || c.label != "F-100" {
		t.Errorf("got %+v, %d posts, label %q", r, b.desk.posts, c.label)
	}
}

// Vouchers of other suppliers, numbers and amounts are none of this invoice's.
func TestOthersVouchers(t *testing.T) {
	cvr, number, amount := voucher(), voucher(), voucher()
	cvr.CVR, number.Invoice, amount.Amount = otherCVR, "F-1000", kr("1250.01")
	b := newBench(t, newDesk(cvr, number, amount))
	var later *runner.Postponed
	if err := b.work(t, b.robot, b.add(found(t, clean()))); !errors.As(err, &later) || b.desk.finds != 1 {
		t.Errorf("got %v", err)
	}
}

// What is wrong with its form is not looked for: what it says cannot be trusted.
func TestBrokenFormIsNotLookedFor(t *testing.T) {
	b := newBench(t, newDesk(voucher()))
	inv := clean()
	f := found(t, inv)
	f.Content = []byte(strings.Replace(string(f.Content), `{"invoice":`, `{"findings":[{"code":"F-INV128","text":"Summen passer ikke.","fatal":true}],"invoice":`, 1))
	c := b.add(f)
	if r := refused(t, b.work(t, b.robot, c)); r.Code != "F-INV128" || b.desk.finds != 0 || c.label != "F-100" || len(c.decided) != 1 {
		t.Errorf("got %+v, %d searches", r, b.desk.finds)
	}
}

// A step that has begun is taken up where it was, without a look in the inbox,
// where its voucher may no longer be.
func TestBegunStepIsResumed(t *testing.T) {
	for _, c := range []struct {
		crash    string
		postings int // at the crash
	}{{"intent", 0}, {"done", 1}} {
		b := newBench(t, newDesk(voucher()))
		item := b.add(found(t, clean()))
		b.crashAt = c.crash
		if err := b.work(t, b.robot, item); !errors.Is(err, errCrash) || b.desk.count() != c.postings {
			t.Fatalf("%s: %v, %d postings", c.crash, err, b.desk.count())
		}
		b.crashAt = ""
		b.house.approve(t, plans.Sheet{}) // and the plans have changed meanwhile
		if err := b.work(t, b.robot, item); err != nil || b.desk.count() != 1 || b.desk.finds != 1 || item.label != "1900000007" {
			t.Errorf("%s: %v, %d postings, %d searches, label %q", c.crash, err, b.desk.count(), b.desk.finds, item.label)
		}
	}
}

// An answer that was cut off is looked up, never posted again.
func TestAnswerCutOff(t *testing.T) {
	for _, before := range []bool{true, false} {
		b := newBench(t, newDesk(voucher()))
		b.desk.fails, b.desk.before = errCut, before
		c := b.add(found(t, clean()))
		if err := b.work(t, b.robot, c); !errors.Is(err, errCut) || c.item.State != runner.Failed {
			t.Fatalf("got %v", err)
		}
		b.desk.fails = nil
		if err := b.work(t, b.robot, c); err != nil || b.desk.count() != 1 {
			t.Errorf("before %v: %v, %d postings", before, err, b.desk.count())
		}
	}
}

func TestPortalRefuses(t *testing.T) {
	b := newBench(t, newDesk(voucher()))
	b.desk.refuses = "Artskonto 40110010 er lukket for bogføring"
	c := b.add(found(t, clean()))
	r := refused(t, b.work(t, b.robot, c))
	if r.Code != "PORTAL-AFVIST" || !strings.Contains(r.Text, "»Artskonto 40110010 er lukket for bogføring«") || r.Proposal != "40110010 XG-6451000010 K1" ||
		strings.Join(choicesOf(r), " ") != "retry manual post delete" {
		t.Errorf("got %+v", r)
	}
	if n := b.counting(); len(n) != 3 || n[0].Kind != markNumber || n[1].Kind != markExact || n[2].Kind != markAmount {
		t.Errorf("marks left: %+v", b.marks)
	}
	b.desk.refuses = ""
	c.decide(ActionPost, "40290010 XG-6451000010 K1 brutto", "Karen Holm")
	if err := b.work(t, b.robot, c); err != nil {
		t.Fatal(err)
	}
	if got := b.desk.posted["1900000007"]; len(got) != 1 || got[0].Account != "40290010" || !got[0].Amount.Equal(kr("1250")) {
		t.Errorf("posted %+v", got)
	}
	if last := c.decided[len(c.decided)-1]; last.Rule != "invoice.by_person" || !strings.Contains(string(last.Input), `"by":"Karen Holm"`) {
		t.Errorf("recorded %+v", last)
	}
}

// What the portal shows that is not what was meant goes to a person.
func TestPostedOtherwise(t *testing.T) {
	for name, change := range map[string]func(*Coding){
		"account": func(c *Coding) { c.Account = "1" }, "PSP": func(c *Coding) { c.PSP = "" }, "cost centre": func(c *Coding) { c.CostCentre = "1" },
		"VAT code": func(c *Coding) { c.VATCode = "K0" }, "amount": func(c *Coding) { c.Amount = kr("1000.01") }, "text": func(c *Coding) { c.Text = "andet" },
		"action": func(c *Coding) { c.Action = plans.ActionApprove }, "agent": func(c *Coding) { c.NextAgent = "LBY00199" },
	} {
		b := newBench(t, newDesk(voucher()))
		b.desk.reads = change
		r := refused(t, b.work(t, b.robot, b.add(found(t, clean()))))
		if r.Code != runner.CodeUncertain || !strings.Contains(r.Text, "anderledes end robotten mente") {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestPostedTwice(t *testing.T) {
	b := newBench(t, newDesk(voucher()))
	c := b.add(found(t, clean()))
	b.crashAt = "done"
	if err := b.work(t, b.robot, c); !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	b.crashAt = ""
	posted := b.desk.posted["1900000007"]
	b.desk.posted["1900000007"] = append(posted, posted[0])
	if r := refused(t, b.work(t, b.robot, c)); r.Code != runner.CodeUncertain || !strings.Contains(r.Text, "konteret 2 gange") || b.desk.posts != 1 {
		t.Errorf("got %+v", r)
	}
}

// An amount that the portal shows with other decimals is the same amount.
func TestLookComparesAmounts(t *testing.T) {
	b := newBench(t, newDesk(voucher()))
	b.desk.reads = func(c *Coding) { c.Amount = kr("1000.00") }
	if err := b.work(t, b.robot, b.add(found(t, clean()))); err != nil {
		t.Error(err)
	}
}

func TestPortalInTrouble(t *testing.T) {
	trouble := &runner.Trouble{Kind: runner.Unavailable, System: System, Text: "OPUS er lukket for service."}
	for name, disturb := range map[string]func(*desk){
		"search": func(d *desk) { d.findErr = trouble },
		"look":   func(d *desk) { d.lookErr = trouble },
	} {
		b := newBench(t, newDesk(voucher()))
		disturb(b.desk)
		c := b.add(found(t, clean()))
		var got *runner.Trouble
		if err := b.work(t, b.robot, c); !errors.As(err, &got) || c.item.State != runner.Failed {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The picture that the portal's pages leave of their trouble becomes the item's
// evidence.
func TestPictureOfTroubleIsKept(t *testing.T) {
	b := newBench(t, newDesk(voucher()))
	b.desk.findErr = &opus.Witness{Err: &runner.Trouble{Kind: runner.ScreenChanged, System: System}, PNG: []byte("png"), HTML: []byte("html")}
	c := b.add(found(t, clean()))
	err := b.work(t, b.robot, c)
	slices.Sort(c.kept)
	if !slices.Equal(c.kept, []string{"side.html", "skaermbillede.png"}) || err == nil {
		t.Errorf("kept %v, %v", c.kept, err)
	}
}

// Each of a plan's actions is one of the portal's, and another one.
func TestActionsInThePortal(t *testing.T) {
	seen := map[opus.Action]bool{}
	for _, a := range []plans.Action{plans.ActionCode, plans.ActionForward, plans.ActionApprove} {
		theirs := actions[a]
		if theirs == "" || seen[theirs] {
			t.Errorf("%s is %q in the portal", a, theirs)
		}
		seen[theirs] = true
	}
}

// A shadow run finds, decides and records as a live one, and posts nothing.
func TestShadow(t *testing.T) {
	b := newBench(t, newDesk(voucher()))
	b.shadow = true
	c := b.add(found(t, clean()))
	if err := b.work(t, b.robot, c); err != nil || b.desk.posts != 0 || len(c.decided) != 1 || b.desk.finds != 1 {
		t.Errorf("%v, %d posts, %d decisions", err, b.desk.posts, len(c.decided))
	}
}

func TestItemThatCannotBeRead(t *testing.T) {
	b := newBench(t, newDesk())
	for _, content := range []string{"", "{", "{}", `{"invoice":null}`} {
		var r *runner.Refusal
		if err := b.work(t, b.robot, b.add(runner.Found{Key: content, Content: []byte(content)})); err == nil || errors.As(err, &r) {
			t.Errorf("%q gave %v, want a failure", content, err)
		}
	}
}

// What the rules would post goes to a person when it is drawn, with the coding as it is
// written in Værdi; agreed to, it is posted as proposed.
func TestSampleGoesToAPerson(t *testing.T) {
	for _, decision := range []struct{ action, value string }{{runner.ActionAgree, ""}, {ActionPost, "40110010 XG-6451000010 K1 netto"}} {
		b := newBench(t, newDesk(voucher()))
		b.sampled = true
		c := b.add(found(t, clean()))
		r := refused(t, b.work(t, b.robot, c))
		if r.Code != runner.CodeSample || r.Proposal != "40110010 XG-6451000010 K1 netto" || b.desk.posts != 0 || strings.Join(choicesOf(r), " ") != "agree post manual" {
			t.Fatalf("got %+v, %d posts", r, b.desk.posts)
		}
		if _, _, err := parseValue(r.Proposal); err != nil {
			t.Errorf("the proposal cannot be copied to Værdi: %v", err)
		}
		c.decide(decision.action, decision.value, "Karen Holm")
		if err := b.work(t, b.robot, c); err != nil || b.desk.count() != 1 || !b.desk.posted["1900000007"][0].Amount.Equal(kr("1000")) {
			t.Errorf("%s: %v, posted %+v", decision.action, err, b.desk.posted)
		}
	}
}

// A decision to post pays the whole invoice; others pay nothing.
func TestPays(t *testing.T) {
	b := newBench(t, newDesk())
	item := b.add(found(t, clean())).item
	for action, want := range map[string]int64{ActionPost: 125000, runner.ActionAgree: 125000, runner.ActionRetry: 0, runner.ActionManual: 0} {
		if got, err := b.robot.Pays(item, runner.Decision{Action: action}); err != nil || got != want {
			t.Errorf("%s pays %d øre, %v; want %d", action, got, err, want)
		}
	}
	item.Content = []byte("{")
	if _, err := b.robot.Pays(item, runner.Decision{Action: ActionPost}); err == nil {
		t.Error("what cannot be read pays nothing")
	}
}
