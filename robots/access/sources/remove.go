package sources

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"byskriver/robots/access/review"
	"byskriver/robots/internal/kspcics"
	"byskriver/robots/internal/rollekatalog"
	"byskriver/robots/internal/spml"
	"byskriver/runner"
)

// refusedCode is what a system's own refusal becomes on a person's list.
const refusedCode = "FJERNELSE-AFVIST"

// OnScreens takes authorisations away on KSP/CICS's screens, as the user that corrects:
// one marked row, ENTER, read again.
type OnScreens struct{ Screens *kspcics.System }

// Find looks whether an authorisation is gone.
func (o OnScreens) Find(ctx context.Context, g review.Grant) (runner.Sight, error) {
	right, ok := rightOf(g.Right)
	if !ok {
		return unclear(g), nil
	}
	return o.Screens.Find(ctx, g.Account, right)
}

// Remove takes it away. Errors are kspcics.System's.
func (o OnScreens) Remove(ctx context.Context, g review.Grant) error {
	right, ok := rightOf(g.Right)
	if !ok {
		return runner.NotDone(fmt.Errorf("the right's id %q is no profile;owner", g.Right))
	}
	return o.Screens.Remove(ctx, g.Account, right)
}

// Close signs the correcting user off.
func (o OnScreens) Close() { o.Screens.Close() }

// OverService takes authorisations away over KSP/CICS's SPML service, as the user who may
// change: Changes deletes and does nothing else, and Reads reads back. It does so by a delete of one
// value.
type OverService struct{ Reads, Changes *spml.Service }

// Find looks whether an authorisation is gone.
func (o OverService) Find(ctx context.Context, g review.Grant) (runner.Sight, error) {
	right, ok := rightOf(g.Right)
	if !ok {
		return unclear(g), nil
	}
	user, err := o.Reads.User(ctx, g.Account)
	if errors.Is(err, spml.ErrNoUser) {
		return runner.Sight{Text: "Brugeren står ikke længere i KSP/CICS. Se efter, om autorisationen er væk."}, nil
	}
	if err != nil {
		return runner.Sight{}, err
	}
	if slices.Contains(user.Authorisations, spml.Authorisation{Profile: right.Name, LOS: right.Owner}) {
		return runner.Sight{Certainty: runner.Absent}, nil
	}
	return runner.Sight{Certainty: runner.Present, Receipt: kspcics.Removed{Name: right.Name, Owner: right.Owner}}, nil
}

// Remove takes it away. What else the user holds is held against before: an
// authorisation that went with it is a *kspcics.Lost.
func (o OverService) Remove(ctx context.Context, g review.Grant) error {
	right, ok := rightOf(g.Right)
	if !ok {
		return runner.NotDone(fmt.Errorf("the right's id %q is no profile;owner", g.Right))
	}
	meant := spml.Authorisation{Profile: right.Name, LOS: right.Owner}
	before, err := o.Reads.User(ctx, g.Account)
	if err != nil {
		return runner.NotDone(err)
	}
	if !slices.Contains(before.Authorisations, meant) {
		return runner.NotDone(kspcics.ErrNotOne)
	}
	if err := o.Changes.Delete(ctx, g.Account, meant); err != nil {
		var no *spml.Refused
		if errors.As(err, &no) {
			return runner.NotDone(&kspcics.Refused{Text: no.Text})
		}
		return err
	}
	after, err := o.Reads.User(ctx, g.Account)
	if err != nil {
		return err
	}
	var lost []kspcics.Right
	for _, a := range before.Authorisations {
		if a != meant && !slices.Contains(after.Authorisations, a) {
			lost = append(lost, kspcics.Right{Name: a.Profile, Owner: a.LOS})
		}
	}
	if len(lost) > 0 {
		return &kspcics.Lost{Rights: lost}
	}
	return nil
}

// Close gives the connections of the user who may change back.
func (o OverService) Close() { o.Changes.Close() }

// InCatalogue takes direct roles away in OS2rollekatalog, with the key that may.
// Reads reads them back.
type InCatalogue struct {
	Reads, Takes *rollekatalog.Catalogue
}

// taken is the receipt of a role that is gone.
type taken struct {
	User string `json:"user"`
	Role int64  `json:"role"`
}

// Find looks whether a user still has a role: directly, and by any other way.
func (i InCatalogue) Find(ctx context.Context, g review.Grant) (runner.Sight, error) {
	id, err := strconv.ParseInt(g.Right, 10, 64)
	if err != nil {
		return unclear(g), nil //nolint:nilerr // a person looks
	}
	role, err := i.Reads.Assigned(ctx, id)
	var no *rollekatalog.Refused
	if errors.As(err, &no) && no.Status == http.StatusNotFound {
		return runner.Sight{Text: "Rollen findes ikke længere i OS2rollekatalog. Se efter, om brugeren har fået en anden i stedet."}, nil
	}
	if err != nil {
		return runner.Sight{}, err
	}
	at := slices.IndexFunc(*role.Holders, func(h rollekatalog.Holder) bool { return h.UserID == g.Account })
	switch {
	case at < 0:
		return runner.Sight{Certainty: runner.Present, Receipt: taken{g.Account, id}}, nil
	case slices.Contains((*role.Holders)[at].Through, rollekatalog.Direct):
		return runner.Sight{Certainty: runner.Absent}, nil
	}
	return runner.Sight{Certainty: runner.Different, Text: "Brugeren har ikke længere rollen direkte, men stadig gennem " + through((*role.Holders)[at].Through) + ". Ret det i OS2rollekatalog."}, nil
}

// Remove takes the direct role away, once. A role that comes by another way is refused.
func (i InCatalogue) Remove(ctx context.Context, g review.Grant) error {
	id, err := strconv.ParseInt(g.Right, 10, 64)
	if err != nil {
		return runner.NotDone(fmt.Errorf("the right's id %q is no role's number", g.Right))
	}
	if g.Via != "" {
		return runner.NotDone(runner.Refuse(refusedCode, "Rollen er givet gennem "+g.Via+" og kan ikke fjernes for én person. Ret det i OS2rollekatalog, og vælg Behandlet manuelt.", "", runner.Manual()))
	}
	err = i.Takes.Deassign(ctx, g.Account, id)
	var no *rollekatalog.Refused
	if errors.As(err, &no) {
		return runner.NotDone(runner.Refuse(refusedCode, fmt.Sprintf("OS2rollekatalog vil ikke fjerne rollen (svar %d). Se efter i rollekataloget, og prøv igen.", no.Status), "", runner.Retry(), runner.Manual()))
	}
	return err
}

// Close gives the connections back.
func (i InCatalogue) Close() {
	i.Takes.Close()
	i.Reads.Close()
}

// unclear is for a grant whose right this system cannot have written.
func unclear(g review.Grant) runner.Sight {
	return runner.Sight{Text: "Rettigheden " + g.Right + " har ikke den form, som systemet skriver. Se efter i systemet."}
}
