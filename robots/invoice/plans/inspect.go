package plans

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// oleMark begins the files of old Excel, and encrypted new ones.
var oleMark = []byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}

// encryptedPart is the name of the stream in which an encrypted workbook lies,
// as such a file spells it (UTF-16LE).
var encryptedPart = utf16le("EncryptedPackage")

func utf16le(s string) []byte {
	var b []byte
	for i := range len(s) {
		b = append(b, s[i], 0)
	}
	return b
}

const saveAsXlsx = "Gem arket fra Excel som Excel-projektmappe (.xlsx), og prøv igen."

// inspect looks at the packed file before the spreadsheet library unpacks it.
// The library reads a worksheet that breaks off as if it ended there, and makes
// room for every cell up to the last one named, so both are looked for here.
func inspect(data []byte, l FileLimits) *fault {
	if bad := wrongKind(data, l); bad != nil {
		return bad
	}
	zr, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return damaged()
	}
	var total uint64
	workbook := false
	for _, part := range zr.File {
		total += part.UncompressedSize64
		if part.UncompressedSize64 > uint64(l.UnzippedBytes) || total > uint64(l.UnzippedBytes) {
			return &fault{ProblemSize, fmt.Sprintf("Filen fylder mere end %d MB, når den pakkes ud. Slet billeder og faner, der ikke hører til, og prøv igen.", l.UnzippedBytes>>20)}
		}
		name := strings.ToLower(strings.ReplaceAll(part.Name, "\\", "/"))
		workbook = workbook || name == "xl/workbook.xml"
		if name == "xl/vbaproject.bin" {
			return &fault{ProblemFile, "Filen har makroer. " + saveAsXlsx}
		}
	}
	if !workbook {
		return &fault{ProblemFile, "Filen er ikke en Excel-projektmappe. " + saveAsXlsx}
	}
	for _, part := range zr.File {
		if bad := inspectPart(part, l); bad != nil {
			return bad
		}
	}
	return nil
}

func damaged() *fault {
	return &fault{ProblemFile, "Filen er beskadiget eller kun delvist gemt. Åbn den i Excel, gem den igen, og prøv igen."}
}

// wrongKind recognises what is no packed workbook by its first bytes.
func wrongKind(data []byte, l FileLimits) *fault {
	switch {
	case len(data) == 0:
		return &fault{ProblemFile, "Filen er tom. " + saveAsXlsx}
	case int64(len(data)) > l.FileBytes:
		return &fault{ProblemSize, fmt.Sprintf("Filen er større end %d MB. Slet billeder og faner, der ikke hører til, og prøv igen.", l.FileBytes>>20)}
	case bytes.HasPrefix(data, oleMark) && bytes.Contains(data, encryptedPart):
		return &fault{ProblemEncrypted, "Filen er beskyttet med adgangskode. Fjern adgangskoden i Excel (Filer, Oplysninger, Beskyt projektmappe), og prøv igen."}
	case bytes.HasPrefix(data, oleMark):
		return &fault{ProblemFile, "Filen er gemt i det gamle Excel-format (.xls). " + saveAsXlsx}
	case !bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return &fault{ProblemFile, "Filen er ikke en Excel-projektmappe. " + saveAsXlsx}
	}
	return nil
}

// inspectPart reads one part to its end, which checks its checksum, and where it
// is XML that it is whole.
func inspectPart(part *zip.File, l FileLimits) *fault {
	r, err := part.Open()
	if err != nil {
		return damaged()
	}
	defer r.Close()
	name := strings.ToLower(part.Name)
	if strings.HasSuffix(name, ".xml") || strings.HasSuffix(name, ".rels") {
		if bad := inspectXML(r, l); bad != nil {
			return bad
		}
	}
	if _, err := io.Copy(io.Discard, r); err != nil {
		return damaged()
	}
	return nil
}

// inspectXML reads XML to its end and counts the cells and filled rows in it.
func inspectXML(r io.Reader, l FileLimits) *fault {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errors.New("not UTF-8") }
	size := sheetSize{}
	depth := 0
	for {
		tok, err := d.RawToken()
		if err == io.EOF && depth == 0 {
			return nil
		}
		if err != nil {
			return damaged()
		}
		switch t := tok.(type) {
		case xml.Directive:
			return damaged() // no workbook has a document type
		case xml.StartElement:
			if depth++; depth > 100 {
				return damaged()
			}
			size.start(t)
		case xml.EndElement:
			depth--
		}
		if bad := size.tooLarge(l); bad != nil {
			return bad
		}
	}
}

// farRow is a row below which nobody looks. The library makes room for every row
// down to the last.
const farRow = 200_000

// sheetSize is how large a worksheet has turned out to be so far.
type sheetSize struct {
	cells, lastFilled int
	row, column, last int // of the row being read: its number, the cell at hand, the last cell
}

func (s *sheetSize) start(t xml.StartElement) {
	switch t.Name.Local {
	case "row":
		s.row++
		s.column, s.last = 0, 0
		if n, err := strconv.Atoi(attribute(t, "r")); err == nil {
			s.row = n
		}
	case "c":
		s.column++
		if n, _, err := excelize.CellNameToCoordinates(attribute(t, "r")); err == nil {
			s.column = n
		}
		if s.column > s.last {
			s.cells += s.column - s.last
			s.last = s.column
		}
	case "v", "f", "is":
		s.lastFilled = max(s.lastFilled, s.row)
	}
}

func (s *sheetSize) tooLarge(l FileLimits) *fault {
	switch {
	case s.cells > l.Cells, s.lastFilled > farRow:
		return &fault{ProblemSize, "En fane har indhold eller formater langt uden for tabellen. Slet de tomme rækker og kolonner efter den sidste række, gem, og prøv igen."}
	}
	return nil
}

func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
