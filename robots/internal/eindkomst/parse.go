package eindkomst

import (
	"byskriver/schedules"
)

// expected is what an answer must belong to.
type expected struct {
	cpr, transaction, reference string
	silent                      bool // the service does not repeat transaction numbers
}

// read is an answer, or the service's refusal.
type read struct {
	Answer
	faults []Fault
}

// More namespaces of the answer (IndkomstOplysningPersonHent_O.xsd and what it names).
const (
	nsFiling     = nsService + "class/angivelse/xml/schemas/20071202/"
	nsEmployment = nsService + "class/ansaettelseforhold/xml/schemas/20071202/"
	nsGroup      = nsService + "class/indkomstpersongruppe/xml/schemas/20071202/"
	nsBlank      = nsService + "class/blanket/xml/schemas/20071202/"
	nsBlankField = nsService + "class/blanketfelt/xml/schemas/20071202/"
	nsUnit       = nsService + "class/feltenhedtype/xml/schemas/20071202/"
	nsContent    = nsService + "class/angivelsefelt/xml/schemas/20071202/"
	nsStart      = "http://rep.oio.dk/xkom.dk/xml/schemas/2006/09/01/"
	nsEnd        = "http://rep.oio.dk/xkom.dk/xml/schemas/2007/04/15/"
)

// parse reads an envelope. Whatever it returns as an error is a *runner.Trouble
// and tells nothing of the answer's content.
func parse(envelope []byte, want expected) (read, error) {
	root, err := tree(envelope)
	if err != nil {
		return read{}, changed(err)
	}
	w := &walker{}
	if !root.is(nsSOAP, "Envelope") {
		return read{}, changed(&Unreadable{"it is no SOAP 1.1 envelope"})
	}
	body := w.one(root, nsSOAP, "Body")
	if fault := w.maybe(body, nsSOAP, "Fault"); fault != nil {
		return read{}, soapFault(w.text(fault, "", "faultcode"), w.text(fault, "", "faultstring"))
	}
	out := w.one(body, nsService, "IndkomstOplysningPersonHent_O")
	w.done(body)
	got := w.head(w.one(out, nsContext, "HovedOplysningerSvar"), want)
	if data := w.maybe(out, nsService, "IndkomstPersonUddata"); data != nil && w.err == nil {
		got.Reports = w.person(data, want)
	}
	w.done(out)
	if w.err != nil {
		return read{}, changed(w.err)
	}
	return got, nil
}

func (w *walker) mismatch(what string) {
	if w.err == nil {
		w.err = &Mismatch{what}
	}
}

// head reads HovedOplysningerSvar: whose question this answers, and what the
// service has to say about it.
func (w *walker) head(n *node, want expected) read {
	var got read
	answers := w.one(n, nsContext, "SvarStruktur")
	for _, f := range w.all(answers, nsContext, "FejlStruktur") {
		id := w.one(f, nsContext, "FejlIdentifikator").value()
		got.faults = append(got.faults, Fault{ID: said(id), Text: said(w.text(f, nsContext, "FejlTekst"))})
	}
	for _, a := range w.all(answers, nsContext, "AdvisStruktur") {
		id := w.one(a, nsContext, "AdvisIdentifikator").value()
		got.Advices = append(got.Advices, Advice{ID: said(id), Text: said(w.text(a, nsContext, "AdvisTekst"))})
	}
	w.done(answers)
	switch number := w.text(n, nsContext, "TransaktionIdentifikator"); {
	case number == want.transaction:
	case number != "":
		w.mismatch("it has the transaction number of another question")
	case !want.silent && len(got.faults) == 0:
		w.mismatch("it has no transaction number (systems.eindkomst.service.no_echo takes such answers)")
	}
	return got
}

// person reads the reports on the one citizen who was asked about.
func (w *walker) person(data *node, want expected) []Report {
	people := w.one(data, nsService, "IndkomstOplysningPersonSamling")
	w.done(data)
	if len(w.all(people, nsService, "IndkomstOplysningPersonStruktur")) > 1 {
		w.mismatch("it is about more than one citizen")
	}
	p := w.one(people, nsService, "IndkomstOplysningPersonStruktur")
	w.done(people)
	if w.err != nil {
		return nil
	}
	if w.one(p, nsPerson, "PersonCivilRegistrationIdentifier").value() != want.cpr {
		w.mismatch("it is about another citizen")
	}
	if ref := w.text(p, nsReference, "IndkomstOplysningAdgangReferenceNummerIdentifikator"); ref != "" && ref != want.reference {
		w.mismatch("it has the reference of another question")
	}
	reports := []Report{}
	employers := w.one(p, nsService, "IndkomstOplysningSamling")
	for _, e := range w.all(employers, nsService, "IndberetningPligtigVirksomhed") {
		reports = append(reports, w.employer(e)...)
	}
	w.done(employers)
	w.done(p)
	return reports
}

func (w *walker) employer(e *node) []Report {
	firm := w.one(w.one(e, nsService, "IndberetningPligtigVirksomhedStruktur"), nsService, "IndberetningPligtigVirksomhed")
	se := w.one(firm, nsEmployer, "VirksomhedSENummerIdentifikator").value()
	if w.err == nil && se == "" {
		w.fail("an employer has no SE number")
	}
	periods := w.one(e, nsService, "IndkomstLoenPeriodeSamling")
	var reports []Report
	for _, p := range w.all(periods, nsService, "LoenPeriodeOplysningStruktur") {
		r := w.report(p)
		r.SE = se
		reports = append(reports, r)
	}
	w.done(periods)
	w.done(e)
	return reports
}

func (w *walker) report(p *node) Report {
	period := w.one(w.one(p, nsService, "AngivelsePeriodeStruktur"), nsFiling, "AngivelsePeriode")
	r := Report{
		Own:         w.text(p, nsFiling, "AngivelseVirksomhedEgenIdentifikator"),
		Employment:  w.text(p, nsEmployment, "AnsaettelseforholdMedarbejderIdentifikator"),
		From:        w.date(period, nsStart, "StartDate"),
		To:          w.date(period, nsEnd, "EndDate"),
		Disposition: w.date(p, nsGroup, "IndkomstPersonGruppeDispositionDato"),
		Blanks:      []Blank{},
	}
	w.maybe(p, nsService, "SupplerendePersonOplysningStruktur") // name and address of people without a CPR number
	content := w.maybe(p, nsService, "AngivelseBlanketIndholdStruktur")
	w.done(p)
	if content == nil {
		return r
	}
	heads := w.one(content, nsService, "AngivelseOplysningSamling")
	for _, b := range w.all(heads, nsService, level(1)) {
		r.Blanks = append(r.Blanks, w.blank(b, 1))
	}
	w.done(heads)
	return r
}

// date reads an xs:date, whose zone, if it has one, does not count. No element is
// no date.
func (w *walker) date(n *node, ns, name string) schedules.Date {
	s := w.text(n, ns, name)
	if s == "" {
		return schedules.Date{}
	}
	d, err := schedules.ParseDate(s[:min(len(s), 10)])
	if err != nil || !zone(s[min(len(s), 10):]) {
		w.fail("%s is no date", name)
		return schedules.Date{}
	}
	return d
}

// zone reports whether s is what may follow an xs:date: nothing, Z, or +hh:mm.
func zone(s string) bool {
	return s == "" || s == "Z" || len(s) == 6 && (s[0] == '+' || s[0] == '-') && s[3] == ':' && allDigits(s[1:3]+s[4:])
}

// level is the schema's name of a blanket at that depth, from 1.
func level(depth int) string { return "AngivelseNiveau" + string(rune('0'+depth)) }

// deepestBlank is how deep the schema nests blankets.
const deepestBlank = 4

func (w *walker) blank(n *node, depth int) Blank {
	number, err := whole(w.one(n, nsBlank, "BlanketNummerIdentifikator").value())
	if err != nil {
		w.fail("the number of a blanket is no whole number")
	}
	b := Blank{Number: number, Fields: []Field{}}
	fields := w.one(n, nsService, "AngivelseFeltSamling")
	for _, f := range w.all(fields, nsService, "AngivelseFeltIndholdStruktur") {
		b.Fields = append(b.Fields, w.field(f))
	}
	below := w.maybe(n, nsService, "UnderAngivelseSamling")
	w.done(fields)
	w.done(n)
	if below == nil {
		return b
	}
	if depth == deepestBlank {
		w.fail("a blanket is nested deeper than %d", deepestBlank)
		return b
	}
	for _, k := range w.all(below, nsService, level(depth+1)) {
		b.Blanks = append(b.Blanks, w.blank(k, depth+1))
	}
	w.done(below)
	return b
}

func (w *walker) field(n *node) Field {
	head := w.one(n, nsService, "BlanketFeltEnhedStruktur")
	id, err := whole(w.one(head, nsBlankField, "BlanketFeltNummerIdentifikator").value())
	if err != nil {
		w.fail("the number of a field is no whole number")
	}
	f := Field{ID: fieldID(id), Value: w.one(n, nsContent, "AngivelseFeltIndholdTekst").value(), Unit: w.text(head, nsUnit, "FeltEnhedTypeKode")}
	w.done(head)
	w.done(n)
	return f
}
