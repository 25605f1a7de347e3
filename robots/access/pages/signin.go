package pages

import (
	"errors"
	"net/http"
	"strings"

	"byskriver/robots/internal/idp"
	"byskriver/runner"
)

// signIn sends somebody to the identity provider.
func (p *pages) signIn(w http.ResponseWriter, r *http.Request) {
	if !p.begins.AllowN(p.Clock.Now(), 1) {
		p.problem(w, http.StatusTooManyRequests, "Der er mange, der logger på lige nu", "Vent et minut, og prøv igen.")
		return
	}
	a, err := p.SignIn.Begin(r.Context(), r.FormValue("igen") != "")
	if err != nil {
		p.broke(w, err)
		return
	}
	p.setCookie(w, cookieAttempt, p.sessions.begin(attempt{a, ours(r.FormValue("til"))}))
	http.Redirect(w, r, a.URL, http.StatusSeeOther)
}

// ours is a path of these pages to go on to; anything else is the front page.
func ours(path string) string {
	if path == "/it" || strings.HasPrefix(path, "/pakke/") && !strings.ContainsAny(path, "\\?#:\r\n") && !strings.Contains(path, "//") {
		return path
	}
	return "/"
}

// signedIn takes somebody who comes back from the identity provider.
func (p *pages) signedIn(w http.ResponseWriter, r *http.Request) {
	a, ok := p.sessions.take(p.cookie(r, cookieAttempt))
	p.setCookie(w, cookieAttempt, "")
	if !ok {
		p.problem(w, http.StatusBadRequest, "Du var for længe om at logge på", "Brug linket i mailen igen.")
		return
	}
	who, err := p.SignIn.Finish(r.Context(), a.Attempt, r.URL.Query())
	var refused *idp.Refused
	switch {
	case errors.As(err, &refused):
		if p.Log != nil {
			p.Log.Print(runner.Mask(err.Error()))
		}
		p.problem(w, http.StatusForbidden, "Du er ikke logget på", refused.Text)
		return
	case err != nil:
		p.broke(w, err)
		return
	}
	// A session that was there before is another's, or older: never carried on.
	p.sessions.end(p.cookie(r, cookieSession))
	p.setCookie(w, cookieSession, p.sessions.start(who.Login).id)
	http.Redirect(w, r, a.to, http.StatusSeeOther)
}

// signOut ends the session here, and then the one at the provider.
func (p *pages) signOut(w http.ResponseWriter, v *visit) {
	p.sessions.end(v.session.id)
	p.setCookie(w, cookieSession, "")
	http.Redirect(w, v.Request, "/logget-af", http.StatusSeeOther)
}

// signedOut says so, and where the sign-in at the provider itself is ended.
func (p *pages) signedOut(w http.ResponseWriter, r *http.Request) {
	p.write(w, http.StatusOK, "ud.html", page{Title: "Du er logget af"}, p.SignIn.SignOut(r.Context()))
}
