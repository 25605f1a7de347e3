package workbook

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// maxUnzipped is how large a file may be when unpacked, where the caller sets no
// other limit: 64 MiB.
const maxUnzipped = 64 << 20

// maxEntries is how many parts a file may have. Ours have one a sheet and ten
// more.
const maxEntries = 5000

// archive is an .xlsx file that is being read. The library that writes ours is
// not used to read: it does not tell a number from a text, and takes memory for
// every cell that a crafted file only pretends to have.
type archive struct {
	parts map[string]*zip.File // by name in small letters
	left  int64                // how many bytes may still be unpacked
}

// Errors that end the reading of a file; each has a text for staff in refusals.
var (
	errEmpty     = errors.New("the file is empty")
	errEncrypted = errors.New("the file is encrypted")
	errOldExcel  = errors.New("the file is an .xls file")
	errText      = errors.New("the file is text, not a workbook")
	errNoZip     = errors.New("the file is not a workbook")
	errCut       = errors.New("the file is cut off or damaged")
	errTooLarge  = errors.New("the file is too large when unpacked")
	errNotExcel  = errors.New("the file is another kind of document")
	errNoRows    = errors.New("no sheet has the headings of an exception list")
	errLock      = errors.New("the file is a lock file")
)

// openArchive looks at the file's first bytes and its directory.
func openArchive(r io.ReaderAt, size, limit int64) (*archive, error) {
	if size == 0 {
		return nil, errEmpty
	}
	if size > limit {
		return nil, errTooLarge
	}
	if err := sniff(r, size); err != nil {
		return nil, err
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errCut, err)
	}
	if len(z.File) > maxEntries {
		return nil, errTooLarge
	}
	a := &archive{parts: map[string]*zip.File{}, left: limit}
	total := uint64(0)
	for _, f := range z.File {
		if total += f.UncompressedSize64; total > uint64(limit) || f.UncompressedSize64 > uint64(limit) {
			return nil, errTooLarge
		}
		a.parts[partName(f.Name)] = f
	}
	return a, nil
}

// partName is a part's name as it is compared: OPC takes no account of case.
func partName(s string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(s, `\`, "/"), "/"))
}

// sniff tells by the first bytes what a file is that is no zip archive.
func sniff(r io.ReaderAt, size int64) error {
	head := make([]byte, min(size, 512))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the file: %w", err)
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return nil
	case bytes.HasPrefix(head, []byte("PK")):
		return errCut
	case bytes.HasPrefix(head, []byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}):
		return oleKind(r, size)
	case len(bytes.Trim(head, "\x00")) == 0:
		return errCut
	case !bytes.ContainsFunc(head, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' }):
		return errText
	}
	return errNoZip
}

// oleKind tells an encrypted workbook from an old one: both are OLE files, and
// only the first has a stream of this name (MS-OFFCRYPTO 1.3.3).
func oleKind(r io.ReaderAt, size int64) error {
	var name []byte
	for _, c := range []byte("EncryptedPackage") {
		name = append(name, c, 0)
	}
	buf := make([]byte, 1<<20)
	for at := int64(0); at < size; at += int64(len(buf) - len(name)) {
		n, err := r.ReadAt(buf, at)
		if bytes.Contains(buf[:n], name) {
			return errEncrypted
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read the file: %w", err)
		}
	}
	return errOldExcel
}

// tokens reads a part's XML and hands each token to take. What is unpacked counts
// against the limit, however often a part is read and whatever its directory
// entry says.
func (a *archive) tokens(name string, take func(xml.Token) error) error {
	f, ok := a.parts[partName(name)]
	if !ok {
		return fmt.Errorf("%w: it lacks the part %s", errCut, name)
	}
	r, err := f.Open()
	if err != nil {
		return fmt.Errorf("%w: %s: %w", errCut, name, err)
	}
	defer r.Close()
	in := &metered{archive: a, in: r}
	d := xml.NewDecoder(in)
	for {
		t, err := d.Token()
		switch {
		case err == io.EOF:
			return nil
		case in.spent:
			return errTooLarge
		case err != nil:
			return fmt.Errorf("%w: %s: %w", errCut, name, err)
		}
		if err := take(t); err != nil {
			return err
		}
	}
}

// metered reads until the archive's limit is used up.
type metered struct {
	archive *archive
	in      io.Reader
	spent   bool
}

func (m *metered) Read(b []byte) (int, error) {
	n, err := m.in.Read(b)
	if m.archive.left -= int64(n); m.archive.left < 0 {
		m.spent = true
		return 0, errTooLarge
	}
	return n, err
}

// relation is a line in a part that says where others are.
type relation struct{ id, kind, target string }

// relations reads the relations of a part. Targets are made full part names.
func (a *archive) relations(of string) ([]relation, error) {
	dir, base := path.Split(of)
	var rs []relation
	name := dir + "_rels/" + base + ".rels"
	err := a.tokens(name, func(t xml.Token) error {
		el, ok := t.(xml.StartElement)
		if !ok || el.Name.Local != "Relationship" || attr(el, "TargetMode") == "External" {
			return nil
		}
		target := strings.ReplaceAll(attr(el, "Target"), `\`, "/")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(dir, target)
		}
		kind := attr(el, "Type")
		rs = append(rs, relation{attr(el, "Id"), kind[strings.LastIndex(kind, "/")+1:], strings.TrimPrefix(target, "/")})
		return nil
	})
	return rs, err
}

// targetOf is the part that the first relation of a kind leads to, or "".
func targetOf(rs []relation, kind string) string {
	for _, r := range rs {
		if r.kind == kind {
			return r.target
		}
	}
	return ""
}

// attr is an attribute's value, whatever its name space.
func attr(el xml.StartElement, name string) string {
	for _, a := range el.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
