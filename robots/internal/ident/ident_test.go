package ident

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCPR(t *testing.T) {
	for _, c := range []struct {
		in, want string
		born     string
	}{
		{"8605010001", "8605010001", ""}, // day 86 = 26, but month 05, year 01
		{"860501-0001", "8605010001", "1901-05-26"},
		{"860501 4001", "8605014001", "2001-05-26"},
		{"860537-4001", "8605374001", "1937-05-26"},
		{"860557-5001", "8605575001", "2057-05-26"},
		{"860558-5001", "8605585001", "1858-05-26"},
		{"900204-4001", "", ""}, // 30 February
		{"890201-4001", "", ""}, // 29 February 2001
		{"890204-4001", "8902044001", "2004-02-29"},
		{"861301-0001", "", ""},
		{"86050-10001", "", ""},
		{"6001010001", "", ""}, // day 60 is none
		{"", "", ""},
	} {
		got, ok := ParseCPR(c.in)
		if string(got) != c.want || ok != (c.want != "") {
			t.Errorf("ParseCPR(%q) = %q, %v, want %q", c.in, got, ok, c.want)
		}
		if c.born == "" {
			continue
		}
		if b, _ := got.Born(); b.Format("2006-01-02") != c.born {
			t.Errorf("%q born %s, want %s", c.in, b.Format("2006-01-02"), c.born)
		}
	}
	if !CPR("8605010001").Test() || CPR("26"+"05010001").Test() {
		t.Error("test numbers are those with 60 added to the day")
	}
}

func TestFindCPR(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"Vedr. 860501-0001, juni", []string{"8605010001"}},
		{"8605010001", []string{"8605010001"}},
		{"860501 0001 og 910270–4002.", []string{"8605010001"}}, // 31 February
		{"reg 1234 konto 18605010001", nil},
		{"86050100012", nil},
		{"bilag 860501-00012", nil},
		{"a860501-0001b", []string{"8605010001"}},
		{"860501--0001", nil},
		{"ø860501\u20130001", []string{"8605010001"}},
	} {
		var got []string
		for _, m := range FindCPR(c.text) {
			got = append(got, string(m.Number))
		}
		if strings.Join(got, ",") != strings.Join(c.want, ",") {
			t.Errorf("FindCPR(%q) = %v, want %v", c.text, got, c.want)
		}
	}
}

func TestCVR(t *testing.T) {
	for in, want := range map[string]string{
		"DK99000007": "99000007", "dk 99 00 00 07": "99000007", "99000007": "99000007", "DK-99000007": "99000007",
		"9900000": "", "SE99000007": "", "DK9900000X": "", "": "", "DK": "",
	} {
		got, ok := NormalizeCVR(in)
		if got != want || ok != (want != "") {
			t.Errorf("NormalizeCVR(%q) = %q, %v", in, got, ok)
		}
	}
	for s, want := range map[string]bool{"99000007": true, "99000008": false, "10000009": true, "00000000": false, "9900000": false} {
		if ValidCVR(s) != want {
			t.Errorf("ValidCVR(%q) = %v", s, !want)
		}
	}
}

func TestGLN(t *testing.T) {
	for s, want := range map[string]bool{
		"2990000000019": true, "2990000000010": false, "299000000001": false, "X990000000019": false, "2990000000026": true,
	} {
		if ValidGLN(s) != want {
			t.Errorf("ValidGLN(%q) = %v", s, !want)
		}
	}
}

// One wrong digit is always seen in a CVR number and in a GLN.
func TestOneWrongDigitIsSeen(t *testing.T) {
	for _, c := range []struct {
		good  string
		valid func(string) bool
	}{{"99000007", ValidCVR}, {"2990000000019", ValidGLN}, {"123456789012347", Modulus10}} {
		if !c.valid(c.good) {
			t.Fatalf("%s should be valid", c.good)
		}
		rapid.Check(t, func(t *rapid.T) {
			at := rapid.IntRange(0, len(c.good)-1).Draw(t, "at")
			d := byte(rapid.IntRange('0', '9').Draw(t, "digit"))
			bad := []byte(c.good)
			if bad[at] == d {
				t.Skip()
			}
			bad[at] = d
			if c.valid(string(bad)) {
				t.Fatalf("%s passes", bad)
			}
		})
	}
}

func TestSlip(t *testing.T) {
	for _, c := range []struct {
		in    string
		want  Slip
		fault string
	}{
		{"+71<123456789012347+12345678<", Slip{"71", "123456789012347", "12345678"}, ""},
		{"71#123456789012347", Slip{"71", "123456789012347", ""}, "creditor"},
		{"+71<123456789012346+12345678<", Slip{"71", "123456789012346", "12345678"}, "check"},
		{"+73<+12345678<", Slip{"73", "", "12345678"}, ""},
		{"73", Slip{"73", "", ""}, "creditor"},
		{"+75<1234567890123452+12345678<", Slip{"75", "1234567890123452", "12345678"}, ""},
		{"+75<12345+12345678<", Slip{"75", "12345", "12345678"}, "length"},
	} {
		got, ok := ParseSlip(c.in)
		if !ok || got != c.want || got.Fault() != c.fault {
			t.Errorf("ParseSlip(%q) = %+v, %v, fault %q; want %+v, fault %q", c.in, got, ok, got.Fault(), c.want, c.fault)
		}
	}
	for _, s := range []string{"", "7", "99#1", "2015 0483 0000", "7112"} {
		if got, ok := ParseSlip(s); ok {
			t.Errorf("ParseSlip(%q) = %+v, want none", s, got)
		}
	}
}
