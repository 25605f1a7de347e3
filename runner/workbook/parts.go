package workbook

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"

	"github.com/xuri/nfp"
)

// spreadsheet is what must be known before a file's sheets can be read.
type spreadsheet struct {
	*archive
	sheets   []sheetPart
	texts    []string // the shared strings
	formats  []format // by the number of a cell's style
	date1904 bool     // dates count from 1904, as old Macs did
}

// sheetPart is a sheet's name and where it lies.
type sheetPart struct{ name, part string }

// format is what a cell's style makes of a number.
type format int

const (
	asNumber format = iota
	asDate
	asPercent
)

// openSpreadsheet finds the workbook in an archive, and reads its list of sheets,
// its shared strings and its styles.
func openSpreadsheet(a *archive) (*spreadsheet, error) {
	if _, ok := a.parts["mimetype"]; ok {
		return nil, errNotExcel // OpenDocument
	}
	top, err := a.relations("")
	if err != nil {
		return nil, err
	}
	main := targetOf(top, "officeDocument")
	if main == "" || !strings.HasSuffix(strings.ToLower(main), ".xml") {
		return nil, errNotExcel
	}
	rels, err := a.relations(main)
	if err != nil {
		return nil, err
	}
	s := &spreadsheet{archive: a}
	if err := s.readSheets(main, rels); err != nil {
		return nil, err
	}
	if part := targetOf(rels, "sharedStrings"); part != "" {
		if err := s.readTexts(part); err != nil {
			return nil, err
		}
	}
	if part := targetOf(rels, "styles"); part != "" {
		if err := s.readStyles(part); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *spreadsheet) readSheets(main string, rels []relation) error {
	root := ""
	err := s.tokens(main, func(t xml.Token) error {
		el, ok := t.(xml.StartElement)
		if !ok {
			return nil
		}
		if root == "" {
			root = el.Name.Local
		}
		switch el.Name.Local {
		case "workbookPr":
			v := attr(el, "date1904")
			s.date1904 = v == "1" || v == "true"
		case "sheet":
			for _, r := range rels {
				if r.id == attr(el, "id") && r.kind == "worksheet" {
					s.sheets = append(s.sheets, sheetPart{attr(el, "name"), r.target})
				}
			}
		}
		return nil
	})
	if err == nil && root != "workbook" {
		return errNotExcel
	}
	return err
}

// maxTexts is how many shared strings a file may have: more cells than a sheet
// of ours could hold.
const maxTexts = 4 << 20

func (s *spreadsheet) readTexts(part string) error {
	var b strings.Builder
	in, phonetic := false, 0
	return s.tokens(part, func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			in = t.Name.Local == "t" && phonetic == 0
			if t.Name.Local == "rPh" {
				phonetic++
			}
		case xml.CharData:
			if in {
				b.Write(t)
			}
		case xml.EndElement:
			in = false
			switch t.Name.Local {
			case "rPh":
				phonetic--
			case "si":
				if len(s.texts) == maxTexts {
					return errTooLarge
				}
				s.texts = append(s.texts, unescaped(b.String()))
				b.Reset()
			}
		}
		return nil
	})
}

// unescaped reads Excel's _xHHHH_ for a character (ST_Xstring, ECMA-376 part 1,
// 22.9.2.19). Half a surrogate pair stays as it was written.
func unescaped(s string) string {
	at := strings.Index(s, "_x")
	if at < 0 {
		return s
	}
	var b strings.Builder
	for at >= 0 {
		b.WriteString(s[:at])
		s = s[at:]
		n := uint64(0xD800)
		if len(s) >= 7 && s[6] == '_' {
			if v, err := strconv.ParseUint(s[2:6], 16, 16); err == nil {
				n = v
			}
		}
		if n >= 0xD800 && n < 0xE000 {
			b.WriteString(s[:2])
			s = s[2:]
		} else {
			b.WriteRune(rune(n))
			s = s[7:]
		}
		at = strings.Index(s, "_x")
	}
	b.WriteString(s)
	return b.String()
}

// readStyles finds out which styles make a date or a percentage of a number.
func (s *spreadsheet) readStyles(part string) error {
	codes := map[string]string{}
	in := ""
	return s.tokens(part, func(t xml.Token) error {
		el, ok := t.(xml.StartElement)
		if !ok {
			return nil
		}
		switch el.Name.Local {
		case "numFmts", "cellStyleXfs", "cellXfs", "dxfs", "cellStyles":
			in = el.Name.Local
		case "numFmt":
			if in == "numFmts" {
				codes[attr(el, "numFmtId")] = attr(el, "formatCode")
			}
		case "xf":
			if in != "cellXfs" {
				return nil
			}
			if len(s.formats) > 1<<16 {
				return fmt.Errorf("%w: more styles than Excel has", errCut)
			}
			id := attr(el, "numFmtId")
			s.formats = append(s.formats, formatOf(id, codes[id]))
		}
		return nil
	})
}

// formatOf is what a number format makes of a number. The formats 14-22, 27-36,
// 45-47 and 50-58 are dates and times in every language, 9 and 10 percentages
// (ECMA-376 part 1, 18.8.30); the others say so in their codes.
func formatOf(id, code string) format {
	n, err := strconv.Atoi(id)
	if code == "" && err == nil {
		switch {
		case n >= 14 && n <= 22, n >= 27 && n <= 36, n >= 45 && n <= 47, n >= 50 && n <= 58:
			return asDate
		case n == 9 || n == 10:
			return asPercent
		}
		return asNumber
	}
	parser := nfp.NumberFormatParser()
	for _, section := range parser.Parse(code) {
		for _, token := range section.Items {
			switch token.TType {
			case nfp.TokenTypeDateTimes, nfp.TokenTypeElapsedDateTimes:
				return asDate
			case nfp.TokenTypePercent:
				return asPercent
			}
		}
	}
	return asNumber
}
