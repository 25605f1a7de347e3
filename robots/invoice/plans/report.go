package plans

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// reported is one column of a sheet that is only written.
func reported[T any](name string, width float64, k kind, show func(T) string) column[T] {
	return column[T]{name: name, width: width, kind: k, show: show}
}

// tab is one sheet of a report.
type tab struct {
	name  string
	write func(f *excelize.File, name string, styles formats) error
}

func tabOf[T any](name string, columns []column[T], rows []T) tab {
	return tab{name, func(f *excelize.File, name string, styles formats) error {
		return writeTable(f, name, columns, rows, styles)
	}}
}

// writeReport writes a workbook of tables. It replaces no file.
func writeReport(path string, tabs ...tab) error {
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetSheetName("Sheet1", tabs[0].name); err != nil {
		return err
	}
	if err := addTabs(f, tabs...); err != nil {
		return err
	}
	return newFile(path, func(file string) error { return f.SaveAs(file) })
}

func addTabs(f *excelize.File, tabs ...tab) error {
	styles, err := newFormats(f)
	if err != nil {
		return err
	}
	for _, t := range tabs {
		if err := t.write(f, t.name, styles); err != nil {
			return fmt.Errorf("sheet %s: %w", t.name, err)
		}
	}
	return nil
}
