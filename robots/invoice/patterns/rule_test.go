package patterns

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func input() Input {
	s := DefaultSettings()
	return Input{Facts: Facts{Supplier: "94122236", Name: "Mølbygaard ApS", Ore: 123450}, Where: "Rådhuset", Model: "abc", Settings: s, LimitOre: 500000,
		Opinion: Opinion{Label: "40110010 XG-6451000010 K1 netto", Score: 0.97, Confidence: 0.9871, Reason: Reason{Key: keySupplierOrigin, Run: 34, Low: 120, High: 2940}},
		Invoice: true, Approved: true, Open: true, Group: Group{Size: 1}}
}

func TestJudge(t *testing.T) {
	const why = "De seneste 34 fakturaer fra Mølbygaard ApS til Rådhuset på beløb mellem 120 og 2.940 kr. er konteret 40110010 XG-6451000010 K1 netto."
	for _, c := range []struct {
		name   string
		change func(*Input)
		say    string
		code   string
		text   string
	}{
		{"coded", func(*Input) {}, Code, "", why},
		{"nothing learnt", func(in *Input) { in.Model = "" }, Pass, "MØNSTER-MODEL", "endnu ikke lært"},
		{"a credit note", func(in *Input) { in.Invoice = false }, Pass, "MØNSTER-ART", "ikke kreditnotaer"},
		{"nothing like it", func(in *Input) { in.Opinion = Opinion{} }, Pass, "MØNSTER-INGEN", "ligner"},
		{"split", func(in *Input) { in.Opinion.Label = Split }, Pass, "MØNSTER-DELT", "flere konti"},
		{"below the promise", func(in *Input) { in.Opinion.Confidence = 0.98499 }, Pass, "MØNSTER-USIKKER", "rigtige i 98,4 %, og grænsen er 98,5 %. " + why},
		{"at the promise", func(in *Input) { in.Opinion.Confidence = 0.985 }, Code, "", why},
		{"too few", func(in *Input) { in.Opinion.Reason.Run = 1 }, Pass, "MØNSTER-FÅ", "mindst 2 ens fakturaer i træk, og der er 1"},
		{"not approved", func(in *Input) { in.Approved = false }, Pass, "MØNSTER-LEVERANDØR", "Mølbygaard ApS er ikke"},
		{"too large", func(in *Input) { in.Facts.Ore = 500001 }, Pass, "MØNSTER-BELØB", "5.000,01 kr., og efter mønster konteres højst 5.000,00 kr."},
		{"at the limit", func(in *Input) { in.Facts.Ore = 500000 }, Code, "", why},
		{"closed account", func(in *Input) { in.Open = false }, Pass, "MØNSTER-KONTO", "ikke åben i kontoplanen"},
		{"the first of a group", func(in *Input) { in.Group = Group{Size: 12, First: 2, Mine: true} }, Stop, "MØNSTER-KONTROL", "12 fakturaer ens i dag, og du ser 2 af dem først"},
		{"the rest waits", func(in *Input) { in.Group = Group{Size: 12, First: 2, Right: 1} }, Wait, "MØNSTER-VENTER", "12 ens"},
		{"the answers are right", func(in *Input) { in.Group = Group{Size: 12, First: 2, Right: 2} }, Code, "", why},
		{"an answer is wrong", func(in *Input) { in.Group = Group{Size: 12, First: 2, Right: 1, Wrong: 1} }, Stop, "MØNSTER-HOLDT", "anderledes"},
		{"wrong before all have answered", func(in *Input) { in.Group = Group{Size: 12, First: 2, Wrong: 1} }, Stop, "MØNSTER-HOLDT", "anderledes"},
		{"held since yesterday", func(in *Input) { in.Group = Group{Size: 1, First: 1, Held: true, Right: 1} }, Stop, "MØNSTER-HOLDT", "nylig"},
		{"asked for while held", func(in *Input) { in.Group = Group{Size: 1, First: 1, Held: true, Mine: true} }, Stop, "MØNSTER-KONTROL", "én faktura"},
		{"nobody answered", func(in *Input) { in.Group = Group{Size: 12, First: 2, Late: true} }, Stop, "MØNSTER-UBESVARET", "ikke sket"},
		{"an opinion beside another way", func(in *Input) { in.Coded = true; in.Group = Group{Size: 12, First: 2, Mine: true} }, Code, "", why},
		{"no opinion beside another way", func(in *Input) { in.Coded = true; in.Opinion.Confidence = 0.5 }, Pass, "MØNSTER-USIKKER", "50,0 %"},
	} {
		in := input()
		c.change(&in)
		v := Judge(in)
		if v.Say != c.say || v.Code != c.code || !strings.Contains(v.Text, c.text) {
			t.Errorf("%s: %+v", c.name, v)
		}
		b, err := json.Marshal(in)
		var again Input
		if err := json.Unmarshal(b, &again); err != nil || !reflect.DeepEqual(Judge(again), v) {
			t.Errorf("%s: recorded and replayed it is %+v, %v", c.name, Judge(again), err)
		}
		if err != nil {
			t.Error(err)
		}
	}
}

func TestReasons(t *testing.T) {
	f := Facts{Name: "Firma", Ore: -123456789, Order: "4711", Contract: "K-1"}
	for key := range keys {
		r := Reason{Key: key, Run: 3, Low: -1200, High: 1234567}
		text := r.Text(&f, "", "X")
		if keys[key].reason == "" {
			continue
		}
		if !strings.HasPrefix(text, "De seneste 3 fakturaer fra Firma") || !strings.HasSuffix(text, " er konteret X.") || strings.ContainsAny(text, "{}") {
			t.Errorf("key %d: %q", key, text)
		}
	}
	if got := (Reason{Key: 1, Run: 1}).Text(&f, "Skolen", "X"); got != "Den seneste faktura fra Firma til Skolen på præcis -1.234.567,89 kr. er konteret X." {
		t.Error(got)
	}
	for _, key := range []int{-1, 0, maxKeys} {
		if got := (Reason{Key: key, Run: 4}).Text(&f, "", "X"); got != "Ingen tidligere fakturaer ligner denne." {
			t.Errorf("key %d: %q", key, got)
		}
	}
}
