package invoice

import (
	"strings"
	"testing"

	"byskriver/robots/invoice/reading"
)

// Two questions about one invoice are each asked once: the answer to the second does
// not make the robot forget the first.
func TestEachQuestionIsAskedOnce(t *testing.T) {
	b := newBench(t, newDesk())
	b.robot.settings.Limits = DefaultLimits()
	if code := b.outcome(t, b.another(t, "F-10001", november)); code != "" {
		t.Fatal(code)
	}
	c := b.another(t, "G-77702", november, func(i *reading.Invoice) { i.Notes = []string{"Rykkergebyr kan forekomme"} })
	for _, want := range []string{"RYKKER", "FAKTURA-LIGNER"} {
		r := refused(t, b.work(t, b.robot, c))
		if r.Code != want || r.Choices[0].Label != "Fortsæt" {
			t.Fatalf("asked %s, want %s", r.Code, want)
		}
		c.decide(r.Choices[0].Action, "", "Karen Holm")
	}
	if code := b.outcome(t, c); code != "" || b.desk.count() != 2 {
		t.Fatalf("after both answers: %s", code)
	}
	last := c.decided[len(c.decided)-1]
	if !strings.Contains(string(last.Input), `"answered":"RYKKER,FAKTURA-LIGNER"`) || string(mustReplay(t, b.robot, last)) != string(last.Verdict) {
		t.Errorf("recorded %s", last.Input)
	}
}

// An answer is to its own question: one that is only part of another's name answers
// neither.
func TestAnswersAreHeldApart(t *testing.T) {
	for answered, want := range map[string]bool{"": false, "RYKKER": true, "FAKTURA-LIGNER,RYKKER": true, "RYKKER-NY": false, "FAKTURA-LIGNER": false, answeredAll: true} {
		if isAnswered(answered, "RYKKER") != want {
			t.Errorf("%q: %v", answered, !want)
		}
	}
}
