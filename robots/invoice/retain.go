package invoice

import (
	"byskriver/robots/invoice/bypattern"
	"byskriver/runner"
)

// Spent reports which entries of the drawer the house's policy of deletion may take:
// the notes that coding by pattern learns from. What is deleted is no longer learnt.
func (r *Robot) Spent(name string, _ []byte, _ func(string) runner.State) bool {
	return bypattern.IsNote(name)
}
