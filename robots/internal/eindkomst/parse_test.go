package eindkomst

import (
	"bytes"
	"errors"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	register "byskriver/fixtures/town/eindkomst"
	"byskriver/runner"
	"byskriver/schedules"
)

// sample is an answer written by hand after the schemas, with its namespaces where
// another program than the town's would put them.
func sample(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/answer.xml")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func annas() expected { return expected{cpr: "8605010001", transaction: "transaktion-1"} }

func TestParse(t *testing.T) {
	got, err := parse(sample(t), annas())
	if err != nil {
		t.Fatal(err)
	}
	day := func(d int) schedules.Date { return schedules.Date{Year: 2024, Month: 5, Day: d} }
	want := Answer{
		Reports: []Report{{SE: "13748136", Own: "A-17", From: day(1), To: day(31), Disposition: day(31), Blanks: []Blank{{
			Number: BlankReport, Fields: []Field{{ID: FieldIncomeType, Value: "00", Unit: "5"}},
			Blanks: []Blank{{Number: BlankIncome, Fields: []Field{{ID: FieldWage, Value: "15600.00", Unit: "1"}}}},
		}}}},
		Advices: []Advice{{ID: "12", Text: "Der findes en ældre indberetning."}},
	}
	if !reflect.DeepEqual(got.Answer, want) {
		t.Errorf("read\n%+v, want\n%+v", got.Answer, want)
	}
}

// free may be called otherwise, or left out, without changing what is read: the
// envelope's head, and what the service says of itself.
var free = map[string]bool{"Header": true, "Security": true, "AdvisTekst": true}

// Any element that is called otherwise, stands in another namespace, stands twice or
// is left out must be refused or change what is read. Nothing is silently dropped.
func TestEveryElementCounts(t *testing.T) {
	text := string(sample(t))
	good, err := parse([]byte(text), annas())
	if err != nil {
		t.Fatal(err)
	}
	open := regexp.MustCompile(`<((?:\w+:)?(\w+))([^<>]*)>`)
	tried := 0
	for _, at := range open.FindAllStringSubmatchIndex(text, -1) {
		full, local, attrs := text[at[2]:at[3]], text[at[4]:at[5]], text[at[6]:at[7]]
		if free[local] || strings.HasSuffix(attrs, "/") {
			continue
		}
		end := closing(text, at[0], full)
		whole, inner := text[at[0]:end], text[at[1]:end-len("</"+full+">")]
		for what, with := range map[string]string{
			"renamed":           "<" + full + "X" + attrs + ">" + inner + "</" + full + "X>",
			"another namespace": "<" + local + ` xmlns="urn:other">` + inner + "</" + local + ">",
			"left out":          "",
			"twice":             whole + whole,
		} {
			tried++
			got, err := parse([]byte(text[:at[0]]+with+text[end:]), annas())
			if err == nil && reflect.DeepEqual(got, good) {
				t.Errorf("%s %s: it makes no difference", local, what)
			}
			if err != nil && strings.Contains(err.Error(), "15600") {
				t.Errorf("%s %s: the error tells an income: %v", local, what, err)
			}
		}
	}
	if tried < 150 {
		t.Errorf("only %d changes tried", tried)
	}
}

// closing is where the element that begins at a place ends.
func closing(text string, at int, name string) int {
	depth := 0
	for _, m := range regexp.MustCompile(`<(/?)`+name+`(?:\s[^<>]*)?>`).FindAllStringSubmatchIndex(text[at:], -1) {
		if text[at+m[2]:at+m[3]] == "/" {
			depth--
		} else {
			depth++
		}
		if depth == 0 {
			return at + m[1]
		}
	}
	return len(text)
}

func TestForms(t *testing.T) {
	for name, c := range map[string]struct {
		old, new string
		want     any
	}{
		"a date with a time":      {"2024-05-01+02:00", "2024-05-01T00:00:00", &Unreadable{}},
		"a date that is none":     {"2024-05-31+02:00", "2024-05-32", &Unreadable{}},
		"a blanket with letters":  {">16000<", ">Y922A<", &Unreadable{}},
		"a field with a sign":     {">57<", ">-57<", &Unreadable{}},
		"no employer's number":    {">13748136<", "><", &Unreadable{}},
		"a document type":         {"<s:Envelope", "<!DOCTYPE s:Envelope [<!ENTITY a \"b\">]><s:Envelope", &Unreadable{}},
		"an entity":               {"A-17", "&a;", &Unreadable{}},
		"something after the end": {"</s:Envelope>", "</s:Envelope><more/>", &Unreadable{}},
		"SOAP 1.2":                {"http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope", &Unreadable{}},
		"another citizen":         {">8605010001<", ">7203020002<", &Mismatch{}},
		"no citizen":              {">8605010001<", "><", &Mismatch{}},
		"another reference":       {"<IndkomstOplysningSamling>", `<IndkomstOplysningAdgangReferenceNummerIdentifikator xmlns="` + nsReference + `">x</IndkomstOplysningAdgangReferenceNummerIdentifikator><IndkomstOplysningSamling>`, &Mismatch{}},
		"another transaction":     {"transaktion-1", "transaktion-2", &Mismatch{}},
	} {
		text := strings.Replace(string(sample(t)), c.old, c.new, 1)
		_, err := parse([]byte(text), annas())
		var trouble *runner.Trouble
		if !errors.As(err, &trouble) || trouble.Kind != runner.ScreenChanged || reflect.TypeOf(trouble.Err) != reflect.TypeOf(c.want) {
			t.Errorf("%s: %v, want %T", name, err, c.want)
		}
	}
}

// The service may refuse without repeating the transaction number: then it is the
// refusal that counts.
func TestRefusalWithoutTransaction(t *testing.T) {
	text := `<s:Envelope xmlns:s="` + nsSOAP + `"><s:Body><O:IndkomstOplysningPersonHent_O xmlns:O="` + nsService + `"><k:HovedOplysningerSvar xmlns:k="` + nsContext + `">
		<k:SvarStruktur><k:FejlStruktur><k:FejlIdentifikator>77</k:FejlIdentifikator></k:FejlStruktur></k:SvarStruktur></k:HovedOplysningerSvar></O:IndkomstOplysningPersonHent_O></s:Body></s:Envelope>`
	got, err := parse([]byte(text), annas())
	if err != nil || len(got.faults) != 1 || got.faults[0].ID != "77" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestTooDeepOrTooMany(t *testing.T) {
	for name, text := range map[string]string{
		"deep": strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100),
		"many": "<a>" + strings.Repeat("<b/>", mostNodes+1) + "</a>",
	} {
		var u *Unreadable
		if _, err := parse([]byte(text), annas()); !errors.As(err, &u) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever comes: no panic, no answer about somebody else, nothing told.
func FuzzParse(f *testing.F) {
	good := sample(f)
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add(bytes.Replace(good, []byte("8605010001"), []byte("7203020002"), 1))
	f.Add([]byte(`<s:Envelope xmlns:s="` + nsSOAP + `"><s:Body><s:Fault><faultcode>s:Server</faultcode><faultstring>860501-0001 15600.00</faultstring></s:Fault></s:Body></s:Envelope>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := parse(data, annas())
		if err != nil {
			if got.Reports != nil || strings.Contains(err.Error(), "8605010001") || strings.Contains(err.Error(), "860501-0001") || strings.Contains(err.Error(), "15600.00") {
				t.Errorf("%d reports, %v", len(got.Reports), err)
			}
			return
		}
		if len(got.Reports) > 0 && !bytes.Contains(data, []byte("8605010001")) && !bytes.ContainsAny(data, "&") {
			t.Error("reports out of an answer that does not name the citizen")
		}
	})
}

func BenchmarkSign(b *testing.B) {
	a, err := register.NewAuthority(time.Now())
	if err != nil {
		b.Fatal(err)
	}
	certificate, key, err := a.Issue("Lilleby Kommune", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	if err != nil {
		b.Fatal(err)
	}
	identity, err := ParsePEM(certificate, key)
	if err != nil {
		b.Fatal(err)
	}
	access, m := Access{Subscriber: "0750", Agreement: "3153", SE: "94133335"}, Month{2024, time.May}
	for b.Loop() {
		q := access.question(Request{CPR: "8605010001", From: m.Add(-3), To: m, Purpose: PurposeFleksloen()}, "transaktion-1", time.Now())
		if _, err := identity.envelope(q, time.Now()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	data := sample(b)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := parse(data, annas()); err != nil {
			b.Fatal(err)
		}
	}
}
