package access

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"byskriver/robots/access/review"
	"byskriver/runner"
)

// toHand lives until a person has said Behandlet manuelt of a removal that the robot cannot
// make.
func toHand(t *testing.T) (*house, review.Removal) {
	t.Helper()
	h, x := toRemoval(t)
	h.robot.settings.Reports = t.TempDir()
	h.robot.systems.Removers = map[string]Remover{}
	if err := h.robot.Desk().Approve(t.Context(), "it1", []string{x.ID}, true, ""); err != nil {
		t.Fatal(err)
	}
	if err := h.run(); err != nil {
		t.Fatal(err)
	}
	if got := h.exceptions(); !slices.Equal(got, []string{"FJERNES-I-HÅNDEN"}) {
		t.Fatalf("exceptions %v", got)
	}
	h.items["fjern/"+x.ID].item.State = runner.Done
	if err := h.run(); err != nil {
		t.Fatal(err)
	}
	return h, x
}

// evidenceOf is what the evidence says has come of a removal.
func (h *house) evidenceOf(x review.Removal) string {
	h.t.Helper()
	head := h.all()[x.Package]
	f, err := excelize.OpenFile(filepath.Join(h.robot.settings.Reports, head.Run, head.Unit) + ".xlsx")
	if err != nil {
		h.t.Fatal(err)
	}
	defer f.Close()
	for _, r := range rowsIn(h.t.(*testing.T), f, "Rettigheder") {
		if len(r) > 13 && r[0] == x.Name && r[4] == x.Held.Name {
			return r[13]
		}
	}
	return ""
}

// readings lets a week pass: each system is read once at least.
func (h *house) readings() {
	h.t.Helper()
	for range 8 {
		h.tomorrow()
	}
}

// What was to be removed by hand is looked for in the next reading: what stands is told
// each time, until it is gone or somebody lets it stand.
func TestWhatIsSettledByHandIsReadBack(t *testing.T) {
	h, x := toHand(t)
	if got := h.evidenceOf(x); !strings.Contains(got, "ikke set efter") {
		t.Errorf("before a reading the evidence says %q", got)
	}
	h.readings()
	if got := h.exceptions(); !slices.Equal(got, []string{review.CodeStands}) {
		t.Fatalf("nothing was done, and the list has %v", got)
	}
	for key, c := range h.items {
		if strings.HasPrefix(key, "igen/") {
			c.item.State = runner.Done // by hand, and again nothing is done
		}
	}
	h.readings()
	if got := h.exceptions(); !slices.Equal(got, []string{review.CodeStands}) {
		t.Fatalf("nothing was done again, and the list has %v", got)
	}
	for key, c := range h.items {
		if strings.HasPrefix(key, "igen/") && c.item.State == runner.Exception {
			c.item.Decision, c.item.State = &runner.Decision{Action: actionLeave, Note: "Bruges af vagten"}, runner.Ready
		}
	}
	h.readings()
	if got := h.removal(x.ID); got.Stage != review.Rejected || len(h.exceptions()) != 0 || !strings.Contains(h.evidenceOf(x), "Bruges af vagten") {
		t.Errorf("what is to stand stands as %s, exceptions %v, evidence %q", got.Stage, h.exceptions(), h.evidenceOf(x))
	}
}

// What a reading lacks is seen to be gone, and told when it comes back.
func TestWhatIsRemovedByHandIsSeenGone(t *testing.T) {
	h, x := toHand(t)
	stood := slices.Clone(h.host.grants)
	h.host.grants = slices.DeleteFunc(h.host.grants, func(g review.Grant) bool { return g.Key() == x.Held.Grant.Key() })
	h.readings()
	if got := h.removal(x.ID); got.Stage != review.ByHand || got.Applied.IsZero() || len(h.exceptions()) != 0 || !strings.Contains(h.evidenceOf(x), "set væk ved læsningen") {
		t.Errorf("it stands as %s, exceptions %v, evidence %q", got.Stage, h.exceptions(), h.evidenceOf(x))
	}
	h.host.grants = stood
	h.readings()
	if got := h.exceptions(); !slices.Equal(got, []string{review.CodeReturned}) {
		t.Errorf("it is back, and the list has %v", got)
	}
}
