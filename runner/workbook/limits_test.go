package workbook

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// node is an element of an XML part.
type node struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Text    string     `xml:",chardata"`
	Nodes   []node     `xml:",any"`
}

func (n node) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// all are the elements of a name, at any depth.
func (n node) all(name string) (found []node) {
	for _, c := range n.Nodes {
		if c.XMLName.Local == name {
			found = append(found, c)
		}
		found = append(found, c.all(name)...)
	}
	return found
}

// unzipped are the parts of a file, parsed.
func unzipped(t testing.TB, file []byte) map[string]node {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	must(t, err)
	parts := map[string]node{}
	for _, f := range z.File {
		r, err := f.Open()
		must(t, err)
		b, err := io.ReadAll(r)
		must(t, err)
		var n node
		if err := xml.Unmarshal(b, &n); err != nil {
			t.Fatalf("%s is not XML: %v", f.Name, err)
		}
		if _, twice := parts[f.Name]; twice {
			t.Errorf("the part %s stands twice", f.Name)
		}
		parts[f.Name] = n
	}
	return parts
}

// worksheetOrder is the order of CT_Worksheet's elements (ECMA-376 part 1,
// 18.3.1.99). Excel does not open a sheet in another order.
var worksheetOrder = []string{
	"sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection",
	"protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells",
	"phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup",
	"headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags", "drawing",
	"legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst",
}

func sheetsOf(parts map[string]node) map[string]node {
	sheets := map[string]node{}
	for name, n := range parts {
		if strings.HasPrefix(name, "xl/worksheets/sheet") {
			sheets[name] = n
		}
	}
	return sheets
}

// nastyBook has everything in it that Excel limits.
func nastyBook(t *testing.T) Book {
	rows := rowsN(40)
	rows[0].Reason = strings.Repeat("æ", 40000)
	rows[1].Reason = strings.Repeat("linje\n", 400)
	rows[2].Reason = strings.Repeat("😀", 20000)
	rows[3].Reason = "\x00\x01\x0b\ufffe ]]> <&>\" _x0041_"
	rows[4].Evidence.Link = "https://" + strings.Repeat("x", 3000)
	rows[5].Evidence.Link = "javascript:alert(1)"
	rows[6].Evidence.Link = "https://konsol.lilleby.example/bevis?a=1&b=æ ø#<x>"
	rows[7].Evidence.Link = `\\fil01\bevis\Fakturaer 2026\a#1.png`
	rows[8].Evidence.Link = `C:\bevis\a b.png`
	rows[9].Evidence.Link = "bevis/borger-" + "860501" + "0001.png"
	for i := range 12 {
		rows[i+10].Case = "=1+1"
		rows[i+10].Draft.Note = "+1"
	}
	b := bookOf(t, rows...)
	b.Municipality = strings.Repeat("Lille & Store By & ", 20)
	b.Robots[0].Title = "Fakturaer: kontering/godkendelse [1] * ?"
	b.Robots[0].Advice = map[string]string{"EAN-MANGLER": strings.Repeat("Find EAN-nummeret. ", 200)}
	b.Robots = append(b.Robots, Robot{Name: "tom", Stopped: "=cmd|' /C calc'!A0"})
	return b
}

func TestExcelsLimits(t *testing.T) {
	parts := unzipped(t, written(t, nastyBook(t)))
	for name, sheet := range sheetsOf(parts) {
		t.Run(path.Base(name), func(t *testing.T) {
			checkOrder(t, sheet)
			checkCells(t, sheet)
			checkRules(t, sheet)
		})
	}
	names := map[string]bool{}
	for _, s := range parts["xl/workbook.xml"].all("sheet") {
		name := s.attr("name")
		if n := len(utf16.Encode([]rune(name))); n == 0 || n > 31 || strings.ContainsAny(name, `\/?*:[]`) || names[strings.ToLower(name)] {
			t.Errorf("the sheet's name %q is not allowed", name)
		}
		names[strings.ToLower(name)] = true
	}
	if n := len(parts["xl/styles.xml"].all("cellXfs")[0].Nodes); n > 100 {
		t.Errorf("%d styles: they must not grow with the rows", n)
	}
}

func checkOrder(t *testing.T, sheet node) {
	last := -1
	for _, n := range sheet.Nodes {
		at := slices.Index(worksheetOrder, n.XMLName.Local)
		if at < last || at < 0 || at == last && n.XMLName.Local != "conditionalFormatting" {
			t.Errorf("%s stands in the wrong place", n.XMLName.Local)
		}
		last = at
	}
	if d := sheet.all("dimension"); len(d) > 0 && len(sheet.all("row")) > 1 && d[0].attr("ref") == "A1" {
		t.Error("the dimension says that there is one cell: some programs would read no more")
	}
	col := 0
	for _, c := range sheet.all("col") {
		var low, high int
		fmt.Sscan(c.attr("min"), &low)
		fmt.Sscan(c.attr("max"), &high)
		if low <= col || high < low {
			t.Errorf("column %d comes after %d", low, col)
		}
		col = high
	}
}

func checkCells(t *testing.T, sheet node) {
	row := 0
	for _, r := range sheet.all("row") {
		var n int
		fmt.Sscan(r.attr("r"), &n)
		if n <= row || n > 1048576 {
			t.Errorf("row %d comes after %d", n, row)
		}
		row = n
		if r.attr("customHeight") != "" && len(sheet.all("dataValidations")) > 0 {
			t.Errorf("row %d: Excel would not fit its height", n)
		}
	}
	if f := sheet.all("f"); len(f) > 0 {
		t.Errorf("a cell holds the formula %q", f[0].Text)
	}
	for _, c := range sheet.all("c") {
		text := ""
		for _, x := range c.all("t") {
			text += x.Text
		}
		if n := len(utf16.Encode([]rune(text))); n > 32767 || strings.Count(text, "\n") > 253 {
			t.Errorf("%s holds %d characters", c.attr("r"), n)
		}
		if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
			t.Errorf("%s begins like a formula: %q", c.attr("r"), text)
		}
		if v := c.all("v"); len(v) == 1 && c.attr("t") == "" && strings.ContainsAny(v[0].Text, "eE") {
			t.Errorf("%s holds the number %s", c.attr("r"), v[0].Text)
		}
	}
}

func checkRules(t *testing.T, sheet node) {
	for _, dv := range sheet.all("dataValidation") {
		for name, most := range map[string]int{"error": 255, "prompt": 255, "errorTitle": 32, "promptTitle": 32} {
			if n := len([]rune(dv.attr(name))); n > most {
				t.Errorf("a validation's %s has %d characters, at most %d are allowed", name, n, most)
			}
		}
		if f := dv.all("formula1"); len(f) != 1 || len(f[0].Text) > 255 || strings.HasPrefix(f[0].Text, `"`) {
			t.Errorf("a validation's formula: %v", f)
		}
	}
	for _, f := range append(sheet.all("oddFooter"), sheet.all("oddHeader")...) {
		if n := len([]rune(f.Text)); n > 255 || strings.Count(f.Text, "&")-2*strings.Count(f.Text, "&&") != 6 {
			t.Errorf("the footer %q has %d characters", f.Text, n)
		}
	}
	for _, f := range sheet.all("cfRule") {
		if strings.Contains(f.all("formula")[0].Text, "!") {
			t.Errorf("a conditional format points to another sheet: %s", f.all("formula")[0].Text)
		}
	}
}

// Every link has its relation, no more than Excel follows, and none that carries
// anything out or shows a CPR number.
func TestLinks(t *testing.T) {
	parts := unzipped(t, written(t, nastyBook(t)))
	targets := map[string]string{}
	for _, r := range parts["xl/worksheets/_rels/sheet2.xml.rels"].all("Relationship") {
		if targets[r.attr("Id")] != "" || r.attr("TargetMode") != "External" {
			t.Errorf("relation %v", r.Attrs)
		}
		targets[r.attr("Id")] = r.attr("Target")
	}
	got := map[string]string{}
	for _, l := range parts["xl/worksheets/sheet2.xml"].all("hyperlink") {
		got[l.attr("ref")] = targets[l.attr("id")]
	}
	for cell, want := range map[string]string{
		"I2": "bevis/faktura-0.xml", "I6": "", "I7": "", "I8": "https://konsol.lilleby.example/bevis?a=1&b=%C3%A6%20%C3%B8#%3Cx%3E",
		"I9": "file://fil01/bevis/Fakturaer%202026/a%231.png", "I10": "file:///C:/bevis/a%20b.png", "I11": "", "I12": "bevis/faktura-10.xml",
	} {
		if got[cell] != want {
			t.Errorf("%s leads to %q, want %q", cell, got[cell], want)
		}
	}
	if len(got) != 37 || len(targets) != 37 {
		t.Errorf("%d links and %d relations, want 37", len(got), len(targets))
	}
}

func TestLinkTarget(t *testing.T) {
	for in, want := range map[string]string{
		"":                           "",
		"bevis/a b.png":              "bevis/a%20b.png",
		"../bevis/a.png":             "../bevis/a.png",
		"http://konsol/x":            "http://konsol/x",
		"https:///x":                 "",
		"file:///srv/a.png":          "file:///srv/a.png",
		"javascript:alert(1)":        "",
		"javascript://x/%0Aalert(1)": "",
		"mailto:a@b":                 "",
		"//vært/x":                   "",
		"/etc/passwd":                "",
		"#Fakturaer!A1":              "",
		"c:/bevis/a.png":             "file:///c:/bevis/a.png",
		"https://x/%zz":              "",
		"https://x/a\nb":             "",
	} {
		if got, ok := linkTarget(in); ok && got != want || !ok && want != "" {
			t.Errorf("linkTarget(%q) = %q, %v, want %q", in, got, ok, want)
		}
	}
}

// Beyond Excel's limits rows go to a further sheet, and links are left out.
func TestRowsAndLinksBeyondTheLimits(t *testing.T) {
	if got := excelLimits(); got != (limits{rows: 1048576, links: 65530}) {
		t.Errorf("the limits are %+v", got)
	}
	var out bytes.Buffer
	must(t, write(&out, bookOf(t, rowsN(10)...), limits{rows: 5, links: 3}, nil))
	parts := unzipped(t, out.Bytes())
	var rows, links []int
	for i := range 3 {
		sheet := parts[fmt.Sprintf("xl/worksheets/sheet%d.xml", i+2)]
		rows = append(rows, len(sheet.all("row")))
		links = append(links, len(sheet.all("hyperlink")))
		if f := sheet.all("autoFilter"); len(f) != 1 || f[0].attr("ref") != fmt.Sprintf("$A$1:$N$%d", rows[i]) {
			t.Errorf("sheet %d is filtered at %v", i, f)
		}
	}
	if !slices.Equal(rows, []int{5, 5, 3}) || !slices.Equal(links, []int{3, 3, 2}) {
		t.Errorf("rows %v, links %v", rows, links)
	}
	var names []string
	for _, s := range parts["xl/workbook.xml"].all("sheet") {
		names = append(names, s.attr("name"))
	}
	if want := []string{"Overblik", "Fakturaer", "Fakturaer (2)", "Fakturaer (3)", "Lister"}; !slices.Equal(names, want) {
		t.Errorf("sheets %q", names)
	}
	if im := imported(t, out.Bytes()); im.Rows != 10 {
		t.Errorf("%d rows came back", im.Rows)
	}
}

// The real limit of links, in a file of real size.
func TestLinksBeyondExcelsLimit(t *testing.T) {
	b := bookOf(t)
	b.Robots[0].Rows = manyRows(65540)
	file := written(t, b)
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	must(t, err)
	for name, mark := range map[string]string{
		"xl/worksheets/sheet2.xml": "<hyperlink ", "xl/worksheets/_rels/sheet2.xml.rels": "<Relationship ",
	} {
		r, err := z.Open(name)
		must(t, err)
		content, err := io.ReadAll(r)
		must(t, err)
		if n := bytes.Count(content, []byte(mark)); n != 65530 {
			t.Errorf("%s has %d links", name, n)
		}
	}
}

// What the parts say of each other holds: types, relations, names.
func TestPartsAgree(t *testing.T) {
	parts := unzipped(t, written(t, nastyBook(t)))
	types := map[string]string{}
	for _, o := range parts["[Content_Types].xml"].all("Override") {
		types[strings.TrimPrefix(o.attr("PartName"), "/")] = o.attr("ContentType")
	}
	for name := range parts {
		if name != "[Content_Types].xml" && !strings.HasSuffix(name, ".rels") && types[name] == "" {
			t.Errorf("%s has no type", name)
		}
	}
	for name := range types {
		if _, ok := parts[name]; !ok {
			t.Errorf("%s has a type and is not there", name)
		}
	}
	ids := map[string]bool{}
	for _, r := range parts["xl/_rels/workbook.xml.rels"].all("Relationship") {
		ids[r.attr("Id")] = true
		target := strings.TrimPrefix(path.Join("/xl", r.attr("Target")), "/")
		if strings.HasPrefix(r.attr("Target"), "/") {
			target = r.attr("Target")[1:]
		}
		if _, ok := parts[target]; !ok {
			t.Errorf("the workbook points to %s, which is not there", target)
		}
	}
	sheets := parts["xl/workbook.xml"].all("sheet")
	for _, s := range sheets {
		if !ids[s.attr("id")] {
			t.Errorf("the sheet %s has no relation", s.attr("name"))
		}
	}
	for _, n := range parts["xl/workbook.xml"].all("definedName") {
		if !strings.HasPrefix(n.Text, "'") || !strings.Contains(n.Text, "'!$") {
			t.Errorf("the name %s stands for %s", n.attr("name"), n.Text)
		}
	}
}
