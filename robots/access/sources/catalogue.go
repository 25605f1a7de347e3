package sources

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"byskriver/robots/access/review"
	"byskriver/robots/internal/rollekatalog"
)

// ItSystem is an it-system of the role catalogue that is reviewed.
type ItSystem struct {
	ID   string `yaml:"id"`   // its identifier in the catalogue
	Name string `yaml:"name"` // what leaders call it; before each role's name
}

// Catalogue reads the roles of it-systems that OS2rollekatalog keeps.
type Catalogue struct {
	Reads   *rollekatalog.Catalogue
	Systems []ItSystem
	Now     func() time.Time
}

// System is its name in the configuration.
func (*Catalogue) System() string { return rollekatalog.Name }

// Read reads all of it. The catalogue has no CPR numbers here: its users go by the
// directory's login. It does not say when a role was used.
func (c *Catalogue) Read(ctx context.Context) (review.Reading, error) {
	reading := review.Reading{System: rollekatalog.Name, At: c.Now()}
	accounts := map[string]bool{}
	var rights seen
	for _, s := range c.Systems {
		roles, err := c.Reads.Roles(ctx, s.ID)
		if err != nil {
			return review.Reading{}, fmt.Errorf("read the roles of %s: %w", s.ID, err)
		}
		for _, r := range roles {
			id := strconv.FormatInt(r.ID, 10)
			rights.add(review.Right{System: rollekatalog.Name, ID: id, Name: s.Name + ": " + r.Name, Description: r.Description})
			for _, h := range *r.Holders {
				if !accounts[h.UserID] {
					accounts[h.UserID] = true
					reading.Accounts = append(reading.Accounts, review.Account{System: rollekatalog.Name, ID: h.UserID, Login: h.UserID, Name: h.Name, Active: true})
				}
				reading.Grants = append(reading.Grants, review.Grant{System: rollekatalog.Name, Account: h.UserID, Right: id, Via: via(h.Through)})
			}
		}
	}
	reading.Rights = rights.rights
	return reading, nil
}

// via is what gives a role other than by itself; "" where only that does. A role that
// comes both ways cannot be taken away by the robot either.
func via(ways []string) string {
	others := slices.DeleteFunc(slices.Clone(ways), func(w string) bool { return w == rollekatalog.Direct })
	if len(others) == 0 {
		return ""
	}
	return through(others)
}

// through says in Danish what a role comes through.
func through(ways []string) string {
	names := map[string]string{rollekatalog.RoleGroup: "en rollebuket", rollekatalog.Position: "stillingen", rollekatalog.OrgUnit: "enheden", rollekatalog.Title: "titlen", rollekatalog.Direct: "direkte tildeling"}
	var all []string
	for _, w := range ways {
		name, ok := names[w]
		if !ok {
			name = w
		}
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return strings.Join(all, " og ")
}
