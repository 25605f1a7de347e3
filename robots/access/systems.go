package access

import (
	"context"

	"byskriver/robots/access/review"
	"byskriver/runner"
)

// Source is a system that rights are read from.
type Source interface {
	System() string // its name in the configuration, such as "kspcics"
	// Read reads all of it. What a reading does not have is not there: what could not
	// be read whole is an error, a *runner.Trouble where it is the system's.
	Read(ctx context.Context) (review.Reading, error)
}

// Remover takes rights away in a system, as a user of its own that may correct. It
// signs in when it is first asked, and Close signs it off; after that it may be asked
// anew. Find and Remove are runner.Case.Once's.
type Remover interface {
	Find(ctx context.Context, g review.Grant) (runner.Sight, error) // Present: the right is gone; Absent: it stands
	Remove(ctx context.Context, g review.Grant) error
	Close()
}

// Directory is where the staff is read: everybody, with units and leaders.
type Directory interface {
	Read(ctx context.Context) (review.Staff, error)
}
