package eindkomst

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/beevik/etree"
)

// Access is what the municipality has agreed with Skatteforvaltningen, and says in
// each question. None of it is known to this program: it is configuration.
type Access struct {
	Subscriber string // AbonnentTypeKode, digits, leading zeros kept
	Agreement  string // AbonnementTypeKode, digits, such as 3153
	SE         string // the municipality's own SE number, eight digits
	Employee   string // IndkomstOplysningAdgangMedarbejderIdentifikator: who asks; "" to leave it out
}

// Check says what is missing or malformed.
func (a Access) Check() error {
	var wrong []error
	if !allDigits(a.Subscriber) {
		wrong = append(wrong, errors.New("subscriber (AbonnentTypeKode) must be digits, as the agreement with Skatteforvaltningen gives it"))
	}
	if !allDigits(a.Agreement) {
		wrong = append(wrong, errors.New("agreement (AbonnementTypeKode) must be digits, as the agreement with Skatteforvaltningen gives it"))
	}
	if len(a.SE) != 8 || !allDigits(a.SE) {
		wrong = append(wrong, errors.New("se must be the municipality's SE number, eight digits"))
	}
	return errors.Join(wrong...)
}

func allDigits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != ""
}

// check says what is wrong with a request. It does not repeat the CPR number.
func (r Request) check() error {
	switch {
	case len(r.CPR) != 10 || !allDigits(r.CPR):
		return errors.New("the CPR number is not ten digits")
	case r.Purpose.Code <= 0 || r.Purpose.Text == "":
		return errors.New("nobody is looked up without a purpose")
	case r.From.IsZero() || r.To.Before(r.From):
		return fmt.Errorf("the months %s to %s are no period", r.From, r.To)
	}
	return nil
}

// question is the content of the envelope's body, in the schema's order
// (IndkomstOplysningPersonHent_I.xsd). Every namespace is declared at its top.
func (a Access) question(r Request, transaction string, now time.Time) *etree.Element {
	q := etree.NewElement(prefixService + ":" + questionName)
	for prefix, ns := range map[string]string{prefixService: nsService, "ctx": nsContext, "st": nsSubscriber, "at": nsAgreement, "pt": nsPurpose,
		"em": nsEmployee, "rn": nsReference, "mf": nsMonthFrom, "mt": nsMonthTo, "v": nsEmployer, "p": nsPerson} {
		q.CreateAttr("xmlns:"+prefix, ns)
	}
	q.SortAttrs()
	head := q.CreateElement("ctx:HovedOplysninger")
	head.CreateElement("ctx:TransaktionIdentifikator").SetText(transaction)
	head.CreateElement("ctx:TransaktionTid").SetText(now.UTC().Format(time.RFC3339))
	in := q.CreateElement("e:IndkomstOplysningPersonInddata")
	access := in.CreateElement("e:AbonnentAdgangStruktur")
	access.CreateElement("st:AbonnentTypeKode").SetText(a.Subscriber)
	access.CreateElement("at:AbonnementTypeKode").SetText(a.Agreement)
	access.CreateElement("pt:AdgangFormaalTypeKode").SetText(strconv.Itoa(r.Purpose.Code))
	who := in.CreateElement("e:AbonnentStruktur")
	who.CreateElement("e:AbonnentVirksomhedStruktur").CreateElement("e:AbonnentVirksomhed").
		CreateElement("v:VirksomhedSENummerIdentifikator").SetText(a.SE)
	if a.Employee != "" {
		who.CreateElement("em:IndkomstOplysningAdgangMedarbejderIdentifikator").SetText(a.Employee)
	}
	search := in.CreateElement("e:IndkomstOplysningValg").CreateElement("e:IndkomstPersonSamling").CreateElement("e:PersonIndkomstSoegeStruktur")
	search.CreateElement("p:PersonCivilRegistrationIdentifier").SetText(r.CPR)
	if r.Reference != "" {
		search.CreateElement("rn:IndkomstOplysningAdgangReferenceNummerIdentifikator").SetText(r.Reference)
	}
	months := search.CreateElement("e:SoegeAarMaanedLukketStruktur")
	months.CreateElement("mf:SoegeAarMaanedFraKode").SetText(r.From.Code())
	months.CreateElement("mt:SoegeAarMaanedTilKode").SetText(r.To.Code())
	return q
}
