// Package approval lets a sheet of rules take effect when a second person has
// approved it. A sheet that says something else than the approved one becomes an
// item with the difference in it; until somebody else than its author approves
// that, the robot works by the approved one.
package approval

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"byskriver/robots/invoice/plans"
	"byskriver/runner"
)

// Action is a second person's decision to let a changed sheet take effect.
const Action = "approve"

// Change is a sheet that differs from the approved one. Its JSON names are stored.
type Change[S any] struct {
	Digest   string          `json:"digest"`   // of what the sheet says
	After    string          `json:"after"`    // when the version that it changes was approved
	Sheet    *S              `json:"sheet"`    // nil where the file is refused
	Problems []plans.Problem `json:"problems"` // what is wrong with it
}

// Words are the codes and sentences of one kind of sheet, each with its own code.
// In the texts {af} is who saved the sheet, {godkender} who would approve it,
// {ændringer} what has changed, {fejl} what is wrong with it.
type Words struct {
	Changed, First      Said // a change; the first version ever
	Broken              Said
	Unknown, Same       Said // nobody, or the same person, is named as its author
	Superseded          Said
	Remarks             string // before what a person should look through
	Label, Missing, Key string // the item's label; the English name of the file; the beginning of its key
}

// Said is a code and a sentence.
type Said struct{ Code, Text string }

// Keeper keeps one kind of sheet.
type Keeper[S any] struct {
	Path     string // the file
	Paper    string // the approved version's place on the shelf
	Words    Words
	Shelf    runner.Shelf
	Parse    func(data []byte, l plans.FileLimits) (S, []plans.Problem)
	Digest   func(S) (string, error)
	Meta     func(*S) *plans.Meta
	Describe func(old, new S) string
}

// Approved is the version that a second person has approved, and when; the zero
// time as long as there is none.
func (k *Keeper[S]) Approved(ctx context.Context) (S, time.Time, error) {
	var sheet S
	paper, ok, err := k.Shelf.Paper(ctx, k.Paper)
	if err != nil || !ok {
		return sheet, time.Time{}, err
	}
	if err := json.Unmarshal(paper.Data, &sheet); err != nil {
		return sheet, time.Time{}, fmt.Errorf("read the approved %s: %w", k.Words.Missing, err)
	}
	return sheet, paper.At, nil
}

// Changed is how the sheet differs from the approved version; nil if it does not.
func (k *Keeper[S]) Changed(ctx context.Context) (*Change[S], error) {
	sheet, problems, file, err := k.read()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the %s is missing: %w", k.Words.Missing, err)
	}
	if err != nil {
		return nil, err
	}
	if plans.Refused(problems) {
		return &Change[S]{Digest: "file/" + file, Problems: problems}, nil
	}
	digest, err := k.Digest(sheet)
	if err != nil {
		return nil, err
	}
	old, since, err := k.Approved(ctx)
	if err != nil {
		return nil, err
	}
	if !since.IsZero() {
		have, err := k.Digest(old)
		if err != nil || have == digest {
			return nil, err
		}
	}
	// When and where the file was saved is no part of what is approved, and would
	// make the same change look like another.
	*k.Meta(&sheet) = plans.Meta{LastModifiedBy: k.Meta(&sheet).LastModifiedBy}
	return &Change[S]{Digest: digest, After: since.UTC().Format(time.RFC3339Nano), Sheet: &sheet, Problems: problems}, nil
}

// read reads the sheet together with the SHA-256, in hex, of its file.
func (k *Keeper[S]) read() (sheet S, problems []plans.Problem, digest string, err error) {
	f, err := os.Open(k.Path)
	if err != nil {
		return sheet, nil, "", fmt.Errorf("open the %s: %w", k.Words.Missing, err)
	}
	defer f.Close()
	limits := plans.DefaultFileLimits()
	// One byte more than the limit, so that Parse sees that the file is too large.
	data, err := io.ReadAll(io.LimitReader(f, limits.FileBytes+1))
	if err != nil {
		return sheet, nil, "", fmt.Errorf("read the %s %s: %w", k.Words.Missing, k.Path, err)
	}
	sum := sha256.Sum256(data)
	sheet, problems = k.Parse(data, limits)
	return sheet, problems, hex.EncodeToString(sum[:]), nil
}

// Collect reports a sheet that has changed or cannot be used. content makes the
// item's content of the change.
func (k *Keeper[S]) Collect(ctx context.Context, found runner.Finder, content func(Change[S]) any) error {
	change, err := k.Changed(ctx)
	if err != nil || change == nil {
		return err
	}
	b, err := json.Marshal(content(*change))
	if err != nil {
		return fmt.Errorf("encode the changed %s: %w", k.Words.Missing, err)
	}
	_, err = found(runner.Found{Key: k.Words.Key + k.key(*change), Content: b, Same: k.key(*change), Label: k.Words.Label, Source: k.Path})
	return err
}

// key tells one change from another: going back to an earlier version is a
// change of its own, since another version was approved in between. Remarks count
// too: a sheet with rows newly hidden is another one to look through.
func (k *Keeper[S]) key(c Change[S]) string {
	if c.Sheet == nil {
		return c.Digest
	}
	key := c.After + "/" + c.Digest + "/" + k.author(*c.Sheet)
	for _, problem := range c.Problems {
		key += "/" + problem.String()
	}
	return key
}

// author is who saved the sheet last, as the file says; "" where it does not.
func (k *Keeper[S]) author(s S) string { return strings.TrimSpace(k.Meta(&s).LastModifiedBy) }
