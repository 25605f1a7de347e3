// Package pages is where leaders answer their packages and IT approves removals: web
// pages that need no script, for the keyboard, a phone and a screen reader. Whoever
// comes signs in at the municipality's identity provider; the link in a mail only finds
// the package. What is decided is the desk's to judge and to keep.
package pages

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/time/rate"

	"byskriver/robots/access/review"
	"byskriver/robots/internal/idp"
	"byskriver/runner"
)

// Desk is what the pages work at. Each call is made for an employee who has signed in,
// and says no to what is not his; what it saves is durable when it returns. A
// review.Said is for the person; review.ErrNotYours tells nobody whether it is there.
type Desk interface {
	Employee(ctx context.Context, login string) (e review.Employee, approves, ok bool, err error)
	Packages(ctx context.Context, employee string) ([]review.Package, error)
	Package(ctx context.Context, employee, id string) (review.Package, review.Answers, error)
	Save(ctx context.Context, employee, id string, answers []review.Answer) error
	Clear(ctx context.Context, employee, id, held string) error
	KeepAll(ctx context.Context, employee, id, person string) error
	Send(ctx context.Context, employee, id string) error
	Removals(ctx context.Context, employee string) ([]review.Removal, error)
	Approve(ctx context.Context, employee string, ids []string, agreed bool, reason string) error
}

// SignIn is the municipality's identity provider; *idp.Provider is one.
type SignIn interface {
	Begin(ctx context.Context, anew bool) (idp.Attempt, error)
	Finish(ctx context.Context, a idp.Attempt, back url.Values) (idp.Person, error)
	SignOut(ctx context.Context) string
}

// Back is the path, below the pages' address, that the identity provider sends people
// back to.
const Back = "/log-ind/svar"

// Options are what the pages need.
type Options struct {
	Desk   Desk
	SignIn SignIn
	URL    string // how people reach the pages; https, or http on this machine alone
	Clock  runner.Clock
	Random func() string // draws what cannot be guessed, such as rand.Text
	Office string        // whom somebody can ask, as a page says it
	Log    *log.Logger   // what broke, with nothing personal; nil for nowhere
}

//go:embed html
var files embed.FS

// maxForm is the largest form, in bytes: the answers of a package of the largest size.
const maxForm = 2 << 20

type pages struct {
	Options
	secure   bool
	text     *template.Template
	sessions *sessions
	begins   *rate.Limiter // of sign-ins
}

// New builds the pages. The error is about the address.
func New(o Options) (http.Handler, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("the pages' address %q is not whole", o.URL)
	}
	text, err := template.New("").Funcs(words).ParseFS(files, "html/*.html")
	if err != nil {
		return nil, fmt.Errorf("read the pages: %w", err)
	}
	p := &pages{Options: o, secure: u.Scheme == "https", text: text, sessions: newSessions(o.Clock, o.Random), begins: rate.NewLimiter(20, 200)}
	guard := http.NewCrossOriginProtection()
	if err := guard.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
		return nil, fmt.Errorf("the pages' address: %w", err)
	}
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		p.problem(w, http.StatusForbidden, "Siden blev ikke sendt herfra", "Gå tilbage, genindlæs siden, og prøv igen.")
	}))
	return p.headers(guard.Handler(http.MaxBytesHandler(p.routes(), maxForm))), nil
}

func (p *pages) routes() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /stil.css", p.file("html/stil.css", "text/css; charset=utf-8"))
	m.HandleFunc("GET /gem.js", p.file("html/gem.js", "text/javascript; charset=utf-8"))
	m.HandleFunc("GET /log-ind", p.signIn)
	m.HandleFunc("GET "+Back, p.signedIn)
	m.HandleFunc("GET /logget-af", p.signedOut)
	m.Handle("POST /log-af", p.mine(p.signOut))
	m.Handle("GET /{$}", p.mine(p.overview))
	m.Handle("GET /pakke/{id}", p.mine(p.show))
	m.Handle("POST /pakke/{id}", p.mine(p.save))
	m.Handle("POST /pakke/{id}/svar", p.mine(p.saveOne))
	m.Handle("GET /pakke/{id}/send", p.mine(p.summary))
	m.Handle("POST /pakke/{id}/send", p.mine(p.send))
	m.Handle("GET /it", p.mine(p.removals))
	m.Handle("POST /it", p.mine(p.approve))
	m.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		p.problem(w, http.StatusNotFound, "Siden findes ikke", "Brug linket i mailen, eller gå til forsiden.")
	})
	return m
}

// headers are the same for every answer: nothing from elsewhere, in nobody's frame,
// in no cache, and no address handed on.
func (p *pages) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		if p.secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

func (p *pages) file(name, kind string) http.HandlerFunc {
	data, err := files.ReadFile(name)
	return func(w http.ResponseWriter, _ *http.Request) {
		if err != nil {
			http.Error(w, "", http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Cache-Control", "max-age=300")
		_, _ = w.Write(data) // the browser has gone
	}
}

// visit is one request of somebody who has signed in.
type visit struct {
	*http.Request
	session  session
	me       review.Employee
	approves bool
}

// mine lets those in who have signed in and work here; of forms, those that carry the
// session's mark. Others are sent to sign in, and come back.
func (p *pages) mine(do func(http.ResponseWriter, *visit)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, ok := p.sessions.of(p.cookie(r, cookieSession))
		if !ok {
			if r.Method != http.MethodGet {
				p.problem(w, http.StatusUnauthorized, "Du er ikke længere logget på", "Log på igen. Det, der var gemt, er gemt.")
				return
			}
			http.Redirect(w, r, "/log-ind?"+url.Values{"til": {r.URL.Path}}.Encode(), http.StatusSeeOther)
			return
		}
		me, approves, ok, err := p.Desk.Employee(r.Context(), s.login)
		switch {
		case err != nil:
			p.broke(w, err)
		case !ok:
			p.sessions.end(s.id)
			p.problem(w, http.StatusForbidden, "Du findes ikke i kommunens katalog", "Ring til IT: den, du er logget på som, står ikke som ansat.")
		case r.Method == http.MethodPost && !s.marked(r.PostFormValue("tegn")):
			p.problem(w, http.StatusForbidden, "Siden er forældet", "Gå tilbage, genindlæs siden, og prøv igen.")
		default:
			do(w, &visit{r, s, me, approves})
		}
	})
}

// failed answers what the desk said no to.
func (p *pages) failed(w http.ResponseWriter, err error) {
	var said review.Said
	switch {
	case errors.Is(err, review.ErrNotYours):
		p.problem(w, http.StatusNotFound, "Siden findes ikke, eller den er ikke til dig", "Er du logget på som den, der fik mailen? "+p.ask())
	case errors.As(err, &said):
		p.problem(w, http.StatusConflict, "Det kunne ikke lade sig gøre", string(said))
	default:
		p.broke(w, err)
	}
}

func (p *pages) ask() string {
	if p.Office == "" {
		return "Spørg ellers IT."
	}
	return "Spørg ellers " + p.Office + "."
}

// broke answers what is nobody's fault who sits before it.
func (p *pages) broke(w http.ResponseWriter, err error) {
	if p.Log != nil {
		p.Log.Print(runner.Mask(err.Error()))
	}
	var trouble *runner.Trouble
	if errors.As(err, &trouble) {
		p.problem(w, http.StatusBadGateway, "Der er noget i vejen", strings.ToUpper(trouble.Text[:1])+trouble.Text[1:]+".")
		return
	}
	p.problem(w, http.StatusInternalServerError, "Der er noget i vejen", "Det, du gemte før, er gemt. Prøv igen om lidt. "+p.ask())
}
