package attest

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"byskriver/robots/internal/digitalpost"
	"byskriver/robots/internal/orders"
	"byskriver/runner"
)

// collecting is a robot whose order system says what is given; "" is down.
func collecting(t *testing.T, said string) (*Robot, map[string]string) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if said == "" {
			w.WriteHeader(http.StatusForbidden)
		}
		_, _ = w.Write([]byte(said))
	}))
	t.Cleanup(srv.Close)
	r, _ := keeping(t, nil)
	r.systems.Orders = orders.New(orders.Settings{URL: srv.URL, Key: func() (string, error) { return "nøgle", nil }})
	r.settings.StartLists, r.settings.Drop, r.settings.Policy.Lists = t.TempDir(), t.TempDir(), 14
	return r, map[string]string{}
}

func finder(got map[string]string) runner.Finder {
	return func(f runner.Found) (runner.Standing, error) {
		got[f.Key] = string(f.Content)
		return runner.Standing{State: runner.Ready, New: true}, nil
	}
}

// One order that cannot be read is a person's, and the others go on.
func TestOneUnreadableOrderStopsNoOther(t *testing.T) {
	whole := `"cpr":"8605010001","name":"Åse Lund","post":"chef","unit":"Rådhuset","leader":"mholm","children":"none","consent":true,"ordered":"2026-03-01"`
	r, got := collecting(t, `{"bestillinger":[{"id":"B-1",`+whole+`,"start":"1.3.2026"},{"id":"B-2",`+whole+`,"start":"2026-04-01"},
		{"id":"B-3",`+whole+`,"start":"2026-04-01"},{"id":"B-3",`+whole+`,"start":"2026-05-01"},{"start":"2026-04-01"}]}`)
	err := r.Collect(t.Context(), finder(got))
	if err == nil || !strings.Contains(err.Error(), "order 5 of the list: it has no id") {
		t.Errorf("the one without an id: %v", err)
	}
	if got["ordre/B-2/privat"] == "" || !strings.Contains(got["ordre/B-1/afklaring"], `"unreadable":"start"`) || !strings.Contains(got["ordre/B-3/afklaring"], `"unreadable":"id"`) || len(got) != 3 {
		t.Errorf("found %v", got)
	}
}

// Deletion on its date, messages and batches wait for no order system, and a message
// that is too large stops no other.
func TestWithoutTheOrderSystem(t *testing.T) {
	r, got := collecting(t, "")
	old := filepath.Join(r.settings.StartLists, listPrefix+"2026-01-02.xlsx")
	huge, small := filepath.Join(r.settings.Drop, "a.xml"), filepath.Join(r.settings.Drop, "b.xml")
	for path, text := range map[string]string{old: "x", huge: "x", small: "<brev/>"} {
		if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(huge, digitalpost.Largest+1); err != nil {
		t.Fatal(err)
	}
	if err := r.register.putBatch(t.Context(), batch{ID: "2026-03-02-01", Type: "privat"}); err != nil {
		t.Fatal(err)
	}
	err := r.Collect(t.Context(), finder(got))
	if err == nil || !strings.Contains(err.Error(), "fetch the orders") {
		t.Errorf("what failed: %v", err)
	}
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Errorf("the old list is there: %v", err)
	}
	if _, err := os.Stat(small); !os.IsNotExist(err) {
		t.Errorf("the message was not taken: %v", err)
	}
	post, large := 0, ""
	for key := range got {
		if strings.HasPrefix(key, "post/") {
			post++
		}
		if strings.HasPrefix(key, "fil/a.xml/") {
			large = got[key]
		}
	}
	var refusal *runner.Refusal
	if err := r.Work(t.Context(), left{item: runner.Item{Content: []byte(large)}}); !errors.As(err, &refusal) || refusal.Code != "POST-FOR-STOR" {
		t.Errorf("the file that is too large came to %v", err)
	}
	if post != 1 || got["bundt/2026-03-02-01"] == "" {
		t.Errorf("found %v", got)
	}
}
