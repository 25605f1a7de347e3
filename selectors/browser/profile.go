package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// profile is a folder of our own for Chromium's data, held by a lock as long as
// we live, so that the next start can tell a forgotten folder from one in use.
type profile struct {
	path string
	lock *os.File
}

const profilePrefix = "byskriver-chromium-"

func newProfile(parent string) (*profile, error) {
	sweep(parent)
	path, err := os.MkdirTemp(parent, profilePrefix)
	if err != nil {
		return nil, fmt.Errorf("make a folder for Chromium: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(path, "in-use"), os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if err != nil {
		os.RemoveAll(path)
		return nil, fmt.Errorf("lock Chromium's folder %s: %w", path, err)
	}
	if err := writePreferences(path); err != nil {
		lock.Close()
		os.RemoveAll(path)
		return nil, err
	}
	return &profile{path: path, lock: lock}, nil
}

// preferences turn off what Chromium does for people with the forms it sees: it
// would guess at them, offer to remember what is typed, and check its spelling.
const preferences = `{
	"autofill": {"enabled": false, "profile_enabled": false, "credit_card_enabled": false},
	"credentials_enable_service": false,
	"profile": {"password_manager_enabled": false},
	"browser": {"enable_spellchecking": false},
	"spellcheck": {"dictionaries": []},
	"translate": {"enabled": false},
	"safebrowsing": {"enabled": false},
	"search": {"suggest_enabled": false}
}`

func writePreferences(dir string) error {
	dir = filepath.Join(dir, "Default")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("make Chromium's profile: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "Preferences"), []byte(preferences), 0o600); err != nil {
		return fmt.Errorf("write Chromium's preferences: %w", err)
	}
	return nil
}

func (p *profile) remove() error {
	defer p.lock.Close()
	if err := os.RemoveAll(p.path); err != nil {
		return fmt.Errorf("remove Chromium's folder: %w", err)
	}
	return nil
}

// sweep removes folders whose owner was killed before it could. One that cannot
// be removed harms nobody and is tried again at the next start.
func sweep(parent string) {
	if parent == "" {
		parent = os.TempDir()
	}
	old, _ := filepath.Glob(filepath.Join(parent, profilePrefix+"*", "in-use"))
	for _, name := range old {
		lock, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			os.RemoveAll(filepath.Dir(name))
		}
		lock.Close()
	}
}
