package attest

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"

	"byskriver/robots/attest/judge"
	"byskriver/robots/attest/rules"
)

// Filing is what is filed of a clean certificate.
type Filing string

// The ways to file. Sources disagree on keeping certificates, so that the
// municipality's data protection officer decides.
const (
	NoteOnly   Filing = "note-only"   // a journal note; the certificate is deleted
	StoreClean Filing = "store-clean" // the certificate too, with a deletion date of its own
)

// Policy is the file attester.yaml: what the municipality itself decides.
type Policy struct {
	Rules     rules.Policy
	Types     []judge.Type
	Subjects  map[string]string // by type, how the subject of its answers begins
	Site      map[string]string // by type, what the police's site calls it
	Senders   []string          // who answers come from, as MeMo's senderID has it
	Consent   int               // calendar days for a consent
	Remind    []int             // days after the sending, or the order, on which the leader is reminded
	SameOrder int               // days in which a second order for the same is the same order, also after its end
	Filing    Filing
	Part      string // the sub-case's title; "" files on the case itself
	Document  int    // days that a stored certificate may be kept
	Held      int    // days that an answer which people look at is kept
	Ended     int    // days that what is known of an ended order is kept
	HandedOut int    // hours that an answer which was handed out lies in its folder
	Lists     int    // days that lists of start dates lie in their folders
	Images    int    // pictures that a certificate may have, such as a letterhead's
}

// file is attester.yaml as it is written.
type file struct {
	Types []struct {
		Code, Name, Kind, Basis, Site, Title, Subject, Clean, Refusal string

		AnswerDays int        `yaml:"answer_days"`
		Forms      [][]string `yaml:"forms"`
	} `yaml:"types"`
	Posts []struct {
		Code, Name string
		Children   bool
		Always     []string
		Basis      map[string]string
	} `yaml:"posts"`
	Reuse struct {
		Types    []string
		SamePost *bool `yaml:"same_post"`
		Oldest   int
	} `yaml:"reuse"`
	Deadlines struct {
		ConsentDays   int   `yaml:"consent_days"`
		RemindAfter   []int `yaml:"remind_after"`
		SameOrderDays int   `yaml:"same_order_days"`
	} `yaml:"deadlines"`
	Filing struct {
		Policy       string
		Subcase      string
		DocumentDays int `yaml:"document_days"`
	} `yaml:"filing"`
	Keep struct {
		HeldDays     int `yaml:"held_days"`
		EndedDays    int `yaml:"ended_days"`
		HandoutHours int `yaml:"handout_hours"`
		ListDays     int `yaml:"list_days"`
	} `yaml:"keep"`
	Images  int      `yaml:"images"`
	Senders []string `yaml:"senders"`
}

// ReadPolicy reads attester.yaml. The error joins all that is wrong with it, each
// with file and line.
func ReadPolicy(path string) (Policy, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Policy{}, fmt.Errorf("read the rules of certificates: %w", err)
	}
	var f file
	if err := yaml.UnmarshalWithOptions(data, &f, yaml.Strict()); err != nil {
		var at yaml.Error
		if errors.As(err, &at) && at.GetToken() != nil {
			return Policy{}, fmt.Errorf("%s:%d: %s", path, at.GetToken().Position.Line, at.GetMessage())
		}
		return Policy{}, fmt.Errorf("%s: %w", path, err)
	}
	c := &checker{path: path, data: data}
	c.check(f)
	return f.policy(), errors.Join(c.wrong...)
}

func (f file) policy() Policy {
	p := Policy{Subjects: map[string]string{}, Site: map[string]string{}, Consent: f.Deadlines.ConsentDays, Remind: f.Deadlines.RemindAfter,
		SameOrder: f.Deadlines.SameOrderDays, Filing: Filing(f.Filing.Policy), Part: f.Filing.Subcase, Document: f.Filing.DocumentDays,
		Held: f.Keep.HeldDays, Ended: f.Keep.EndedDays, HandedOut: f.Keep.HandoutHours, Lists: f.Keep.ListDays, Images: f.Images, Senders: f.Senders}
	if p.Filing == "" {
		p.Filing = NoteOnly
	}
	p.Rules.Reuse = rules.Reuse{Types: f.Reuse.Types, SamePost: f.Reuse.SamePost == nil || *f.Reuse.SamePost, Oldest: f.Reuse.Oldest}
	for _, t := range f.Types {
		p.Rules.Types = append(p.Rules.Types, rules.Type{Code: t.Code, Name: t.Name, Kind: rules.Kind(t.Kind), Basis: t.Basis, Days: t.AnswerDays})
		p.Subjects[t.Code], p.Site[t.Code] = t.Subject, t.Site
		j := judge.Type{Code: t.Code, Title: t.Title, Clean: t.Clean, Refusal: t.Refusal}
		for _, form := range t.Forms {
			j.Forms = append(j.Forms, form)
		}
		p.Types = append(p.Types, j)
	}
	for _, post := range f.Posts {
		p.Rules.Posts = append(p.Rules.Posts, rules.Post{Code: post.Code, Name: post.Name, Children: post.Children, Always: post.Always, Basis: post.Basis})
	}
	return p
}

// checker finds what is wrong in a file that decoded well.
type checker struct {
	path  string
	data  []byte
	wrong []error
}

// say notes what is wrong at a YAML path such as $.types[0].
func (c *checker) say(at, format string, args ...any) {
	c.wrong = append(c.wrong, fmt.Errorf("%s:%d: %s", c.path, c.line(at), fmt.Sprintf(format, args...)))
}

// line is where a path stands, or the nearest above it that does.
func (c *checker) line(at string) int {
	tree, err := parser.ParseBytes(c.data, 0)
	for err == nil && at != "$" {
		if p, pathErr := yaml.PathString(at); pathErr == nil {
			if n, err := p.FilterFile(tree); err == nil && n != nil && n.GetToken() != nil {
				return n.GetToken().Position.Line
			}
		}
		at = at[:strings.LastIndexAny(at, ".[")]
	}
	return 1
}

func (c *checker) check(f file) {
	p := f.policy()
	if len(f.Types) == 0 || len(f.Posts) == 0 {
		c.say("$", "types and posts must have at least one entry each")
	}
	for i, t := range p.Rules.Types {
		c.checkType(fmt.Sprintf("$.types[%d]", i), t, p, i)
	}
	for i, post := range p.Rules.Posts {
		c.checkPost(fmt.Sprintf("$.posts[%d]", i), post, p, i)
	}
	for _, code := range p.Rules.Reuse.Types {
		if _, ok := p.Rules.Type(code); !ok {
			c.say("$.reuse", "reuse.types: there is no type %q", code)
		}
	}
	if p.Filing != NoteOnly && p.Filing != StoreClean {
		c.say("$.filing", "filing.policy must be note-only or store-clean")
	}
	if p.Filing == StoreClean && p.Document < 1 {
		c.say("$.filing", "filing.document_days is missing: how long a stored certificate may be kept")
	}
	c.checkNumbers(p)
	c.checkSenders(p)
}

// checkSenders makes sure that somebody is known as the sender of answers.
func (c *checker) checkSenders(p Policy) {
	if len(p.Senders) == 0 {
		c.say("$", "senders is missing: the ids of those who answers come from (senderID in the messages, such as a CVR number); an answer from anybody else goes to people")
	}
	for i, id := range p.Senders {
		at := fmt.Sprintf("$.senders[%d]", i)
		if id == "" || strings.ContainsFunc(id, unicode.IsSpace) {
			c.say(at, "senders: %q is no id: it is empty or has a blank in it", id)
		}
		if slices.Index(p.Senders, id) != i {
			c.say(at, "senders: %q stands twice", id)
		}
	}
}

func (c *checker) checkNumbers(p Policy) {
	for at, n := range map[string]int{"deadlines.consent_days": p.Consent, "keep.held_days": p.Held, "keep.ended_days": p.Ended, "keep.handout_hours": p.HandedOut, "keep.list_days": p.Lists} {
		if n < 1 {
			c.say("$."+at, "%s is missing: a whole number above 0", at)
		}
	}
	if p.SameOrder < 0 || p.Images < 0 || p.Rules.Reuse.Oldest < 0 {
		c.say("$", "same_order_days, images and reuse.oldest cannot be negative")
	}
	if !slices.IsSorted(p.Remind) || slices.ContainsFunc(p.Remind, func(n int) bool { return n < 1 || n > 60 }) {
		c.say("$.deadlines", "deadlines.remind_after must be days from 1 to 60, the earliest first")
	}
}

func (c *checker) checkType(at string, t rules.Type, p Policy, i int) {
	if !word(t.Code) {
		c.say(at, "code must be small letters, digits and hyphens, and %q is not", t.Code)
	}
	if slices.IndexFunc(p.Rules.Types, func(o rules.Type) bool { return o.Code == t.Code }) != i {
		c.say(at, "code %q stands twice", t.Code)
	}
	if t.Name == "" || p.Site[t.Code] == "" || p.Subjects[t.Code] == "" {
		c.say(at, "name, site and subject must be given: what staff and the police's site call the type, and how its answers' subject begins")
	}
	if !slices.Contains([]rules.Kind{rules.Private, rules.Public, rules.Children, rules.Relative}, t.Kind) {
		c.say(at+".kind", "kind must be private, public, children or relatives")
	}
	if t.Kind != rules.Public && t.Basis == "" {
		c.say(at, "basis is missing: the legal basis (of a public certificate it stands with the post)")
	}
	if t.Days < 1 {
		c.say(at, "answer_days is missing: working days from the consent to the answer")
	}
	for _, text := range judge.Check(p.Types[i]) {
		c.say(at, "%s", text)
	}
}

func (c *checker) checkPost(at string, post rules.Post, p Policy, i int) {
	if !word(post.Code) || post.Name == "" {
		c.say(at, "code (small letters, digits, hyphens) and name must be given")
	}
	if slices.IndexFunc(p.Rules.Posts, func(o rules.Post) bool { return o.Code == post.Code }) != i {
		c.say(at, "code %q stands twice", post.Code)
	}
	for _, code := range post.Always {
		t, ok := p.Rules.Type(code)
		switch {
		case !ok:
			c.say(at, "always: there is no type %q", code)
		case t.Kind == rules.Public && post.Basis[code] == "":
			c.say(at, "always: %s is a public certificate, and basis has no legal basis for it", code)
		case t.Kind == rules.Children || t.Kind == rules.Relative:
			c.say(at, "always: %s follows from the contact with children (children: true)", code)
		}
	}
	for code := range post.Basis {
		if t, ok := p.Rules.Type(code); !ok || t.Kind != rules.Public {
			c.say(at, "basis: %q is no public certificate", code)
		}
	}
}

func word(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzæøå0123456789-") == ""
}

// Settings are the robot's section of the configuration, with the policy it names.
type Settings struct {
	Policy     Policy
	PolicyFile string
	Drop       string        // the folder that messages may lie in; "" if none
	Quiet      time.Duration // a file in it is left alone until unchanged for so long
	Batches    string        // the folder in which batches are laid ready
	HandOut    string        // the payroll office's own folder
	StartLists string        // the folder of lists of start dates
	Areas      Areas
	Door       Door
}

// Areas are the groups of people whose list a thing goes to (Område).
type Areas struct {
	Payroll  string // who looks at answers
	Ordering string // who sends batches
}
