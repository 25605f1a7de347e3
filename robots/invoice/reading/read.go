package reading

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"byskriver/robots/invoice/reading/oioubl"
	"byskriver/robots/invoice/reading/peppol"
	"byskriver/robots/invoice/reading/rule"
	"byskriver/robots/invoice/reading/schema"
	"byskriver/robots/invoice/reading/ubl"
	"byskriver/runner"
)

// Limits bound what a file may cost to read.
type Limits struct {
	Bytes    int64 // size of the file
	Depth    int   // elements inside each other
	Elements int   // elements in all
	Token    int   // bytes of one tag or text; embedded attachments do not count
	Findings int   // findings that are reported
}

// DefaultLimits are enough for any invoice that people deal with: 100 MiB (NemHandel
// and Peppol access points stop at or below it), 64 levels, a million elements, 2 MiB for
// one text, 200 findings.
func DefaultLimits() Limits {
	return Limits{Bytes: 100 << 20, Depth: 64, Elements: 1_000_000, Token: 2 << 20, Findings: 200}
}

// ReadFile reads the invoice in the named file. A file larger than the limit is
// refused without being read. See Read.
func ReadFile(ctx context.Context, path string, lim Limits) (Invoice, []Finding, error) {
	f, err := os.Open(path)
	if err != nil {
		return Invoice{}, nil, fmt.Errorf("open the invoice: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Invoice{}, nil, fmt.Errorf("look at the invoice: %w", err)
	}
	if info.Mode().IsRegular() && info.Size() > lim.Bytes {
		return Invoice{Size: info.Size()}, []Finding{tooLarge(lim)}, nil
	}
	inv, findings, err := Read(ctx, f, lim)
	if err != nil {
		return inv, findings, fmt.Errorf("read the invoice %s: %w", path, err)
	}
	return inv, findings, nil
}

// Read reads an invoice or credit note and judges its form. Whatever is wrong with
// the content is a Finding; if one is fatal, the Invoice holds what could be read,
// which may be nothing, and must not be paid on. Without a fatal finding it has a
// number, a date, amounts and both parties.
//
// The error is only about the reading itself: the reader failed, or ctx ended.
// Digest and Size are filled in whenever the file was read to its end.
func Read(ctx context.Context, r io.Reader, lim Limits) (Invoice, []Finding, error) {
	in := &meter{ctx: ctx, r: r, left: lim.Bytes, sum: sha256.New()}
	root, findings, err := parse(in, lim)
	if err == nil {
		err = in.drain()
	}
	if errors.Is(err, errTooLarge) {
		return Invoice{Size: in.size}, []Finding{tooLarge(lim)}, nil
	}
	if err != nil {
		return Invoice{}, nil, err
	}
	var inv Invoice
	if len(findings) == 0 {
		inv, findings = judge(ctx, root, lim.Findings)
	}
	inv.Digest, inv.Size = hex.EncodeToString(in.sum.Sum(nil)), in.size
	return inv, findings, ctx.Err()
}

// parse gives the tree, or the one finding that says why there is none. The error
// is the reader's own.
func parse(in *meter, lim Limits) (*ubl.Node, []Finding, error) {
	buffered := bufio.NewReaderSize(in, peeked)
	if _, err := buffered.Peek(1); err == io.EOF {
		return nil, []Finding{formal("FORM-TOM", "")}, nil
	}
	text, name, ok := utf8Reader(buffered)
	if !ok {
		return nil, []Finding{formal("FORM-TEGNSÆT", "", name)}, nil
	}
	root, err := ubl.Parse(text, ubl.Limits{Depth: lim.Depth, Elements: lim.Elements, Token: lim.Token})
	var fault *ubl.Fault
	if errors.As(err, &fault) {
		return root, []Finding{broken(root, fault)}, nil
	}
	return root, nil, err
}

// judge turns a well-formed tree into an invoice and what is to be said of it, up
// to so many findings.
func judge(ctx context.Context, root *ubl.Node, most int) (Invoice, []Finding) {
	doc, refusal := recognise(root)
	if refusal != nil {
		return Invoice{}, []Finding{*refusal}
	}
	inv := extract(doc)
	return inv, remark(inv, complete(inv, check(ctx, doc, most)))
}

// check applies the schema and the rules. When there are enough findings it goes
// on only until it has seen a fatal one.
func check(ctx context.Context, doc document, most int) []Finding {
	var findings []Finding
	fatal := false
	add := func(f Finding) bool {
		if len(findings) < most || f.Fatal {
			findings = append(findings, f)
		}
		fatal = fatal || f.Fatal
		return len(findings) < most || !fatal
	}
	schema.Check(ctx, doc.root, func(h schema.Hit) bool { return add(misformed(h)) })
	rules := oioubl.Check
	if doc.format == Peppol {
		rules = peppol.Check
	}
	rules(ctx, doc.root, func(h rule.Hit) bool {
		return add(Finding{Code: h.ID, Text: h.Text, Fatal: !h.Warn, Where: runner.Mask(h.At.Path())})
	})
	return findings
}

var errTooLarge = errors.New("larger than the limit")

// meter counts and hashes what is read, and stops at the limit and when ctx ends.
type meter struct {
	ctx  context.Context
	r    io.Reader
	left int64
	size int64
	sum  hash.Hash
}

// Read is io.Reader's.
func (m *meter) Read(p []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := m.r.Read(p)
	m.size += int64(n)
	if m.left -= int64(n); m.left < 0 {
		return 0, errTooLarge
	}
	m.sum.Write(p[:n])
	return n, err
}

// drain reads to the end, so that digest and size are those of the whole file.
func (m *meter) drain() error {
	_, err := io.Copy(io.Discard, m)
	return err
}
