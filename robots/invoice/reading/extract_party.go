package reading

import (
	"strings"

	"byskriver/robots/internal/ident"
	"byskriver/robots/invoice/reading/ubl"
)

// The schemes in which a Danish CVR number is written: OIOUBL's, and the ISO 6523
// codes 0184 (CVR) and 0198 (SE, "DK" before it), with Peppol's old 9902 and 9904.
func cvrScheme(scheme string) bool {
	switch scheme {
	case "DK:CVR", "0184", "9902":
		return true
	}
	return false
}

func seScheme(scheme string) bool {
	switch scheme {
	case "DK:SE", "0198", "9904":
		return true
	}
	return false
}

func glnScheme(scheme string) bool {
	switch scheme {
	case "GLN", "EAN", "0088":
		return true
	}
	return false
}

func supplier(party *ubl.Node) Supplier {
	s := Supplier{
		Name:     partyName(party),
		Endpoint: identifier(party.Get("EndpointID")),
		VATID:    party.Find("PartyTaxScheme", "CompanyID").Value(),
		Address:  address(party.Get("PostalAddress")),
		Country:  country(party),
		Contact:  contact(party.Get("Contact")),
		CVR:      partyCVR(party),
	}
	if se, ok := taxNumber(party); ok && se != s.CVR {
		s.SE = se
	}
	return s
}

func buyer(doc document) Buyer {
	root := doc.root
	party := root.Get("AccountingCustomerParty", "Party")
	b := Buyer{
		Name:     partyName(party),
		Endpoint: identifier(party.Get("EndpointID")),
		EAN:      ean(party),
		CVR:      partyCVR(party),
		Country:  country(party),
		Address:  address(party.Get("PostalAddress")),
		Contact:  contact(party.Get("Contact")),
		Order:    root.Get("OrderReference", "ID").Value(),
		Sales:    root.Get("OrderReference", "SalesOrderID").Value(),
	}
	if doc.format == Peppol {
		b.Reference = root.Get("BuyerReference").Value()
	} else {
		b.Reference = b.Contact.ID
	}
	return b
}

// ean is the buyer's location number: the endpoint, or else an identification
// that says it is one.
func ean(party *ubl.Node) string {
	id := identifier(party.Get("EndpointID"))
	if glnScheme(id.Scheme) {
		return strings.ReplaceAll(id.ID, " ", "")
	}
	found := ""
	party.Each(func(n *ubl.Node) bool {
		if glnScheme(n.At("schemeID")) {
			found = strings.ReplaceAll(n.Value(), " ", "")
		}
		return found == ""
	}, "PartyIdentification", "ID")
	return found
}

// partyCVR looks for the firm's CVR number where it is stated as one: the legal
// registration, an identification, the endpoint; then the VAT registration, which
// equals it for firms with one SE number. Numbers without a scheme count in the
// legal registration of a Danish party only.
func partyCVR(party *ubl.Node) string {
	stated := []*ubl.Node{party.Find("PartyLegalEntity", "CompanyID")}
	stated = append(stated, party.All("PartyIdentification", "ID")...)
	stated = append(stated, party.Get("EndpointID"))
	for _, n := range stated {
		if cvrScheme(n.At("schemeID")) {
			if cvr, ok := ident.NormalizeCVR(n.Value()); ok {
				return cvr
			}
		}
	}
	legal := stated[0]
	if _, has := legal.Attr("schemeID"); !has && country(party) == "DK" {
		if cvr, ok := ident.NormalizeCVR(legal.Value()); ok {
			return cvr
		}
	}
	cvr, _ := taxNumber(party)
	return cvr
}

// taxNumber is the Danish VAT registration: scheme DK:SE, 0198, or "DK" and eight
// digits.
func taxNumber(party *ubl.Node) (string, bool) {
	var number string
	party.Each(func(n *ubl.Node) bool {
		scheme, v := n.At("schemeID"), n.Value()
		if !seScheme(scheme) && !cvrScheme(scheme) && !strings.HasPrefix(strings.ToUpper(v), "DK") {
			return true
		}
		if se, ok := ident.NormalizeCVR(v); ok {
			number = se
		}
		return number == ""
	}, "PartyTaxScheme", "CompanyID")
	return number, number != ""
}

// partyName is the trading name, else the registered one.
func partyName(party *ubl.Node) string {
	if s := party.Find("PartyName", "Name").Value(); s != "" {
		return s
	}
	return party.Find("PartyLegalEntity", "RegistrationName").Value()
}

func country(party *ubl.Node) string {
	return party.Get("PostalAddress", "Country", "IdentificationCode").Value()
}

func identifier(n *ubl.Node) Identifier {
	return Identifier{Scheme: n.At("schemeID"), ID: n.Value()}
}

func address(n *ubl.Node) Address {
	a := Address{Zip: n.Get("PostalZone").Value(), City: n.Get("CityName").Value()}
	street := strings.TrimSpace(n.Get("StreetName").Value() + " " + n.Get("BuildingNumber").Value())
	for _, s := range append([]string{street, n.Get("AdditionalStreetName").Value()}, texts(n, "AddressLine", "Line")...) {
		if s != "" {
			a.Lines = append(a.Lines, s)
		}
	}
	return a
}

func contact(n *ubl.Node) Contact {
	return Contact{
		ID:    n.Get("ID").Value(),
		Name:  n.Get("Name").Value(),
		Phone: n.Get("Telephone").Value(),
		Mail:  n.Get("ElectronicMail").Value(),
	}
}
