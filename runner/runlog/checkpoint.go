package runlog

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint says how far a log had come at a moment, and what its tree's root
// was. Signed, it holds its log to everything up to there for ever.
type Checkpoint struct {
	Origin string
	Size   int64     // the number of the last entry it covers
	Root   tlog.Hash // of the tree of that size
	At     time.Time // when it was signed, to the microsecond
}

// Text is the checkpoint as it is signed: four lines. It is a checkpoint as
// c2sp.org/tlog-checkpoint describes it, with the time as its one extension line.
//
//	byskriver/nordborg
//	1204
//	qINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=
//	time 2026-03-02T05:15:00.250000Z
func (c Checkpoint) Text() string {
	return c.Origin + "\n" + strconv.FormatInt(c.Size, 10) + "\n" + c.Root.String() + "\n" +
		"time " + c.At.UTC().Format(leafTime) + "\n"
}

// ParseCheckpoint reads what Text wrote, and nothing else. It checks no
// signature; see OpenCheckpoint.
func ParseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 5 {
		return Checkpoint{}, errors.New("not a checkpoint: expected four lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 {
		return Checkpoint{}, errors.New("checkpoint: the second line is not a size")
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return Checkpoint{}, errors.New("checkpoint: the third line is not a hash")
	}
	stamp, ok := strings.CutPrefix(lines[3], "time ")
	at, err := time.Parse(leafTime, stamp)
	if !ok || err != nil {
		return Checkpoint{}, errors.New("checkpoint: the fourth line is not a time")
	}
	c := Checkpoint{Origin: lines[0], Size: size, Root: root, At: at}
	if c.Text() != text {
		return Checkpoint{}, errors.New("checkpoint: not in its one canonical form")
	}
	return c, nil
}

// OpenCheckpoint checks that a signed checkpoint is of this origin and signed by
// one of its verifiers, and reads it. Signatures by others (of witnesses) may
// stand beside.
func OpenCheckpoint(signed []byte, origin string, verifiers note.Verifiers) (Checkpoint, error) {
	n, err := note.Open(signed, verifiers)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: %w", err)
	}
	c, err := ParseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	if c.Origin != origin {
		return Checkpoint{}, fmt.Errorf("checkpoint: it is of %q, not of %q", c.Origin, origin)
	}
	return c, nil
}

// openStored is OpenCheckpoint for one that the log itself signed and stored: the
// bytes must be exactly those that Sign gave, one signature and nothing beside.
// note.Open alone would overlook a changed padding bit.
func openStored(signed []byte, origin string, verifiers note.Verifiers) (Checkpoint, error) {
	c, err := OpenCheckpoint(signed, origin, verifiers)
	if err != nil {
		return Checkpoint{}, err
	}
	line, ok := strings.CutPrefix(string(signed), c.Text()+"\n— "+origin+" ")
	if !ok {
		return Checkpoint{}, errors.New("checkpoint: not as it was signed")
	}
	sig, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(line, "\n"))
	if err != nil || base64.StdEncoding.EncodeToString(sig)+"\n" != line {
		return Checkpoint{}, errors.New("checkpoint: the signature is not as it was written")
	}
	return c, nil
}

// sign makes the signed form of a checkpoint.
func (l *Log) sign(c Checkpoint) ([]byte, error) {
	if l.signer == nil {
		return nil, errors.New("sign a checkpoint: no signing key was given")
	}
	signed, err := note.Sign(&note.Note{Text: c.Text()}, l.signer)
	if err != nil {
		return nil, fmt.Errorf("sign a checkpoint: %w", err)
	}
	return signed, nil
}
