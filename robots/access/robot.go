// Package access is the robot of authorisations (adgange): it reads who may do what in
// the municipality's systems, lays it before the nearest leader at the pace that its
// criticality asks, gives IT what is not a leader's to judge, takes away what a leader
// wants gone and IT has approved, and reads it back. README.md has the steps and the
// exceptions in the words of those who work with them.
package access

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"byskriver/robots/access/review"
	"byskriver/robots/internal/mail"
	"byskriver/runner"
	"byskriver/schedules"
)

// Name is the robot's name.
const Name = "access"

// Mailer sends mail. What its errors say is as mail.Mailer has it.
type Mailer interface {
	Send(ctx context.Context, m mail.Message) error
}

// Systems are what the robot works in.
type Systems struct {
	Directory Directory
	Sources   []Source           // each reads one system
	Removers  map[string]Remover // by system: where the robot may take rights away
	Mail      Mailer
	Token     func() string // draws what a link is told by
}

// Areas are the groups of people whose list a thing goes to (Område).
type Areas struct {
	Review string // packages that nobody answers
	IT     string // findings, removals, readings
}

// Settings are the robot's section of the configuration, with the policy it names.
type Settings struct {
	Policy     Policy
	PolicyFile string
	Areas      Areas
	Link       string            // what a package's token is put behind, such as https://adgange.kommune.example/p/
	Reports    string            // the folder that evidence is written to; empty for nowhere
	Sheets     string            // the folder that packages are laid in as workbooks, for those who cannot use the page
	BySheet    map[string]string // those: logins, by the person as the configuration's people name him
	Office     string            // whom a leader can ask, as a mail says it
}

// Robot is the access robot.
type Robot struct {
	settings Settings
	systems  Systems
	books    *books
	clock    runner.Clock
	zone     *time.Location
	shadow   bool
	at       *atWork
	door     door
}

// door is where leaders and IT come in.
type door struct {
	address string
	config  *tls.Config
	answer  http.Handler
}

// New builds the robot.
func New(s Settings, systems Systems, drawer Drawer, clock runner.Clock) (*Robot, error) {
	zone, err := schedules.Copenhagen()
	if err != nil {
		return nil, err
	}
	return &Robot{settings: s, systems: systems, books: &books{drawer: drawer, memory: &sync.Mutex{}, desk: &sync.Mutex{}}, clock: clock, zone: zone, at: &atWork{n: map[string]int{}}}, nil
}

// Name is the robot's name.
func (r *Robot) Name() string { return Name }

// Shadow is the robot as a shadow run has it: it reads and packs into notes of its
// own, which no page shows, and changes nothing else.
func (r *Robot) Shadow() runner.Robot {
	view := *r
	view.shadow, view.books = true, &books{drawer: r.books.drawer, prefix: inShadow, memory: r.books.memory, desk: r.books.desk}
	return &view
}

// Files are the files that the robot's decisions depend on, by what they are.
func (r *Robot) Files() map[string]string { return map[string]string{"policy": r.settings.PolicyFile} }

// The rules that decisions are recorded and replayed with.
var (
	replyRule   = runner.NewRule("access.reply", review.Rule)
	consentRule = runner.NewRule("access.consent", review.Approve)
	standRule   = runner.NewRule("access.stands", review.Stands)
)

// Rules are the rules that decisions can be replayed with.
func (r *Robot) Rules() []runner.Rule { return []runner.Rule{replyRule, consentRule, standRule} }

// content is what an item carries: which of the robot's kinds of work it is.
type content struct {
	Read    string          `json:"read,omitempty"`    // a system to be read
	Package string          `json:"package,omitempty"` // a package, by number
	Removal string          `json:"removal,omitempty"` // an approved removal, by number
	Change  string          `json:"change,omitempty"`  // a change to be made by hand, by number
	Back    string          `json:"back,omitempty"`    // a removal that has come back, by number
	Finding *review.Finding `json:"finding,omitempty"`
	Key     string          `json:"key,omitempty"` // the finding's
}

// Open has the pages answered at an address, while byskriver serve runs. With a nil
// config it is plain HTTP, behind something that speaks TLS.
func (r *Robot) Open(address string, config *tls.Config, answer http.Handler) {
	r.door = door{address, config, answer}
}

// Endpoint is where the pages are served, and what answers.
func (r *Robot) Endpoint() (string, *tls.Config, http.Handler, error) {
	return r.door.address, r.door.config, r.door.answer, nil
}

// Work takes one item to its outcome. An item in shadow, also of an area alone, touches
// none of what live work goes on from: else a leader would count as told without a mail.
func (r *Robot) Work(ctx context.Context, c runner.Case) error {
	if c.Item().Mode == runner.Shadow && !r.shadow {
		return r.Shadow().Work(ctx, c)
	}
	var in content
	if err := json.Unmarshal(c.Item().Content, &in); err != nil {
		return fmt.Errorf("read what item %s carries: %w", c.Item().Number, err)
	}
	switch {
	case in.Read != "":
		return r.workReading(ctx, c, in.Read)
	case in.Package != "":
		return r.workPackage(ctx, c, in.Package)
	case in.Removal != "":
		return r.workRemoval(ctx, c, in.Removal)
	case in.Change != "":
		return r.workChange(ctx, c, in.Change)
	case in.Back != "":
		return r.workBack(ctx, c, in.Back)
	case in.Finding != nil:
		return r.workFinding(ctx, c, in.Key, *in.Finding)
	}
	return fmt.Errorf("item %s carries none of the robot's kinds of work", c.Item().Number)
}

// Close signs off what is signed in.
func (r *Robot) Close() {
	for _, remover := range r.systems.Removers {
		remover.Close()
	}
}

// today is the Danish date.
func (r *Robot) today() schedules.Date { return r.dateOf(r.clock.Now()) }

func (r *Robot) dateOf(t time.Time) schedules.Date { return schedules.DateOf(t.In(r.zone)) }

// morning is the moment on a date at which waiting items are looked at again: early,
// before any run of that day.
func (r *Robot) morning(d schedules.Date) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 1, 0, 0, 0, r.zone)
}

// noon is a date as a deadline in a list: that date everywhere that the list is read.
func noon(d schedules.Date) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC)
}

// danish is a date as staff write it.
func danish(d schedules.Date) string {
	return fmt.Sprintf("%02d-%02d-%04d", d.Day, int(d.Month), d.Year)
}

// found is a piece of work.
func (r *Robot) found(key string, in content, label, source, area string, due schedules.Date) runner.Found {
	data, err := json.Marshal(in)
	if err != nil {
		panic("access: an item that cannot be written: " + err.Error()) // it holds texts and numbers only
	}
	f := runner.Found{Key: key, Content: data, Same: key, Label: label, Source: source, Area: area}
	if !due.IsZero() {
		f.Due = noon(due)
	}
	return f
}
