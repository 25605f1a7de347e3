package workbook

import (
	"encoding/xml"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"byskriver/runner"
)

func TestGuard(t *testing.T) {
	for in, want := range map[string]string{
		"":                "",
		"almindelig":      "almindelig",
		"1+1":             "1+1",
		"=1+1":            "'=1+1",
		"+45 12":          "'+45 12",
		"-5":              "'-5",
		"@SUM(A1)":        "'@SUM(A1)",
		"\tx":             "'\tx",
		"\rx":             "'\rx",
		"\nx":             "'\nx",
		"  =1":            "'  =1",
		"\u00a0=1":        "'\u00a0=1",
		"\u200b=1":        "'\u200b=1",
		"＝1":              "'＝1",
		"'":               "'",
		"'x":              "'x",
		"'=1":             "''=1",
		"''=1":            "'''=1",
		"' =1":            "'' =1",
		"\"=1\"":          "\"=1\"",
		"|calc":           "|calc",
		"a\n=1":           "a\n=1",
		"\u2212 er minus": "\u2212 er minus",
	} {
		if got := guard(in); got != want {
			t.Errorf("guard(%q) = %q, want %q", in, got, want)
		}
		if got := unguard(guard(in)); got != in {
			t.Errorf("unguard(guard(%q)) = %q", in, got)
		}
	}
}

func TestGuardIsUndone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyText().Draw(t, "text")
		if got := unguard(guard(s)); got != s {
			t.Fatalf("%q came back as %q", s, got)
		}
		if g := guard(s); g != "" && strings.ContainsRune("=+-@\t\r\n", rune(g[0])) {
			t.Fatalf("%q begins like a formula", g)
		}
	})
}

// anyText draws what could stand in a cell, and what could not.
func anyText() *rapid.Generator[string] {
	piece := rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{
			"=", "+", "-", "@", "'", "\"", "\t", "\r", "\n", "\r\n", " ", "\x00", "\x0b", "\x1f", "\x7f", "\u0085", "\u2028",
			"\ufffe", "\uffff", "\xff\xfe", "😀", "👩‍👧", "æøå", "_x0041_", "_x005F_", "_x000D_", "_xD83D_", "x0041_", "</t>", "]]>", "&amp;", "<",
			"invoice", "=HYPERLINK(\"http://x\")", "0000000000", "5385000001", strings.Repeat("lang tekst ", 400),
		}),
	)
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, "pieces"), "")
	})
}

// Every text that reaches a cell is one that XML and Excel allow.
func TestCellTextIsAllowed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := cellText(anyText().Draw(t, "text"))
		if !utf8.ValidString(s) || units(s) > maxChars || strings.Count(s, "\n") > maxBreaks {
			t.Fatalf("not allowed in a cell: %q", s)
		}
		var b strings.Builder
		if err := xml.EscapeText(&b, []byte(s)); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsRune(b.String(), utf8.RuneError) && !strings.ContainsRune(s, utf8.RuneError) {
			t.Fatalf("XML forbids a character of %q", s)
		}
		if got := cellText(unguard(s)); got != s {
			t.Fatalf("%q is not stable: %q", s, got)
		}
	})
}

func TestCut(t *testing.T) {
	long := strings.Repeat("ø", 40000)
	got := cut(long)
	if units(got) != maxChars-1 || !strings.HasSuffix(got, shortened) {
		t.Errorf("a long text was cut to %d units, ending %q", units(got), got[len(got)-20:])
	}
	if got := cut(strings.Repeat("😀", 20000)); units(got) > maxChars-1 || !utf8.ValidString(got) {
		t.Errorf("emoji were cut to %d units, valid %v", units(got), utf8.ValidString(got))
	}
	lines := cut(strings.Repeat("linje\n", 300))
	if n := strings.Count(lines, "\n"); n != maxBreaks {
		t.Errorf("%d line ends left, want %d", n, maxBreaks)
	}
	if strings.Count(lines, "linje") != 300 {
		t.Error("lines were lost with their ends")
	}
	exact := strings.Repeat("x", maxChars-1)
	if cut(exact) != exact {
		t.Error("a text that fits was cut")
	}
}

func TestCPRNumbersAreMasked(t *testing.T) {
	cpr := "860501" + "0001"
	if got := cellText("Borger " + cpr + " skal betale"); strings.Contains(got, "0001") {
		t.Errorf("a CPR number stands in %q", got)
	}
	if runner.Mask(cpr) != maskMark {
		t.Errorf("the mask is %q, import looks for %q", runner.Mask(cpr), maskMark)
	}
	if account := "5385000001"; cellText(account) != account {
		t.Errorf("the account %s was masked", account)
	}
}

func TestUnescaped(t *testing.T) {
	for in, want := range map[string]string{
		"_x0041_":         "A",
		"a_x000D_b":       "a\rb",
		"_x005F_x0041_":   "_x0041_",
		"_x00e6_":         "æ",
		"_x004_":          "_x004_",
		"_xZZZZ_":         "_xZZZZ_",
		"_xD83D_":         "_xD83D_",
		"_x":              "_x",
		"__x0041__":       "_A_",
		"ingen":           "ingen",
		"_x0041_x0042_":   "Ax0042_",
		"_x_x0041_":       "_xA",
		"_x005f__x0041_x": "_Ax",
	} {
		if got := unescaped(in); got != want {
			t.Errorf("unescaped(%q) = %q, want %q", in, got, want)
		}
	}
}
