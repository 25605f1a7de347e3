package attest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"byskriver/fixtures/attests"
	"byskriver/fixtures/town"
	"byskriver/robots/attest/judge"
	"byskriver/robots/attest/rules"
	"byskriver/robots/internal/digitalpost"
	"byskriver/robots/internal/pdftext"
	"byskriver/runner"
	"byskriver/runner/clock"
	"byskriver/schedules"
)

// now is the day of the tests: a Monday.
func now() time.Time { return time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC) }

// waiting is a robot with the town's rules and one certificate, of Åse Lund, that has
// been sent for; and what it keeps.
func waiting(t *testing.T) (*Robot, kept) {
	t.Helper()
	if _, err := os.Stat(pdftext.Debian().Text); err != nil {
		t.Skip("no pdftotext on this machine: make setup installs it")
	}
	file := filepath.Join(t.TempDir(), "attester.yaml")
	if err := os.WriteFile(file, attests.Policy(), 0o640); err != nil {
		t.Fatal(err)
	}
	policy, err := ReadPolicy(file)
	if err != nil {
		t.Fatal(err)
	}
	k := kept{}
	name := recordName("B-1", "boerneattest")
	rec, err := json.Marshal(record{Name: name, Order: rules.Order{ID: "B-1", CPR: "8605010001", Name: "Åse Lund"},
		Need: rules.Need{Type: "boerneattest"}, Phase: phaseSent, Sent: schedules.DateOf(now())})
	if err != nil {
		t.Fatal(err)
	}
	k[name] = rec
	r, err := New(Settings{Policy: policy}, Systems{PDF: pdftext.Debian()}, k, clock.NewManual(now()))
	if err == nil {
		err = r.register.have(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return r, k
}

// answer is the police's answer about somebody, clean but for what the fate says.
func answer(t *testing.T, fate town.Fate, applicant string) []byte {
	t.Helper()
	tw, err := town.Start(town.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer tw.Close()
	tw.Police().Fates(func(int, town.Applicant) town.Fate { return fate })
	if err := tw.Police().Order("Børneattest", "kap. 7", applicant); err != nil {
		t.Fatal(err)
	}
	return tw.Police().Letters()[0].Memo
}

const aase = "860501-0001\tÅse Lund"

// verdictOn is what the robot makes of a message.
func verdictOn(t *testing.T, r *Robot, raw []byte) judge.Verdict {
	t.Helper()
	return as(t, r, inPost+hashed(string(raw)), raw)
}

// A clean page is an answer only from a sender that the municipality's file names,
// alone in its message, and of the order's own name.
func TestAnswerIsWholeAndFromTheSender(t *testing.T) {
	beside := func(element, format, content string) [2]string {
		return [2]string{"</memo:MainDocument>", "</memo:MainDocument><memo:" + element + "><memo:File><memo:encodingFormat>" + format +
			"</memo:encodingFormat><memo:filename>bilag</memo:filename><memo:content>" + content + "</memo:content></memo:File></memo:" + element + ">"}
	}
	clean, refused := answer(t, town.FateClean, aase), answer(t, town.FateRefused, aase)
	other := answer(t, town.FateClean, "860501-0001\tÅse Lund Annulleret")
	for _, c := range []struct {
		name   string
		raw    []byte
		change [2]string
		want   judge.Verdict
	}{
		{"clean", clean, [2]string{}, judge.Verdict{Outcome: judge.Clean}},
		{"refused", refused, [2]string{}, judge.Verdict{Outcome: judge.Refused}},
		{"another sender", clean, [2]string{"99012358", "99012374"}, judge.Verdict{Code: "POST-AFSENDER"}},
		{"no sender", clean, [2]string{"<memo:senderID>99012358</memo:senderID>", ""}, judge.Verdict{Code: "POST-AFSENDER"}},
		{"a refusal of another sender", refused, [2]string{"99012358", "99012374"}, judge.Verdict{Code: "POST-AFSENDER"}},
		{"a web page beside it", clean, beside("AdditionalDocument", "text/html", "VHJ1a2tldCB0aWxiYWdl"), judge.Verdict{Code: "POST-BILAG"}},
		{"a file in an element that is not known", clean, beside("TechnicalDocument", "text/plain", "VHJ1a2tldCB0aWxiYWdl"), judge.Verdict{Code: "POST-BILAG"}},
		{"another name", other, [2]string{}, judge.Verdict{Code: "ATTEST-NAVN"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, _ := waiting(t)
			raw := string(c.raw)
			if c.change[0] != "" {
				if raw = strings.Replace(raw, c.change[0], c.change[1], 1); raw == string(c.raw) {
					t.Fatal("nothing was changed")
				}
			}
			if got := verdictOn(t, r, []byte(raw)); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

// lay lays messages into the drawer as they come in, and gives their names.
func lay(t *testing.T, r *Robot, k kept, letters ...[]byte) (names []string) {
	t.Helper()
	for _, raw := range letters {
		m, err := digitalpost.Parse(raw)
		if err == nil {
			err = r.take(t.Context(), m.ID, raw)
		}
		if err != nil {
			t.Fatal(err)
		}
		for name, data := range k {
			var l letter
			if strings.HasPrefix(name, inPost) && json.Unmarshal(data, &l) == nil && l.ID == m.ID {
				names = append(names, name)
			}
		}
	}
	return names
}

// as is what the robot makes of a message of that name.
func as(t *testing.T, r *Robot, name string, raw []byte) judge.Verdict {
	t.Helper()
	m, err := digitalpost.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	_, facts, _, err := r.facts(t.Context(), name, m)
	if err != nil {
		t.Fatal(err)
	}
	return judge.Decide(facts)
}

// Two answers about one order that lie there when the run begins both go to people,
// whichever is looked at first, and the one that is left may pass when the other is
// settled.
func TestTwoAnswersAtOnce(t *testing.T) {
	two := judge.Verdict{Code: "ATTEST-TO-SVAR"}
	clean := answer(t, town.FateClean, aase)
	another := func(fate town.Fate) []byte {
		raw := answer(t, fate, aase)
		m, err := digitalpost.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		return []byte(strings.Replace(string(raw), m.ID, "00000000-0000-4000-8000-000000000001", 1))
	}
	for name, other := range map[string][]byte{"with a decision": another(town.FateDecision), "of no known title": another(town.FateHeading),
		"of another sender": []byte(strings.Replace(string(another(town.FateDecision)), "99012358", "99012374", 1))} {
		t.Run(name, func(t *testing.T) {
			r, k := waiting(t)
			names := lay(t, r, k, clean, other)
			if got := as(t, r, names[0], clean); got != two {
				t.Errorf("the clean one, looked at first: %+v", got)
			}
			if err := r.forget(t.Context(), names[1], "afgjort"); err != nil {
				t.Fatal(err)
			}
			if got := as(t, r, names[0], clean); got.Outcome != judge.Clean {
				t.Errorf("the clean one, alone: %+v", got)
			}
		})
	}
	t.Run("somebody else's", func(t *testing.T) {
		r, k := waiting(t)
		names := lay(t, r, k, clean, answer(t, town.FateDecision, "710502-0002\tBo Holm"))
		if got := as(t, r, names[0], clean); got.Outcome != judge.Clean {
			t.Errorf("%+v", got)
		}
	})
	t.Run("one that comes before the next run", func(t *testing.T) {
		r, k := waiting(t)
		names := lay(t, r, k, clean)
		if got := as(t, r, names[0], clean); got.Outcome != judge.Clean {
			t.Fatalf("alone: %+v", got)
		}
		lay(t, r, k, another(town.FateDecision))
		if err := r.collectPost(t.Context(), func(runner.Found) (runner.Standing, error) { return runner.Standing{}, nil }); err != nil {
			t.Fatal(err)
		}
		if got := as(t, r, names[0], clean); got != two {
			t.Errorf("%+v", got)
		}
	})
}
