package pages

import (
	"errors"
	"net/http"
	"slices"

	"byskriver/robots/access/review"
)

// group is the removals that came of one package.
type group struct {
	Package, Unit string
	List          []review.Removal
	Free          int // of those, what whoever looks may approve
	Only          int // of those, what whoever looks may only turn down
}

// approving is the page on which IT says its word.
type approving struct {
	Groups []group
	Total  int
	Wrong  string
	Reason string
	Ticked map[string]bool
	Done   string
}

// removals lists what waits for IT's word.
func (p *pages) removals(w http.ResponseWriter, v *visit) {
	done := map[string]string{"godkendt": "De valgte fjernelser er godkendt. Robotten fjerner dem ved sin næste kørsel.", "afvist": "De valgte fjernelser er afvist. Rettighederne bliver stående."}[v.URL.Query().Get("svar")]
	p.approvals(w, v, http.StatusOK, approving{Done: done})
}

func (p *pages) approvals(w http.ResponseWriter, v *visit, status int, out approving) {
	list, err := p.Desk.Removals(v.Context(), v.me.ID)
	if err != nil {
		p.failed(w, err)
		return
	}
	for _, x := range list {
		i := slices.IndexFunc(out.Groups, func(g group) bool { return g.Package == x.Package })
		if i < 0 {
			i = len(out.Groups)
			out.Groups = append(out.Groups, group{Package: x.Package, Unit: x.Unit})
		}
		out.Groups[i].List = append(out.Groups[i].List, x)
		switch {
		case x.Note == "":
			out.Groups[i].Free++
		case x.Only:
			out.Groups[i].Only++
		}
	}
	out.Total = len(list)
	p.write(w, status, "it.html", v.page("Fjernelser, der skal godkendes"), out)
}

// approve takes IT's word on the removals that are ticked, or on all of one package.
func (p *pages) approve(w http.ResponseWriter, v *visit) {
	ids, agreed, reason := v.PostForm["valgt"], v.PostFormValue("svar") != "afvis", v.PostFormValue("grund")
	if whole := v.PostFormValue("pakke"); whole != "" {
		list, err := p.Desk.Removals(v.Context(), v.me.ID)
		if err != nil {
			p.failed(w, err)
			return
		}
		ids, agreed, reason = nil, true, ""
		for _, x := range list {
			// The page shows how many: what has come since is looked at first.
			if x.Package == whole && x.Note == "" && slices.Contains(v.PostForm["vist"], x.ID) {
				ids = append(ids, x.ID)
			}
		}
	}
	err := error(review.Said("Sæt kryds ved de fjernelser, du vil svare på."))
	if len(ids) > 0 {
		err = p.Desk.Approve(v.Context(), v.me.ID, ids, agreed, reason)
	}
	var said review.Said
	switch {
	case errors.As(err, &said):
		ticked := map[string]bool{}
		for _, id := range ids {
			ticked[id] = true
		}
		p.approvals(w, v, http.StatusUnprocessableEntity, approving{Wrong: string(said), Reason: reason, Ticked: ticked})
	case err != nil:
		p.failed(w, err)
	case agreed:
		http.Redirect(w, v.Request, "/it?svar=godkendt", http.StatusSeeOther)
	default:
		http.Redirect(w, v.Request, "/it?svar=afvist", http.StatusSeeOther)
	}
}
