package workbook

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// zipped makes a zip archive of parts, in the order given: name, content, ...
func zipped(t testing.TB, parts ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		must(t, err)
		_, err = io.WriteString(w, parts[i+1])
		must(t, err)
	}
	must(t, z.Close())
	return out.Bytes()
}

const (
	topRels  = `<Relationships><Relationship Id="r1" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	bookRels = `<Relationships><Relationship Id="r1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`
	bookXML  = `<workbook xmlns:r="r"><sheets><sheet name="A" r:id="r1"/></sheets></workbook>`
	heads    = `<row r="1"><c r="A1" t="inlineStr"><is><t>Nr</t></is></c><c r="B1" t="inlineStr"><is><t>Afgørelse</t></is></c></row>`
)

// crafted is a minimal workbook with the given sheet data, and further parts.
func crafted(t testing.TB, sheet string, more ...string) []byte {
	return zipped(t, append([]string{"_rels/.rels", topRels, "xl/workbook.xml", bookXML, "xl/_rels/workbook.xml.rels", bookRels,
		"xl/worksheets/sheet1.xml", `<worksheet><sheetData>` + sheet + `</sheetData></worksheet>`}, more...)...)
}

func encrypted(t testing.TB) []byte {
	f := excelize.NewFile()
	defer f.Close()
	var out bytes.Buffer
	must(t, f.Write(&out, excelize.Options{Password: "hemmelig"}))
	return out.Bytes()
}

func TestFilesThatAreRefused(t *testing.T) {
	good := written(t, bookOf(t, rowsN(50)...))
	flipped := bytes.Clone(good)
	flipped[len(flipped)/3] ^= 0xFF
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"empty":                  {nil, errEmpty},
		"half saved":             {good[:len(good)/2], errCut},
		"only begun":             {good[:3], errCut},
		"end cut off":            {good[:len(good)-30], errCut},
		"a byte changed":         {flipped, errCut},
		"zeros":                  {make([]byte, 4096), errCut},
		".csv":                   {[]byte("Nr;Sag;Afgørelse\r\n1;2;Bogfør\r\n"), errText},
		"HTML":                   {[]byte("<html><table><tr><td>Nr</td></tr></table></html>"), errText},
		".xls":                   {append([]byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}, make([]byte, 3000)...), errOldExcel},
		"encrypted":              {encrypted(t), errEncrypted},
		"picture":                {[]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), errNoZip},
		"empty zip":              {zipped(t), errCut},
		"zip of something":       {zipped(t, "hello.txt", "x"), errCut},
		".ods":                   {zipped(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml", "<x/>"), errNotExcel},
		".docx":                  {zipped(t, "_rels/.rels", strings.Replace(topRels, "xl/workbook", "word/document", 1), "word/document.xml", "<document/>", "word/_rels/document.xml.rels", "<Relationships/>"), errNotExcel},
		".xlsb":                  {zipped(t, "_rels/.rels", strings.Replace(topRels, "workbook.xml", "workbook.bin", 1), "xl/workbook.bin", "\x83\x01"), errNotExcel},
		"no headings":            {crafted(t, `<row r="1"><c r="A1"><v>1</v></c></row>`), errNoRows},
		"sheet not in it":        {zipped(t, "_rels/.rels", topRels, "xl/workbook.xml", bookXML, "xl/_rels/workbook.xml.rels", bookRels), errCut},
		"XML cut":                {crafted(t, `<row r="1"><c r="A1"><v>1`), errCut},
		"XML entities":           {crafted(t, `&bomb;`), errCut},
		"text that is not there": {crafted(t, `<row r="1"><c r="A1" t="s"><v>7</v></c></row>`), errCut},
		"rows beyond Excel":      {crafted(t, `<row r="1048577"/>`), errCut},
		"rows going back":        {crafted(t, `<row r="5"/><row r="4"/>`), errCut},
		"columns beyond Excel":   {crafted(t, `<row r="1"><c r="XFE1"/></row>`), errCut},
	} {
		t.Run(name, func(t *testing.T) {
			im, err := ReadFrom(bytes.NewReader(c.file), int64(len(c.file)), ReadOptions{Ring: testRing(t)})
			var fe *FileError
			if !errors.As(err, &fe) || !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if fe.Text == "" || im.Decisions != nil {
				t.Errorf("text %q, decisions %v", fe.Text, im.Decisions)
			}
		})
	}
}

// A file of a megabyte that unpacks to a gigabyte, one whose directory lies about
// it, and one that has a sheet read again and again.
func TestZipBombs(t *testing.T) {
	huge := strings.Repeat(" ", maxUnzipped+1)
	lying := crafted(t, heads+huge)
	setSizes(t, lying, 100)
	many := `<workbook xmlns:r="r"><sheets>` + strings.Repeat(`<sheet name="A" r:id="r1"/>`, 3000) + `</sheets></workbook>`
	again := zipped(t, "_rels/.rels", topRels, "xl/workbook.xml", many, "xl/_rels/workbook.xml.rels", bookRels,
		"xl/worksheets/sheet1.xml", `<worksheet>`+strings.Repeat(" ", 1<<20)+`</worksheet>`)
	var entries []string
	for i := range maxEntries + 1 {
		entries = append(entries, fmt.Sprintf("x%d", i), "")
	}
	for name, file := range map[string][]byte{
		"large part": crafted(t, heads+huge), "many small parts": crafted(t, heads, "a", huge[:len(huge)/2], "b", huge[:len(huge)/2]),
		"a sheet named 3,000 times": again, "more parts than allowed": zipped(t, entries...),
	} {
		if len(file) > 2<<20 {
			t.Fatalf("%s: the bomb itself has %d bytes", name, len(file))
		}
		if _, err := ReadFrom(bytes.NewReader(file), int64(len(file)), ReadOptions{Ring: testRing(t)}); !errors.Is(err, errTooLarge) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := ReadFrom(bytes.NewReader(lying), int64(len(lying)), ReadOptions{Ring: testRing(t)}); !errors.Is(err, errCut) && !errors.Is(err, errTooLarge) {
		t.Errorf("a directory that lies: got %v", err)
	}
}

// setSizes makes the central directory say that every part has n bytes.
func setSizes(t *testing.T, file []byte, n byte) {
	t.Helper()
	found := 0
	for at := 0; ; found++ {
		i := bytes.Index(file[at:], []byte("PK\x01\x02"))
		if i < 0 {
			break
		}
		at += i + 4
		copy(file[at+20:], []byte{n, 0, 0, 0})
	}
	if found == 0 {
		t.Fatal("no central directory")
	}
}

// Few bytes that pretend to be many cells: reading them takes memory in
// proportion to their size. (A reader that fills in the cells that are left out
// takes thousands of times as much.)
func TestCraftedSheetsCostLittle(t *testing.T) {
	rels := strings.Replace(bookRels, "</Relationships>", `<Relationship Id="r2" Type="http://x/sharedStrings" Target="s.xml"/></Relationships>`, 1)
	texts := `<sst>` + strings.Repeat("<si/>", maxTexts+1) + `</sst>`
	for name, c := range map[string]struct {
		file []byte
		size int
		want error
	}{
		"a cell in the last column of each row": {crafted(t, heads+strings.Repeat(`<row><c r="XFD9"><v>1</v></c></row>`, 200000)), 200000 * 35, nil},
		"two million cells in a row":            {crafted(t, `<row r="1">`+strings.Repeat(`<c/>`, 2_000_000)+`</row>`), 8_000_000, errCut},
		"four million empty texts": {zipped(t, "_rels/.rels", topRels, "xl/workbook.xml", bookXML, "xl/_rels/workbook.xml.rels", rels, "xl/s.xml", texts),
			len(texts), errTooLarge},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := ReadFrom(bytes.NewReader(c.file), int64(len(c.file)), ReadOptions{Ring: testRing(t)})
		runtime.ReadMemStats(&after)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v", name, err)
		}
		if used := (after.TotalAlloc - before.TotalAlloc) / uint64(c.size); used > 100 {
			t.Errorf("%s: %d bytes were allocated for each byte", name, used)
		}
	}
}

func TestReadByName(t *testing.T) {
	dir := t.TempDir()
	good := written(t, bookOf(t, rowN(0)))
	for _, name := range []string{"undtagelser-1.xlsx", "~$undtagelser-1.xlsx", ".~lock.undtagelser-1.xlsx#"} {
		must(t, os.WriteFile(filepath.Join(dir, name), good, 0o600))
	}
	read := func(name string) error {
		_, err := Read(filepath.Join(dir, name), ReadOptions{Ring: testRing(t)})
		return err
	}
	if err := read("undtagelser-1.xlsx"); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"~$undtagelser-1.xlsx", ".~lock.undtagelser-1.xlsx#"} {
		var fe *FileError
		if err := read(name); !errors.Is(err, errLock) || !errors.As(err, &fe) || fe.File != name || !strings.Contains(fe.Text, "åben") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := read("."); !errors.Is(err, errNoZip) {
		t.Errorf("a folder: got %v", err)
	}
	if err := read("nothing.xlsx"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: got %v", err)
	}
	must(t, os.WriteFile(filepath.Join(dir, "cut.xlsx"), good[:900], 0o600))
	if err := read("cut.xlsx"); err == nil || !strings.Contains(err.Error(), "cut.xlsx") {
		t.Errorf("the error does not name the file: %v", err)
	}
}
