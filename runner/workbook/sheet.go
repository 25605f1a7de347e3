package workbook

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"byskriver/runner"
)

// sheet is one sheet of a robot while it is written.
type sheet struct {
	w      *writer
	robot  Robot
	name   string
	number int // 1 for the robot's first sheet
	stream *excelize.StreamWriter
	row    int // the last row written
	links  []link
	cells  [columns]excelize.Cell
	places [columns]any // points to cells, which is how the stream takes them
}

// newSheet begins a robot's sheet. What stands before the rows in the file must
// be set before the stream begins, or before its first row.
func (w *writer) newSheet(r Robot, number int) (*sheet, error) {
	s := &sheet{w: w, robot: r, number: number, name: w.names.take(r.title(), number)}
	if _, err := w.file.NewSheet(s.name); err != nil {
		return nil, fmt.Errorf("begin sheet %s: %w", s.name, err)
	}
	if err := w.page(s.name); err != nil {
		return nil, fmt.Errorf("lay out sheet %s: %w", s.name, err)
	}
	if err := w.noDimension(s.name); err != nil {
		return nil, err
	}
	var err error
	if s.stream, err = w.file.NewStreamWriter(s.name); err != nil {
		return nil, fmt.Errorf("begin sheet %s: %w", s.name, err)
	}
	if err := s.heading(); err != nil {
		return nil, fmt.Errorf("head sheet %s: %w", s.name, err)
	}
	return s, nil
}

// page makes a sheet print on A4 across, as wide as the paper.
func (w *writer) page(sheet string) error {
	f := w.file
	if err := f.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: ptr(true)}); err != nil {
		return err
	}
	if err := f.SetPageLayout(sheet, &excelize.PageLayoutOptions{
		Size: ptr(9), Orientation: ptr("landscape"), FitToWidth: ptr(1), FitToHeight: ptr(0),
	}); err != nil {
		return err
	}
	if err := f.SetPageMargins(sheet, &excelize.PageLayoutMarginsOptions{
		Left: ptr(0.4), Right: ptr(0.4), Top: ptr(0.5), Bottom: ptr(0.6), Header: ptr(0.3), Footer: ptr(0.3),
	}); err != nil {
		return err
	}
	town := escapeFooter(firstUnits(clean(runner.Mask(w.book.Municipality)), 60))
	return f.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{OddFooter: "&L" + town + "&C&A&RSide &P af &N"})
}

// heading writes the column widths, the frozen panes and the headings.
func (s *sheet) heading() error {
	// From the last to the first: each is put before the others, and Excel wants
	// them in order.
	for c := columns - 1; c >= 0; c-- {
		if err := s.stream.SetColWidth(int(c)+1, int(c)+1, float64(widths[c])); err != nil {
			return err
		}
		s.places[c] = &s.cells[c]
		s.cells[c] = excelize.Cell{StyleID: s.w.styles.head[c], Value: headings[c]}
	}
	if err := s.stream.SetPanes(&excelize.Panes{
		Freeze: true, XSplit: 1, YSplit: 1, TopLeftCell: "B2", ActivePane: "bottomRight",
		Selection: []excelize.Selection{{SQRef: "B2", ActiveCell: "B2", Pane: "bottomRight"}},
	}); err != nil {
		return err
	}
	s.row = 1
	return s.stream.SetRow("A1", s.places[:], excelize.RowOpts{Height: 24})
}

// add writes one exception.
func (s *sheet) add(r Row) error {
	if !fits(r.Number) || r.Number == "" || r.Code != "" && !fits(r.Code) {
		return fmt.Errorf("number or code %q cannot stand in a cell unchanged", r.Code)
	}
	if r.Revision < 0 {
		return errors.New("the revision is negative")
	}
	key, list, err := s.w.sets.of(r.Choices)
	if err != nil {
		return err
	}
	s.row++
	st := &s.w.styles
	set := func(c column, v any) { s.cells[c] = excelize.Cell{StyleID: st.body[c], Value: v} }
	set(colNumber, textValue(r.Number))
	set(colCase, textValue(r.Case))
	set(colArea, textValue(r.Area))
	set(colCreated, s.w.day(r.Created))
	set(colDue, s.w.day(r.Due))
	set(colCode, textValue(r.Code))
	set(colReason, textValue(r.Reason))
	s.cells[colProposal] = proposal(st, r.Proposal, r.Amount)
	s.cells[colEvidence] = s.evidence(r.Evidence)
	draft := trimmed(r.Draft)
	set(colChoice, textValue(labelOf(draft.Choice, r.Choices)))
	set(colValue, textValue(draft.Value))
	set(colNote, textValue(draft.Note))
	set(colRevision, r.Revision)
	set(colControl, key+"-"+codeOf(s.w.book.Ring, r.Number, r.Revision, r.Code, list))
	return s.stream.SetRow("A"+strconv.Itoa(s.row), s.places[:], excelize.RowOpts{Height: s.height()})
}

// lineHeight and maxHeight are heights in points: a line of text, and the highest
// row that Excel has.
const (
	lineHeight = 15
	maxHeight  = 409
)

// height is about how high the row must be for all its texts to be seen; a line
// holds some more letters than the column is digits wide. Excel would find out by
// itself, LibreOffice does not.
func (s *sheet) height() float64 {
	most := 1
	for _, c := range wrapped {
		text, _ := s.cells[c].Value.(string)
		lines := 0
		for text != "" {
			line, rest, _ := strings.Cut(text, "\n")
			lines += 1 + utf8.RuneCountInString(line)*10/(widths[c]*11)
			text = rest
		}
		most = max(most, lines)
	}
	return float64(min(most*lineHeight, maxHeight))
}

// textValue is a text as the value of a cell; no text is no value, so that the
// cell counts as empty.
func textValue(s string) any {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	return cellText(s)
}

// day is a time as the number of its day, by which Excel filters and sorts
// dates; nil if there is none, and a text before 1900.
func (w *writer) day(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	t = t.In(w.book.Zone)
	if t.Year() <= 1900 || t.Year() > 9999 {
		return t.Format("02-01-2006")
	}
	midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	return int(midnight.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)) / (24 * time.Hour))
}

// proposal is a cell with text, a number, or both as text. A number that Excel
// would round (it keeps 15 digits) is a text too.
func proposal(st *styles, text string, amount decimal.NullDecimal) excelize.Cell {
	cell := excelize.Cell{StyleID: st.body[colProposal], Value: textValue(text)}
	if !amount.Valid {
		return cell
	}
	n, _ := amount.Decimal.Float64()
	if text == "" && math.Abs(n) < 1e12 && amount.Decimal.Equal(amount.Decimal.Round(2)) {
		return excelize.Cell{StyleID: st.amount, Value: n}
	}
	if text != "" {
		text += ": "
	}
	cell.Value = cellText(text + kr(amount.Decimal.StringFixed(2)))
	return cell
}

// evidence is the cell for Bevis; its link is kept for when the file is packed.
func (s *sheet) evidence(e Evidence) excelize.Cell {
	target, ok := linkTarget(e.Link)
	text := e.Text
	if text == "" && e.Link != "" {
		text = "Åbn bevis"
	}
	if !ok || len(s.links) >= s.w.max.links {
		return excelize.Cell{StyleID: s.w.styles.plainEvidence, Value: textValue(text)}
	}
	s.links = append(s.links, link{cell: colEvidence.letter() + strconv.Itoa(s.row), target: target})
	return excelize.Cell{StyleID: s.w.styles.body[colEvidence], Value: textValue(text)}
}

// next ends this sheet, which is full, and begins the robot's next.
func (s *sheet) next() (*sheet, error) {
	if err := s.finish(); err != nil {
		return nil, err
	}
	return s.w.newSheet(s.robot, s.number+1)
}

// finish writes what stands after the rows. All of it must be set before Flush:
// what comes later is silently lost.
func (s *sheet) finish() error {
	if err := s.tail(); err != nil {
		return fmt.Errorf("end sheet %s: %w", s.name, err)
	}
	p := part{path: fmt.Sprintf("xl/worksheets/sheet%d.xml", s.stream.SheetID), links: s.links}
	if s.row > 1 {
		p.texts = fmt.Sprintf("A2:%s%d", (columns - 1).letter(), s.row)
	}
	s.w.parts = append(s.w.parts, p)
	if err := s.stream.Flush(); err != nil {
		return fmt.Errorf("end sheet %s: %w", s.name, err)
	}
	return nil
}

func (s *sheet) tail() error {
	f := s.w.file
	all := fmt.Sprintf("A1:%s%d", (columns - 1).letter(), s.row)
	if err := f.AutoFilter(s.name, all, nil); err != nil {
		return err
	}
	printed := fmt.Sprintf("%s!$A$1:$%s$%d", quoted(s.name), colNote.letter(), s.row)
	for name, ref := range map[string]string{"_xlnm.Print_Area": printed, "_xlnm.Print_Titles": quoted(s.name) + "!$1:$1"} {
		if err := f.SetDefinedName(&excelize.DefinedName{Name: name, Scope: s.name, RefersTo: ref}); err != nil {
			return err
		}
	}
	if s.row == 1 {
		return nil
	}
	if err := f.AddDataValidation(s.name, dropDown(s.row)); err != nil {
		return err
	}
	for _, m := range s.w.marks(s.row) {
		if err := f.SetConditionalFormat(s.name, m.cells, m.rules); err != nil {
			return err
		}
	}
	return nil
}
