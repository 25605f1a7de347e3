package plans

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

const planPart = "xl/worksheets/sheet1.xml"

// repack rewrites parts of a packed file. A part for which edit returns nil is
// left out; more are added at the end.
func repack(t testing.TB, data []byte, edit func(name string, b []byte) []byte, more map[string]string) []byte {
	t.Helper()
	zr, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	zw := zip.NewWriter(&out)
	put := func(name string, b []byte) {
		w, err := zw.Create(name)
		if err == nil {
			_, err = w.Write(b)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range zr.File {
		r, err := p.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if b = edit(p.Name, b); b != nil {
			put(p.Name, b)
		}
	}
	for name, b := range more {
		put(name, []byte(b))
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// part returns an edit of one part by replacing text in it, which must be there.
func part(t testing.TB, name, old, new string) func(string, []byte) []byte {
	return func(n string, b []byte) []byte {
		if n != name {
			return b
		}
		if !bytes.Contains(b, []byte(old)) {
			t.Fatalf("%s has no %s in it:\n%.600s", name, old, b)
		}
		return bytes.Replace(b, []byte(old), []byte(new), 1)
	}
}

func same(_ string, b []byte) []byte { return b }

func TestParseRefusesWhatIsNoWorkbook(t *testing.T) {
	good := file(t, sampleSheet(), nil)
	encrypted := encryptedFile(t)
	cut := func(name string, b []byte) []byte {
		if name == planPart {
			return b[:len(b)/2]
		}
		return b
	}
	cutAtRow := func(name string, b []byte) []byte {
		if name == planPart {
			return b[:bytes.Index(b, []byte("</row>"))+len("</row>")]
		}
		return b
	}
	flipped := bytes.Clone(good)
	flipped[offset(t, good, planPart)+50] ^= 0x55
	cases := []struct {
		name string
		data []byte
		code string
		says string
	}{
		{"empty", nil, ProblemFile, "tom"},
		{"text", []byte("Plan;Leverandør\n1;2\n"), ProblemFile, ".xlsx"},
		{"a page", []byte("<html><table></table></html>"), ProblemFile, ".xlsx"},
		{"old Excel", append(bytes.Clone(oleMark), make([]byte, 600)...), ProblemFile, ".xls"},
		{"encrypted", encrypted, ProblemEncrypted, "adgangskode"},
		{"half a file", good[:len(good)/2], ProblemFile, "delvist gemt"},
		{"all but the end", good[:len(good)-30], ProblemFile, "delvist gemt"},
		{"a changed byte", flipped, ProblemFile, "beskadiget"},
		{"a packed file of another kind", repack(t, good, func(n string, b []byte) []byte {
			if n == "xl/workbook.xml" {
				return nil
			}
			return b
		}, nil), ProblemFile, "ikke en Excel"},
		{"a sheet that breaks off", repack(t, good, cut, nil), ProblemFile, "beskadiget"},
		{"a sheet that ends between two rows", repack(t, good, cutAtRow, nil), ProblemFile, "beskadiget"},
		{"a document type", repack(t, good, part(t, planPart, "<worksheet", `<!DOCTYPE x [<!ENTITY a "b">]><worksheet`), nil), ProblemFile, "beskadiget"},
		{"deep nesting", repack(t, good, part(t, planPart, "<sheetData>", strings.Repeat("<a>", 200)+strings.Repeat("</a>", 200)+"<sheetData>"), nil), ProblemFile, "beskadiget"},
		{"macros", repack(t, good, same, map[string]string{"xl/vbaProject.bin": "x"}), ProblemFile, "makroer"},
		{"a cell far away", repack(t, good, part(t, planPart, `<sheetData>`, `<sheetData><row r="1048576"><c r="A1048576"><v>1</v></c></row>`), nil), ProblemSize, "langt uden for"},
		{"a bomb", repack(t, good, same, map[string]string{"xl/media/image1.png": strings.Repeat("\x00", 65<<20)}), ProblemSize, "64 MB"},
		{"a bomb in two parts", repack(t, good, same, map[string]string{"a": strings.Repeat("\x00", 40<<20), "b": strings.Repeat("\x00", 40<<20)}), ProblemSize, "64 MB"},
		{"too large a file", make([]byte, 16<<20+1), ProblemSize, "16 MB"},
		{"wide rows", repack(t, good, part(t, planPart, `<sheetData>`, `<sheetData>`+strings.Repeat(`<row><c r="XFD5"/></row>`, 100)), nil), ProblemSize, "langt uden for"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, problems := Parse(c.data, DefaultFileLimits())
			if len(s.Plans) > 0 || len(problems) != 1 {
				t.Fatalf("plans %d, problems %v", len(s.Plans), problems)
			}
			if p := problems[0]; p.Code != c.code || !p.Fatal || !strings.Contains(p.Text, c.says) {
				t.Errorf("got %+v, want %s saying %q", p, c.code, c.says)
			}
		})
	}
}

// offset is where a part's packed bytes begin.
func offset(t testing.TB, data []byte, name string) int64 {
	t.Helper()
	zr, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range zr.File {
		if p.Name == name {
			at, err := p.DataOffset()
			if err != nil {
				t.Fatal(err)
			}
			return at
		}
	}
	t.Fatalf("no part %s", name)
	return 0
}

// encryptedFile is a workbook protected with a password, as Excel makes it.
func encryptedFile(t testing.TB) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	var b bytes.Buffer
	if err := f.Write(&b, excelize.Options{Password: "hemmelig"}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The cells that only Excel and LibreOffice make, written by hand.
func TestParseReadsCellsAsProgramsStoreThem(t *testing.T) {
	base := file(t, Sheet{Plans: []Plan{cleaning()}}, func(f *excelize.File) {
		must(f.SetCellValue(PlanSheet, "L2", 777))
	})
	cases := []struct {
		name, cell, code string
		want             string
	}{
		{"failed formula", `t="e"><f>1/0</f><v>#DIV/0!</v>`, ProblemFormula, ""},
		{"formula with a value", `><f>7000+70</f><v>7070</v>`, "", "7070"},
		{"formula with text", `t="str"><f>"1.2"&amp;"34,5"</f><v>1.234,5</v>`, "", "1234.5"},
		{"formula never calculated", `><f>5*100</f>`, ProblemFormula, ""},
		{"text in place", `t="inlineStr"><is><t>1.234,50</t></is>`, "", "1234.5"},
		{"a number with noise", `><v>3300.2999999999997</v>`, "", "3300.3"},
		{"a number with an exponent", `><v>1.2E4</v>`, "", "12000"},
		{"a number with a giant exponent", `><v>1E-999999999</v>`, ProblemAmounts, ""},
		{"not a number", `><v>NaN</v>`, ProblemForm, ""},
		{"a date stored as text", `t="d"><v>2026-01-02T00:00:00</v>`, ProblemForm, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			data := repack(t, base, part(t, planPart, `><v>777</v>`, " "+c.cell), nil)
			s, problems := Parse(data, DefaultFileLimits())
			if c.code != "" {
				if len(problems) != 1 || problems[0].Code != c.code || problems[0].Row != 2 {
					t.Errorf("problems %v, want %s", problems, c.code)
				}
				return
			}
			if len(problems) > 0 || len(s.Plans) != 1 || s.Plans[0].To.String() != c.want {
				t.Errorf("plans %+v, problems %v", s.Plans, problems)
			}
		})
	}
}

func TestParseReadsDatesAsProgramsStoreThem(t *testing.T) {
	base := file(t, Sheet{Plans: []Plan{cleaning()}}, set("Q2", 777))
	for _, c := range []struct {
		name, cell string
		want       Date
	}{
		{"day number", `><v>46356</v>`, "2026-11-30"},
		{"ISO day", ` t="d"><v>2026-11-30T00:00:00</v>`, "2026-11-30"},
		{"ISO day with a time", ` t="d"><v>2026-11-30T10:00:00</v>`, ""},
		{"before 2000", `><v>36525</v>`, ""},
		{"after 2100", `><v>73416</v>`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, problems := Parse(repack(t, base, part(t, planPart, `><v>777</v>`, c.cell), nil), DefaultFileLimits())
			var got Date
			if len(s.Plans) == 1 {
				got = s.Plans[0].ValidTo
			}
			if got != c.want || Refused(problems) != (c.want == "") {
				t.Errorf("got %q, problems %v, want %q", got, problems, c.want)
			}
		})
	}
}

// A workbook from an old Macintosh counts its days from 1904.
func TestParseReadsDatesFrom1904(t *testing.T) {
	data := file(t, Sheet{Plans: []Plan{cleaning()}}, func(f *excelize.File) {
		yes := true
		must(f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}))
		must(f.SetCellValue(PlanSheet, "P2", "01-01-2026"))
		must(f.SetCellValue(PlanSheet, "Q2", 46356-1462))
	})
	s, problems := Parse(data, DefaultFileLimits())
	if len(problems) > 0 || s.Plans[0].ValidTo != "2026-11-30" {
		t.Errorf("plans %+v, problems %v", s.Plans, problems)
	}
}

func FuzzParse(f *testing.F) {
	good := file(f, sampleSheet(), nil)
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, problems := Parse(data, DefaultFileLimits())
		if Refused(problems) != (len(s.Plans) == 0) {
			t.Errorf("plans %d, problems %v", len(s.Plans), problems)
		}
	})
}
