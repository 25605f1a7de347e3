package browser_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"byskriver/selectors"
	"byskriver/selectors/browser"
)

const posting = `
system: poster
pages:
  form:
    probe: ["Bogføring"]
    elements:
      post: [{role: button, name: "Bogfør"}]
    messages:
      done: ["er oprettet"]
`

// A connection that is closed before an answer, after the system has taken the
// request: Chromium by itself sends a POST again on a kept connection.
func TestRequestThatChangesIsSentOnce(t *testing.T) {
	for _, secure := range []bool{false, true} {
		t.Run(map[bool]string{false: "plain", true: "encrypted"}[secure], func(t *testing.T) {
			var posts, gets atomic.Int32
			handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					posts.Add(1)
					conn, _, err := http.NewResponseController(w).Hijack()
					if err != nil {
						t.Error(err)
						return
					}
					conn.Close()
					return
				}
				gets.Add(1)
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				_, _ = w.Write([]byte(`<title>x</title><h1>Bogføring</h1><form method=post action="/post"><input type=hidden name=a value=1><button>Bogfør</button></form>`))
			})
			srv := httptest.NewUnstartedServer(handler)
			if secure {
				srv.StartTLS()
			} else {
				srv.Start()
			}
			defer srv.Close()
			page := formPage(t)
			for range 3 {
				if err := page.Open(t.Context(), srv.URL); err != nil {
					t.Fatal(err)
				}
				if err := page.At(t.Context(), "form"); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := page.ClickOnce(t.Context(), "form.post", "form.done"); err == nil {
				t.Fatal("a posting without an answer gave no error")
			}
			if n := posts.Load(); n != 1 {
				t.Errorf("the posting was sent %d times, want once", n)
			}
		})
	}
}

func formPage(t *testing.T) *browser.Page {
	t.Helper()
	s, err := selectors.Parse("poster.yaml", []byte(posting))
	if err != nil {
		t.Fatal(err)
	}
	b, err := browser.Start(t.Context(), browser.Config{NoSandbox: os.Geteuid() == 0, Wait: 3 * time.Second, Flags: []string{"--ignore-certificate-errors"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	page, err := b.Page(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return page
}
