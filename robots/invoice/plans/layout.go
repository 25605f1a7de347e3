package plans

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// checkLayout looks for what makes a sheet say something else to the eye than to
// a program: merged cells, and what is hidden.
func checkLayout(f *excelize.File, sheet string, out *found) error {
	merged, err := f.GetMergeCells(sheet, true)
	if err != nil {
		return fmt.Errorf("read the merged cells of sheet %s: %w", sheet, err)
	}
	for _, m := range merged {
		_, number, err := excelize.CellNameToCoordinates(m.GetStartAxis())
		if err != nil {
			return err
		}
		out.add(Problem{Code: ProblemMerged, Sheet: sheet, Row: number, Fatal: true,
			Cell: m.GetStartAxis() + ":" + m.GetEndAxis(),
			Text: "Cellerne er flettet. Ophæv fletningen, og udfyld hver celle for sig."})
	}
	visible, err := f.GetSheetVisible(sheet)
	if err != nil {
		return err
	}
	if !visible {
		out.add(Problem{Code: ProblemHidden, Sheet: sheet, Text: "Fanen er skjult, men tæller med."})
	}
	return hiddenColumns(f, sheet, out)
}

func hiddenColumns(f *excelize.File, sheet string, out *found) error {
	for col := 1; col <= len(planColumns); col++ {
		name, err := excelize.ColumnNumberToName(col)
		if err != nil {
			return err
		}
		visible, err := f.GetColVisible(sheet, name)
		if err != nil {
			return err
		}
		if !visible {
			out.add(Problem{Code: ProblemHidden, Sheet: sheet, Cell: name,
				Text: "Kolonne " + name + " er skjult, men tæller med."})
		}
	}
	return nil
}
