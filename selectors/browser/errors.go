package browser

import (
	"fmt"
	"strings"
	"time"
)

// ScreenChanged says that the page answered, and is not the page or does not
// have the thing that the selectors describe. It goes on until people have
// looked, so a robot that meets it should stop.
type ScreenChanged struct {
	System string
	Page   string   // the page that was expected
	Name   string   // what was looked for on it; "" for the page itself
	Tried  []string // every way, with what it found
	Shows  []string // pages of the system whose probe shows instead
	URL    string   // where the browser is, without query
}

// Error names the page, the thing and every way that was tried.
func (e *ScreenChanged) Error() string {
	what := "page " + e.Page
	if e.Name != "" {
		what = e.Page + "." + e.Name
	}
	s := fmt.Sprintf("%s: the screen has changed: %s was not found (%s)", e.System, what, strings.Join(e.Tried, "; "))
	if len(e.Shows) > 0 {
		s += "; what shows is " + strings.Join(e.Shows, ", ")
	}
	if e.URL != "" {
		s += " at " + e.URL
	}
	return s
}

// Slow says that something that was waited for did not come in time.
type Slow struct {
	System    string
	WaitedFor string
	For       time.Duration
}

// Error names what was waited for and how long.
func (e *Slow) Error() string {
	return fmt.Sprintf("%s: gave up after %s waiting for %s", e.System, e.For.Round(time.Millisecond), e.WaitedFor)
}

// Closed says that the page or the whole browser has died or been closed.
type Closed struct {
	What string // "Chromium" or "the page"
	Err  error  // what is known of the cause; may be nil
}

// Error names what is gone and why, as far as that is known.
func (e *Closed) Error() string {
	if e.Err == nil {
		return e.What + " is closed"
	}
	return fmt.Sprintf("%s is closed: %v", e.What, e.Err)
}

// Unwrap gives the cause.
func (e *Closed) Unwrap() error { return e.Err }

// Unreachable says that the system did not answer with a page: the connection
// failed, or the answer was an error of the server's own (HTTP 500 and above).
type Unreachable struct {
	System string
	URL    string // without query
	Reason string // such as net::ERR_CONNECTION_REFUSED or HTTP 503
}

// Error names the address and the reason.
func (e *Unreachable) Error() string {
	return fmt.Sprintf("%s: %s does not answer: %s", e.System, e.URL, e.Reason)
}

// NotTaken says that a field does not hold the value that was typed into it. The
// values may be personal data: the text of the error has them masked.
type NotTaken struct {
	System string
	Page   string
	Name   string
	Typed  string
	Shown  string
	text   string // the error's text, masked
}

// Error tells what was typed and what the field shows, both masked.
func (e *NotTaken) Error() string { return e.text }

// notTaken makes the error with its text masked.
func notTaken(system, page, name, typed, shown string, mask func([]byte) []byte) *NotTaken {
	text := fmt.Sprintf("%s: %s.%s did not take the value: typed %q, it shows %q", system, page, name, typed, shown)
	if mask != nil {
		text = string(mask([]byte(text)))
	} else {
		text = fmt.Sprintf("%s: %s.%s did not take the value: typed %d characters, it shows %d",
			system, page, name, len([]rune(typed)), len([]rune(shown)))
	}
	return &NotTaken{System: system, Page: page, Name: name, Typed: typed, Shown: shown, text: text}
}
