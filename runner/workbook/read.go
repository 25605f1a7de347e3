package workbook

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"byskriver/runner/seal"
)

// ReadOptions are what Read goes by.
type ReadOptions struct {
	Ring *seal.Ring // the ring that made the rows' codes
	// Standing tells an item's revision now, and whether it is on the list. A row
	// for another revision, or for an item that is not listed, is refused. Nil
	// leaves that to the caller.
	Standing func(number string) (revision int, listed bool, err error)
	// MaxUnzipped is how large the unpacked file may be, in bytes; 0 means 64 MiB.
	MaxUnzipped int64
}

// Import is what a file held. What is in none of the three lists was not touched
// by anybody.
type Import struct {
	Digest    string // SHA-256 of the file as read, in hex
	Rows      int    // how many rows with a number were seen
	Decisions []Decision
	Drafts    []Saved
	Errors    []RowError
}

// Decision is one person's decision about one exception, as a row of the file
// has it. It fits its row's code: number, revision and choice are ours.
type Decision struct {
	Number   string
	Revision int
	Action   string // the code of the choice taken
	Value    string
	Note     string
	Sheet    string // where it stands
	Row      int
}

// Saved is what a person wrote in a row that is ours.
type Saved struct {
	Number   string
	Revision int
	Draft
}

// RowError says why a row was refused. The others are not touched by it.
type RowError struct {
	Sheet  string
	Row    int
	Number string // "" if the row has none
	Code   string // stable, for logs, such as "choice-unknown"
	Text   string // Danish: what is wrong and what to do
}

// FileError says why a whole file was refused. Nothing was taken from it.
type FileError struct {
	File string // its name; "" if it has none
	Text string // Danish: what is wrong and what to do
	Err  error
}

// Error names the file and the reason.
func (e *FileError) Error() string { return fmt.Sprintf("read workbook %s: %v", e.File, e.Err) }

// Unwrap gives the reason.
func (e *FileError) Unwrap() error { return e.Err }

// Read takes the decisions out of a file. A file that cannot be read whole is
// refused whole, with a *FileError.
func Read(path string, o ReadOptions) (Import, error) {
	name := filepath.Base(path)
	if isLock(name) {
		return Import{}, refused(name, errLock)
	}
	f, err := os.Open(path)
	if err != nil {
		return Import{}, fmt.Errorf("read workbook: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return Import{}, fmt.Errorf("read workbook: %w", err)
	}
	if !st.Mode().IsRegular() {
		return Import{}, refused(name, errNoZip)
	}
	im, err := ReadFrom(f, st.Size(), o)
	if fe := (*FileError)(nil); errors.As(err, &fe) {
		fe.File = name
	}
	return im, err
}

// ReadFrom is Read for a file of the given size that is open already.
func ReadFrom(r io.ReaderAt, size int64, o ReadOptions) (Import, error) {
	if o.Ring == nil {
		return Import{}, errors.New("read workbook: a ring is needed")
	}
	found, err := scan(r, size, o.MaxUnzipped)
	if err != nil {
		return Import{}, err
	}
	j := &judge{options: o, lists: found.lists}
	if err := j.all(found); err != nil {
		return Import{}, fmt.Errorf("read workbook: %w", err)
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(r, 0, size)); err != nil {
		return Import{}, fmt.Errorf("read workbook: %w", err)
	}
	j.result.Rows, j.result.Digest = found.rows, hex.EncodeToString(h.Sum(nil))
	return j.result, nil
}

// scan reads a file without judging its rows. Its errors are file errors.
func scan(r io.ReaderAt, size, limit int64) (*findings, error) {
	if limit == 0 {
		limit = maxUnzipped
	}
	a, err := openArchive(r, size, limit)
	if err != nil {
		return nil, refused("", err)
	}
	s, err := openSpreadsheet(a)
	if err != nil {
		return nil, refused("", err)
	}
	found, err := s.find()
	if err != nil {
		return nil, refused("", err)
	}
	return found, nil
}

// isLock reports whether a file is one that Excel or LibreOffice lays beside a
// file that is open.
func isLock(name string) bool {
	return strings.HasPrefix(name, "~$") || strings.HasPrefix(name, ".~lock.")
}

// refusals are what staff read about a file that was refused.
var refusals = []struct {
	err  error
	text string
}{
	{errLock, "Det er kun Excels mærke for, at filen er åben hos nogen. Luk regnearket, og prøv igen med selve filen."},
	{errEmpty, "Filen er tom. Åbn regnearket, gem det igen, og prøv en gang til."},
	{errEncrypted, "Filen er beskyttet med adgangskode. Fjern adgangskoden i Excel (Filer, Oplysninger, Beskyt projektmappe), gem, og prøv igen."},
	{errOldExcel, "Filen er i det gamle format .xls. Gem den som Excel-projektmappe (.xlsx), og prøv igen."},
	{errText, "Filen er en tekstfil, fx .csv, og ikke et regneark. Brug den .xlsx-fil, som listen kom i."},
	{errNoZip, "Filen er ikke et regneark. Brug den .xlsx-fil, som listen kom i."},
	{errCut, "Filen er beskadiget eller kun halvt gemt. Åbn den i Excel, gem den igen, og prøv en gang til; kan den ikke åbnes, så brug en tidligere udgave."},
	{errTooLarge, "Filen er for stor, når den pakkes ud. Slet de rækker, der ikke er taget stilling til, gem, og prøv igen."},
	{errNotExcel, "Filen er ikke gemt som Excel-projektmappe. Gem den som .xlsx, og prøv igen."},
	{errNoRows, "Ingen af arkene har kolonnerne Nr og Afgørelse. Brug den fil, som listen kom i, og lad overskrifterne stå."},
}

// refused is a file error with its text for staff.
func refused(name string, err error) error {
	for _, r := range refusals {
		if errors.Is(err, r.err) {
			return &FileError{File: name, Text: r.text, Err: err}
		}
	}
	return &FileError{File: name, Text: "Filen kan ikke læses. Prøv igen; hjælper det ikke, så giv besked til systemansvarlig.", Err: err}
}
