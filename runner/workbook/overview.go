package workbook

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"byskriver/runner"
)

// page1 is the overview while it is written, a row after the other.
type page1 struct {
	*writer
	row int
	err error
}

// lastColumn is the overview's width.
const lastColumn = 7

// advice is what a person does about the exceptions that every robot can give
// (runner.Code…), where the robot itself says nothing.
func advice(code string) string {
	switch code {
	case runner.CodeUncertain:
		return "Slå sagen op i fagsystemet, og se, om ændringen er gennemført. Vælg derefter Behandlet manuelt eller Prøv igen."
	case runner.CodeGaveUp:
		return "Robotten har forsøgt flere gange. Se årsagen; vælg Prøv igen, når fejlen er rettet, eller behandl sagen selv."
	case runner.CodeSample:
		return "Bedøm sagen, som om robotten ikke havde foreslået noget. Vælg Enig, udfør forslaget, eller det rigtige."
	case "KONTROL":
		return "Se efter i fagsystemet, om robotten har gjort det rigtige. Flere sager udføres først, når alle er kontrolleret."
	case runner.CodeTwin:
		return "Sagen er set før med et andet indhold. Sammenlign de to, og afgør, hvilken der gælder."
	case runner.CodePanic:
		return "Der er en fejl i robotten. Behandl sagen selv, og giv besked til systemansvarlig."
	}
	return "Se kolonnen Årsag på arket."
}

// overview fills the first sheet. It is small and not streamed.
func (w *writer) overview() error {
	p := &page1{writer: w}
	for c, width := range []float64{24, 15, 12, 12, 12, 12, 16} {
		at := string(rune('A' + c))
		p.do(w.file.SetColWidth(overviewSheet, at, at, width))
	}
	p.do(w.page(overviewSheet))
	p.do(w.noDimension(overviewSheet))
	p.do(w.file.SetSheetView(overviewSheet, 0, &excelize.ViewOptions{ShowGridLines: ptr(false)}))
	p.top()
	p.stopped()
	p.tallies()
	p.progress()
	p.codes()
	p.guide()
	if p.err != nil {
		return fmt.Errorf("write the overview: %w", p.err)
	}
	return nil
}

func (p *page1) do(err error) {
	if p.err == nil {
		p.err = err
	}
}

// put sets a cell of the current row.
func (p *page1) put(col, style int, v any) {
	cell, err := excelize.CoordinatesToCellName(col, p.row)
	p.do(err)
	if s, ok := v.(string); ok {
		p.do(p.file.SetCellStr(overviewSheet, cell, cellText(s)))
	} else if v != nil {
		p.do(p.file.SetCellValue(overviewSheet, cell, v))
	}
	p.do(p.file.SetCellStyle(overviewSheet, cell, cell, style))
}

// across sets a text over columns from to the last, and makes the row as high as
// the text needs: Excel does not do that for joined cells.
func (p *page1) across(from, style int, text string, least float64) {
	for c := from; c <= lastColumn; c++ {
		p.put(c, style, nil)
	}
	p.put(from, style, text)
	a, err := excelize.CoordinatesToCellName(from, p.row)
	p.do(err)
	b, err := excelize.CoordinatesToCellName(lastColumn, p.row)
	p.do(err)
	p.do(p.file.MergeCell(overviewSheet, a, b))
	room := 100 - 16*(from-1)
	lines := 0
	for l := range strings.SplitSeq(text, "\n") {
		lines += 1 + units(l)*9/(room*10)
	}
	p.do(p.file.SetRowHeight(overviewSheet, p.row, min(max(least, 15.5*float64(lines)), 400)))
}

func (p *page1) line(style int, text string, least float64) {
	p.row++
	p.across(1, style, text, least)
}

func (p *page1) section(title string) {
	p.row++
	p.line(p.styles.section, title, 22)
}

// top says what this is.
func (p *page1) top() {
	b := p.book
	p.line(p.styles.title, "Undtagelser – "+b.Municipality, 30)
	at := b.Made.In(b.Zone)
	p.line(p.styles.subtitle, fmt.Sprintf("Lavet %s kl. %s · kørsel %s", at.Format("02-01-2006"), at.Format("15.04"), b.Run), 16)
	if b.Group != "" {
		p.line(p.styles.subtitle, "Til: "+b.Group, 16)
	}
	notes := b.Notes
	if p.late != nil {
		notes = append(slices.Clip(notes), p.late()...)
	}
	for _, n := range notes {
		p.line(p.styles.note, n, 16)
	}
}

// stopped names the robots that will not run before somebody has looked.
func (p *page1) stopped() {
	title := "Robotter, der har stoppet sig selv"
	for _, d := range p.done {
		if d.robot.Stopped == "" {
			continue
		}
		if title != "" {
			p.section(title)
			title = ""
		}
		p.row++
		p.put(1, p.styles.alarm, d.robot.title())
		p.across(2, p.styles.alarm, d.robot.Stopped, 16)
	}
}

// tallies is a line a robot, and the sum of them.
func (p *page1) tallies() {
	p.section("I dag, " + p.book.Made.In(p.book.Zone).Format("02-01-2006"))
	p.row++
	for c, h := range []string{"Robot", "Fundet", "Klaret", "På listen", "Venter", "Fejlet", "Andel klaret"} {
		style := p.styles.headRight
		if c == 0 {
			style = p.styles.headLeft
		}
		p.put(c+1, style, h)
	}
	var sum Tally
	for _, d := range p.done {
		p.row++
		p.counts(d.robot.Tally, p.styles.count, p.styles.share)
		p.put(1, p.styles.link, d.robot.title())
		p.toSheet(1, d.sheet)
		t := d.robot.Tally
		sum = Tally{sum.Found + t.Found, sum.Done + t.Done, sum.Listed + t.Listed, sum.Waiting + t.Waiting, sum.Failed + t.Failed}
	}
	if len(p.done) > 1 {
		p.row++
		p.put(1, p.styles.total, "I alt")
		p.counts(sum, p.styles.totalCount, p.styles.totalShare)
	}
}

// progress is a line a robot, and one for each of its areas that has a goal of its own.
func (p *page1) progress() {
	first := true
	for _, d := range p.done {
		for _, g := range d.robot.Progress {
			if first {
				p.progressHead()
				first = false
			}
			p.row++
			name := d.robot.title()
			if g.Area != "" {
				name += " – " + g.Area
			}
			p.put(1, p.styles.cell, name)
			for i, n := range []int{g.Settled, g.Robot, g.Person} {
				p.put(2+i, p.styles.count, n)
			}
			p.put(5, p.styles.share, ratio(g.Robot, g.Settled))
			if g.Goal > 0 {
				p.put(6, p.styles.share, g.Goal)
			} else {
				p.put(6, p.styles.share, nil)
			}
			p.put(7, p.styles.share, ratio(g.Agreed, g.Judged))
		}
	}
}

func (p *page1) progressHead() {
	p.section("De seneste 30 dage")
	p.row++
	for c, h := range []string{"Robot", "Afsluttet eller på listen", "Klaret af robotten", "Klaret af en person", "Andel klaret af robotten", "Mål for andelen", "Enige i stikprøver"} {
		style := p.styles.headRight
		if c == 0 {
			style = p.styles.headLeft
		}
		p.put(c+1, style, h)
	}
	p.do(p.file.SetRowHeight(overviewSheet, p.row, 3*lineHeight))
}

// ratio is a share, or nothing where there is nothing to share.
func ratio(part, whole int) any {
	if whole == 0 {
		return nil
	}
	return float64(part) / float64(whole)
}

func (p *page1) counts(t Tally, count, share int) {
	for i, n := range []int{t.Found, t.Done, t.Listed, t.Waiting, t.Failed} {
		p.put(2+i, count, n)
	}
	p.put(lastColumn, share, nil)
	if t.Found > 0 {
		p.put(lastColumn, share, float64(t.Done)/float64(t.Found))
	}
}

// toSheet makes a cell of the current row lead to a sheet.
func (p *page1) toSheet(col int, sheet string) {
	cell, err := excelize.CoordinatesToCellName(col, p.row)
	p.do(err)
	p.do(p.file.SetCellHyperLink(overviewSheet, cell, quoted(sheet)+"!A1", "Location"))
}

// codes is a line an exception code: how many, and what to do.
func (p *page1) codes() {
	p.section("Undtagelser efter kode")
	p.row++
	p.put(1, p.styles.headLeft, "Kode")
	p.put(2, p.styles.headLeft, "Robot")
	p.put(3, p.styles.headRight, "Antal")
	p.across(4, p.styles.headLeft, "Hvad skal du gøre", 16)
	none := true
	for _, d := range p.done {
		for _, code := range byCount(d.codes) {
			none = false
			p.row++
			p.put(1, p.styles.label, code)
			p.put(2, p.styles.cell, d.robot.title())
			p.put(3, p.styles.count, d.codes[code])
			what := d.robot.Advice[code]
			if what == "" {
				what = advice(code)
			}
			p.across(4, p.styles.cell, what, 16)
		}
	}
	if none {
		p.line(p.styles.cell, "Der er ingen undtagelser.", 16)
	}
}

// guide says how the file is used.
func (p *page1) guide() {
	p.section("Sådan gør du")
	for _, s := range []string{
		"1.  Gå til robottens ark, og læs Årsag og Forslag. Bevis åbner det, sagen bygger på.",
		"2.  Vælg en Afgørelse i den gule kolonne. Bliver Værdi eller Bemærkning orange, skal den udfyldes.",
		"3.  Gem filen i samme mappe, og luk den. Rækker uden afgørelse bliver på listen.",
		"Du må gerne sortere, filtrere og flytte kolonner. Ret ikke i Nr, Kode, Revision og Kontrol: så afvises rækken.",
	} {
		p.line(p.styles.note, s, 16)
	}
}

// title is what people call a robot.
func (r Robot) title() string {
	if r.Title != "" {
		return r.Title
	}
	return r.Name
}

// byCount are the codes, the most frequent first.
func byCount(codes map[string]int) []string {
	return slices.SortedFunc(maps.Keys(codes), func(a, b string) int {
		if codes[a] != codes[b] {
			return codes[b] - codes[a]
		}
		if a < b {
			return -1
		}
		return 1
	})
}
