package pages

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"byskriver/robots/access/review"
	"byskriver/schedules"
)

// page is what every page has.
type page struct {
	Title    string
	Name     string // who is signed in; "" for nobody
	Mark     string // of the session's forms
	Approves bool
}

func (v *visit) page(title string) page {
	return page{Title: title, Name: v.me.Name, Mark: v.session.mark, Approves: v.approves}
}

// write answers with a page, whole or not at all.
func (p *pages) write(w http.ResponseWriter, status int, name string, on page, body any) {
	var out bytes.Buffer
	if err := p.text.ExecuteTemplate(&out, name, struct {
		page
		Body any
	}{on, body}); err != nil {
		if p.Log != nil {
			p.Log.Print(fmt.Errorf("write page %s: %w", name, err))
		}
		http.Error(w, "Der er noget i vejen. Prøv igen om lidt.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = out.WriteTo(w) // the browser has gone
}

// problem is a page that says what is wrong and what to do.
func (p *pages) problem(w http.ResponseWriter, status int, title, text string) {
	p.write(w, status, "problem.html", page{Title: title}, text)
}

// words are what the pages' texts call.
var words = template.FuncMap{
	"dato":  danish,
	"tid":   func(t time.Time) string { return t.In(copenhagen()).Format("02-01-2006 kl. 15.04") },
	"antal": counted,
	"trin":  func(c review.Criticality) string { return c.Danish() },
	"svar":  func(v review.Verdict) string { return v.Danish() },
	"stand": standing,
}

func copenhagen() *time.Location {
	zone, err := schedules.Copenhagen()
	if err != nil {
		return time.UTC
	}
	return zone
}

func danish(d schedules.Date) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%02d-%02d-%04d", d.Day, int(d.Month), d.Year)
}

// counted is a number with its word: counted(1, "ret", "retter").
func counted(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

func standing(s review.State) string {
	switch s {
	case review.Open:
		return "Skal besvares"
	case review.Sent:
		return "Sendt ind"
	case review.Done:
		return "Behandlet"
	}
	return "Lukket"
}

// right is one right as the page shows it.
type right struct {
	review.Held
	Verdict review.Verdict
	Reason  string
	Wrong   string // what is not in order with what was just written
	By      string // whose answer it is, where it is another's
}

// person is one person as the page shows him.
type person struct {
	review.Person
	Open      []right
	Explained []review.Held
	Left      int // rights without an answer
	Bulk      int // of those, what may be kept by one press
}

// pack is a package as the page shows it.
type pack struct {
	review.Package
	People   []person
	Total    int // rights to be answered
	Left     int
	Wrong    []right
	Saved    bool
	Editable bool
	Sends    bool   // whoever looks may send it in
	Why      string // why he has it, where he is not the nearest leader
	Chosen   []chosen
}

// chosen is a right that is not simply kept.
type chosen struct {
	Person string
	right
}

// packOf gathers a package for whoever looks. typed is what he has just written and
// what is not in order with it, by Held.ID.
func packOf(p review.Package, a review.Answers, me review.Employee, typed map[string]right) pack {
	out := pack{Package: p, Editable: p.State == review.Open}
	who, _ := p.Reviewer(me.ID)
	out.Sends, out.Why = who.Sends, who.Why
	for _, x := range p.People {
		one := person{Person: x, Bulk: len(p.Bulk(x.ID, a))}
		for _, h := range x.Held {
			if !h.Open() {
				one.Explained = append(one.Explained, h)
				continue
			}
			out.Total++
			shown, answered := shownAs(h, a, me, typed)
			if !answered {
				one.Left++
			}
			if shown.Wrong != "" {
				out.Wrong = append(out.Wrong, shown)
			}
			if shown.Verdict == review.Remove || shown.Verdict == review.Change {
				out.Chosen = append(out.Chosen, chosen{x.Name, shown})
			}
			one.Open = append(one.Open, shown)
		}
		out.Left += one.Left
		out.People = append(out.People, one)
	}
	return out
}

func shownAs(h review.Held, a review.Answers, me review.Employee, typed map[string]right) (shown right, answered bool) {
	shown = right{Held: h}
	d, answered := a.Decisions[h.ID]
	if answered {
		shown.Verdict, shown.Reason = d.Verdict, d.Reason
		if d.By != me.ID {
			shown.By = d.Name
		}
	}
	if t, ok := typed[h.ID]; ok {
		shown.Verdict, shown.Reason, shown.Wrong = t.Verdict, t.Reason, t.Wrong
	}
	return shown, answered
}
