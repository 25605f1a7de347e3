package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"byskriver/runner/config"
	"byskriver/runner/runlog"
	"byskriver/runner/seal"
)

type initCmd struct{}

// Run makes the store's key and the log's signing key where their files are
// missing. It never touches a file that is there.
func (c *initCmd) Run(e *env) error {
	conf, err := e.config()
	if err != nil {
		return err
	}
	if err := makeSecret(e, conf.Store.Key, func() (string, string, error) {
		return seal.NewSecret("k" + e.clock().Now().Format("20060102")), "", nil
	}); err != nil {
		return err
	}
	return makeSecret(e, conf.Log.Key, func() (string, string, error) {
		return runlog.NewKey(origin(conf.Municipality))
	})
}

// makeSecret writes a new secret where a file reference points at nothing. What
// make gives beside it, such as a verifier's public key, is written to FILE.pub.
func makeSecret(e *env, ref config.Secret, make func() (secret, public string, err error)) error {
	path, ok := ref.File()
	if !ok {
		return nil
	}
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	secret, public, err := make()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the folder of a secret: %w", err)
	}
	if err := writeNew(path, secret, 0o600); err != nil {
		return err
	}
	if public != "" {
		if err := writeNew(path+".pub", public, 0o644); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(e.Stdout, "made %s\n", path)
	return err
}

func writeNew(path, text string, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return fmt.Errorf("make a secret: %w", err)
	}
	_, err = f.WriteString(text + "\n")
	return errors.Join(err, f.Sync(), f.Close())
}
