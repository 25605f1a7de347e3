package pages

import (
	"crypto/subtle"
	"net/http"
	"sync"
	"time"

	"byskriver/robots/internal/idp"
	"byskriver/runner"
)

// How long somebody may be away, how long one sign-in lasts, and the most sessions and
// sign-ins under way that are remembered; what is beyond that has to sign in anew.
const (
	idle     = 45 * time.Minute
	longest  = 9 * time.Hour
	mostKept = 5000
)

// The cookies' names. One that the browser sends over TLS alone is given the prefix
// that has it hold to that.
const (
	cookieSession = "byskriver-adgang"
	cookieAttempt = "byskriver-vej"
)

// session is one sign-in. It lives in memory: after a restart people sign in anew.
type session struct {
	id, mark string // mark is in each of its forms
	login    string
	began    time.Time
	seen     time.Time
}

func (s session) marked(mark string) bool {
	return subtle.ConstantTimeCompare([]byte(s.mark), []byte(mark)) == 1
}

// attempt is one sign-in under way, bound to the browser that began it.
type attempt struct {
	idp.Attempt
	to string // the path to go on to
}

type sessions struct {
	clock  runner.Clock
	random func() string

	mu       sync.Mutex
	open     map[string]session
	attempts map[string]attempt
}

func newSessions(clock runner.Clock, random func() string) *sessions {
	return &sessions{clock: clock, random: random, open: map[string]session{}, attempts: map[string]attempt{}}
}

// begin remembers a sign-in under way, and says what the browser is given to tell it by.
func (s *sessions) begin(a attempt) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	for id, old := range s.attempts {
		if now.After(old.Until) || len(s.attempts) >= mostKept {
			delete(s.attempts, id)
		}
	}
	id := s.random()
	s.attempts[id] = a
	return id
}

// take gives an attempt once.
func (s *sessions) take(id string) (attempt, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.attempts[id]
	delete(s.attempts, id)
	return a, ok
}

func (s *sessions) start(login string) session {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	for id, old := range s.open {
		if stale(old, now) || len(s.open) >= mostKept {
			delete(s.open, id)
		}
	}
	n := session{id: s.random(), mark: s.random(), login: login, began: now, seen: now}
	s.open[n.id] = n
	return n
}

func stale(s session, now time.Time) bool {
	return now.Sub(s.seen) > idle || now.Sub(s.began) > longest
}

// of is the session of a cookie.
func (s *sessions) of(id string) (session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.open[id]
	now := s.clock.Now()
	if !ok || stale(found, now) {
		delete(s.open, id)
		return session{}, false
	}
	found.seen = now
	s.open[id] = found
	return found, true
}

func (s *sessions) end(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, id)
}

func (p *pages) cookieName(name string) string {
	if p.secure {
		return "__Host-" + name
	}
	return name
}

func (p *pages) cookie(r *http.Request, name string) string {
	c, err := r.Cookie(p.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

// setCookie gives the browser a value to keep until it is closed; "" takes it back.
// Lax, since people come back from the identity provider's site.
func (p *pages) setCookie(w http.ResponseWriter, name, value string) {
	c := &http.Cookie{Name: p.cookieName(name), Value: value, Path: "/", HttpOnly: true, Secure: p.secure, SameSite: http.SameSiteLaxMode}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}
