package runlog

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// errUnsigned says that there is no checkpoint yet that a proof could lead to.
var errUnsigned = errors.New("no checkpoint has been signed yet; the first run signs one")

// EntryProof is a file that proves to one who has the log's public key, and
// nothing else, that an entry stands in the log: its leaf, the hashes beside it,
// and the newest signed checkpoint. It shows no text and no person: see Leaf.
func (l *Log) EntryProof(ctx context.Context, q Querier, seq int64) ([]byte, error) {
	c, signed, err := l.Newest(ctx, q)
	if err == nil && len(signed) == 0 {
		err = errUnsigned
	}
	if err != nil {
		return nil, fmt.Errorf("prove entry %d: %w", seq, err)
	}
	leaf, hashes, err := Inclusion(ctx, q, seq, c.Size)
	if err != nil {
		return nil, err
	}
	head := fmt.Sprintf("byskriver-entry 1\nnumber %d\nleaf %s\n", seq, base64.StdEncoding.EncodeToString(leaf))
	return proofFile(head, hashes, signed), nil
}

// GrowthProof is a file that proves that the log, as the newest signed checkpoint
// has it, goes on from its first older entries and has changed none of them. older
// may be 0: then there is nothing to go on from.
func (l *Log) GrowthProof(ctx context.Context, q Querier, older int64) ([]byte, error) {
	c, signed, err := l.Newest(ctx, q)
	if err == nil && len(signed) == 0 {
		err = errUnsigned
	}
	if err != nil {
		return nil, fmt.Errorf("prove how the log has grown from %d: %w", older, err)
	}
	var hashes tlog.TreeProof
	if older != 0 {
		if hashes, err = Consistency(ctx, q, older, c.Size); err != nil {
			return nil, err
		}
	}
	return proofFile(fmt.Sprintf("byskriver-growth 1\nfrom %d\n", older), hashes, signed), nil
}

func proofFile(head string, hashes []tlog.Hash, signed []byte) []byte {
	var b bytes.Buffer
	b.WriteString(head)
	for _, h := range hashes {
		b.WriteString(h.String() + "\n")
	}
	b.WriteString("\n")
	b.Write(signed)
	return b.Bytes()
}
