package answer

import (
	"cmp"
	"encoding/xml"
	"strings"

	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

// response is a UBL 2.1 ApplicationResponse, as far as the two formats use it, in
// the order of its schema.
type response struct {
	XMLName       xml.Name `xml:"ApplicationResponse"`
	Space         string   `xml:"xmlns,attr"`
	CAC           string   `xml:"xmlns:cac,attr"`
	CBC           string   `xml:"xmlns:cbc,attr"`
	UBLVersion    string   `xml:"cbc:UBLVersionID,omitempty"`
	Customization string   `xml:"cbc:CustomizationID"`
	Profile       coded    `xml:"cbc:ProfileID"`
	ID            string   `xml:"cbc:ID"`
	Issued        string   `xml:"cbc:IssueDate"`
	Sender        party    `xml:"cac:SenderParty"`
	Receiver      party    `xml:"cac:ReceiverParty"`
	Answer        verdict  `xml:"cac:DocumentResponse"`
}

type coded struct {
	Value      string `xml:",chardata"`
	ListAgency string `xml:"listAgencyID,attr,omitempty"`
	List       string `xml:"listID,attr,omitempty"`
	Agency     string `xml:"schemeAgencyID,attr,omitempty"`
	Scheme     string `xml:"schemeID,attr,omitempty"`
}

type party struct {
	Endpoint coded    `xml:"cbc:EndpointID"`
	Name     *name    `xml:"cac:PartyName"`
	Address  *address `xml:"cac:PostalAddress"`
	Legal    legal    `xml:"cac:PartyLegalEntity"`
}

type name struct {
	Value string `xml:"cbc:Name"`
}

type address struct {
	Format  coded  `xml:"cbc:AddressFormatCode"`
	Country string `xml:"cac:Country>cbc:IdentificationCode"`
}

type legal struct {
	Name    string `xml:"cbc:RegistrationName"`
	Company *coded `xml:"cbc:CompanyID"`
}

type verdict struct {
	Reference string    `xml:"cac:Response>cbc:ReferenceID,omitempty"`
	Code      coded     `xml:"cac:Response>cbc:ResponseCode"`
	Text      string    `xml:"cac:Response>cbc:Description,omitempty"`
	Effective string    `xml:"cac:Response>cbc:EffectiveDate,omitempty"`
	Status    []status  `xml:"cac:Response>cac:Status"`
	Document  reference `xml:"cac:DocumentReference"`
}

type status struct {
	Code coded  `xml:"cbc:StatusReasonCode"`
	Text string `xml:"cbc:StatusReason,omitempty"`
}

type reference struct {
	ID     string `xml:"cbc:ID"`
	Issued string `xml:"cbc:IssueDate,omitempty"`
	Type   coded  `xml:"cbc:DocumentTypeCode"`
}

// danishAgency is the agency of OIOUBL's code lists.
const danishAgency = "320"

func blank(r Reply) response {
	const ubl = "urn:oasis:names:specification:ubl:schema:xsd:"
	return response{Space: ubl + "ApplicationResponse-2", CAC: ubl + "CommonAggregateComponents-2", CBC: ubl + "CommonBasicComponents-2", ID: r.ID, Issued: r.On}
}

// oioubl is the reply as OIOUBL 2 has it: the invoice's own version and profile, the
// code list responsecode-1.1, and the document's kind by its name.
func (r Reply) oioubl() response {
	doc := blank(r)
	doc.Customization, doc.UBLVersion = "OIOUBL-2.1", "2.1"
	if strings.HasPrefix(r.Invoice.Customization, "OIOUBL-2.0") {
		doc.Customization, doc.UBLVersion = "OIOUBL-2.02", "2.0"
	}
	doc.Profile = coded{Value: cmp.Or(r.Invoice.Profile, "Procurement-BilSim-1.0"), Agency: danishAgency, Scheme: "urn:oioubl:id:profileid-1.2"}
	at := &address{Format: coded{Value: "StructuredLax", ListAgency: danishAgency, List: "urn:oioubl:codelist:addressformatcode-1.1"}, Country: "DK"}
	doc.Sender = party{Endpoint: coded{Value: r.EAN, Agency: "9", Scheme: "GLN"}, Name: &name{r.Sender.Name}, Address: at,
		Legal: legal{Name: r.Sender.Name, Company: &coded{Value: "DK" + r.Sender.CVR, Scheme: "DK:CVR"}}}
	s := r.Invoice.Supplier
	doc.Receiver = party{Endpoint: coded{Value: s.Endpoint.ID, Scheme: s.Endpoint.Scheme}, Name: &name{named(s)},
		Address: &address{Format: at.Format, Country: cmp.Or(s.Country, "DK")}, Legal: legal{Name: named(s)}}
	if s.CVR != "" {
		doc.Receiver.Legal.Company = &coded{Value: "DK" + s.CVR, Scheme: "DK:CVR"}
	}
	kind := "Invoice"
	if r.Invoice.Kind == reading.CreditNoteKind {
		kind = "CreditNote"
	}
	doc.Answer = verdict{Reference: "1", Code: coded{Value: "BusinessReject", ListAgency: danishAgency, List: "urn:oioubl:codelist:responsecode-1.1"},
		Text: runner.Mask(r.Reason), Document: reference{ID: r.Invoice.Number, Issued: r.Invoice.IssueDate,
			Type: coded{Value: kind, ListAgency: danishAgency, List: "urn:oioubl:codelist:responsedocumenttypecode-1.1"}}}
	return doc
}

// named is a party's name, which both formats require.
func named(s reading.Supplier) string { return cmp.Or(runner.Mask(s.Name), s.CVR, s.Endpoint.ID) }

// peppolReasons are the clarification codes (code list OPStatusReason) of the
// exceptions that have one; others are OTH, with the reason in words.
var peppolReasons = map[string]string{"REFERENCE-MANGLER": "REF", "EAN-MANGLER": "REC", "EAN-UKENDT": "REC", "EAN-LUKKET": "REC",
	"LEVERANDØR-UKENDT": "UNR", "BETALING-NY": "PAY", "FIK-NY": "PAY", "MOMS-FORKERT": "LEG"}

// peppol is the reply as Peppol BIS Invoice Response 3 has it (transaction T111):
// rejected, why, and that a new invoice is asked for. Its model has no postal
// address and no party name.
func (r Reply) peppol() response {
	doc := blank(r)
	doc.Customization = "urn:fdc:peppol.eu:poacc:trns:invoice_response:3"
	doc.Profile = coded{Value: "urn:fdc:peppol.eu:poacc:bis:invoice_response:3"}
	s := r.Invoice.Supplier
	doc.Sender = party{Endpoint: coded{Value: r.EAN, Scheme: "0088"}, Legal: legal{Name: r.Sender.Name}}
	doc.Receiver = party{Endpoint: coded{Value: s.Endpoint.ID, Scheme: s.Endpoint.Scheme}, Legal: legal{Name: named(s)}}
	doc.Answer = verdict{Code: coded{Value: "RE", List: "UNCL4343OpSubset"}, Effective: r.On, Status: []status{
		{Code: coded{Value: cmp.Or(peppolReasons[r.Code], "OTH"), List: "OPStatusReason"}, Text: runner.Mask(r.Reason)},
		{Code: coded{Value: "NIN", List: "OPStatusAction"}}},
		Document: reference{ID: r.Invoice.Number, Issued: r.Invoice.IssueDate, Type: coded{Value: typeOf(r.Invoice)}}}
	return doc
}

// typeOf is the document's code in UN/ECE 1001.
func typeOf(i reading.Invoice) string {
	if i.Kind == reading.CreditNoteKind {
		return cmp.Or(i.TypeCode, "381")
	}
	return cmp.Or(i.TypeCode, "380")
}
