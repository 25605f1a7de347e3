package runlog

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Inclusion proves that the entry of that number stands in the tree of a size:
// tlog.CheckRecord(proof, size, root, seq-1, tlog.RecordHash(leaf)) accepts it
// against a checkpoint of that size. It costs a few rows, however long the log.
func Inclusion(ctx context.Context, q Querier, seq, size int64) (leaf []byte, proof tlog.RecordProof, err error) {
	if seq < 1 || seq > size {
		return nil, nil, fmt.Errorf("prove entry %d: the tree has entries 1 to %d", seq, size)
	}
	found := false
	page, err := readPage(ctx, q, "WHERE seq = $1", []any{seq})
	if err != nil {
		return nil, nil, fmt.Errorf("prove entry %d: %w", seq, err)
	}
	for _, r := range page {
		l, err := r.leaf()
		if err != nil {
			return nil, nil, fmt.Errorf("prove entry %d: %w", seq, ErrChanged)
		}
		leaf, found = l.Bytes(), true
	}
	if !found {
		return nil, nil, fmt.Errorf("prove entry %d: %w", seq, errors.New("there is no such entry"))
	}
	proof, err = tlog.ProveRecord(size, seq-1, hashesOf(ctx, q))
	if err != nil {
		return nil, nil, fmt.Errorf("prove entry %d: %w", seq, err)
	}
	return leaf, proof, nil
}

// Consistency proves that the tree of the newer size goes on from that of the
// older: tlog.CheckTree accepts it against checkpoints of both sizes.
func Consistency(ctx context.Context, q Querier, older, newer int64) (tlog.TreeProof, error) {
	if older < 1 || older > newer {
		return nil, fmt.Errorf("prove that the log of %d entries goes on from %d: it does not", newer, older)
	}
	proof, err := tlog.ProveTree(newer, older, hashesOf(ctx, q))
	if err != nil {
		return nil, fmt.Errorf("prove that the log of %d entries goes on from %d: %w", newer, older, err)
	}
	return proof, nil
}

// checkConsistency checks by the stored hashes that one tree goes on from
// another. The hashes prove it or do not; they need not be trusted.
func checkConsistency(ctx context.Context, q Querier, newer, older Checkpoint) error {
	proof, err := Consistency(ctx, q, older.Size, newer.Size)
	if err != nil {
		return err
	}
	if tlog.CheckTree(proof, newer.Size, newer.Root, older.Size, older.Root) != nil {
		return fmt.Errorf("the log does not go on from it: %w", ErrChanged)
	}
	return nil
}
