package workbook

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"byskriver/runner"
)

// decided writes a decision in every row of a sheet with six rows.
func decided(t *testing.T, f *excelize.File) {
	for row := 2; row <= 7; row++ {
		write1(t, f, colChoice, row, "Behandlet manuelt")
		write1(t, f, colNote, row, fmt.Sprintf("række %d", row))
	}
}

var sixDecisions = []string{
	`invoice-2026-000000/1 manual "" "række 2"`,
	`invoice-2026-000001/2 manual "" "række 3"`,
	`invoice-2026-000002/3 manual "" "række 4"`,
	`invoice-2026-000003/4 manual "" "række 5"`,
	`invoice-2026-000004/1 manual "" "række 6"`,
	`invoice-2026-000005/2 manual "" "række 7"`,
}

// Sheets and columns are found by their headings, wherever they have gone.
func TestSheetsThatPeopleRearrange(t *testing.T) {
	for name, change := range map[string]func(f *excelize.File){
		"as it came":      func(f *excelize.File) {},
		"columns hidden":  func(f *excelize.File) { must(t, f.SetColVisible("Fakturaer", "A:H", false)) },
		"column inserted": func(f *excelize.File) { must(t, f.InsertCols("Fakturaer", "C", 3)) },
		"column inserted and named": func(f *excelize.File) {
			must(t, f.InsertCols("Fakturaer", "A", 1))
			must(t, f.SetCellStr("Fakturaer", "A1", "Mine noter"))
		},
		"columns not needed deleted": func(f *excelize.File) {
			for range 3 {
				must(t, f.RemoveCol("Fakturaer", "G"))
			}
		},
		"rows above": func(f *excelize.File) {
			must(t, f.InsertRows("Fakturaer", 1, 4))
			must(t, f.SetCellStr("Fakturaer", "A1", "Ugens liste"))
		},
		"rows filtered away": func(f *excelize.File) { must(t, f.SetRowVisible("Fakturaer", 4, false)) },
		"headings in capitals": func(f *excelize.File) {
			must(t, f.SetCellStr("Fakturaer", "A1", " NR "))
			must(t, f.SetCellStr("Fakturaer", "J1", "AFGØRELSE"))
		},
		"sheet renamed":    func(f *excelize.File) { must(t, f.SetSheetName("Fakturaer", "Til Mette")) },
		"list sheet shown": func(f *excelize.File) { must(t, f.SetSheetVisible("Lister", true)) },
		"sheets of their own": func(f *excelize.File) {
			_, err := f.NewSheet("Kladde")
			must(t, err)
			must(t, f.SetCellStr("Kladde", "A1", "Nr"))
			must(t, f.SetCellStr("Kladde", "B1", "Hvem"))
		},
		"sheets in another order": func(f *excelize.File) { must(t, f.MoveSheet("Lister", "Overblik")) },
		"overview deleted":        func(f *excelize.File) { must(t, f.DeleteSheet("Overblik")) },
		"columns moved":           func(f *excelize.File) { reverseColumns(t, f) },
	} {
		t.Run(name, func(t *testing.T) {
			file := edit(t, written(t, bookOf(t, rowsN(6)...)), func(f *excelize.File) {
				decided(t, f)
				change(f)
			})
			if got := summary(imported(t, file)); !slices.Equal(got, sixDecisions) {
				t.Errorf("got %q\nwant %q", got, sixDecisions)
			}
		})
	}
}

// reverseColumns puts the last column first and so on.
func reverseColumns(t *testing.T, f *excelize.File) {
	rows, err := f.GetRows("Fakturaer", excelize.Options{RawCellValue: true})
	must(t, err)
	for r, cells := range rows {
		for c := range columns {
			v := ""
			if at := int(columns - 1 - c); at < len(cells) {
				v = cells[at]
			}
			write1(t, f, c, r+1, v)
		}
	}
}

func TestSortedSheet(t *testing.T) {
	file := edit(t, written(t, bookOf(t, rowsN(6)...)), func(f *excelize.File) {
		decided(t, f)
		for i, from := range []int{7, 3, 5, 2, 6, 4} {
			copyRow(t, f, from, 20+i)
		}
		for row := 2; row <= 7; row++ {
			copyRow(t, f, row+18, row)
		}
		for row := 20; row <= 25; row++ {
			for c := range columns {
				write1(t, f, c, row, nil)
			}
		}
	})
	got := summary(imported(t, file))
	slices.Sort(got)
	if !slices.Equal(got, sixDecisions) {
		t.Errorf("got %q\nwant %q", got, sixDecisions)
	}
}

// A sheet whose headings do not say what is what is refused as a whole, and the
// other sheets are not.
func TestSheetWithoutItsHeadings(t *testing.T) {
	for name, c := range map[string]struct {
		change func(f *excelize.File)
		want   string
	}{
		"Kontrol renamed": {func(f *excelize.File) { must(t, f.SetCellStr("Fakturaer", "N1", "x")) }, "column-missing Fakturaer 1 "},
		"Værdi deleted":   {func(f *excelize.File) { must(t, f.RemoveCol("Fakturaer", "K")) }, "column-missing Fakturaer 1 "},
		"Værdi twice":     {func(f *excelize.File) { must(t, f.SetCellStr("Fakturaer", "P1", "værdi")) }, "column-twice Fakturaer 1 "},
	} {
		t.Run(name, func(t *testing.T) {
			b := bookOf(t, rowsN(6)...)
			other := rowN(7)
			other.Number = "attest-2026-000001"
			b.Robots = append(b.Robots, Robot{Name: "attest", Title: "Attester", Rows: Slice([]Row{other})})
			file := edit(t, written(t, b), func(f *excelize.File) {
				decided(t, f)
				must(t, f.SetCellStr("Attester", "J2", "Prøv igen"))
				c.change(f)
			})
			want := []string{`attest-2026-000001/4 retry "" ""`, c.want}
			if got := summary(imported(t, file)); !slices.Equal(got, want) {
				t.Errorf("got %q\nwant %q", got, want)
			}
		})
	}
}

// Rows of an older file that were pasted into a newer one: the stale ones are
// refused, and do not take the current ones with them.
func TestRowsOfAnOlderFilePastedIn(t *testing.T) {
	old := rowN(0)
	old.Revision = 9
	older := written(t, bookOf(t, old))
	file := edit(t, written(t, bookOf(t, rowsN(2)...)), func(f *excelize.File) {
		g, err := excelize.OpenReader(bytes.NewReader(older))
		must(t, err)
		defer g.Close()
		for c := range columns {
			v, err := g.GetCellValue("Fakturaer", c.letter()+"2", excelize.Options{RawCellValue: true})
			must(t, err)
			write1(t, f, c, 5, v)
		}
		write1(t, f, colChoice, 5, "Behandlet manuelt")
		write1(t, f, colChoice, 2, "Prøv igen")
	})
	both := []string{"twice Fakturaer 2 invoice-2026-000000", "twice Fakturaer 5 invoice-2026-000000"}
	if got := summary(imported(t, file)); !slices.Equal(got, both) {
		t.Errorf("without a standing: got %q\nwant %q", got, both)
	}
	im, err := ReadFrom(bytes.NewReader(file), int64(len(file)), ReadOptions{Ring: testRing(t),
		Standing: func(string) (int, bool, error) { return 1, true, nil }})
	must(t, err)
	want := []string{`invoice-2026-000000/1 retry "" ""`, "stale Fakturaer 5 invoice-2026-000000"}
	if got := summary(im); !slices.Equal(got, want) {
		t.Errorf("with a standing: got %q\nwant %q", got, want)
	}
}

// Two robots whose sheets would have the same name, and one whose name Excel
// forbids.
func TestSheetNames(t *testing.T) {
	b := bookOf(t, rowN(0))
	for i, title := range []string{"fakturaer", "Overblik", "a/b:c*[d]?", "'citat'", "History", "", "Et meget langt navn på en robot i kommunen", "Et meget langt navn på en robot i byen"} {
		r := rowN(i + 1)
		r.Choices = []runner.Choice{runner.Manual()}
		b.Robots = append(b.Robots, Robot{Name: fmt.Sprintf("robot%d", i), Title: title, Rows: Slice([]Row{r})})
	}
	f, err := excelize.OpenReader(bytes.NewReader(written(t, b)))
	must(t, err)
	defer f.Close()
	want := []string{"Overblik", "Fakturaer", "fakturaer (2)", "Overblik (2)", "a-b-c--d--", "citat", "History-", "robot5",
		"Et meget langt navn på en robot", "Et meget langt navn på en r (2)", "Lister"}
	if got := f.GetSheetList(); !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
