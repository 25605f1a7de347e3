package sources

import (
	"context"
	"fmt"
	"time"

	"byskriver/robots/access/review"
	"byskriver/robots/internal/rightsfile"
	"byskriver/runner"
)

// File reads a system that has nothing but a file. There is nothing to take a right away
// with: a removal in it is a person's.
type File struct {
	Name string // in the configuration
	From rightsfile.Settings
	Now  func() time.Time
}

// System is its name in the configuration.
func (f *File) System() string { return f.Name }

// Read reads the file. One that is damaged or too old is not used at all.
func (f *File) Read(context.Context) (review.Reading, error) {
	reading := review.Reading{System: f.Name, At: f.Now()}
	rows, err := f.From.Read(reading.At)
	if err != nil {
		return review.Reading{}, &runner.Trouble{Kind: runner.Unavailable, System: f.Name, Err: err,
			Text: fmt.Sprintf("Filen fra %s kan ikke bruges: den mangler, er for gammel eller har linjer, der ikke kan læses (byskriver log viser hvilke). Få systemet til at skrive den igen.", f.Name)}
	}
	var rights seen
	accounts := map[string]bool{}
	for _, r := range rows {
		if !accounts[r.Account] {
			accounts[r.Account] = true
			reading.Accounts = append(reading.Accounts, review.Account{System: f.Name, ID: r.Account, CPR: r.CPR, Login: r.Login, Name: r.Name, Unit: r.Unit, Active: r.Active, LastUse: date(r.LastUse)})
		}
		if r.Right == "" {
			continue
		}
		name := r.RightName
		if name == "" {
			name = r.Right
		}
		rights.add(review.Right{System: f.Name, ID: r.Right, Name: name, Description: r.Description, Owner: r.Owner})
		reading.Grants = append(reading.Grants, review.Grant{System: f.Name, Account: r.Account, Right: r.Right, Scope: r.Scope})
	}
	reading.Rights = rights.rights
	return reading, nil
}
