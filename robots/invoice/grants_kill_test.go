package invoice

import (
	"errors"
	"strings"
	"testing"

	"byskriver/robots/invoice/grants"
	"byskriver/runner"
)

// Killed at each moment of the posting and of the mark, and after answers that never
// came: in the end one posting and one mark.
func TestKilledBetweenPostingAndMark(t *testing.T) {
	for _, moment := range []string{"post/intent", "post/done", "mark/intent", "mark/done"} {
		b, o := newGrantsBench(t, aGrant("B-1"))
		c := b.item(t, o, social())
		b.crashAt = moment
		if err := b.work(t, b.robot, c); !errors.Is(err, errCrash) {
			t.Fatalf("%s: %v", moment, err)
		}
		b.crashAt = ""
		delete(o.grants, testPerson) // the case system has other things to say by now
		o.grants[testPerson] = []grants.Grant{aGrant("B-1"), aGrant("B-2")}
		if err := b.work(t, b.robot, c); err != nil || b.desk.count() != 1 || len(o.paid) != 1 {
			t.Errorf("%s: %v, %d postings, %d marks", moment, err, b.desk.count(), len(o.paid))
		}
	}
}

func TestMarkWhoseAnswerIsCutOff(t *testing.T) {
	for _, before := range []bool{true, false} {
		b, o := newGrantsBench(t, aGrant("B-1"))
		c := b.item(t, o, social())
		o.fails, o.before = &runner.Trouble{Kind: runner.Unavailable, System: "sensum", Text: "Sensum svarer ikke.", Err: errCut}, before
		var later *runner.Postponed
		if err := b.work(t, b.robot, c); !errors.As(err, &later) || b.desk.count() != 1 {
			t.Fatalf("before %v: %v", before, err)
		}
		o.fails = nil
		if err := b.work(t, b.robot, c); err != nil || len(o.paid) != 1 || b.desk.count() != 1 {
			t.Errorf("before %v: %v, %d marks", before, err, len(o.paid))
		}
	}
}

// A mark that stands otherwise than meant, or twice, is for a person.
func TestMarkedOtherwise(t *testing.T) {
	for name, marks := range map[string][]grants.Paid{
		"another amount": {{From: "2026-10-01", To: "2026-10-31", Amount: kr("1"), Invoice: "F-100", Voucher: "1900000007"}},
		"another period": {{From: "2026-09-01", To: "2026-09-30", Amount: kr("1250"), Invoice: "F-100", Voucher: "1900000007"}},
		"twice": {{From: "2026-10-01", To: "2026-10-31", Amount: kr("1250"), Invoice: "F-100", Voucher: "1900000007"},
			{From: "2026-10-01", To: "2026-10-31", Amount: kr("1250"), Invoice: "F-100", Voucher: "1900000007"}},
	} {
		b, o := newGrantsBench(t, aGrant("B-1"))
		c := b.item(t, o, social())
		b.crashAt = "mark/intent"
		if err := b.work(t, b.robot, c); !errors.Is(err, errCrash) {
			t.Fatal(err)
		}
		b.crashAt, o.paid = "", marks
		if r := refused(t, b.work(t, b.robot, c)); r.Code != runner.CodeUncertain || !strings.Contains(r.Text, "B-1") || !strings.Contains(r.Text, "som er konteret") {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// A shadow run looks up, decides and records; it neither posts nor marks.
func TestShadowOfAGrant(t *testing.T) {
	b, o := newGrantsBench(t, aGrant("B-1"))
	b.shadow = true
	c := b.item(t, o, social())
	if err := b.work(t, b.robot, c); err != nil || b.desk.posts != 0 || len(o.paid) != 0 || len(c.lookedUp) != 2 {
		t.Errorf("%v, %d posts, %d marks, %d looked up", err, b.desk.posts, len(o.paid), len(c.lookedUp))
	}
}
