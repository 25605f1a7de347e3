// Package report is the evidence of a review: who had what, who decided, when, what was
// done, what is overdue, and on which date each user was reviewed last. It makes a
// workbook and a page to print of what it is given; every line names the item by which
// it stands in the run log. No CPR number is in it.
package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"byskriver/robots/access/review"
	"byskriver/schedules"
)

// Pack is one package with what came of it.
type Pack struct {
	review.Package
	Last     schedules.Date // the last day as it stands
	Item     string         // the package's item, as the run log calls it
	Answers  review.Answers
	Removals []review.Removal
}

// Source is what a report is made of: the packages of one run and unit.
type Source struct {
	Run, Unit string
	Today     schedules.Date
	Zone      *time.Location
	Packs     []Pack
	Reviewed  map[string]schedules.Date // by Employee.ID, the date of the last review
}

// Report is the evidence of one run in one unit.
type Report struct {
	Run, Unit string
	Made      schedules.Date
	Lines     []Line
	People    []Person
	Packages  []Package
}

// Line is one right of one person.
type Line struct {
	Person, Title, System, Account, Right, Description, Criticality string
	Since, LastUse                                                  string // dates as staff write them, "" if unknown
	Answer, Reason, By, At                                          string // the leader's
	Done                                                            string // what has come of it
	Item                                                            string // where it stands in the run log
}

// Person is one user with the date of the last review, which inspectors ask for.
type Person struct {
	Name, Title string
	Rights      int
	Reviewed    string // "" for never
	Package     string
}

// Package is one package with how it stands.
type Package struct {
	Number, Reviewer, Opened, Due, State string
	Rights, Missing                      int
	Overdue                              bool
	Item                                 string
}

// Make makes the report: the same source gives the same report.
func Make(s Source) Report {
	r := Report{Run: s.Run, Unit: s.Unit, Made: s.Today}
	packs := slices.Clone(s.Packs)
	slices.SortFunc(packs, func(a, b Pack) int { return strings.Compare(a.ID, b.ID) })
	for _, p := range packs {
		missing := len(p.Missing(p.Answers))
		rights := 0
		for _, x := range p.People {
			for _, h := range x.Held {
				r.Lines = append(r.Lines, s.line(p, x, h))
			}
			rights += len(x.Held)
			r.People = append(r.People, Person{Name: x.Name, Title: x.Title, Rights: len(x.Held), Reviewed: danish(s.Reviewed[x.ID]), Package: p.ID})
		}
		over := p.State == review.Open && p.Answers.Sent.IsZero() && s.Today.After(p.Last)
		r.Packages = append(r.Packages, Package{Number: p.ID, Reviewer: names(p.Reviewers), Opened: danish(p.Opens), Due: danish(p.Last), State: s.state(p, over), Rights: rights, Missing: missing, Overdue: over, Item: p.Item})
	}
	slices.SortStableFunc(r.Lines, func(a, b Line) int {
		return cmp.Or(strings.Compare(a.Person, b.Person), strings.Compare(a.System, b.System), strings.Compare(a.Right, b.Right))
	})
	slices.SortStableFunc(r.People, func(a, b Person) int { return strings.Compare(a.Name, b.Name) })
	return r
}

func (s Source) state(p Pack, over bool) string {
	switch {
	case over:
		return "Overskredet"
	case p.State == review.Open && !p.Answers.Sent.IsZero():
		return "Sendt ind"
	case p.State == review.Open:
		return "Afventer svar"
	case p.State == review.Shut:
		return "Lukket uden svar " + danish(p.Ended)
	}
	return "Besvaret " + danish(p.Ended)
}

func (s Source) line(p Pack, x review.Person, h review.Held) Line {
	l := Line{Person: x.Name, Title: x.Title, System: h.Grant.System, Account: h.Grant.Account, Right: h.Name, Description: h.Description, Criticality: h.Criticality.Danish(),
		Since: danish(h.Since), LastUse: danish(h.Grant.LastUse), Item: p.Item}
	if !h.Open() {
		l.Done = "Skal ikke besvares: " + h.Explained
		return l
	}
	d, ok := p.Answers.Decisions[h.ID]
	if !ok || p.State == review.Shut {
		l.Done = "Intet svar: beholdes indtil videre"
		return l
	}
	l.Answer, l.Reason, l.By, l.At = d.Verdict.Danish(), d.Reason, d.Name, s.moment(d.At)
	switch {
	case p.Answers.Sent.IsZero():
		l.Done = "Ikke sendt ind endnu"
	case d.Verdict == review.Keep:
		l.Done = "Beholdt"
	default:
		l.Done = "Behandles ved robottens næste kørsel"
	}
	if i := slices.IndexFunc(p.Removals, func(r review.Removal) bool { return r.Held.ID == h.ID }); i >= 0 {
		l.Done = s.came(p.Removals[i])
		if item := p.Removals[i].Item; item != "" {
			l.Item += ", " + item
		}
	}
	return l
}

// came is what has come of a removal, with who approved it and when.
func (s Source) came(r review.Removal) string {
	by := ""
	if a := r.Approval; a != nil {
		by = fmt.Sprintf(" (%s, %s)", a.Name, s.moment(a.At))
	}
	switch r.Stage {
	case review.Proposed:
		return "Afventer it's godkendelse"
	case review.Approved:
		return "Godkendt" + by + ", fjernes ved robottens næste kørsel"
	case review.Paused:
		return "Godkendt" + by + ", venter på svar i en anden pakke"
	case review.Over:
		return r.Note
	case review.Rejected:
		if r.Note != "" {
			return "Bliver stående, efter en medarbejders beslutning: " + r.Note
		}
		if r.Approval != nil && r.Approval.Reason != "" {
			return "Afvist af it" + by + ": " + r.Approval.Reason
		}
		return "Afvist af it" + by
	case review.Gone:
		return "Fjernet og set efter " + s.moment(r.Applied) + ", godkendt" + by
	case review.Stuck:
		return "Kunne ikke fjernes: " + r.Note
	case review.Returned:
		if r.Applied.IsZero() {
			return "Klaret af en medarbejder, men står der stadig ved læsningen " + r.Note
		}
		return "Fjernet " + s.moment(r.Applied) + ", men står der igen"
	}
	return s.byHand(r)
}

// byHand is what has come of what a person has settled. That a right is gone is said when
// a reading has shown it.
func (s Source) byHand(r review.Removal) string {
	text := "Klaret af en medarbejder"
	switch {
	case r.Decision.Verdict != review.Remove:
	case r.Applied.IsZero():
		text += ", ikke set efter"
	default:
		text += ", set væk ved læsningen " + s.moment(r.Applied)
	}
	if r.Note == "" {
		return text
	}
	return text + ": " + r.Note
}

// moment is a time as staff write it.
func (s Source) moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(s.Zone).Format("02-01-2006 15.04")
}

func danish(d schedules.Date) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%02d-%02d-%04d", d.Day, int(d.Month), d.Year)
}

func names(list []review.Reviewer) string {
	var all []string
	for _, r := range list {
		all = append(all, r.Name)
	}
	return strings.Join(all, ", ")
}
