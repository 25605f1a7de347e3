package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// The files of a witness's folder.
const (
	fileLog    = "log.pub"      // the log's public key
	fileKey    = "vidne.key"    // the witness's own key, for nobody else
	filePublic = "vidne.pub"    // its public part
	fileLast   = "kontrolpunkt" // the newest checkpoint that was signed
)

// witness is an opened folder.
type witness struct {
	dir    string
	log    note.Verifier
	own    note.Signer
	public note.Verifier
	last   checkpoint // of size 0 before the first
}

// found makes a witness in an empty or new folder.
func found(dir, name, logKey string) error {
	v, err := note.NewVerifier(strings.TrimSpace(logKey))
	if err != nil {
		return fmt.Errorf("loggens offentlige nøgle kan ikke bruges: %w", err)
	}
	private, public, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return fmt.Errorf("vidnet kan ikke hedde %q: %w", name, err)
	}
	if name == v.Name() {
		return errors.New("vidnet skal have et andet navn end loggen")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, f := range []struct {
		name, text string
		mode       fs.FileMode
	}{{fileKey, private, 0o600}, {filePublic, public, 0o644}, {fileLog, strings.TrimSpace(logKey), 0o644}} {
		w, err := os.OpenFile(filepath.Join(dir, f.name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, f.mode)
		if err != nil {
			return fmt.Errorf("der er et vidne i mappen i forvejen: %w", err)
		}
		_, err = w.WriteString(f.text + "\n")
		if err := errors.Join(err, w.Sync(), w.Close()); err != nil {
			return err
		}
	}
	return nil
}

// open reads a witness's folder.
func open(dir string) (*witness, error) {
	read := func(name string) (string, error) {
		b, err := os.ReadFile(filepath.Join(dir, name))
		return strings.TrimSpace(string(b)), err
	}
	logKey, err1 := read(fileLog)
	key, err2 := read(fileKey)
	public, err3 := read(filePublic)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, fmt.Errorf("mappen er ikke et vidnes (byskriver-vidne init laver den): %w", err)
	}
	w := &witness{dir: dir}
	var err error
	if w.log, err = note.NewVerifier(logKey); err != nil {
		return nil, fmt.Errorf("%s: %w", fileLog, err)
	}
	if w.own, err = note.NewSigner(key); err != nil {
		return nil, fmt.Errorf("%s kan ikke bruges", fileKey) // the error would quote the key
	}
	if w.public, err = note.NewVerifier(public); err != nil {
		return nil, fmt.Errorf("%s: %w", filePublic, err)
	}
	return w, w.readLast()
}

func (w *witness) readLast() error {
	signed, err := os.ReadFile(filepath.Join(w.dir, fileLast))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if w.last, err = openCheckpoint(signed, w.log, w.public); err != nil {
		return fmt.Errorf("%s: %w", fileLast, err)
	}
	if !signedBy(w.last.note, w.public) {
		return fmt.Errorf("%s bærer ikke vidnets egen underskrift", fileLast)
	}
	return nil
}

// sign signs a checkpoint, keeps it as the newest, and returns it.
func (w *witness) sign(c checkpoint) ([]byte, error) {
	signed, err := note.Sign(&note.Note{Text: c.note.Text, Sigs: onlyOf(c.note, w.log)}, w.own)
	if err != nil {
		return nil, err
	}
	return signed, w.keep(fileLast, signed)
}

// onlyOf are the log's own signatures on a note.
func onlyOf(n *note.Note, v note.Verifier) []note.Signature {
	var sigs []note.Signature
	for _, s := range n.Sigs {
		if s.Name == v.Name() && s.Hash == v.KeyHash() {
			sigs = append(sigs, s)
		}
	}
	return sigs
}

// keep writes a file whole or not at all.
func (w *witness) keep(name string, data []byte) error {
	part := filepath.Join(w.dir, "."+name)
	f, err := os.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(part, filepath.Join(w.dir, name))
}
