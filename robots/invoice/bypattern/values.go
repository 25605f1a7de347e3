package bypattern

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"byskriver/robots/invoice/patterns"
)

// dayOf reads a date: 31-12-2025, 31.12.2025, 2025-12-31, 20251231, or Excel's own
// number of it.
func dayOf(s string) (patterns.Day, error) {
	for _, form := range []string{"02-01-2006", "2006-01-02", "02.01.2006", "20060102", "02/01/2006"} {
		if t, err := time.Parse(form, s); err == nil {
			return patterns.Day(t.Unix() / 86400), nil
		}
	}
	if n, err := decimal.NewFromString(s); err == nil && n.GreaterThan(decimal.New(20000, 0)) && n.LessThan(decimal.New(80000, 0)) {
		t, err := excelize.ExcelDateToTime(n.InexactFloat64(), false)
		if err == nil {
			return patterns.Day(t.Unix() / 86400), nil
		}
	}
	return 0, fmt.Errorf("%q is no date; write it as 31-12-2025", s)
}

var (
	danishForm = regexp.MustCompile(`^-?[0-9]{1,3}(\.[0-9]{3})*(,[0-9]{1,2})?$|^-?[0-9]+(,[0-9]{1,2})?$`)
	pointForm  = regexp.MustCompile(`^-?[0-9]+\.[0-9]+(E-?[0-9]+)?$`)
)

// oreOf reads an amount in kroner: 1.234,50 or -1234,5, or as Excel keeps it,
// 1234.5. SAP puts the minus behind.
func oreOf(s string) (int64, error) {
	text := strings.ReplaceAll(strings.ReplaceAll(s, " ", ""), "\u00a0", "")
	if front, ok := strings.CutSuffix(text, "-"); ok {
		text = "-" + front
	}
	switch {
	case danishForm.MatchString(text):
		text = strings.ReplaceAll(strings.ReplaceAll(text, ".", ""), ",", ".")
	case !pointForm.MatchString(text):
		return 0, fmt.Errorf("%q is no amount; write it as 1.234,50", s)
	}
	d, err := decimal.NewFromString(text)
	if err != nil || d.Abs().GreaterThan(decimal.New(1, 12)) {
		return 0, fmt.Errorf("%q is no amount; write it as 1.234,50", s)
	}
	return d.Shift(2).Round(0).IntPart(), nil
}
