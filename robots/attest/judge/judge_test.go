package judge

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"byskriver/robots/internal/ident"
)

const (
	sentence = "Ovennævnte person er ikke registreret med afgørelser, der skal fremgå af en børneattest."
	public   = "Ovennævnte person er ikke registreret med afgørelser, der skal fremgå af en offentlig straffeattest."
	afslag   = "Ovennævnte person har ikke givet samtykke inden fristens udløb."
)

func types() []Type {
	form := func(last ...string) Form {
		return append(Form{"Rigspolitiet", "{titel}", "Udstedt den {dato}", "Sagsnummer: {nr}", "Navn: {navn}", "Personnummer: {cpr}"}, last...)
	}
	both := []Form{form("{ren}", "Attesten er udstedt til brug for myndigheden."), form("{afslag}")}
	return []Type{
		{Code: "boerneattest", Title: "Børneattest", Clean: sentence, Refusal: afslag, Forms: both},
		{Code: "paaroerende", Title: "Børneattest, pårørende", Clean: sentence, Refusal: afslag, Forms: both},
		{Code: "offentlig", Title: "Offentlig straffeattest", Clean: public, Refusal: afslag, Forms: both},
	}
}

// page is a clean børneattest, some of its lines exchanged.
func page(change ...string) string {
	text := "                         Rigspolitiet\n\nBørneattest\n\nUdstedt den 2. marts 2026\nSagsnummer: 5100-10032-00017/26\n\n" +
		"Navn:   Åse Lund-Ørsted\nPersonnummer:   860501-0001\n\n" + sentence + "\n\nAttesten er udstedt til brug for myndigheden.\n\f"
	return strings.NewReplacer(change...).Replace(text)
}

func TestRead(t *testing.T) {
	half := strings.Index(sentence, " afgørelser")
	for _, c := range []struct {
		name, text string
		images     int
		want       Reading
	}{
		{"clean", page(), 0, Reading{Clean, "", "boerneattest", "8605010001", "Åse Lund-Ørsted"}},
		{"clean, with the letterhead's picture", page(), 1, Reading{Clean, "", "boerneattest", "8605010001", "Åse Lund-Ørsted"}},
		{"clean, of relatives", page("Børneattest\n", "Børneattest, pårørende\n"), 0, Reading{Clean, "", "paaroerende", "8605010001", "Åse Lund-Ørsted"}},
		{"clean, public", page("Børneattest\n", "Offentlig straffeattest\n", sentence, public), 0, Reading{Clean, "", "offentlig", "8605010001", "Åse Lund-Ørsted"}},
		{"dates in figures", page("2. marts 2026", "02-03-2026"), 0, Reading{Clean, "", "boerneattest", "8605010001", "Åse Lund-Ørsted"}},
		{"refused", page("\n\nAttesten er udstedt til brug for myndigheden.", "", sentence, afslag), 0, Reading{Refused, "", "boerneattest", "8605010001", "Åse Lund-Ørsted"}},
		{"another type's sentence", page(sentence, public), 0, Reading{People, Unknown, "boerneattest", "8605010001", ""}},
		{"an unknown title", page("Børneattest\n", "Børneattester\n"), 0, Reading{People, Unknown, "", "8605010001", ""}},
		{"quoted", page(sentence, "»"+sentence+"«"), 0, Reading{People, Unknown, "boerneattest", "8605010001", ""}},
		{"quoted in a sentence", page(sentence, "Det kan ikke siges, at »"+sentence+"«"), 0, Reading{People, Unknown, "boerneattest", "8605010001", ""}},
		{"negated", page("er ikke registreret", "er registreret"), 0, Reading{People, Unknown, "boerneattest", "8605010001", ""}},
		{"negated afterwards", page(sentence, sentence+" Dette gælder ikke."), 0, Reading{People, Unknown, "boerneattest", "8605010001", ""}},
		{"negated on a line of its own", page(sentence, sentence+"\nOvenstående gælder ikke."), 0, Reading{People, Unknown, "boerneattest", "8605010001", ""}},
		{"split over lines", page(sentence, sentence[:half]+"\n"+sentence[half+1:]), 0, Reading{People, Unknown, "boerneattest", "8605010001", ""}},
		{"in the heading", page("Børneattest\n", sentence+"\n", "\n\n"+sentence, ""), 0, Reading{People, Unknown, "", "8605010001", ""}},
		{"in the heading too", page("Rigspolitiet", sentence), 0, Reading{People, Unknown, "boerneattest", "8605010001", ""}},
		{"twice", page(sentence, sentence+"\n"+sentence), 0, Reading{People, Unknown, "boerneattest", "8605010001", ""}},
		{"twice on one line", page(sentence, sentence+" "+sentence), 0, Reading{People, Unknown, "boerneattest", "8605010001", ""}},
		{"another letter", page("afgørelser", "afgorelser"), 0, Reading{People, Unknown, "boerneattest", "8605010001", ""}},
		{"capitals", page(sentence, strings.ToUpper(sentence)), 0, Reading{People, Unknown, "boerneattest", "8605010001", ""}},
		{"a soft hyphen in a word", page("registreret", "regi\u00adstreret"), 0, Reading{People, Unknown, "boerneattest", "8605010001", ""}},
		{"a no-break space", page("er ikke", "er\u00a0ikke"), 0, Reading{People, Unknown, "boerneattest", "8605010001", ""}},
		{"no full stop", page("børneattest.\n", "børneattest\n"), 0, Reading{People, Unknown, "boerneattest", "8605010001", ""}},
		{"a decision beside it", page("myndigheden.", "myndigheden.\nStraffeloven § 222: fængsel"), 0, Reading{People, Unknown, "boerneattest", "8605010001", ""}},
		{"a second page", page() + "Bilag 1\n\f", 0, Reading{People, Unknown, "boerneattest", "8605010001", ""}},
		{"two numbers", page("Navn:   Åse Lund-Ørsted", "Personnummer: 710502-0002"), 0, Reading{People, Unknown, "boerneattest", "", ""}},
		{"a stamp beside the name", page("Navn:   Åse Lund-Ørsted", "Navn: Åse Lund-Ørsted      ANNULLERET"), 0, Reading{People, Unknown, "boerneattest", "8605010001", ""}},
		{"a sentence beside the name", page("Navn:   Åse Lund-Ørsted", "Navn: Åse Lund  Attesten er trukket tilbage. Personen er dømt"), 0, Reading{People, Unknown, "boerneattest", "8605010001", ""}},
		{"a stamp before the name", page("Navn:   Åse Lund-Ørsted", "Navn: ANNULLERET   Åse Lund-Ørsted"), 0, Reading{People, Unknown, "boerneattest", "8605010001", ""}},
		{"a word more in the name", page("Navn:   Åse Lund-Ørsted", "Navn: Åse Lund-Ørsted ANNULLERET"), 0, Reading{Clean, "", "boerneattest", "8605010001", "Åse Lund-Ørsted ANNULLERET"}},
		{"two titles", page("Børneattest\n", "Børneattest\nOffentlig straffeattest\n"), 0, Reading{People, Unknown, "", "8605010001", ""}},
		{"a number without a hyphen", page("860501-0001", "8605010001"), 0, Reading{People, Unknown, "boerneattest", "8605010001", ""}},
		{"a date that is none for a number", page("860501-0001", "861301-0001"), 0, Reading{People, Unknown, "boerneattest", "", ""}},
		{"a name that says more", page("Åse Lund-Ørsted", "Åse Lund (se § 222)"), 0, Reading{People, Unknown, "boerneattest", "8605010001", ""}},
		{"more pictures than a letterhead", page(), 2, Reading{People, Pictures, "boerneattest", "8605010001", "Åse Lund-Ørsted"}},
		{"empty", " \n\f", 0, Reading{Why: NoText}},
		{"scanned", "\f", 1, Reading{Why: Scanned}},
		{"something else", "Kære kommune\nTak for jeres brev.", 0, Reading{Why: Unknown}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Read(Page{c.text, c.images}, types(), 1); got != c.want {
				t.Errorf("read %+v, want %+v", got, c.want)
			}
		})
	}
}

// TestTwoFormsAlike is a file in which two types share title, sentence and form:
// nothing can be told apart, so nothing is clean.
func TestTwoFormsAlike(t *testing.T) {
	all := types()
	all[1].Title = all[0].Title
	if got := Read(Page{page(), 0}, all, 1); got.Outcome != People || got.Why != Ambiguous {
		t.Errorf("%+v", got)
	}
}

func TestDecide(t *testing.T) {
	good := Facts{Reading: Clean, SenderFits: true, Documents: 1, SubjectFits: true, Orders: 1, Numbers: true, Names: true, Types: true}
	for _, c := range []struct {
		name   string
		change func(*Facts)
		want   Verdict
	}{
		{"clean", func(*Facts) {}, Verdict{Outcome: Clean}},
		{"refused", func(f *Facts) { f.Reading, f.SaysRefused, f.SubjectFits = Refused, true, false }, Verdict{Outcome: Refused}},
		{"a refusal that the subject does not tell", func(f *Facts) { f.Reading = Refused }, people("ATTEST-LØN")},
		{"clean, but the subject says Afslag", func(f *Facts) { f.SaysRefused = true }, people("ATTEST-LØN")},
		{"another subject", func(f *Facts) { f.SubjectFits = false }, people("ATTEST-LØN")},
		{"not clean", func(f *Facts) { f.Reading, f.Why = People, Unknown }, people("ATTEST-LØN")},
		{"another number", func(f *Facts) { f.Numbers = false }, people("ATTEST-LØN")},
		{"another type", func(f *Facts) { f.Types = false }, people("ATTEST-LØN")},
		{"another name", func(f *Facts) { f.Names = false }, people("ATTEST-NAVN")},
		{"refused, of another name", func(f *Facts) { f.Reading, f.SaysRefused, f.Names = Refused, true, false }, people("ATTEST-NAVN")},
		{"another sender", func(f *Facts) { f.SenderFits = false }, people("POST-AFSENDER")},
		{"refused, from another sender", func(f *Facts) { f.Reading, f.SaysRefused, f.SenderFits = Refused, true, false }, people("POST-AFSENDER")},
		{"something beside the document", func(f *Facts) { f.Others = 1 }, people("POST-BILAG")},
		{"no order", func(f *Facts) { f.Orders = 0 }, people("ATTEST-UDEN-ORDRE")},
		{"two orders", func(f *Facts) { f.Orders = 2 }, people("ATTEST-FLERE-ORDRER")},
		{"a second answer", func(f *Facts) { f.Orders, f.Answered = 0, 1 }, people("ATTEST-TO-SVAR")},
		{"two answers at once", func(f *Facts) { f.OtherAtTime = true }, people("ATTEST-TO-SVAR")},
		{"no document", func(f *Facts) { f.Documents = 0 }, people("POST-BILAG")},
		{"two documents", func(f *Facts) { f.Documents = 2 }, people("POST-BILAG")},
		{"a password", func(f *Facts) { f.Locked, f.Reading = true, People }, people("ATTEST-KODEORD")},
		{"no PDF", func(f *Facts) { f.Broken, f.Reading = true, People }, people("ATTEST-ULÆSELIG")},
		{"scanned", func(f *Facts) { f.Reading, f.Why, f.Orders = People, Scanned, 0 }, people("ATTEST-SCANNET")},
		{"empty", func(f *Facts) { f.Reading, f.Why, f.Orders = People, NoText, 0 }, people("ATTEST-TOM")},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := good
			c.change(&f)
			if got := Decide(f); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

// What counts as the same name: capitals and blanks apart, every letter.
func TestNames(t *testing.T) {
	for _, c := range []struct {
		page, order string
		want        bool
	}{
		{"Åse Lund-Ørsted", "Åse Lund-Ørsted", true}, {"ÅSE LUND-ØRSTED", "Åse  Lund-Ørsted", true},
		{"Åse Lund-Ørsted ANNULLERET", "Åse Lund-Ørsted", false}, {"Åse Lund", "Åse Lund-Ørsted", false}, {"Åse Lund Ørsted", "Åse Lund-Ørsted", false},
		{"Lund-Ørsted Åse", "Åse Lund-Ørsted", false}, {"Aase Lund-Ørsted", "Åse Lund-Ørsted", false}, {"Å. Lund-Ørsted", "Åse Lund-Ørsted", false}, {"", "", false},
	} {
		if got := Names(c.page, c.order); got != c.want {
			t.Errorf("%q of an order for %q: %v", c.page, c.order, got)
		}
	}
}

func TestCheck(t *testing.T) {
	good := types()[0]
	if wrong := Check(good); len(wrong) > 0 {
		t.Errorf("a good type: %v", wrong)
	}
	for _, c := range []struct {
		name   string
		change func(*Type)
		want   string
	}{
		{"no sentence", func(t *Type) { t.Clean = "" }, "clean is missing"},
		{"a sentence with two blanks", func(t *Type) { t.Clean = "er  ikke" }, "clean is missing"},
		{"a sentence of two lines", func(t *Type) { t.Clean = "er\nikke" }, "clean is missing"},
		{"no title", func(t *Type) { t.Title = " " }, "title is missing"},
		{"refusal is clean", func(t *Type) { t.Refusal = t.Clean }, "refusal"},
		{"no forms", func(t *Type) { t.Forms = nil }, "forms is missing"},
		{"a form without a number", func(t *Type) { t.Forms = []Form{{"{titel}", "{ren}"}} }, "{cpr} must"},
		{"two numbers", func(t *Type) { t.Forms = []Form{{"{titel}", "{cpr}", "{cpr}", "{ren}"}} }, "{cpr} must"},
		{"a form without a name", func(t *Type) { t.Forms = []Form{{"{titel}", "{cpr}", "{ren}"}} }, "{navn} must"},
		{"a form without a title", func(t *Type) { t.Forms = []Form{{"{cpr}", "{ren}"}} }, "{titel} must"},
		{"two sentences", func(t *Type) { t.Forms = []Form{{"{titel}", "{cpr}", "{ren}", "{afslag}"}} }, "{ren} or {afslag} must"},
		{"the sentence as a line", func(t *Type) { t.Forms = []Form{{"{titel}", "{cpr}", "{ren}", t.Clean}} }, "write {ren} alone"},
		{"an unknown name", func(t *Type) { t.Forms = []Form{{"{titel}", "{cpr}", "{ren}", "{alt}"}} }, "{alt} is not known"},
		{"two in a line", func(t *Type) { t.Forms = []Form{{"{titel} {cpr}", "{ren}"}} }, "more than one pair"},
		{"the sentence within a line", func(t *Type) { t.Forms = []Form{{"{titel}", "{cpr}", "Vi siger: {ren}"}} }, "{ren} is not known"},
		{"a brace left open", func(t *Type) { t.Forms = []Form{{"{titel}", "{cpr", "{ren}"}} }, "is not known"},
	} {
		bad := good
		c.change(&bad)
		if got := strings.Join(Check(bad), "; "); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q lacks %q", c.name, got, c.want)
		}
	}
}

// cleanIsExact is the property: what is judged clean has title, number and sentence
// exactly there, each once, said in another way than the judge does.
func cleanIsExact(t interface{ Fatalf(string, ...any) }, text string, r Reading) {
	if r.Outcome != Clean {
		return
	}
	i := map[string]int{"boerneattest": 0, "paaroerende": 1, "offentlig": 2}[r.Type]
	typ := types()[i]
	count := map[string]int{}
	for _, l := range strings.Split(strings.ReplaceAll(strings.ReplaceAll(text, "\f", "\n"), "\r", "\n"), "\n") {
		words := strings.Split(l, " ")
		kept := words[:0]
		for _, w := range words {
			if w != "" {
				kept = append(kept, w)
			}
		}
		if l = strings.Join(kept, " "); l == "" {
			continue
		}
		count["lines"]++
		count[l]++
	}
	stretched := ""
	for _, l := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\n\r\f", r) }) {
		if _, name, ok := strings.Cut(strings.Trim(l, " "), "Navn: "); ok && strings.Contains(strings.Trim(name, " "), "  ") {
			stretched = l
		}
	}
	if stretched != "" {
		t.Fatalf("judged clean with something beside the name: %q", stretched)
	}
	number := "Personnummer: " + string(r.CPR[:6]) + "-" + string(r.CPR[6:])
	if count[typ.Title] != 1 || count[typ.Clean] != 1 || count[number] != 1 || count["lines"] != 8 {
		t.Fatalf("judged clean as %s of %s:\n%s", r.Type, r.CPR, text)
	}
	if n := len(ident.FindCPR(text)); n != 1 {
		t.Fatalf("judged clean with %d numbers:\n%s", n, text)
	}
}

// pieces are what a page is put together from at random.
func pieces() []string {
	half := strings.Index(sentence, " afgørelser")
	return []string{"Rigspolitiet", "Børneattest", "Børneattest, pårørende", "Offentlig straffeattest", "Udstedt den 2. marts 2026", "Sagsnummer: 1/26",
		"Navn: Åse Lund", "Navn: Åse Lund   ANNULLERET", "   dømt", "Personnummer: 860501-0001", "Personnummer: 710502-0002", sentence, public, afslag, "ikke", "»", "«", sentence[:half], sentence[half:],
		"Attesten er udstedt til brug for myndigheden.", "Straffeloven § 222", "\n", " ", "\f", "\u00a0", "."}
}

func TestCleanIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := page()
		for range rapid.IntRange(0, 4).Draw(t, "changes") {
			at := rapid.IntRange(0, len(text)).Draw(t, "at")
			cut := rapid.IntRange(0, min(20, len(text)-at)).Draw(t, "cut")
			in := rapid.OneOf(rapid.SampledFrom(pieces()), rapid.String(), rapid.Just("")).Draw(t, "in")
			text = text[:at] + in + text[at+cut:]
		}
		cleanIsExact(t, text, Read(Page{text, 0}, types(), 1))
	})
}

func TestCleanIsExactOfPieces(t *testing.T) {
	clean := 0
	rapid.Check(t, func(t *rapid.T) {
		lines := []string{"Rigspolitiet", "Børneattest", "Udstedt den 2. marts 2026", "Sagsnummer: 1/26", "Navn: Åse Lund", "Personnummer: 860501-0001", sentence, "Attesten er udstedt til brug for myndigheden."}
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			at := rapid.IntRange(0, len(lines)-1).Draw(t, "line")
			lines[at] = rapid.SampledFrom(pieces()).Draw(t, "piece")
		}
		text := strings.Join(lines, "\n")
		r := Read(Page{text, 0}, types(), 1)
		if r.Outcome == Clean {
			clean++
		}
		cleanIsExact(t, text, r)
	})
	if clean == 0 {
		t.Error("not one page was clean: nothing was tried")
	}
}

func FuzzRead(f *testing.F) {
	f.Add(page(), 0)
	f.Add(page(sentence, sentence+"\n"+sentence), 1)
	f.Add(page("Børneattest\n", "Offentlig straffeattest\n", sentence, public), 0)
	f.Fuzz(func(t *testing.T, text string, images int) {
		cleanIsExact(t, text, Read(Page{text, images}, types(), 1))
	})
}
