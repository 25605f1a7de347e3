package workbook

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"byskriver/runner"
)

// office is LibreOffice with a profile of its own.
type office struct {
	t       *testing.T
	program string
	profile string
}

// newOffice skips the test where LibreOffice is not installed.
func newOffice(t *testing.T) *office {
	t.Helper()
	for _, name := range []string{"soffice", "libreoffice"} {
		if p, err := exec.LookPath(name); err == nil {
			return &office{t: t, program: p, profile: t.TempDir()}
		}
	}
	t.Skip("LibreOffice is not installed (Debian: apt-get install libreoffice-calc)")
	return nil
}

// run starts it once, without a window, and waits for it to end.
func (o *office) run(args ...string) {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), 3*time.Minute)
	defer cancel()
	args = append([]string{"-env:UserInstallation=" + fileURL(o.profile), "--headless", "--norestore"}, args...)
	cmd := exec.CommandContext(ctx, o.program, args...)
	cmd.Env = append(os.Environ(), "HOME="+o.profile)
	if out, err := cmd.CombinedOutput(); err != nil {
		o.t.Fatalf("%s %q: %v\n%s", o.program, args, err, out)
	}
}

func fileURL(path string) string { return (&url.URL{Scheme: "file", Path: path}).String() }

// convert saves a file in another format and returns the new file's path.
func (o *office) convert(path, format string) string {
	o.t.Helper()
	dir := o.t.TempDir()
	o.run("--convert-to", format, "--outdir", dir, path)
	ext, _, _ := strings.Cut(format, ":")
	out := filepath.Join(dir, strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))+"."+ext)
	if _, err := os.Stat(out); err != nil {
		o.t.Fatal(err)
	}
	return out
}

// awkward are texts that a spreadsheet program likes to change.
var awkward = []string{
	"=1+1", "+4512345678", "-5", "@navn", "'citat", "'=1", "0012", "5385000001", "1-5", "1/2", "SAND", "1e5", "12,50", "#I/T",
	"æøå ÆØÅ é 😀", "<b>&amp;\"", "to\nlinjer", "XG-5385000001", "  midt  i  ", "2026-11-23",
}

// decidedBook has a decision with an awkward value and note in every row.
func decidedBook(t *testing.T) (Book, []string) {
	rows := rowsN(3 * len(awkward))
	for i := range rows {
		c := rows[i].Choices[0]
		rows[i].Draft = Draft{Choice: c.Label, Value: awkward[i%len(awkward)], Note: awkward[(i+7)%len(awkward)]}
	}
	b := bookOf(t, rows...)
	return b, summary(imported(t, written(t, b)))
}

// LibreOffice saves the file, also by way of its own format, and the same
// decisions are taken from it.
func TestLibreOfficeKeepsDecisions(t *testing.T) {
	o := newOffice(t)
	b, want := decidedBook(t)
	if len(want) != 3*len(awkward) || strings.Contains(fmt.Sprint(want), "draft") {
		t.Fatalf("the book itself holds %q", want)
	}
	first := filepath.Join(t.TempDir(), "liste.xlsx")
	must(t, os.WriteFile(first, written(t, b), 0o600))
	for name, path := range map[string]string{
		"xlsx": o.convert(first, "xlsx"), "ods and back": o.convert(o.convert(first, "ods"), "xlsx"),
	} {
		im, err := Read(path, ReadOptions{Ring: testRing(t)})
		must(t, err)
		if got := summary(im); !slices.Equal(got, want) {
			t.Errorf("%s: got %q\nwant %q", name, got, want)
		}
	}
	checkNothingIsFormula(t, o, first)
}

// checkNothingIsFormula carries a sheet through CSV, where the protection of
// being a string is lost, and looks what becomes of the texts.
func checkNothingIsFormula(t *testing.T, o *office, path string) {
	t.Helper()
	dir := t.TempDir()
	o.run("--convert-to", "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true,false,false,false,2", "--outdir", dir, path)
	csv := filepath.Join(dir, "liste-Fakturaer.csv")
	b, err := os.ReadFile(csv)
	must(t, err)
	if !strings.Contains(string(b), "'=1+1") {
		t.Fatalf("the CSV file lacks the texts: %.300s", b)
	}
	for _, line := range strings.Split(string(b), "\n") {
		for _, field := range strings.Split(line, ";") {
			if f := strings.TrimLeft(field, `" `); f != "" && strings.ContainsRune("=+-@", rune(f[0])) {
				t.Errorf("in a CSV file the field %q is a formula", field)
			}
		}
	}
}

// listsOf are the choices that the drop-down of each row offers in a file, by the
// row's number. The file's own validation formula is put into a column beside the
// rows, for LibreOffice to compute.
func listsOf(t *testing.T, o *office, path string) map[string]string {
	t.Helper()
	f, err := excelize.OpenFile(path)
	must(t, err)
	dvs, err := f.GetDataValidations("Fakturaer")
	must(t, err)
	if len(dvs) != 1 || !strings.HasPrefix(dvs[0].Sqref, "J2:J") {
		t.Fatalf("validations %+v", dvs)
	}
	rows, err := f.GetRows("Fakturaer", excelize.Options{RawCellValue: true})
	must(t, err)
	for row := 2; row <= len(rows); row++ {
		formula := strings.ReplaceAll(dvs[0].Formula1, "$N2", fmt.Sprintf("$N%d", row))
		must(t, f.SetCellFormula("Fakturaer", fmt.Sprintf("P%d", row), `_xlfn.TEXTJOIN("|",TRUE,`+formula+`)`))
	}
	asked := filepath.Join(t.TempDir(), "asked.xlsx")
	must(t, f.SaveAs(asked))
	must(t, f.Close())
	f, err = excelize.OpenFile(o.convert(asked, "xlsx"))
	must(t, err)
	defer f.Close()
	rows, err = f.GetRows("Fakturaer", excelize.Options{RawCellValue: true})
	must(t, err)
	lists := map[string]string{}
	for _, cells := range rows[1:] {
		lists[cells[0]] = cells[15]
	}
	return lists
}

// wantLists are the labels of each row's own choices.
func wantLists(rows []Row) map[string]string {
	want := map[string]string{}
	for _, r := range rows {
		var labels []string
		for _, c := range r.Choices {
			labels = append(labels, c.Label)
		}
		want[r.Number] = strings.Join(labels, "|")
	}
	return want
}

// sorter is a macro that sorts the sheet by one column, as a person does, and
// saves it.
const sorter = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">
Sub Sort(from As String, into As String, area As String, col As String)
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = &quot;Hidden&quot;
  hidden(0).Value = True
  doc = StarDesktop.loadComponentFromURL(from, &quot;_blank&quot;, 0, hidden())
  Dim keys(0) As New com.sun.star.table.TableSortField
  keys(0).Field = CInt(col)
  keys(0).IsAscending = False
  Dim how(1) As New com.sun.star.beans.PropertyValue
  how(0).Name = &quot;SortFields&quot;
  how(0).Value = keys()
  how(1).Name = &quot;ContainsHeader&quot;
  how(1).Value = True
  doc.Sheets.getByName(&quot;Fakturaer&quot;).getCellRangeByName(area).sort(how())
  Dim save(0) As New com.sun.star.beans.PropertyValue
  save(0).Name = &quot;FilterName&quot;
  save(0).Value = &quot;Calc MS Excel 2007 XML&quot;
  doc.storeToURL(into, save())
  doc.close(True)
End Sub
</script:module>`

// sort has LibreOffice sort the sheet, last first.
func (o *office) sort(path, area string, c column) string {
	o.t.Helper()
	o.run("--terminate_after_init") // makes the profile, which must not be made over the macro
	dir := filepath.Join(o.profile, "user", "basic", "Standard")
	const library = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false" library:passwordprotected="false">%s</library:library>`
	for name, content := range map[string]string{
		"Module1.xba": sorter,
		"script.xlb":  fmt.Sprintf(library, `<library:element library:name="Module1"/>`),
		"dialog.xlb":  fmt.Sprintf(library, ""),
	} {
		must(o.t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	out := filepath.Join(o.t.TempDir(), "sorted.xlsx")
	o.run(fmt.Sprintf("macro:///Standard.Module1.Sort(%q,%q,%q,\"%d\")", fileURL(path), fileURL(out), area, c))
	if _, err := os.Stat(out); err != nil {
		o.t.Fatal("the macro did not save the sorted file: ", err)
	}
	return out
}

// A sort moves cells, and in Excel no validations: after it each row's drop-down
// must still offer that row's own choices, and the import take the same.
func TestDropDownsAfterSorting(t *testing.T) {
	o := newOffice(t)
	rows := rowsN(12)
	rows[3].Choices = []runner.Choice{{Action: "a", Label: "=Ja"}, {Action: "b", Label: "Nej, \"aldrig\""}}
	want := wantLists(rows)
	want[numberN(3)] = `'=Ja|Nej, "aldrig"`
	for i := range rows {
		rows[i].Draft = Draft{Choice: rows[i].Choices[0].Action, Value: fmt.Sprint(i), Note: "n"}
	}
	path := filepath.Join(t.TempDir(), "liste.xlsx")
	must(t, os.WriteFile(path, written(t, bookOf(t, rows...)), 0o600))
	decisions := summary(imported(t, written(t, bookOf(t, rows...))))
	slices.Sort(decisions)
	for name, file := range map[string]string{
		"as written": path, "cells moved": movedCells(t, path, 12), "sorted by LibreOffice": o.sort(path, "A1:N13", colNumber),
	} {
		if got := listsOf(t, o, file); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: the drop-downs offer %v\nwant %v", name, got, want)
		}
		im, err := Read(file, ReadOptions{Ring: testRing(t)})
		must(t, err)
		if name != "as written" && im.Decisions[0].Number == numberN(0) {
			t.Errorf("%s: the rows stand as before", name)
		}
		got := summary(im)
		slices.Sort(got)
		if !slices.Equal(got, decisions) {
			t.Errorf("%s: got %q\nwant %q", name, got, decisions)
		}
	}
}

// movedCells is the file with its rows' cells in another order and all else as it
// was: what Excel's sort does.
func movedCells(t *testing.T, path string, n int) string {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	out := filepath.Join(t.TempDir(), "moved.xlsx")
	must(t, os.WriteFile(out, edit(t, b, func(f *excelize.File) {
		rows, err := f.GetRows("Fakturaer", excelize.Options{RawCellValue: true})
		must(t, err)
		for i := range n {
			for c, v := range rows[1+(i*5+3)%n] {
				write1(t, f, column(c), 2+i, v)
			}
		}
	}), 0o600))
	return out
}
