package digitalpost_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"byskriver/fixtures/town"
	"byskriver/robots/internal/digitalpost"
)

// letter is a message as the town's police send it.
func letter(t *testing.T) town.Letter {
	t.Helper()
	tw, err := town.Start(town.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer tw.Close()
	if err := tw.Police().Order("Børneattest", "kap. 7", "860501-0001\tÅse Lund"); err != nil {
		t.Fatal(err)
	}
	return tw.Police().Letters()[0]
}

func TestParse(t *testing.T) {
	l := letter(t)
	m, err := digitalpost.Parse(l.Memo)
	if err != nil || m.ID != l.ID || m.Subject != "Børneatt. Åse Lund" || len(m.PDFs()) != 1 || string(m.PDFs()[0].Data) != string(l.PDF) || m.Created.IsZero() {
		t.Errorf("%+v, %v", m, err)
	}
	whole := string(l.Memo)
	for name, bad := range map[string]string{
		"empty": "", "no XML": "Kære kommune", "cut short": whole[:len(whole)/2], "another namespace": strings.Replace(whole, "DigitalPost.dk/MeMo-1", "example/2", 1),
		"no id": strings.Replace(whole, l.ID, "", 1), "a strange id": strings.Replace(whole, l.ID, "../../etc/passwd", 1),
		"content that is no base64": strings.Replace(whole, "<memo:content>", "<memo:content>?", 1), "more after the end": whole + whole[strings.Index(whole, "<memo:Message "):],
	} {
		if m, err := digitalpost.Parse([]byte(bad)); !errors.Is(err, digitalpost.ErrMessage) {
			t.Errorf("%s: %+v, %v", name, m, err)
		} else if strings.Contains(err.Error(), "Åse") {
			t.Errorf("%s: the error quotes the message: %v", name, err)
		}
	}
	if _, err := digitalpost.Parse([]byte(whole + "\n<!-- slut -->\n")); err != nil {
		t.Errorf("a comment after the end: %v", err)
	}
}

func TestEndpoint(t *testing.T) {
	l := letter(t)
	var kept []string
	var full bool
	door := digitalpost.Endpoint("/memo", func(_ context.Context, m digitalpost.Message, raw []byte) error {
		if full {
			return errors.New("the disk is full")
		}
		kept = append(kept, m.ID+" "+string(raw[:5]))
		return nil
	})
	call := func(method, path, body string) int {
		w := httptest.NewRecorder()
		door.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
		if strings.Contains(w.Body.String(), "Åse") {
			t.Errorf("the answer quotes the message: %s", w.Body)
		}
		return w.Code
	}
	for _, c := range []struct {
		name, method, path, body string
		full                     bool
		want                     int
	}{
		{"a message", "POST", "/memo", string(l.Memo), false, http.StatusOK},
		{"something else", "POST", "/memo", "Kære kommune", false, http.StatusBadRequest},
		{"another path", "POST", "/", string(l.Memo), false, http.StatusNotFound},
		{"a look", "GET", "/memo", "", false, http.StatusMethodNotAllowed},
		{"too large", "POST", "/memo", strings.Repeat("x", digitalpost.Largest+1), false, http.StatusRequestEntityTooLarge},
		{"one that cannot be kept", "POST", "/memo", string(l.Memo), true, http.StatusServiceUnavailable},
	} {
		full = c.full
		if got := call(c.method, c.path, c.body); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	if len(kept) != 1 || !strings.HasPrefix(kept[0], l.ID) {
		t.Errorf("kept %q", kept)
	}
}
