package plans

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"github.com/xuri/excelize/v2"
)

// Read parses the plan file of that name. The error says that the file could not
// be read at all, such as one that is not there; what is wrong with its content
// is in the problems.
func Read(path string, l FileLimits) (Sheet, []Problem, error) {
	f, err := os.Open(path)
	if err != nil {
		return Sheet{}, nil, fmt.Errorf("open the payment plans: %w", err)
	}
	defer f.Close()
	// One byte more than the limit, so that Parse sees that the file is too large.
	data, err := io.ReadAll(io.LimitReader(f, l.FileBytes+1))
	if err != nil {
		return Sheet{}, nil, fmt.Errorf("read the payment plans %s: %w", path, err)
	}
	s, problems := Parse(data, l)
	return s, problems, nil
}

// Parse reads an xlsx file of payment plans. If any problem is fatal the sheet
// is refused whole: it comes back empty, with every problem that was found, in
// the order of the file.
func Parse(data []byte, l FileLimits) (Sheet, []Problem) {
	if bad := inspect(data, l); bad != nil {
		return refuse(bad)
	}
	sheet, problems, err := parse(data, l)
	if err != nil {
		return refuse(damaged())
	}
	if Refused(problems) {
		return Sheet{}, problems
	}
	sum := sha256.Sum256(data)
	sheet.Meta.FileDigest = hex.EncodeToString(sum[:])
	return sheet, problems
}

func refuse(bad *fault) (Sheet, []Problem) {
	return Sheet{}, []Problem{{Code: bad.code, Text: bad.text, Fatal: true}}
}

// parse reads a file that inspect let through. An error, or a panic of the
// spreadsheet library, means that the file is damaged in a way of its own.
func parse(data []byte, l FileLimits) (s Sheet, problems []Problem, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the spreadsheet library gave up: %v", r)
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		UnzipSizeLimit: l.UnzippedBytes, UnzipXMLSizeLimit: l.UnzippedBytes,
	})
	if err != nil {
		return s, nil, err
	}
	defer f.Close()
	out := &found{limits: l}
	plans, err := readTable(f, PlanSheet, planColumns, planRowChecks, out)
	if err != nil {
		return s, nil, err
	}
	always, err := readTable(f, AlwaysSheet, alwaysColumns, nil, out)
	if err != nil {
		return s, nil, err
	}
	s, hidden := assemble(plans, always, out)
	s.Meta, err = meta(f)
	s.Meta.HiddenRows = hidden
	return s, out.sorted(), err
}

// assemble makes a sheet of the rows, after the checks across them.
func assemble(plans []row[Plan], always []row[Always], out *found) (Sheet, int) {
	if len(plans) == 0 && !Refused(out.list) {
		out.add(Problem{Code: ProblemEmpty, Sheet: PlanSheet, Fatal: true,
			Text: "Der står ingen planer i fanen. Udfyld mindst én række under overskrifterne."})
	}
	checkNumbers(plans, out)
	checkOverlaps(plans, out)
	checkTwice(always, out)
	s := Sheet{Plans: []Plan{}, Always: []Always{}}
	hidden := 0
	for _, r := range plans {
		s.Plans = append(s.Plans, r.value)
		hidden += r.hidden
	}
	for _, r := range always {
		s.Always = append(s.Always, r.value)
		hidden += r.hidden
	}
	s.sort()
	return s, hidden
}

// meta is what the file says about itself.
func meta(f *excelize.File) (Meta, error) {
	props, err := f.GetDocProps()
	if err != nil {
		return Meta{}, fmt.Errorf("read the document's properties: %w", err)
	}
	return Meta{LastModifiedBy: clean(props.LastModifiedBy), Modified: clean(props.Modified)}, nil
}
