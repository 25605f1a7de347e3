package review

import "errors"

// ErrNotYours is about a package that is not there, or not for whoever asks: nobody
// learns which.
var ErrNotYours = errors.New("no such package for this employee")

// Said is what was not in order with an answer, in Danish for whoever gave it.
type Said string

// Error is that text.
func (s Said) Error() string { return string(s) }

// Answer is one answer to one right, as somebody gives it.
type Answer struct {
	Held    string // Held.ID
	Verdict Verdict
	Reason  string
}
