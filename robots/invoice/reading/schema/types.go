package schema

import (
	"strings"
	"time"

	"byskriver/robots/invoice/reading/ubl"
)

// valueType is what a value must look like, and its attributes.
type valueType struct {
	suffix string // of the names of elements that have it
	valid  func(string) bool
	fault  Kind
	attrs  string // that may be there, blanks between
	needs  string // that must be there
}

const (
	codeAttrs = "listID listAgencyID listAgencyName listName listVersionID name languageID listURI listSchemeURI"
	idAttrs   = "schemeID schemeName schemeAgencyID schemeAgencyName schemeVersionID schemeDataURI schemeURI"
	unitAttrs = "unitCode unitCodeListID unitCodeListAgencyID unitCodeListAgencyName unitCodeListVersionID"
	fileAttrs = "format mimeCode encodingCode characterSetCode uri filename"
)

// valueTypes are UBL's: an element's name ends with its representation term.
var valueTypes = [...]valueType{
	{suffix: "Date", valid: isDate, fault: Date},
	{suffix: "Time", valid: isTime, fault: Date},
	{suffix: "Amount", valid: ubl.IsDecimal, fault: Number, attrs: "currencyID currencyCodeListVersionID", needs: "currencyID"},
	{suffix: "Quantity", valid: ubl.IsDecimal, fault: Number, attrs: unitAttrs},
	{suffix: "Measure", valid: ubl.IsDecimal, fault: Number, attrs: unitAttrs, needs: "unitCode"},
	{suffix: "Numeric", valid: ubl.IsDecimal, fault: Number, attrs: "format"},
	{suffix: "Percent", valid: ubl.IsDecimal, fault: Number, attrs: "format"},
	{suffix: "Rate", valid: ubl.IsDecimal, fault: Number, attrs: "format"},
	{suffix: "Indicator", valid: isBoolean, fault: Boolean},
	{suffix: "BinaryObject", attrs: fileAttrs, needs: "mimeCode"},
	{suffix: "Code", attrs: codeAttrs},
	{suffix: "ID", attrs: idAttrs},
	{suffix: "URI", attrs: idAttrs},
	{suffix: "", attrs: "languageID languageLocaleID"},
}

// typeOf is the type of an element's value.
func typeOf(name string) *valueType {
	for i := range valueTypes {
		if strings.HasSuffix(name, valueTypes[i].suffix) {
			return &valueTypes[i]
		}
	}
	return nil
}

// knows is true for an attribute that the type may have.
func (t *valueType) knows(attr string) bool {
	for rest := t.attrs; rest != ""; {
		var one string
		one, rest, _ = strings.Cut(rest, " ")
		if one == attr {
			return true
		}
	}
	return false
}

func isDate(s string) bool { _, ok := ubl.Date(s); return ok }

// isTime is true for hh:mm:ss with a fraction and a time zone perhaps. XML schema's
// 24:00:00 is true as well.
func isTime(s string) bool {
	if len(s) < len(time.TimeOnly) {
		return false
	}
	clock, rest := s[:len(time.TimeOnly)], s[len(time.TimeOnly):]
	if _, err := time.Parse(time.TimeOnly, clock); err != nil && clock != "24:00:00" {
		return false
	}
	if fraction, ok := strings.CutPrefix(rest, "."); ok {
		rest = strings.TrimLeft(fraction, "0123456789")
		if rest == fraction {
			return false
		}
	}
	return ubl.Zone(rest)
}

func isBoolean(s string) bool { return s == "true" || s == "false" || s == "1" || s == "0" }
