package directory

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// Person is one entry, as the directory has it.
type Person struct {
	ID       string // a GUID as text, where the attribute is one
	Place    string // the distinguished name
	CPR      string // as it stands there; "" where there is none
	Name     string
	Title    string
	Mail     string
	Login    string
	Unit     string
	UnitCode string
	Manager  string // the Place of the nearest leader; "" where none is named
	Enabled  bool   // the account is not switched off
	Expires  time.Time
}

const (
	control  = "userAccountControl"
	expires  = "accountExpires"
	disabled = 0x2 // of userAccountControl

	since1601 = 116444736000000000 // 100 ns from 1601-01-01 to 1970-01-01
)

// errPerson is an entry that cannot be somebody's.
var errPerson = errors.New("an entry of the directory cannot be read")

// names are the attributes that are asked for.
func (a Attributes) names() []string {
	all := []string{a.ID, a.CPR, a.Name, a.Title, a.Mail, a.Login, a.Unit, a.UnitCode, a.Manager, control, expires}
	all = slices.DeleteFunc(all, func(s string) bool { return s == "" })
	slices.Sort(all)
	return slices.Compact(all)
}

// people reads entries. No two may be the same person to the directory.
func (s Settings) people(entries []*ldap.Entry) ([]Person, error) {
	seen := map[string]bool{}
	all := make([]Person, 0, len(entries))
	for i, e := range entries {
		p, err := s.person(e)
		if err != nil {
			return nil, fmt.Errorf("entry %d of %d: %w", i+1, len(entries), err)
		}
		if seen[p.ID] {
			return nil, fmt.Errorf("entry %d of %d: %w: %s is another one's too", i+1, len(entries), errPerson, s.Attributes.ID)
		}
		seen[p.ID] = true
		all = append(all, p)
	}
	return all, nil
}

func (s Settings) person(e *ldap.Entry) (Person, error) {
	get := func(name string) string {
		if name == "" {
			return ""
		}
		return strings.TrimSpace(e.GetEqualFoldAttributeValue(name))
	}
	at := s.Attributes
	p := Person{ID: id(e.GetEqualFoldRawAttributeValue(at.ID)), Place: e.DN, CPR: get(at.CPR), Name: get(at.Name), Title: get(at.Title), Mail: get(at.Mail),
		Login: get(at.Login), Unit: get(at.Unit), UnitCode: get(at.UnitCode), Manager: get(at.Manager)}
	if p.ID == "" {
		return Person{}, fmt.Errorf("%w: it has no %s", errPerson, at.ID)
	}
	bits, err := strconv.ParseInt(get(control), 10, 64)
	if err != nil {
		return Person{}, fmt.Errorf("%w: %s is no number", errPerson, control)
	}
	p.Enabled = bits&disabled == 0
	p.Expires, err = end(get(expires))
	return p, err
}

// id is the attribute as text: sixteen bytes are a GUID, whose first three groups stand
// backwards (MS-DTYP 2.3.4.2).
func id(raw []byte) string {
	if len(raw) != 16 {
		return strings.TrimSpace(string(raw))
	}
	b := []byte{raw[3], raw[2], raw[1], raw[0], raw[5], raw[4], raw[7], raw[6]}
	h := hex.EncodeToString(append(b, raw[8:]...))
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// end reads accountExpires; zero means never.
func end(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil:
		return time.Time{}, fmt.Errorf("%w: %s is no number", errPerson, expires)
	case n == 0 || n == math.MaxInt64:
		return time.Time{}, nil
	}
	return time.Unix((n-since1601)/1e7, (n-since1601)%1e7*100).UTC(), nil
}

// PlaceKey is a place in one way of writing, for looking it up.
func PlaceKey(place string) string {
	dn, err := ldap.ParseDN(place)
	if err != nil {
		return strings.ToLower(place)
	}
	return strings.ToLower(dn.String())
}
