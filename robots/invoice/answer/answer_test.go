package answer

import (
	"encoding/xml"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"byskriver/robots/invoice/reading"
)

func reply(change ...func(*Reply)) Reply {
	r := Reply{ID: "invoice-2026-000007", On: "2026-11-21", Code: "REFERENCE-MANGLER", Reason: "Fakturaen mangler en personreference eller et ordrenummer.", Danish: true, EAN: "5798999901044",
		Sender: Sender{Name: "Lilleby Kommune", CVR: "94133335", EAN: "5798999901044", Unit: "Økonomi", Phone: "70 00 00 00", Mail: "faktura@lilleby.example"},
		Invoice: reading.Invoice{Format: reading.OIOUBL, Customization: "OIOUBL-2.02", Profile: "urn:www.nesubl.eu:profiles:profile5:ver2.0", Kind: reading.InvoiceKind, TypeCode: "380",
			Number: "F-100", IssueDate: "2026-11-02", Currency: "DKK", Payable: decimal.New(125000, -2),
			Supplier: reading.Supplier{Name: "Mølbygaard & Søn", CVR: "94122236", Country: "DK", Endpoint: reading.Identifier{Scheme: "DK:CVR", ID: "DK94122236"}}}}
	for _, f := range change {
		f(&r)
	}
	return r
}

func inPeppol(r *Reply) {
	r.Invoice.Format, r.Invoice.Customization = reading.Peppol, "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
	r.Invoice.Supplier.Endpoint = reading.Identifier{Scheme: "0184", ID: "94122236"}
}

// leaf is one element of a document that holds text, or an attribute of one.
func leaves(t *testing.T, doc []byte) (order []string, at map[string]string) {
	t.Helper()
	at = map[string]string{}
	dec := xml.NewDecoder(strings.NewReader(string(doc)))
	var path []string
	for {
		tok, err := dec.Token()
		if err != nil {
			break
		}
		switch e := tok.(type) {
		case xml.StartElement:
			path = append(path, e.Name.Local)
			p := strings.Join(path[1:], "/")
			order = append(order, p)
			for _, a := range e.Attr {
				if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
					at[p+"/@"+a.Name.Local] = a.Value
				}
			}
		case xml.CharData:
			if s := strings.TrimSpace(string(e)); s != "" {
				at[strings.Join(path[1:], "/")] += "|" + s
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		}
	}
	return order, at
}

func TestOIOUBL(t *testing.T) {
	doc, err := reply().Document()
	if err != nil {
		t.Fatal(err)
	}
	order, at := leaves(t, doc)
	for path, want := range map[string]string{
		"UBLVersionID": "|2.0", "CustomizationID": "|OIOUBL-2.02", "ProfileID": "|urn:www.nesubl.eu:profiles:profile5:ver2.0", "ProfileID/@schemeAgencyID": "320",
		"ProfileID/@schemeID": "urn:oioubl:id:profileid-1.2", "ID": "|invoice-2026-000007", "IssueDate": "|2026-11-21",
		"SenderParty/EndpointID": "|5798999901044", "SenderParty/EndpointID/@schemeID": "GLN", "SenderParty/PartyLegalEntity/CompanyID": "|DK94133335",
		"ReceiverParty/EndpointID": "|DK94122236", "ReceiverParty/EndpointID/@schemeID": "DK:CVR", "ReceiverParty/PartyName/Name": "|Mølbygaard & Søn",
		"ReceiverParty/PartyLegalEntity/CompanyID/@schemeID": "DK:CVR",
		"DocumentResponse/Response/ReferenceID":              "|1", "DocumentResponse/Response/ResponseCode": "|BusinessReject",
		"DocumentResponse/Response/ResponseCode/@listAgencyID": "320", "DocumentResponse/Response/ResponseCode/@listID": "urn:oioubl:codelist:responsecode-1.1",
		"DocumentResponse/Response/Description": "|Fakturaen mangler en personreference eller et ordrenummer.",
		"DocumentResponse/DocumentReference/ID": "|F-100", "DocumentResponse/DocumentReference/DocumentTypeCode": "|Invoice",
		"DocumentResponse/DocumentReference/DocumentTypeCode/@listID": "urn:oioubl:codelist:responsedocumenttypecode-1.1",
	} {
		if at[path] != want {
			t.Errorf("%s is %q, want %q", path, at[path], want)
		}
	}
	inOrder(t, order, "UBLVersionID", "CustomizationID", "ProfileID", "ID", "IssueDate", "SenderParty", "SenderParty/EndpointID", "SenderParty/PartyName",
		"SenderParty/PostalAddress", "SenderParty/PartyLegalEntity", "ReceiverParty", "DocumentResponse", "DocumentResponse/Response",
		"DocumentResponse/Response/ReferenceID", "DocumentResponse/Response/ResponseCode", "DocumentResponse/Response/Description", "DocumentResponse/DocumentReference")
	credit, err := reply(func(r *Reply) {
		r.Invoice.Kind, r.Invoice.Customization, r.Invoice.Profile = reading.CreditNoteKind, "OIOUBL-2.1", ""
	}).Document()
	if err != nil {
		t.Fatal(err)
	}
	if _, at := leaves(t, credit); at["UBLVersionID"] != "|2.1" || at["DocumentResponse/DocumentReference/DocumentTypeCode"] != "|CreditNote" || at["ProfileID"] != "|Procurement-BilSim-1.0" {
		t.Errorf("a credit note: %v", at)
	}
}

// inOrder checks the sequence that the schema of UBL wants.
func inOrder(t *testing.T, have []string, want ...string) {
	t.Helper()
	last := -1
	for _, w := range want {
		i := slices.Index(have, w)
		if i < 0 || i < last {
			t.Errorf("%s is missing or out of order: %v", w, have)
		}
		last = max(last, i)
	}
}

// modelT111 are the elements that Peppol's rules for the Invoice Response let stand
// (PEPPOL-T111-B…): others make the document invalid.
var modelT111 = []string{"CustomizationID", "ProfileID", "ID", "IssueDate", "IssueTime", "Note", "SenderParty", "SenderParty/EndpointID", "SenderParty/PartyIdentification",
	"SenderParty/PartyIdentification/ID", "SenderParty/PartyLegalEntity", "SenderParty/PartyLegalEntity/RegistrationName", "ReceiverParty", "ReceiverParty/EndpointID",
	"ReceiverParty/PartyLegalEntity", "ReceiverParty/PartyLegalEntity/RegistrationName", "DocumentResponse", "DocumentResponse/Response", "DocumentResponse/Response/ResponseCode",
	"DocumentResponse/Response/EffectiveDate", "DocumentResponse/Response/Status", "DocumentResponse/Response/Status/StatusReasonCode", "DocumentResponse/Response/Status/StatusReason",
	"DocumentResponse/DocumentReference", "DocumentResponse/DocumentReference/ID", "DocumentResponse/DocumentReference/IssueDate", "DocumentResponse/DocumentReference/DocumentTypeCode"}

func TestPeppol(t *testing.T) {
	for code, reason := range map[string]string{"REFERENCE-MANGLER": "REF", "EAN-MANGLER": "REC", "PLAN-INGEN": "OTH"} {
		doc, err := reply(inPeppol, func(r *Reply) { r.Code = code }).Document()
		if err != nil {
			t.Fatal(err)
		}
		order, at := leaves(t, doc)
		for _, p := range order[1:] {
			if !slices.Contains(modelT111, p) {
				t.Errorf("%s is not in the model", p)
			}
		}
		for path, want := range map[string]string{
			"CustomizationID": "|urn:fdc:peppol.eu:poacc:trns:invoice_response:3", "ProfileID": "|urn:fdc:peppol.eu:poacc:bis:invoice_response:3",
			"SenderParty/EndpointID/@schemeID": "0088", "ReceiverParty/EndpointID": "|94122236", "ReceiverParty/EndpointID/@schemeID": "0184",
			"DocumentResponse/Response/ResponseCode": "|RE", "DocumentResponse/Response/ResponseCode/@listID": "UNCL4343OpSubset",
			"DocumentResponse/Response/Status/StatusReasonCode": "|" + reason + "|NIN", "DocumentResponse/DocumentReference/DocumentTypeCode": "|380",
		} {
			if at[path] != want {
				t.Errorf("%s: %s is %q, want %q", code, path, at[path], want)
			}
		}
		inOrder(t, order, "CustomizationID", "ProfileID", "ID", "IssueDate", "SenderParty", "ReceiverParty", "DocumentResponse/Response/ResponseCode",
			"DocumentResponse/Response/EffectiveDate", "DocumentResponse/Response/Status", "DocumentResponse/DocumentReference")
	}
}

// A reply never carries a CPR number, wherever one stood in the invoice or in what
// the person wrote.
func TestNoCPRNumberIsSent(t *testing.T) {
	const cpr = "860501-0001"
	letter, err := ParseLetter(Standard())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*Reply)
		err    error // of the document
	}{
		"in the reason":       {func(r *Reply) { r.Reason = "Borger " + cpr + " bor her ikke." }, nil},
		"in the name":         {func(r *Reply) { r.Invoice.Supplier.Name = "Hansen " + cpr }, nil},
		"as the number":       {func(r *Reply) { r.Invoice.Number = "8605010001" }, ErrPersonal},
		"as the address":      {func(r *Reply) { r.Invoice.Supplier.Endpoint = reading.Identifier{Scheme: "DK:CPR", ID: "8605010001"} }, ErrPersonal},
		"as another's scheme": {func(r *Reply) { r.Invoice.Supplier.Endpoint = reading.Identifier{Scheme: "0237", ID: "x"} }, ErrPersonal},
	} {
		for _, format := range []func(*Reply){func(*Reply) {}, inPeppol} {
			r := reply(format, c.change)
			doc, err := r.Document()
			if !errors.Is(err, c.err) || strings.Contains(string(doc), "0001") || strings.Contains(string(doc), "860501") {
				t.Errorf("%s: %v, %s", name, err, doc)
			}
			l, err := r.Letter(letter)
			if err != nil || strings.Contains(l.Subject+l.Text, "0001\n") || strings.Contains(l.Subject+l.Text, "860501") {
				t.Errorf("%s: %v, %s", name, err, l)
			}
		}
	}
}

func TestLetter(t *testing.T) {
	letter, err := ParseLetter(Standard())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		change func(*Reply)
		has    []string
		lacks  []string
	}{
		{func(*Reply) {}, []string{"Til Mølbygaard & Søn", "faktura F-100 af 2.11.2026 på 1250,00 DKK", "personreference (bruger-id)", "bekendtgørelse nr. 206", "Oplys nummer invoice-2026-000007", "telefon 70 00 00 00"}, []string{"EAN-nummer"}},
		{func(r *Reply) { r.Code = "EAN-MANGLER" }, []string{"Skriv EAN-nummeret som modtager", "bekendtgørelse nr. 206"}, []string{"ordrenummerfelt"}},
		{func(r *Reply) { r.Danish = false }, []string{"personreference"}, []string{"bekendtgørelse"}},
		{func(r *Reply) { r.Code, r.Reason = "PLAN-INGEN", "Vi har ikke bestilt varen." }, []string{"Vi har ikke bestilt varen.", "Ret det, der står ovenfor."}, []string{"bekendtgørelse"}},
		{func(r *Reply) { r.Invoice.Kind = reading.CreditNoteKind }, []string{"jeres kreditnota F-100"}, nil},
	} {
		l, err := reply(c.change).Letter(letter)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range c.has {
			if !strings.Contains(l.Text, s) {
				t.Errorf("%q is not in %s", s, l.Text)
			}
		}
		for _, s := range c.lacks {
			if strings.Contains(l.Text, s) {
				t.Errorf("%q is in %s", s, l.Text)
			}
		}
		if !strings.HasSuffix(l.Subject, "F-100 er sendt tilbage") || strings.Contains(l.Text, "{{") || strings.Contains(l.Text, "<no value>") {
			t.Errorf("subject %q, text %s", l.Subject, l.Text)
		}
	}
	for _, bad := range []string{"", "only a subject", "{{.Nothing}}\ntext", "{{", "\n\n"} {
		if _, err := ParseLetter(bad); err == nil {
			t.Errorf("the letter %q was taken", bad)
		}
	}
	if _, err := reply(func(r *Reply) { r.Invoice.Supplier.Endpoint = reading.Identifier{} }).Document(); !errors.Is(err, ErrNoAddress) {
		t.Errorf("no address: %v", err)
	}
}
