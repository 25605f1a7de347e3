package fleksloen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"byskriver/robots/fleksloen/subsidy"
	"byskriver/robots/internal/eindkomst"
	"byskriver/schedules"
)

// trialReader reads JSON and keeps where everything stands, so that a mistake can
// name its line.
type trialReader struct {
	file  string
	data  []byte
	found []error
}

// member is a value of an object or an array, and the byte at which it stands.
type member struct {
	key string
	raw json.RawMessage
	at  int
}

func (r *trialReader) wrong(at int, format string, args ...any) {
	line := 1 + bytes.Count(r.data[:min(at, len(r.data))], []byte("\n"))
	r.found = append(r.found, fmt.Errorf("%s:%d: %s", r.file, line, fmt.Sprintf(format, args...)))
}

// object gives an object's members in the order of the file. what names it in
// mistakes; keys are those that it may have, each once.
func (r *trialReader) object(raw []byte, at int, what string, keys ...string) []member {
	if t := bytes.TrimSpace(raw); len(t) == 0 || t[0] != '{' {
		r.wrong(at, "%s must be an object with %s", what, strings.Join(keys, ", "))
		return nil
	}
	var all []member
	d := json.NewDecoder(bytes.NewReader(raw))
	r.token(d)
	for d.More() {
		key, _ := r.token(d).(string)
		m := r.value(d, at)
		m.key = key
		switch {
		case !slices.Contains(keys, key):
			r.wrong(m.at, "%s has the unknown key %q; known are %s", what, key, strings.Join(keys, ", "))
			continue
		case slices.ContainsFunc(all, func(o member) bool { return o.key == key }):
			r.wrong(m.at, "%s has %q twice", what, key)
			continue
		}
		all = append(all, m)
	}
	return all
}

func (r *trialReader) array(in member) []member {
	if len(in.raw) == 0 || in.raw[0] != '[' {
		r.wrong(in.at, "%s must be a list", in.key)
		return nil
	}
	var all []member
	d := json.NewDecoder(bytes.NewReader(in.raw))
	r.token(d)
	for d.More() {
		all = append(all, r.value(d, in.at))
	}
	return all
}

// token takes the next token of JSON that is known to be whole.
func (r *trialReader) token(d *json.Decoder) json.Token {
	t, err := d.Token()
	if err != nil {
		r.wrong(int(d.InputOffset()), "this is no JSON: %v", err)
	}
	return t
}

func (r *trialReader) value(d *json.Decoder, base int) member {
	var m member
	if err := d.Decode(&m.raw); err != nil {
		r.wrong(base+int(d.InputOffset()), "this is no JSON: %v", err)
	}
	m.at = base + int(d.InputOffset()) - len(m.raw)
	return m
}

// amount is kroner in a string with a decimal point; null is no amount.
func (r *trialReader) amount(m member) *decimal.Decimal {
	if string(m.raw) == "null" {
		return nil
	}
	var s string
	if err := json.Unmarshal(m.raw, &s); err != nil {
		r.wrong(m.at, "%s is %s: write amounts as strings in kroner with a decimal point, such as \"15600.00\"", m.key, m.raw)
		return nil
	}
	d, err := subsidy.ParseAmount(s)
	if err != nil {
		r.wrong(m.at, "%s: %v", m.key, err)
		return nil
	}
	return &d
}

// id is a case's name: a string, or a number as it stands.
func (r *trialReader) id(m member) string {
	var s string
	if err := json.Unmarshal(m.raw, &s); err == nil {
		return s
	}
	if _, err := strconv.Atoi(string(m.raw)); err != nil {
		r.wrong(m.at, "id is %s: write a string", m.raw)
		return "?"
	}
	return string(m.raw)
}

func (r *trialReader) month(m member) eindkomst.Month {
	var s string
	if err := json.Unmarshal(m.raw, &s); err != nil {
		r.wrong(m.at, "month is %s: write a string such as \"2024-03\"", m.raw)
		return eindkomst.Month{}
	}
	month, err := eindkomst.ParseMonth(s)
	if err != nil {
		r.wrong(m.at, "month: %v", err)
	}
	return month
}

func (r *trialReader) date(m member) schedules.Date {
	var d schedules.Date
	if err := json.Unmarshal(m.raw, &d); err != nil {
		r.wrong(m.at, "%s: %v", m.key, err)
	}
	return d
}

// employers is how many employers there are, or their names.
func (r *trialReader) employers(m member) []string {
	var names []string
	if err := json.Unmarshal(m.raw, &names); err == nil {
		return names
	}
	n, err := strconv.Atoi(strings.Trim(string(m.raw), `"`))
	if err != nil || n < 0 || n > 100 {
		r.wrong(m.at, "employers is %s: write how many there are, or a list of their numbers", m.raw)
		return nil
	}
	for i := range n {
		names = append(names, strconv.Itoa(i+1))
	}
	return names
}

// reports are what eIndkomst answered: its reports, or the answer with reports and
// advices.
func (r *trialReader) reports(m member) eindkomst.Answer {
	var a eindkomst.Answer
	into := any(&a.Reports)
	if m.raw[0] == '{' {
		into = &a
	}
	d := json.NewDecoder(bytes.NewReader(m.raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		r.wrong(m.at, "reports: %v", err)
	}
	return a
}
