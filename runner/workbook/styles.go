package workbook

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// Number formats. They stand in the file in English whatever language Excel
// speaks: a Danish Excel shows them as dd-mm-åååå and 1.234,50 kr.
const (
	formatText   = 49 // "@", built in: what is typed stays text
	formatDate   = "dd-mm-yyyy"
	formatAmount = `#,##0.00 "kr."`
	formatCount  = "#,##0"
	formatShare  = "0 %"
)

// The colours: a calm header, yellow where a person writes.
const (
	inkHeader  = "1F3864"
	paperHead  = "D9E2F3"
	paperWrite = "FFF9DB"
	headWrite  = "FFE08A"
	inkLink    = "0563C1"
	inkQuiet   = "9A9A9A"
	inkAlarm   = "B00020"
	paperAlarm = "FDE7E9"
	paperTaken = "E2F0D9"
	paperLacks = "F8CBAD"
	lineColour = "D0D0D0"
)

// styles are the style numbers of one file.
type styles struct {
	body                                  [columns]int // a robot's rows
	head                                  [columns]int // and their headings
	amount, plainEvidence                 int
	title, subtitle, section, note, label int
	cell, count, share, alarm, link       int
	total, totalCount, totalShare         int
	markDue, markTaken, markLacks         int // for conditional formats
	headLeft, headRight                   int
}

// newStyles lays the styles into the file.
func newStyles(f *excelize.File) (styles, error) {
	m := &maker{file: f}
	var s styles
	m.robotStyles(&s)
	m.overviewStyles(&s)
	s.markDue = m.conditional(&excelize.Style{Font: font(excelize.Font{Bold: true, Color: inkAlarm})})
	s.markTaken = m.conditional(&excelize.Style{Fill: fill(paperTaken)})
	s.markLacks = m.conditional(&excelize.Style{Fill: fill(paperLacks)})
	if m.err != nil {
		return s, fmt.Errorf("make the workbook's styles: %w", m.err)
	}
	return s, nil
}

// maker makes styles until one fails.
type maker struct {
	file *excelize.File
	err  error
}

func (m *maker) style(s *excelize.Style) int {
	if m.err != nil {
		return 0
	}
	var id int
	id, m.err = m.file.NewStyle(s)
	return id
}

func (m *maker) conditional(s *excelize.Style) int {
	if m.err != nil {
		return 0
	}
	var id int
	id, m.err = m.file.NewConditionalStyle(s)
	return id
}

func (m *maker) robotStyles(s *styles) {
	for c := range columns {
		st := &excelize.Style{Border: box(), Alignment: &excelize.Alignment{Vertical: "top"}}
		paper := paperHead
		switch c {
		case colNumber, colCase:
			st.NumFmt = formatText
		case colCode:
			st.NumFmt, st.Alignment.WrapText = formatText, true
		case colCreated, colDue:
			st.CustomNumFmt = ptr(formatDate)
			st.Alignment.Horizontal = "left"
		case colArea, colReason, colProposal:
			st.Alignment.WrapText = true
		case colEvidence:
			st.Alignment.WrapText = true
			s.plainEvidence = m.style(st)
			st.Font = font(excelize.Font{Color: inkLink, Underline: "single"})
		case colChoice, colValue, colNote:
			st.NumFmt, st.Fill, st.Alignment.WrapText = formatText, fill(paperWrite), true
			paper = headWrite
		case colRevision:
			st.Font = font(excelize.Font{Color: inkQuiet})
		case colControl:
			st.NumFmt, st.Font = formatText, font(excelize.Font{Color: inkQuiet, Size: 8})
			st.Alignment.Horizontal = "fill" // keeps it from running on beyond its narrow column
		}
		s.body[c] = m.style(st)
		s.head[c] = m.style(&excelize.Style{
			Border: box(), Fill: fill(paper), Font: font(excelize.Font{Bold: true, Color: inkHeader}),
			Alignment: &excelize.Alignment{Vertical: "center"},
		})
	}
	s.amount = m.style(&excelize.Style{
		Border: box(), Alignment: &excelize.Alignment{Vertical: "top"}, CustomNumFmt: ptr(formatAmount),
	})
}

func (m *maker) overviewStyles(s *styles) {
	wrap := &excelize.Alignment{Vertical: "top", WrapText: true, Indent: 1, Horizontal: "left"}
	top := &excelize.Alignment{Vertical: "top", Indent: 1, Horizontal: "left"}
	number := &excelize.Alignment{Vertical: "top", Indent: 1, Horizontal: "right"}
	bold := font(excelize.Font{Bold: true, Color: inkHeader})
	head := func(side string) int {
		return m.style(&excelize.Style{Border: box(), Fill: fill(paperHead), Font: bold,
			Alignment: &excelize.Alignment{Vertical: "center", Horizontal: side, Indent: 1, WrapText: true}})
	}
	s.title = m.style(&excelize.Style{Font: font(excelize.Font{Bold: true, Size: 18, Color: inkHeader})})
	s.subtitle = m.style(&excelize.Style{Font: font(excelize.Font{Color: "595959"})})
	s.section = m.style(&excelize.Style{Font: font(excelize.Font{Bold: true, Size: 13, Color: inkHeader})})
	s.note = m.style(&excelize.Style{Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}})
	s.headLeft, s.headRight = head("left"), head("right")
	s.label = m.style(&excelize.Style{Border: box(), Alignment: top, NumFmt: formatText})
	s.cell = m.style(&excelize.Style{Border: box(), Alignment: wrap})
	s.link = m.style(&excelize.Style{Border: box(), Alignment: top, Font: font(excelize.Font{Color: inkLink, Underline: "single"})})
	s.alarm = m.style(&excelize.Style{Border: box(), Alignment: wrap, Fill: fill(paperAlarm), Font: font(excelize.Font{Color: inkAlarm})})
	s.count = m.style(&excelize.Style{Border: box(), Alignment: number, CustomNumFmt: ptr(formatCount)})
	s.share = m.style(&excelize.Style{Border: box(), Alignment: number, CustomNumFmt: ptr(formatShare)})
	s.total = m.style(&excelize.Style{Border: box(), Font: bold, Alignment: top})
	s.totalCount = m.style(&excelize.Style{Border: box(), Font: bold, Alignment: number, CustomNumFmt: ptr(formatCount)})
	s.totalShare = m.style(&excelize.Style{Border: box(), Font: bold, Alignment: number, CustomNumFmt: ptr(formatShare)})
}

// font is Excel's own font for its sheets, in its size unless f says another.
func font(f excelize.Font) *excelize.Font {
	f.Family = "Calibri"
	if f.Size == 0 {
		f.Size = 11
	}
	return &f
}

func fill(colour string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
}

func box() []excelize.Border {
	var b []excelize.Border
	for _, side := range []string{"left", "top", "right", "bottom"} {
		b = append(b, excelize.Border{Type: side, Color: lineColour, Style: 1})
	}
	return b
}

func ptr[T any](v T) *T { return &v }
