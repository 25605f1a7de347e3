package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// checkpoint is how far a log says that it has come.
type checkpoint struct {
	origin string
	size   int64
	root   tlog.Hash
	at     string // when it was signed, as the log says
	note   *note.Note
}

// openCheckpoint reads a signed checkpoint. It must carry the log's signature.
func openCheckpoint(signed []byte, log note.Verifier, others ...note.Verifier) (checkpoint, error) {
	n, err := note.Open(signed, note.VerifierList(append(others, log)...))
	if err != nil {
		return checkpoint{}, fmt.Errorf("kontrolpunktet er ikke underskrevet af loggen: %w", err)
	}
	if !signedBy(n, log) {
		return checkpoint{}, errors.New("kontrolpunktet er ikke underskrevet af loggen")
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 5 || lines[0] != log.Name() {
		return checkpoint{}, fmt.Errorf("kontrolpunktet er ikke loggen %s's", log.Name())
	}
	c := checkpoint{origin: lines[0], at: strings.TrimPrefix(lines[3], "time "), note: n}
	if c.size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.size < 0 {
		return checkpoint{}, errors.New("kontrolpunktet siger ikke, hvor mange poster det dækker")
	}
	if c.root, err = tlog.ParseHash(lines[2]); err != nil {
		return checkpoint{}, errors.New("kontrolpunktet har intet hash af loggen")
	}
	return c, nil
}

func signedBy(n *note.Note, v note.Verifier) bool {
	for _, s := range n.Sigs {
		if s.Name == v.Name() && s.Hash == v.KeyHash() {
			return true
		}
	}
	return false
}

// proof is a proof file: its lines of head, its hashes, and the signed checkpoint.
type proof struct {
	head   []string
	hashes []tlog.Hash
	signed []byte
}

// maxProof bounds a proof file: the tree of a log of 2^60 entries needs 120 hashes.
const maxProof = 64 << 10

// readProof reads a proof file whose first line is kind, and which has so many
// further lines of head.
func readProof(data []byte, kind string, heads int) (p proof, err error) {
	if len(data) > maxProof {
		return p, errors.New("filen er for stor til at være et bevis")
	}
	head, rest, ok := strings.Cut(string(data), "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || len(lines) < 1+heads || lines[0] != kind {
		return p, fmt.Errorf("filen er ikke et bevis af slagsen %q", kind)
	}
	p.head, p.signed = lines[1:1+heads], []byte(rest)
	for _, line := range lines[1+heads:] {
		h, err := tlog.ParseHash(line)
		if err != nil {
			return p, errors.New("beviset har en linje, der ikke er et hash")
		}
		p.hashes = append(p.hashes, h)
	}
	return p, nil
}

// value is what stands after a key on a line of a proof's head.
func value(line, key string) (string, error) {
	v, ok := strings.CutPrefix(line, key+" ")
	if !ok {
		return "", fmt.Errorf("beviset mangler linjen %q", key)
	}
	return v, nil
}

func number(line, key string) (int64, error) {
	v, err := value(line, key)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != v {
		return 0, fmt.Errorf("beviset har intet tal ved %q", key)
	}
	return n, nil
}

// entry is the entry that a proof is about, with its leaf's lines.
type entry struct {
	number int64
	leaf   []byte
	proof  tlog.RecordProof
	signed []byte
}

func readEntry(data []byte) (e entry, err error) {
	p, err := readProof(data, "byskriver-entry 1", 2)
	if err != nil {
		return e, err
	}
	if e.number, err = number(p.head[0], "number"); err != nil {
		return e, err
	}
	text, err := value(p.head[1], "leaf")
	if err != nil {
		return e, err
	}
	if e.leaf, err = base64.StdEncoding.Strict().DecodeString(text); err != nil {
		return e, errors.New("beviset har ingen post")
	}
	e.proof, e.signed = p.hashes, p.signed
	return e, nil
}

// holds checks that the entry stands where it says in the checkpoint's log.
func (e entry) holds(c checkpoint) error {
	if e.number < 1 || e.number > c.size || tlog.CheckRecord(e.proof, c.size, c.root, e.number-1, tlog.RecordHash(e.leaf)) != nil {
		return fmt.Errorf("post %d står ikke sådan i loggen: beviset passer ikke til kontrolpunktet", e.number)
	}
	return nil
}

// growth is how a log has gone on from an earlier size.
type growth struct {
	from   int64
	proof  tlog.TreeProof
	signed []byte
}

func readGrowth(data []byte) (g growth, err error) {
	p, err := readProof(data, "byskriver-growth 1", 1)
	if err != nil {
		return g, err
	}
	g.from, err = number(p.head[0], "from")
	g.proof, g.signed = p.hashes, p.signed
	return g, err
}

// leads checks that the proof leads from one checkpoint to a later one.
func (g growth) leads(older, newer checkpoint) error {
	switch {
	case older.size > newer.size:
		return fmt.Errorf("%w: den var på %d poster og er nu på %d", errForked, older.size, newer.size)
	case older.size == newer.size && older.root != newer.root:
		return fmt.Errorf("%w: to forskellige logge på %d poster", errForked, older.size)
	case older.size == newer.size:
		return nil
	case g.from != older.size:
		return fmt.Errorf("beviset begynder ved post %d, og det skal begynde ved %d", g.from, older.size)
	case older.size == 0:
		return nil
	case tlog.CheckTree(g.proof, newer.size, newer.root, older.size, older.root) != nil:
		return fmt.Errorf("%w: beviset fører ikke fra %d poster til %d", errForked, older.size, newer.size)
	}
	return nil
}
