package grants

import (
	"context"
	"errors"

	"byskriver/robots/internal/ident"
	"byskriver/robots/internal/screen"
	"byskriver/robots/internal/sensum"
	"byskriver/runner"
)

// InSensum is the case system as Sensum has it.
func InSensum(s *sensum.System) Cases { return inSensum{s} }

// Road is another road to the case system than its screens in a browser; CPR numbers
// are ten digits. What it returns, and its errors, are as Cases says.
type Road interface {
	Grants(ctx context.Context, cpr string) (grants []Grant, known bool, err error)
	Grant(ctx context.Context, cpr, number string) (Grant, []Paid, error)
	MarkPaid(ctx context.Context, cpr string, want Grant, p Paid) error
}

// By is the case system by such a road.
func By(r Road) Cases { return byRoad{r} }

type byRoad struct{ road Road }

func (b byRoad) Grants(ctx context.Context, cpr ident.CPR) ([]Grant, bool, error) {
	return b.road.Grants(ctx, string(cpr))
}

func (b byRoad) Grant(ctx context.Context, cpr ident.CPR, number string) (Grant, []Paid, error) {
	return b.road.Grant(ctx, string(cpr), number)
}

func (b byRoad) MarkPaid(ctx context.Context, cpr ident.CPR, want Grant, p Paid) error {
	return b.road.MarkPaid(ctx, string(cpr), want, p)
}

type inSensum struct{ system *sensum.System }

func (s inSensum) Grants(ctx context.Context, cpr ident.CPR) ([]Grant, bool, error) {
	list, known, err := s.system.Grants(ctx, string(cpr))
	var all []Grant
	for _, g := range list {
		all = append(all, Grant(g))
	}
	return all, known, inWords(err)
}

func (s inSensum) Grant(ctx context.Context, cpr ident.CPR, number string) (Grant, []Paid, error) {
	g, paid, err := s.system.Grant(ctx, string(cpr), number)
	var all []Paid
	for _, p := range paid {
		all = append(all, Paid(p))
	}
	return Grant(g), all, inWords(err)
}

func (s inSensum) MarkPaid(ctx context.Context, cpr ident.CPR, want Grant, p Paid) error {
	return inWords(s.system.MarkPaid(ctx, string(cpr), sensum.Grant(want), sensum.Paid(p)))
}

// inWords says of every error what it says of the case system: its own refusal,
// trouble, or a page that could not be read, which goes on until somebody looks.
func inWords(err error) error {
	var refused *screen.Refused
	var trouble *runner.Trouble
	switch {
	case err == nil, errors.As(err, &trouble), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &refused):
		return runner.NotDone(&Rejected{Text: refused.Text})
	}
	told := &runner.Trouble{Kind: runner.ScreenChanged, System: System, Err: err,
		Text: "Robotten kunne ikke læse det, Sensum viste. Ret selectors/sensum.yaml, eller få driften til det."}
	if runner.IsNotDone(err) {
		return runner.NotDone(told)
	}
	return told
}
