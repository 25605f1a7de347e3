package patterns

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
)

// firstDay is 1 January 2024.
const firstDay Day = 19723

// bills are so many postings a day of suppliers that each have their account, over
// so many days. Known ten days after they came.
func bills(days, perDay int) (all []Posting) {
	for d := range days {
		for i := range perDay {
			s := (d*7 + i*3) % 40
			label := fmt.Sprintf("4000%d XG-5000000001 K1 netto", s%6)
			if s%6 == 5 && (d+i)%3 == 0 { // a supplier that nobody can foresee
				label = "49990 XG-5000000001 K1 netto"
			}
			all = append(all, Posting{Facts: Facts{Supplier: fmt.Sprint(1000 + s), Name: fmt.Sprintf("Firma %d", s), Origin: fmt.Sprintf("enhed %d", s%4),
				Number: fmt.Sprintf("F-%d-%d", d, i), Ore: int64(50000 + 1000*(s*13%50) + 10*(i%7))}, Label: label, Arrived: firstDay + Day(d), Known: firstDay + Day(d) + 10})
		}
	}
	return all
}

func settings() Settings {
	s := DefaultSettings()
	s.Late = 10
	return s
}

func facts(supplier int) Facts {
	return Facts{Supplier: fmt.Sprint(1000 + supplier), Name: fmt.Sprintf("Firma %d", supplier), Origin: fmt.Sprintf("enhed %d", supplier%4), Number: "F-250-1", Ore: int64(50000 + 1000*(supplier*13%50))}
}

func TestLearnsWhatIsAlwaysSo(t *testing.T) {
	m := Learn(settings(), bills(200, 30), nil, firstDay+210)
	known, unknown := facts(6), facts(5)
	d := m.Decide(&known, firstDay+211)
	if d.Label != "40000 XG-5000000001 K1 netto" || !m.Settings.Allowed(&d) {
		t.Errorf("a supplier with one account: %q with confidence %v after %d", d.Label, d.Confidence, d.Reason.Run)
	}
	if d := m.Decide(&unknown, firstDay+211); m.Settings.Allowed(&d) {
		t.Errorf("a supplier that nobody can foresee is coded: %q with confidence %v after %d", d.Label, d.Confidence, d.Reason.Run)
	}
	stranger := Facts{Supplier: "9", Origin: "nowhere", Ore: 100}
	if d := m.Decide(&stranger, firstDay+211); m.Settings.Allowed(&d) {
		t.Errorf("a stranger is coded: %q", d.Label)
	}
}

// The same postings give the same model, byte for byte, and one that was stored
// decides as before.
func TestTheSameByteForByte(t *testing.T) {
	postings := bills(150, 30)
	var one, two bytes.Buffer
	m := Learn(settings(), postings, nil, firstDay+160)
	answers := []Answer{{Day: firstDay + 100, Pair: Pair{"enhed 1", "40001 XG-5000000001 K1 netto"}}}
	d1, err1 := m.Save(&one)
	d2, err2 := Learn(settings(), postings, nil, firstDay+160).Save(&two)
	if err1 != nil || err2 != nil || d1 != d2 || !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Fatalf("two models of the same postings: %s and %s, %v, %v", d1, d2, err1, err2)
	}
	if d3, _ := Learn(settings(), postings, answers, firstDay+160).Save(&bytes.Buffer{}); d3 == d1 {
		t.Error("an answer makes no difference")
	}
	back, d4, err := Load(bytes.NewReader(one.Bytes()))
	if err != nil || d4 != d1 {
		t.Fatalf("load: %v, digest %s, want %s", err, d4, d1)
	}
	for s := range 40 {
		f := facts(s)
		a, b := m.Decide(&f, firstDay+161), back.Decide(&f, firstDay+161)
		if a != b {
			t.Fatalf("supplier %d: %+v, and when stored %+v", s, a.Opinion(), b.Opinion())
		}
	}
	p := answers[0].Pair
	held := Learn(settings(), postings, []Answer{{Day: firstDay + 159, Pair: p}}, firstDay+160)
	if held.First(p, 1) != 1 || !held.Held(p, firstDay+161) || m.First(p, 1) != 0 || m.Held(p, firstDay+161) {
		t.Error("a miss does not hold the group")
	}
}

// Nothing that becomes known after the day counts on it.
func TestKnowsNothingOfTomorrow(t *testing.T) {
	postings := bills(120, 30)
	var early, late bytes.Buffer
	a, _ := Learn(settings(), postings, nil, firstDay+80).Save(&early)
	b, _ := Learn(settings(), slices.DeleteFunc(slices.Clone(postings), func(p Posting) bool { return p.Known > firstDay+80 }), nil, firstDay+80).Save(&late)
	if a != b {
		t.Error("what is known tomorrow changes what is learnt today")
	}
	if c, _ := Learn(settings(), postings, nil, firstDay+81).Save(&late); c == a {
		t.Error("another day's postings change nothing")
	}
}

// A posting teaches the same night, and a correction has the supplier begin anew.
func TestACorrectionRestarts(t *testing.T) {
	postings := bills(200, 30)
	f := facts(6)
	until := firstDay + 215
	m := Learn(settings(), postings, nil, until)
	before := m.Decide(&f, until+1)
	correction := Posting{Facts: f, Label: "47770 XG-5000000001 K1 netto", Arrived: until, Known: until, Corrects: true}
	after := Learn(settings(), append(slices.Clone(postings), correction), nil, until)
	d := after.Decide(&f, until+1)
	if before.Reason.Run < 20 || after.Settings.Allowed(&d) {
		t.Errorf("before the correction a run of %d, after it coded %q after a run of %d", before.Reason.Run, d.Label, d.Reason.Run)
	}
	plain := correction
	plain.Corrects = false
	untouched := Learn(settings(), append(slices.Clone(postings), plain), nil, until)
	k := hashesOf2(&f)[keySupplier]
	if e := untouched.table.find(k); e == nil || e.n < 20 {
		t.Error("one odd posting has all that is known of the supplier forgotten")
	}
	if e := after.table.find(k); e == nil || e.n != 1 || e.last == 0 {
		t.Error("after a correction more is known of the supplier than the correction")
	}
	other := facts(12) // its unit and account are those of the corrected supplier
	if d := after.Decide(&other, until+1); !after.Settings.Allowed(&d) {
		t.Error("a correction has another supplier forgotten")
	}
}

func hashesOf2(f *Facts) hashes {
	p := printsOf(f)
	return hashesOf(&p)
}

// A damaged model is refused wherever it is cut or changed, or is the same again.
func TestDamagedModels(t *testing.T) {
	var b bytes.Buffer
	if _, err := Learn(settings(), bills(40, 30), nil, firstDay+60).Save(&b); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	for cut := 0; cut < len(whole); cut += 1 + len(whole)/200 {
		if _, _, err := Load(bytes.NewReader(whole[:cut])); err == nil {
			t.Fatalf("cut at %d of %d: no error", cut, len(whole))
		}
	}
	_, digest, _ := Load(bytes.NewReader(whole))
	for at := 0; at < len(whole); at += 1 + len(whole)/100 {
		bad := slices.Clone(whole)
		bad[at] ^= 0x10
		if _, d, err := Load(bytes.NewReader(bad)); err == nil && d == digest {
			t.Errorf("changed at %d: the same digest", at)
		}
	}
	if _, _, err := Load(bytes.NewReader([]byte{1, 0, 0, 0xff, 0xff})); err != ErrForm {
		t.Errorf("an empty file: %v", err)
	}
}
