package bypattern

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
)

// largestUnzipped bounds what an Excel file may unpack to.
const largestUnzipped = 1 << 30

// row is one line of a table, by column.
type row struct {
	at    string // file and line, for messages
	cells []string
	place map[string]int
}

// get is the cell in a column, or "" where there is none.
func (r row) get(column string) string {
	if i, ok := r.place[column]; ok && i < len(r.cells) {
		return strings.TrimSpace(r.cells[i])
	}
	return ""
}

// readTable hands over the lines of a CSV or Excel file whose first line has the
// headings. must are those that have to be there.
func readTable(file string, must []string, each func(row) error) error {
	var err error
	switch strings.ToLower(filepath.Ext(file)) {
	case ".xlsx":
		err = readExcel(file, must, each)
	case ".csv":
		err = readCSV(file, must, each)
	default:
		return fmt.Errorf("%s: neither .csv nor .xlsx", file)
	}
	return err
}

// headings finds the columns of the first line.
func headings(file string, first, must []string) (map[string]int, error) {
	place := map[string]int{}
	for i, h := range first {
		if h = strings.TrimSpace(h); h != "" {
			if _, twice := place[h]; twice {
				return nil, fmt.Errorf("%s:1: the heading %q stands there twice", file, h)
			}
			place[h] = i
		}
	}
	for _, h := range must {
		if _, ok := place[h]; !ok {
			return nil, fmt.Errorf("%s:1: there is no column %q; name it there, or say in the configuration what it is called", file, h)
		}
	}
	return place, nil
}

func readCSV(file string, must []string, each func(row) error) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) { // as Excel in Danish writes CSV
		if data, err = charmap.Windows1252.NewDecoder().Bytes(data); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord, r.ReuseRecord = -1, true
	first, _, _ := strings.Cut(string(data[:min(len(data), 4096)]), "\n")
	r.Comma = slices.MaxFunc([]rune{';', '\t', ','}, func(a, b rune) int {
		return strings.Count(first, string(a)) - strings.Count(first, string(b))
	})
	head, err := r.Read()
	if err != nil {
		return fmt.Errorf("%s: read the headings: %w", file, err)
	}
	place, err := headings(file, slices.Clone(head), must)
	if err != nil {
		return err
	}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		line, _ := r.FieldPos(0)
		if err := each(row{fmt.Sprintf("%s:%d", file, line), cells, place}); err != nil {
			return err
		}
	}
}

func readExcel(file string, must []string, each func(row) error) (err error) {
	f, err := excelize.OpenFile(file, excelize.Options{UnzipSizeLimit: largestUnzipped, RawCellValue: true})
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	rows, err := f.Rows(f.GetSheetName(0))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var place map[string]int
	for line := 1; rows.Next(); line++ {
		cells, err := rows.Columns()
		if err != nil {
			return fmt.Errorf("%s:%d: %w", file, line, err)
		}
		if line == 1 {
			if place, err = headings(file, cells, must); err != nil {
				return err
			}
			continue
		}
		if strings.Join(cells, "") == "" {
			continue
		}
		if err := each(row{fmt.Sprintf("%s:%d", file, line), cells, place}); err != nil {
			return err
		}
	}
	return rows.Error()
}
