package eindkomst

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"byskriver/schedules"
)

func TestReportsInJSON(t *testing.T) {
	const text = `{"se":"13748136","from":"2024-01-01","to":"2024-01-31","disposition":"2024-01-31","blanks":[
		{"number":"11000","fields":[{"id":100000000000000012,"value":"00"},{"id":"100000000000000011","value":"I"}],"blanks":[
			{"number":16000,"fields":[{"id":"019","value":""}],"blanks":[{"number":16001,"fields":[{"id":57,"value":"15600.00","unit":"1"}]}]}]}]}`
	var got Report
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	day := func(d int) schedules.Date { return schedules.Date{Year: 2024, Month: 1, Day: d} }
	want := Report{SE: "13748136", From: day(1), To: day(31), Disposition: day(31), Blanks: []Blank{{
		Number: BlankReport, Fields: []Field{{ID: FieldIncomeType, Value: "00"}, {ID: FieldReversal, Value: "I"}},
		Blanks: []Blank{{Number: BlankIncome, Fields: []Field{{ID: FieldArt}},
			Blanks: []Blank{{Number: BlankAmounts, Fields: []Field{{ID: FieldWage, Value: "15600.00", Unit: "1"}}}}}},
	}}}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("read %+v, want %+v", got, want)
	}
	written, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var again Report
	if err := json.Unmarshal(written, &again); err != nil || !reflect.DeepEqual(again, want) {
		t.Fatalf("written and read again it is %+v (%v), want %+v", again, err, want)
	}
	if v, ok := want.Blanks[0].Blanks[0].Blanks[0].Field(FieldWage); v != "15600.00" || !ok {
		t.Errorf("field 057 is %q, %v", v, ok)
	}
	if v, ok := want.Blanks[0].Field(FieldWage); v != "" || ok {
		t.Errorf("field 057 of the head is %q, %v; it stands in a blanket below", v, ok)
	}
}

func TestWhatIsNoBlanket(t *testing.T) {
	for _, text := range []string{
		`{"number":"11.000"}`, `{"number":-1}`, `{"number":11000,"felter":[]}`, `{"number":1,"fields":[{"id":"","value":"1"}]}`,
		`{"number":1,"fields":[{"id":57,"value":15600}]}`, `{"number":1,"fields":[{"id":57.5,"value":"1"}]}`, `{"number":1,"fields":[{"nummer":57}]}`,
	} {
		var b Blank
		if err := json.Unmarshal([]byte(text), &b); err == nil {
			t.Errorf("%s is read as %+v; want an error", text, b)
		}
	}
}

func TestRepeatedField(t *testing.T) {
	b := Blank{Fields: []Field{{ID: 57, Value: "1"}, {ID: 58}, {ID: 57, Value: "2"}}}
	if id, ok := b.Repeated(); id != 57 || !ok {
		t.Errorf("repeated: %d, %v; want 57", id, ok)
	}
	if id, ok := (Blank{Fields: b.Fields[:2]}).Repeated(); ok {
		t.Errorf("repeated: %d, though each field is there once", id)
	}
}

func TestMonths(t *testing.T) {
	m, err := ParseMonth("2024-01")
	if err != nil {
		t.Fatal(err)
	}
	if m.Add(-1).String() != "2023-12" || m.Add(12).Code() != "202501" || m.Add(1).Last().String() != "2024-02-29" || MonthOf(m.Last()) != m || !m.Add(-1).Before(m) || m.Before(m) {
		t.Errorf("months around %s are wrong", m)
	}
	for _, bad := range []string{"2024-13", "202401", "2024-1", ""} {
		if got, err := ParseMonth(bad); err == nil || !strings.Contains(err.Error(), "YYYY-MM") {
			t.Errorf("ParseMonth(%q) = %v, %v", bad, got, err)
		}
	}
	var zero, got Month
	text, _ := zero.MarshalText()
	if err := got.UnmarshalText(text); err != nil || !got.IsZero() {
		t.Errorf("no month, written and read again, is %v (%v)", got, err)
	}
}
