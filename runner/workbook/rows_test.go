package workbook

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// Each row alone: row 2 is always a good decision, and comes back whatever is
// wrong with the others.
func TestRowsAreRefusedAlone(t *testing.T) {
	const good = `invoice-2026-000000/1 post "4711" ""`
	for name, c := range map[string]struct {
		change func(f *excelize.File)
		want   []string // besides the good one
	}{
		"unknown choice": {func(f *excelize.File) { write1(t, f, colChoice, 3, "Bogførr") },
			[]string{"choice-unknown Fakturaer 3 invoice-2026-000001"}},
		"choice of another row": {func(f *excelize.File) { write1(t, f, colChoice, 3, "Bogfør") },
			[]string{"choice-not-allowed Fakturaer 3 invoice-2026-000001"}},
		"no value": {func(f *excelize.File) { write1(t, f, colChoice, 5, "Bogfør") },
			[]string{"value-missing Fakturaer 5 invoice-2026-000003"}},
		"no note": {func(f *excelize.File) { write1(t, f, colChoice, 4, "Afvis") },
			[]string{"note-missing Fakturaer 4 invoice-2026-000002"}},
		"another number": {func(f *excelize.File) {
			write1(t, f, colNumber, 3, "invoice-2026-999999")
			write1(t, f, colChoice, 3, "Prøv igen")
		}, []string{"tampered Fakturaer 3 invoice-2026-999999"}},
		"another revision": {func(f *excelize.File) {
			write1(t, f, colRevision, 3, 7)
			write1(t, f, colChoice, 3, "Prøv igen")
		}, []string{"tampered Fakturaer 3 invoice-2026-000001"}},
		"a revision that is none": {func(f *excelize.File) {
			write1(t, f, colRevision, 3, "to")
			write1(t, f, colChoice, 3, "Prøv igen")
		}, []string{"tampered Fakturaer 3 invoice-2026-000001"}},
		"another code": {func(f *excelize.File) {
			write1(t, f, colCode, 3, "EAN-UKENDT")
			write1(t, f, colChoice, 3, "Prøv igen")
		}, []string{"tampered Fakturaer 3 invoice-2026-000001"}},
		"another row's set of choices": {func(f *excelize.File) {
			v, err := f.GetCellValue("Fakturaer", "N3")
			must(t, err)
			write1(t, f, colControl, 3, "V0001"+v[keyLength:])
			write1(t, f, colChoice, 3, "Bogfør")
			write1(t, f, colValue, 3, "1")
		}, []string{"tampered Fakturaer 3 invoice-2026-000001"}},
		"another row's code": {func(f *excelize.File) {
			v, err := f.GetCellValue("Fakturaer", "N6")
			must(t, err)
			write1(t, f, colControl, 3, v)
			write1(t, f, colChoice, 3, "Prøv igen")
		}, []string{"tampered Fakturaer 3 invoice-2026-000001"}},
		"no code": {func(f *excelize.File) {
			write1(t, f, colControl, 3, "")
			write1(t, f, colChoice, 3, "Prøv igen")
		}, []string{"tampered Fakturaer 3 invoice-2026-000001"}},
		"a code for a list that is not there": {func(f *excelize.File) {
			write1(t, f, colControl, 3, "V0099-BCDFGHJKLMNPQR")
			write1(t, f, colChoice, 3, "Prøv igen")
		}, []string{"list-missing Fakturaer 3 invoice-2026-000001"}},
		"a changed list": {func(f *excelize.File) {
			must(t, f.SetCellStr("Lister", "B5", "Prøv aldrig"))
			write1(t, f, colChoice, 3, "Prøv aldrig")
		}, []string{"tampered Fakturaer 3 invoice-2026-000001"}},
		"a requirement taken away": {func(f *excelize.File) {
			must(t, f.SetCellStr("Lister", "E7", ""))
			write1(t, f, colChoice, 4, "Afvis")
		}, []string{"tampered Fakturaer 4 invoice-2026-000002"}},
		"no number": {func(f *excelize.File) {
			write1(t, f, colNumber, 3, "")
			write1(t, f, colNote, 3, "hvad nu?")
		}, []string{"number-missing Fakturaer 3 "}},
		"a remark below the table":          {func(f *excelize.File) { write1(t, f, colReason, 12, "I alt 6 sager") }, nil},
		"a damaged row that nobody decided": {func(f *excelize.File) { write1(t, f, colNumber, 3, "x") }, nil},
		"value and note of a choice that needs none": {func(f *excelize.File) {
			write1(t, f, colChoice, 3, "Behandlet manuelt")
			write1(t, f, colValue, 3, "0012")
			write1(t, f, colNote, 3, "ringet til leverandøren")
		}, []string{`invoice-2026-000001/2 manual "0012" "ringet til leverandøren"`}},
		"a masked value": {func(f *excelize.File) {
			write1(t, f, colChoice, 5, "Bogfør")
			write1(t, f, colValue, 5, maskMark)
		}, []string{"value-masked Fakturaer 5 invoice-2026-000003"}},
	} {
		t.Run(name, func(t *testing.T) {
			file := edit(t, written(t, bookOf(t, rowsN(6)...)), func(f *excelize.File) {
				write1(t, f, colChoice, 2, "Bogfør")
				write1(t, f, colValue, 2, "4711")
				c.change(f)
			})
			im := imported(t, file)
			if got, want := summary(im), append([]string{good}, c.want...); !slices.Equal(got, want) {
				t.Errorf("got %q\nwant %q", got, want)
			}
			for _, e := range im.Errors {
				if !strings.HasSuffix(e.Text, ".") || strings.Contains(e.Text, "%!") {
					t.Errorf("the text for staff is %q", e.Text)
				}
			}
		})
	}
}

// copyRow copies a row's cells to another place, as a person does.
func copyRow(t *testing.T, f *excelize.File, from, to int) {
	t.Helper()
	for c := range columns {
		v, err := f.GetCellValue("Fakturaer", fmt.Sprintf("%s%d", c.letter(), from), excelize.Options{RawCellValue: true})
		must(t, err)
		write1(t, f, c, to, v)
	}
}

func TestCopiedRows(t *testing.T) {
	for name, c := range map[string]struct {
		second []string // choice, value, note of the copy
		want   []string
	}{
		"the same decision is taken once":   {[]string{"bogfør", "4711", ""}, []string{`invoice-2026-000000/1 post "4711" ""`}},
		"an empty copy says nothing":        {[]string{"", "", ""}, []string{`invoice-2026-000000/1 post "4711" ""`}},
		"another decision refuses both":     {[]string{"Prøv igen", "", ""}, []string{"twice Fakturaer 2 invoice-2026-000000", "twice Fakturaer 9 invoice-2026-000000"}},
		"another value refuses both":        {[]string{"Bogfør", "4712", ""}, []string{"twice Fakturaer 2 invoice-2026-000000", "twice Fakturaer 9 invoice-2026-000000"}},
		"a draft that differs refuses both": {[]string{"", "", "vent"}, []string{"twice Fakturaer 2 invoice-2026-000000", "twice Fakturaer 9 invoice-2026-000000"}},
	} {
		t.Run(name, func(t *testing.T) {
			file := edit(t, written(t, bookOf(t, rowsN(6)...)), func(f *excelize.File) {
				copyRow(t, f, 2, 9)
				write1(t, f, colChoice, 2, "Bogfør")
				write1(t, f, colValue, 2, "4711")
				for i, col := range []column{colChoice, colValue, colNote} {
					write1(t, f, col, 9, c.second[i])
				}
			})
			if got := summary(imported(t, file)); !slices.Equal(got, c.want) {
				t.Errorf("got %q\nwant %q", got, c.want)
			}
		})
	}
}

// A copy that was made into another's row does not hurt the other.
func TestForgedCopyDoesNotHurtTheRealRow(t *testing.T) {
	file := edit(t, written(t, bookOf(t, rowsN(6)...)), func(f *excelize.File) {
		copyRow(t, f, 5, 9)
		write1(t, f, colNumber, 9, numberN(1))
		write1(t, f, colChoice, 9, "Behandlet manuelt")
		write1(t, f, colChoice, 3, "Prøv igen")
	})
	want := []string{`invoice-2026-000001/2 retry "" ""`, "tampered Fakturaer 9 invoice-2026-000001"}
	if got := summary(imported(t, file)); !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// Whatever Excel makes of a value, it is read as what was meant, or refused.
func TestValueIsText(t *testing.T) {
	style := func(f *excelize.File, format string) int {
		id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		must(t, err)
		return id
	}
	for name, c := range map[string]struct {
		value  any
		format string
		want   string // the value, or the code of the error
	}{
		"text":                     {"5385000001", "@", "5385000001"},
		"text with zeros":          {"0012", "@", "0012"},
		"a number":                 {5385000001, "General", "5385000001"},
		"a number in Excel's form": {5.385000001e9, "0.00E+00", "5385000001"},
		"a number with thousands":  {5385000001, "#,##0", "5385000001"},
		"thirteen digits":          {5790000123456, "General", "5790000123456"},
		"a decimal number":         {1234.1, "#,##0.00", "1234,1"},
		"a negative number":        {-12.5, "General", "-12,5"},
		"sixteen digits":           {1234567890123456.0, "0", "value-rounded"},
		"an enormous number":       {1e300, "General", "value-rounded"},
		"a date":                   {46349, "dd-mm-yyyy", "value-date"},
		"a Danish date":            {46349, "[$-406]d. mmmm yyyy", "value-date"},
		"a month":                  {46349, "mmm-yy", "value-date"},
		"a time":                   {0.5, "hh:mm", "value-date"},
		"hours":                    {1.5, "[h]:mm", "value-date"},
		"a percentage":             {0.05, "0%", "value-unreadable"},
		"a truth":                  {true, "General", "value-unreadable"},
		"money":                    {99.5, `#,##0.00 "kr."`, "99,5"},
		"a word with d in quotes":  {7, `0 "dage"`, "7"},
		"a time of Go":             {time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), "dd-mm-yyyy", "value-date"},
	} {
		t.Run(name, func(t *testing.T) {
			file := edit(t, written(t, bookOf(t, rowsN(1)...)), func(f *excelize.File) {
				write1(t, f, colChoice, 2, "Bogfør")
				write1(t, f, colValue, 2, c.value)
				must(t, f.SetCellStyle("Fakturaer", "K2", "K2", style(f, c.format)))
			})
			im := imported(t, file)
			got := ""
			if len(im.Decisions) == 1 {
				got = im.Decisions[0].Value
			}
			if len(im.Errors) == 1 {
				got = im.Errors[0].Code
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// A remark is taken as it is seen, also where Excel made a date of it.
func TestNoteIsReadAsSeen(t *testing.T) {
	date := "dd-mm-yyyy"
	file := edit(t, written(t, bookOf(t, rowsN(2)...)), func(f *excelize.File) {
		id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &date})
		must(t, err)
		write1(t, f, colNote, 2, 46349)
		must(t, f.SetCellStyle("Fakturaer", "L2", "L2", id))
		must(t, f.SetCellFormula("Fakturaer", "L3", "NA()"))
	})
	want := []string{`draft invoice-2026-000000/1 "" "23-11-2026"`, "cell-unreadable Fakturaer 3 invoice-2026-000001"}
	if got := summary(imported(t, file)); !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// The caller's word on a row's standing: only rows for the item as it stands.
func TestStanding(t *testing.T) {
	file := edit(t, written(t, bookOf(t, rowsN(6)...)), func(f *excelize.File) {
		for row := 2; row <= 7; row++ {
			write1(t, f, colChoice, row, "Behandlet manuelt")
		}
	})
	standing := func(number string) (int, bool, error) {
		switch number {
		case numberN(1):
			return 3, true, nil
		case numberN(2):
			return 3, false, nil
		}
		return map[string]int{numberN(0): 1, numberN(3): 4, numberN(4): 1, numberN(5): 2}[number], true, nil
	}
	im, err := ReadFrom(bytes.NewReader(file), int64(len(file)), ReadOptions{Ring: testRing(t), Standing: standing})
	must(t, err)
	if len(im.Decisions) != 4 || len(im.Errors) != 2 || im.Errors[0].Code != "stale" || im.Errors[1].Code != "not-listed" {
		t.Errorf("got %q", summary(im))
	}
	gone := errors.New("the store is gone")
	_, err = ReadFrom(bytes.NewReader(file), int64(len(file)), ReadOptions{Ring: testRing(t),
		Standing: func(string) (int, bool, error) { return 0, false, gone }})
	if !errors.Is(err, gone) {
		t.Errorf("the caller's error came back as %v", err)
	}
}
