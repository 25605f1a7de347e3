package workbook

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
)

// A robot's sheet prints across on A4 with its headings on every page, keeps them
// in sight, and locks nothing.
func TestSheetIsLaidOut(t *testing.T) {
	parts := unzipped(t, written(t, bookOf(t, rowsN(6)...)))
	sheet := parts["xl/worksheets/sheet2.xml"]
	for element, attrs := range map[string]map[string]string{
		"pageSetUpPr": {"fitToPage": "true"},
		"pageSetup":   {"orientation": "landscape", "paperSize": "9", "fitToWidth": "1", "fitToHeight": "0"},
		"pane":        {"state": "frozen", "ySplit": "1", "topLeftCell": "B2"},
		"autoFilter":  {"ref": "$A$1:$N$7"},
	} {
		found := sheet.all(element)
		if len(found) != 1 {
			t.Errorf("%d elements %s", len(found), element)
			continue
		}
		for name, want := range attrs {
			if got := found[0].attr(name); got != want {
				t.Errorf("%s %s is %q, want %q", element, name, got, want)
			}
		}
	}
	names := map[string]string{}
	for _, n := range parts["xl/workbook.xml"].all("definedName") {
		names[n.attr("name")] = n.Text
	}
	if names["_xlnm.Print_Titles"] != "'Fakturaer'!$1:$1" || names["_xlnm.Print_Area"] != "'Fakturaer'!$A$1:$L$7" || names["_xlnm._FilterDatabase"] != "'Fakturaer'!$A$1:$N$7" {
		t.Errorf("names %v", names)
	}
	for name, part := range parts {
		for _, lock := range []string{"sheetProtection", "workbookProtection", "protectedRanges"} {
			if len(part.all(lock)) > 0 {
				t.Errorf("%s has %s", name, lock)
			}
		}
	}
	var heads []string
	for _, c := range sheet.all("row")[0].all("t") {
		heads = append(heads, c.Text)
	}
	if got := strings.Join(heads, ","); got != "Nr,Sag,Område,Oprettet,Frist,Kode,Årsag,Forslag,Bevis,Afgørelse,Værdi,Bemærkning,Revision,Kontrol" {
		t.Errorf("headings %s", got)
	}
}

// Whatever a CPR number comes with, it is not in the file: in no cell, name,
// link, footer or property.
func TestNoCPRNumberInTheFile(t *testing.T) {
	cpr := "860501" + "0001"
	with := func(s string) string { return s + " " + cpr + " " + cpr[:6] + "-" + cpr[6:] }
	r := rowN(0)
	r.Case, r.Area, r.Code, r.Reason, r.Proposal = with("sag"), with("område"), "KODE", with("årsag"), with("forslag")
	r.Evidence = Evidence{Text: with("bevis"), Link: "bevis/" + cpr + ".png"}
	r.Draft = Draft{Choice: with("valg"), Value: cpr, Note: with("note")}
	r.Amount = kroner("1")
	b := bookOf(t, r)
	b.Municipality, b.Group, b.Run, b.Notes = with("by"), with("gruppe"), with("run"), []string{with("note")}
	b.Robots[0].Title, b.Robots[0].Stopped = cpr, with("stoppet")
	b.Robots[0].Advice = map[string]string{"KODE": with("råd")}
	file := written(t, b)
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	must(t, err)
	masks := 0
	for _, f := range z.File {
		in, err := f.Open()
		must(t, err)
		content, err := io.ReadAll(in)
		must(t, err)
		if at := bytes.Index(content, []byte(cpr[6:])); at >= 0 && bytes.Contains(content[max(0, at-8):at], []byte(cpr[:6])) {
			t.Errorf("%s: %q", f.Name, content[max(0, at-60):at+4])
		}
		masks += bytes.Count(content, []byte(maskMark))
	}
	if masks < 30 {
		t.Errorf("the mask stands only %d times", masks)
	}
}

// The overview counts, adds up, names who has stopped and says what to do.
func TestOverview(t *testing.T) {
	b := bookOf(t, rowsN(7)...)
	b.Group, b.Notes = "Økonomi", []string{"En besked."}
	b.Robots[0].Advice = map[string]string{"EAN-MANGLER": "Find EAN-nummeret."}
	b.Robots[0].Tally = Tally{Found: 20, Done: 12, Listed: 5, Waiting: 2, Failed: 1}
	b.Robots[0].Progress = []Progress{{Settled: 200, Robot: 150, Person: 30, Goal: 0.8, Judged: 8, Agreed: 6}, {Area: "Skole", Settled: 10, Robot: 5}}
	stuck := rowN(8)
	stuck.Code = "USIKKER-UDFØRELSE"
	b.Robots = append(b.Robots, Robot{Name: "attest", Stopped: "Siden er ændret.", Rows: Slice([]Row{stuck}), Tally: Tally{Found: 5, Done: 3}})
	parts := unzipped(t, written(t, b))
	var strs []string
	for _, si := range parts["xl/sharedStrings.xml"].all("si") {
		strs = append(strs, si.all("t")[0].Text)
	}
	var lines []string
	for _, row := range parts["xl/worksheets/sheet1.xml"].all("row") {
		var cells []string
		for _, c := range row.all("c") {
			for _, v := range c.all("v") {
				if c.attr("t") == "s" {
					cells = append(cells, strs[atoi(t, v.Text)])
				} else {
					cells = append(cells, v.Text)
				}
			}
		}
		lines = append(lines, strings.Join(cells, "|"))
	}
	got := strings.Join(lines, "\n")
	for _, want := range []string{
		"Undtagelser – Lilleby Kommune\nLavet 23-11-2026 kl. 06.15 · kørsel faktura-20261123-0600\nTil: Økonomi\nEn besked.",
		"Robotter, der har stoppet sig selv\nattest|Siden er ændret.",
		"I dag, 23-11-2026\nRobot|Fundet|Klaret|På listen|Venter|Fejlet|Andel klaret\nFakturaer|20|12|5|2|1|0.6\nattest|5|3|0|0|0|0.6\nI alt|25|15|5|2|1|0.6",
		"De seneste 30 dage\nRobot|Afsluttet eller på listen|Klaret af robotten|Klaret af en person|Andel klaret af robotten|Mål for andelen|Enige i stikprøver\n" +
			"Fakturaer|200|150|30|0.75|0.8|0.75\nFakturaer – Skole|10|5|0|0.5",
		"Kode|Robot|Antal|Hvad skal du gøre\nUDEN-FOR-PLAN|Fakturaer|3|Se kolonnen Årsag på arket.\nBELØB-AFVIGER|Fakturaer|2|Se kolonnen Årsag på arket.\nEAN-MANGLER|Fakturaer|2|Find EAN-nummeret.\nUSIKKER-UDFØRELSE|attest|1|Slå sagen op",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the overview lacks\n%s\nin\n%s", want, got)
		}
	}
}

func atoi(t *testing.T, s string) (n int) {
	t.Helper()
	for _, c := range s {
		n = n*10 + int(c-'0')
	}
	return n
}
