package runner_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"byskriver/runner"
)

// real is a number as a living person could have it, in pieces so that it stands
// nowhere in the project.
const real = "010" + "1901234"

func TestMask(t *testing.T) {
	const hidden = "******-****"
	for _, c := range []struct{ name, in, want string }{
		{"test number", "8605010001", hidden},
		{"real number", real, hidden},
		{"hyphen", "860501-0001", hidden},
		{"blank", "860501 0001", hidden},
		{"dash", "860501\u20130001", hidden},
		{"two blanks are two numbers", "860501  0001", "860501  0001"},
		{"in a sentence", "Borger 860501-0001 har klaget.", "Borger " + hidden + " har klaget."},
		{"beside letters", "cpr8605010001x", "cpr" + hidden + "x"},
		{"in JSON", `{"cpr":"8605010001"}`, `{"cpr":"` + hidden + `"}`},
		{"two beside each other", "8605010001,7105020002", hidden + "," + hidden},
		{"digit before", "18605010001", "18605010001"},
		{"digit after", "86050100011", "86050100011"},
		{"hyphen and digit after", "860501-00011", "860501-00011"},
		{"no such month", "8613010001", "8613010001"},
		{"no such day", "3201010001", "3201010001"},
		{"day nought", "0001010001", "0001010001"},
		{"day between", "4501010001", "4501010001"},
		{"nine digits", "860501000", "860501000"},
		{"PSP element", "XG-5385000001", "XG-5385000001"},
		{"PSP element with blanks", "XG 5385000001-00042", "XG 5385000001-00042"},
		{"voucher", "5100004711", "5100004711"},
		{"EAN", "5798000000012", "5798000000012"},
		{"CVR", "12345678", "12345678"},
		{"letters of more than one byte", "Åse Ørsted 8605010001 æ", "Åse Ørsted " + hidden + " æ"},
		{"cut off after the hyphen", "860501-", "860501-"},
		{"cut off within", "8605010", "8605010"},
		{"empty", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := runner.Mask(c.in); got != c.want {
				t.Errorf("Mask(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

// shaped is what a CPR number looks like, said in another way than the code does.
var shaped = regexp.MustCompile(`(?:^|[^0-9])(?:0[1-9]|[12][0-9]|3[01]|6[1-9]|[78][0-9]|9[01])(?:0[1-9]|1[0-2])[0-9]{2}(?:-| |\x{2013})?[0-9]{4}(?:[^0-9]|$)`)

// numbers are texts in which numbers stand thick.
func numbers() *rapid.Generator[string] {
	piece := rapid.OneOf(
		rapid.StringMatching(`(0[1-9]|[12][0-9]|3[01]|[6-9][0-9])(0[1-9]|1[0-2])[0-9]{2}[- \x{2013}]?[0-9]{4}`),
		rapid.StringMatching(`[0-9]{1,12}`),
		rapid.StringMatching(`[ a-zæøå,.:;"{}\-]{0,4}`),
		rapid.String(),
	)
	return rapid.Map(rapid.SliceOfN(piece, 0, 8), func(s []string) string { return strings.Join(s, "") })
}

func TestNothingShapedLikeACPRNumberSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := numbers().Draw(t, "text")
		out := runner.Mask(in)
		if m := shaped.FindString(out); m != "" {
			t.Fatalf("%q is left in %q", m, out)
		}
		if again := runner.Mask(out); again != out {
			t.Fatalf("masked twice it is %q, once %q", again, out)
		}
		if !shaped.MatchString(in) && out != in {
			t.Fatalf("%q has no number in it and became %q", in, out)
		}
	})
}

func TestMaskBytesLeavesItsArgument(t *testing.T) {
	in := []byte("en 8605010001 to")
	runner.MaskBytes(in)
	if string(in) != "en 8605010001 to" {
		t.Errorf("the argument became %q", in)
	}
}
