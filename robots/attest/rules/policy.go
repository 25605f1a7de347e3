package rules

import "slices"

// Kind is what a type of certificate is in law.
type Kind string

// The kinds of certificate.
const (
	Private  Kind = "private"   // private straffeattest, with consent (BEK 1860/2021 § 11)
	Public   Kind = "public"    // public straffeattest (§§ 22-23); must state its legal basis
	Children Kind = "children"  // børneattest (ch. 7)
	Relative Kind = "relatives" // børneattest of a relative, a subtype of its own
)

// Policy is what the municipality itself decides, as its file attester.yaml has it.
type Policy struct {
	Types []Type `json:"types"`
	Posts []Post `json:"posts"`
	Reuse Reuse  `json:"reuse"`
}

// Type is one type of certificate.
type Type struct {
	Code  string `json:"code"`
	Name  string `json:"name"` // as staff know it
	Kind  Kind   `json:"kind"`
	Basis string `json:"basis"` // the legal basis; of a public one it stands with the post
	Days  int    `json:"days"`  // working days from the consent to the answer
}

// Post is a kind of post.
type Post struct {
	Code     string            `json:"code"`
	Name     string            `json:"name"`
	Children bool              `json:"children"`         // the work is with children
	Always   []string          `json:"always,omitempty"` // types that this post always needs
	Basis    map[string]string `json:"basis,omitempty"`  // by type, the legal basis for a public certificate
}

// Reuse is the local rule for reading an earlier note instead of asking anew.
type Reuse struct {
	Types    []string `json:"types,omitempty"` // the types that may be reused; none means never
	SamePost bool     `json:"same_post"`       // only within the same kind of post
	Oldest   int      `json:"oldest"`          // days; 0 means any age within the employment
}

// Type is the type of that code.
func (p Policy) Type(code string) (Type, bool) {
	i := slices.IndexFunc(p.Types, func(t Type) bool { return t.Code == code })
	if i < 0 {
		return Type{}, false
	}
	return p.Types[i], true
}

// Post is the post of that code.
func (p Policy) Post(code string) (Post, bool) {
	i := slices.IndexFunc(p.Posts, func(t Post) bool { return t.Code == code })
	if i < 0 {
		return Post{}, false
	}
	return p.Posts[i], true
}

// ChildType is the code and legal basis of the børneattest of staff, or of relatives.
func (p Policy) ChildType(relative bool) (code, basis string) {
	kind := Children
	if relative {
		kind = Relative
	}
	i := slices.IndexFunc(p.Types, func(t Type) bool { return t.Kind == kind })
	if i < 0 {
		return "", ""
	}
	return p.Types[i].Code, p.Types[i].Basis
}

// Based reports whether a text is a legal basis that a certificate can be asked for on.
func (p Policy) Based(basis string) bool {
	for _, t := range p.Types {
		if t.Basis != "" && t.Basis == basis {
			return true
		}
	}
	for _, post := range p.Posts {
		for _, b := range post.Basis {
			if b == basis {
				return true
			}
		}
	}
	return false
}
