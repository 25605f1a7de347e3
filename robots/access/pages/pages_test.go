package pages_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"byskriver/robots/access/review"
)

// surfer is somebody's browser, without a screen.
type surfer struct {
	*testing.T
	*house
	http *http.Client
}

func (h *house) surfer(t *testing.T) *surfer {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &surfer{t, h, &http.Client{Jar: jar}}
	t.Cleanup(s.http.CloseIdleConnections)
	return s
}

func (s *surfer) do(r *http.Request) (status int, at, body string, head http.Header) {
	s.Helper()
	resp, err := s.http.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		s.Fatal(err)
	}
	return resp.StatusCode, resp.Request.URL.String(), string(data), resp.Header
}

func (s *surfer) get(path string) (int, string) {
	s.Helper()
	r, _ := http.NewRequestWithContext(s.Context(), http.MethodGet, s.url+path, nil)
	status, _, body, _ := s.do(r)
	return status, body
}

func (s *surfer) post(path string, form url.Values, with ...string) (int, string) {
	s.Helper()
	r, _ := http.NewRequestWithContext(s.Context(), http.MethodPost, s.url+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(with); i += 2 {
		r.Header.Set(with[i], with[i+1])
	}
	status, _, body, _ := s.do(r)
	return status, body
}

var (
	hidden = regexp.MustCompile(`name="request" value="([^"]+)"`)
	mark   = regexp.MustCompile(`name="tegn" value="([^"]+)"`)
)

// signIn goes to a page, signs in at the provider, and says where it came to.
func (s *surfer) signIn(path, login string) (int, string, string) {
	s.Helper()
	r, _ := http.NewRequestWithContext(s.Context(), http.MethodGet, s.url+path, nil)
	_, at, body, _ := s.do(r)
	m := hidden.FindStringSubmatch(body)
	if m == nil {
		s.Fatalf("no sign-in at %s: %s", at, body)
	}
	form := url.Values{"request": {m[1]}, "user": {login}, "password": {"Anemone#44"}}
	q, _ := http.NewRequestWithContext(s.Context(), http.MethodPost, s.town.URL()+"/idp/signin", strings.NewReader(form.Encode()))
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, at, body, _ := s.do(q)
	return status, at, body
}

func tegn(t *testing.T, body string) string {
	t.Helper()
	m := mark.FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("no mark in %s", body)
	}
	return m[1]
}

// The link finds the package; only its reviewer opens it.
func TestBoundToItsReviewer(t *testing.T) {
	t.Parallel()
	h := open(t)
	const link = "/pakke/T2026-03-001XYZ"
	for _, c := range []struct {
		login string
		want  int
	}{{"lby001", http.StatusOK}, {"lby002", http.StatusNotFound}, {"lby900", http.StatusNotFound}, {"lby999", http.StatusForbidden}} {
		s := h.surfer(t)
		status, at, body := s.signIn(link, c.login)
		if status != c.want || c.want == http.StatusOK && (!strings.HasSuffix(at, "/pakke/2026-03-001") || !strings.Contains(body, "Jens Ågård")) {
			t.Errorf("%s came to %d %s", c.login, status, at)
		}
		if c.want != http.StatusOK && strings.Contains(body, "Jens") {
			t.Errorf("%s sees whose package it is", c.login)
		}
	}
	s := h.surfer(t)
	s.signIn("/", "lby002")
	if status, _ := s.get("/pakke/2026-03-001"); status != http.StatusNotFound {
		t.Errorf("another leader's package: %d", status)
	}
	if status, _ := s.get("/pakke/2026-03-999"); status != http.StatusNotFound {
		t.Errorf("one that is not there: %d", status)
	}
	if status, _ := s.get("/it"); status != http.StatusNotFound {
		t.Errorf("IT's page for a leader: %d", status)
	}
}

// A form must come from these pages, in this session.
func TestForgedForms(t *testing.T) {
	t.Parallel()
	h := open(t)
	s := h.surfer(t)
	_, _, body := s.signIn("/pakke/2026-03-001", "lby001")
	good := url.Values{"tegn": {tegn(t, body)}, "svar-r011": {"remove"}, "gem": {"1"}}
	bad := url.Values{"svar-r011": {"remove"}, "gem": {"1"}}
	if status, _ := s.post("/pakke/2026-03-001", bad); status != http.StatusForbidden {
		t.Errorf("without the mark: %d", status)
	}
	if status, _ := s.post("/pakke/2026-03-001", good, "Origin", "https://ond.example"); status != http.StatusForbidden {
		t.Errorf("from elsewhere: %d", status)
	}
	if status, _ := s.post("/pakke/2026-03-001", good, "Sec-Fetch-Site", "cross-site"); status != http.StatusForbidden {
		t.Errorf("from another site: %d", status)
	}
	other := h.surfer(t)
	_, _, theirs := other.signIn("/", "lby002")
	bad.Set("tegn", tegn(t, theirs))
	if status, _ := s.post("/pakke/2026-03-001", bad); status != http.StatusForbidden {
		t.Errorf("another session's mark: %d", status)
	}
	if len(h.answers["2026-03-001"].Decisions) != 0 {
		t.Fatal("a forged form was kept")
	}
	if status, _ := s.post("/pakke/2026-03-001", good); status != http.StatusOK || h.answers["2026-03-001"].Decisions["r011"].Verdict != review.Remove {
		t.Errorf("a good form: %d", status)
	}
	if status, _ := h.surfer(t).post("/pakke/2026-03-001", good); status != http.StatusUnauthorized {
		t.Errorf("without a session: %d", status)
	}
}

// What is in order is kept, what is not is shown again as it was written.
func TestHalfDone(t *testing.T) {
	t.Parallel()
	h := open(t)
	s := h.surfer(t)
	_, _, body := s.signIn("/pakke/2026-03-001", "lby001")
	form := url.Values{"tegn": {tegn(t, body)}, "svar-r002": {"keep"}, "svar-r003": {"change"}, "svar-r011": {"remove"}, "svar-r012": {""}, "grund-r012": {"tvivl"}, "gem": {"1"}}
	status, body := s.post("/pakke/2026-03-001", form)
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, "er kritisk: skriv, hvorfor") || !strings.Contains(body, "Skriv, hvad der skal rettes") || !strings.Contains(body, `value="tvivl"`) {
		t.Errorf("%d %s", status, body)
	}
	if got := h.answers["2026-03-001"].Decisions; len(got) != 1 || got["r011"].Verdict != review.Remove {
		t.Errorf("kept %+v", got)
	}
	form = url.Values{"tegn": form["tegn"], "svar-r002": {"keep"}, "grund-r002": {"Udbetaler hver dag"}, "svar-r011": {""}, "behold": {"e103"}}
	if status, body = s.post("/pakke/2026-03-001", form); status != http.StatusOK || !strings.Contains(body, "Gemt.") {
		t.Errorf("%d %s", status, body)
	}
	got := h.answers["2026-03-001"].Decisions
	if len(got) != 4 || got["r002"].Reason != "Udbetaler hver dag" || got["r021"].Verdict != review.Keep {
		t.Errorf("kept %+v", got)
	}
	if _, still := got["r011"]; still {
		t.Error("Senere took nothing back")
	}
	status, body = s.post("/pakke/2026-03-001/send", url.Values{"tegn": form["tegn"]})
	if status != http.StatusConflict || !strings.Contains(body, "mangler svar") {
		t.Errorf("sent half done: %d", status)
	}
	// Critical and unusual rights are never kept together with others.
	s.post("/pakke/2026-03-001", url.Values{"tegn": form["tegn"], "behold": {"e101"}})
	if _, ok := h.answers["2026-03-001"].Decisions["r003"]; ok {
		t.Error("an unusual right was kept by one press")
	}
	rest := url.Values{"tegn": form["tegn"], "svar-r003": {"keep"}, "behold": {"e102"}}
	s.post("/pakke/2026-03-001", rest)
	if status, body = s.post("/pakke/2026-03-001/send", url.Values{"tegn": form["tegn"]}); status != http.StatusOK || !strings.Contains(body, "kan ikke længere ændres") {
		t.Errorf("send: %d %s", status, body)
	}
	if status, _ = s.post("/pakke/2026-03-001", url.Values{"tegn": form["tegn"], "svar-r011": {"remove"}, "gem": {"1"}}); status == http.StatusOK && h.answers["2026-03-001"].Decisions["r011"].Verdict == review.Remove {
		t.Error("a package that was sent in was changed")
	}
}

func TestITApproves(t *testing.T) {
	t.Parallel()
	h := open(t)
	s := h.surfer(t)
	_, _, body := s.signIn("/it", "lby900")
	for _, text := range []string{"Du har selv besluttet fjernelsen", "Rettigheden er din egen", "Har skiftet opgaver", "4 fjernelser venter"} {
		if !strings.Contains(body, text) {
			t.Errorf("%q is not there", text)
		}
	}
	m := tegn(t, body)
	if status, body := s.post("/it", url.Values{"tegn": {m}, "svar": {"godkend"}}); status != http.StatusUnprocessableEntity || !strings.Contains(body, "Sæt kryds") {
		t.Errorf("nothing ticked: %d", status)
	}
	if status, _ := s.post("/it", url.Values{"tegn": {m}, "svar": {"afvis"}, "valgt": {"2026-02-001-r001"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("rejected without a reason: %d", status)
	}
	if status, _ := s.post("/it", url.Values{"tegn": {m}, "svar": {"godkend"}, "valgt": {"2026-02-003-r001"}}); status != http.StatusUnprocessableEntity || len(h.said) > 0 {
		t.Errorf("approved his own decision: %d", status)
	}
	if status, _ := s.post("/it", url.Values{"tegn": {m}, "svar": {"afvis"}, "grund": {"Bruges ved vagt"}, "valgt": {"2026-02-001-r001"}}); status != http.StatusOK || h.said["2026-02-001-r001"].Agreed {
		t.Errorf("rejected: %d", status)
	}
	if status, _ := s.post("/it", url.Values{"tegn": {m}, "pakke": {"2026-02-001"}, "vist": {"2026-02-001-r001", "2026-02-002-r001"}}); status != http.StatusOK || !h.said["2026-02-002-r001"].Agreed || len(h.said) != 2 {
		t.Errorf("approved the rest: %d %+v", status, h.said)
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	h := open(t)
	s := h.surfer(t)
	_, _, body := s.signIn("/", "lby001")
	h.clock.Advance(46 * time.Minute)
	form := url.Values{"tegn": {tegn(t, body)}, "svar-r011": {"remove"}}
	if status, _ := s.post("/pakke/2026-03-001", form); status != http.StatusUnauthorized {
		t.Errorf("after a long absence: %d", status)
	}
	h.clock.Advance(-46 * time.Minute) // the town's own clock has gone on as ever
	// The provider still knows the person: signed in again without a question.
	if status, body := s.get("/"); status != http.StatusOK || !strings.Contains(body, "Birgit Lund") {
		t.Errorf("signed in again: %d", status)
	}
	_, body = s.get("/")
	s.post("/log-af", url.Values{"tegn": {tegn(t, body)}})
	h.idp.EndSessions()
	if _, body := s.get("/"); strings.Contains(body, "Birgit Lund") {
		t.Error("still signed in")
	}
	h.staff.Employees[0].Active = false
	if status, _, body := h.surfer(t).signIn("/", "lby001"); status != http.StatusForbidden || !strings.Contains(body, "Ring til IT") {
		t.Errorf("who has left: %d", status)
	}
	h.staff.Employees[0].Active = true
	h.broken = errors.New("drawer of 8605010001 is shut")
	if status, _, body := h.surfer(t).signIn("/", "lby001"); status != http.StatusInternalServerError || strings.Contains(body, "drawer") {
		t.Errorf("broken: %d %s", status, body)
	}
}

// Nothing leads elsewhere, and nothing comes from elsewhere.
func TestHeadersAndWays(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, to := range []string{"https://ond.example/", "//ond.example/", "/pakke//ond.example", "/\\ond.example", "javascript:alert(1)"} {
		s := h.surfer(t)
		if _, at, _ := s.signIn("/log-ind?til="+url.QueryEscape(to), "lby003"); !strings.HasPrefix(at, h.url+"/") || at != h.url+"/" {
			t.Errorf("%q leads to %s", to, at)
		}
	}
	s := h.surfer(t)
	if status, _ := s.get("/log-ind/svar?code=x&state=y"); status != http.StatusBadRequest {
		t.Errorf("a sign-in that nobody began: %d", status)
	}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+"/findes-ikke", nil)
	status, _, _, head := s.do(r)
	if status != http.StatusNotFound || !strings.Contains(head.Get("Content-Security-Policy"), "default-src 'none'") || head.Get("Referrer-Policy") != "no-referrer" || head.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", status, head)
	}
}
