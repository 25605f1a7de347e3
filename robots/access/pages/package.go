package pages

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"byskriver/robots/access/review"
)

// overview lists somebody's packages.
func (p *pages) overview(w http.ResponseWriter, v *visit) {
	list, err := p.Desk.Packages(v.Context(), v.me.ID)
	if err != nil {
		p.failed(w, err)
		return
	}
	p.write(w, http.StatusOK, "forside.html", v.page("Adgange, du skal se på"), list)
}

// show is a package to be answered. Whoever came by the mail's link goes on to the
// package's own address, so that the token stands in no history.
func (p *pages) show(w http.ResponseWriter, v *visit) {
	pk, a, err := p.Desk.Package(v.Context(), v.me.ID, v.PathValue("id"))
	switch {
	case err != nil:
		p.failed(w, err)
	case v.PathValue("id") != pk.ID:
		http.Redirect(w, v.Request, address(pk.ID), http.StatusSeeOther)
	default:
		out := packOf(pk, a, v.me, nil)
		out.Saved = v.URL.Query().Get("gemt") != ""
		p.write(w, http.StatusOK, "pakke.html", v.page(title(pk)), out)
	}
}

func address(id string) string { return "/pakke/" + url.PathEscape(id) }

func title(p review.Package) string {
	if p.Kind == review.Move {
		return "Adgange ved flytning: " + p.Unit
	}
	return "Adgange i " + p.Unit
}

// save keeps what is in order of a form, and shows again what is not.
func (p *pages) save(w http.ResponseWriter, v *visit) {
	ctx, id := v.Context(), v.PathValue("id")
	pk, a, err := p.Desk.Package(ctx, v.me.ID, id)
	if err != nil {
		p.failed(w, err)
		return
	}
	typed, err := p.keep(v, pk, a, all(pk))
	if err == nil && v.PostFormValue("behold") != "" {
		err = p.Desk.KeepAll(ctx, v.me.ID, pk.ID, v.PostFormValue("behold"))
	}
	if err != nil {
		p.failed(w, err)
		return
	}
	if len(typed) > 0 {
		if pk, a, err = p.Desk.Package(ctx, v.me.ID, id); err != nil {
			p.failed(w, err)
			return
		}
		p.write(w, http.StatusUnprocessableEntity, "pakke.html", v.page("Fejl: "+title(pk)), packOf(pk, a, v.me, typed))
		return
	}
	to := address(pk.ID)
	if v.PostFormValue("videre") != "" {
		to += "/send"
	} else {
		to += "?gemt=1"
	}
	http.Redirect(w, v.Request, to, http.StatusSeeOther)
}

// all are the rights of a package that are to be answered, by Held.ID.
func all(p review.Package) []string { return p.Missing(review.Answers{}) }

// keep saves what has changed in the answers to these rights. What is not in order
// comes back as it was written.
func (p *pages) keep(v *visit, pk review.Package, a review.Answers, ids []string) (typed map[string]right, err error) {
	typed = map[string]right{}
	var good []review.Answer
	for _, id := range ids {
		verdict, reason := review.Verdict(v.PostFormValue("svar-"+id)), strings.TrimSpace(v.PostFormValue("grund-"+id))
		before, answered := a.Decisions[id]
		_, given := v.PostForm["svar-"+id]
		switch {
		case !given || answered && before.Verdict == verdict && before.Reason == reason:
		case verdict == "" && answered:
			if err := p.Desk.Clear(v.Context(), v.me.ID, pk.ID, id); err != nil {
				return nil, err
			}
		case verdict == "" && reason != "":
			typed[id] = right{Reason: reason, Wrong: "Vælg Behold, Fjern eller Ret; der er skrevet en bemærkning."}
		case verdict == "":
		default:
			if text := pk.Says(v.me.ID, id, verdict, reason); text != "" {
				typed[id] = right{Verdict: verdict, Reason: reason, Wrong: text}
				continue
			}
			good = append(good, review.Answer{Held: id, Verdict: verdict, Reason: reason})
		}
	}
	if len(good) == 0 {
		return typed, nil
	}
	return typed, p.Desk.Save(v.Context(), v.me.ID, pk.ID, good)
}

// saveOne keeps one answer as it is given, for browsers that run the script, and says
// so in a line.
func (p *pages) saveOne(w http.ResponseWriter, v *visit) {
	pk, a, err := p.Desk.Package(v.Context(), v.me.ID, v.PathValue("id"))
	if err != nil {
		p.line(w, err)
		return
	}
	id := v.PostFormValue("ret")
	typed, err := p.keep(v, pk, a, []string{id})
	if err != nil {
		p.line(w, err)
		return
	}
	if t, wrong := typed[id]; wrong {
		p.line(w, review.Said(t.Wrong))
		return
	}
	if pk, a, err = p.Desk.Package(v.Context(), v.me.ID, v.PathValue("id")); err != nil {
		p.line(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	left := len(pk.Missing(a))
	_, _ = w.Write([]byte("Gemt. " + counted(left, "rettighed mangler svar.", "rettigheder mangler svar."))) // the browser has gone
}

// line is an error as one line of text.
func (p *pages) line(w http.ResponseWriter, err error) {
	var said review.Said
	status, text := http.StatusInternalServerError, "Svaret er ikke gemt. Prøv igen."
	switch {
	case errors.As(err, &said):
		status, text = http.StatusUnprocessableEntity, string(said)
	case errors.Is(err, review.ErrNotYours):
		status, text = http.StatusNotFound, "Pakken er ikke din at besvare."
	}
	http.Error(w, text, status)
}

// summary shows what is about to be sent in.
func (p *pages) summary(w http.ResponseWriter, v *visit) {
	pk, a, err := p.Desk.Package(v.Context(), v.me.ID, v.PathValue("id"))
	if err != nil {
		p.failed(w, err)
		return
	}
	p.write(w, http.StatusOK, "send.html", v.page("Gennemse og send: "+pk.Unit), packOf(pk, a, v.me, nil))
}

// send sends a package in.
func (p *pages) send(w http.ResponseWriter, v *visit) {
	if err := p.Desk.Send(v.Context(), v.me.ID, v.PathValue("id")); err != nil {
		p.failed(w, err)
		return
	}
	http.Redirect(w, v.Request, address(v.PathValue("id")), http.StatusSeeOther)
}
