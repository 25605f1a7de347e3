package spml

import (
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strings"
)

const (
	nsSOAP = "http://schemas.xmlsoap.org/soap/envelope/"
	nsKMD  = "http://www.kmd.dk/KMD.YH.KSPAabenSpml"
	nsSPML = "urn:oasis:names:tc:SPML:1:0"
	nsDSML = "urn:oasis:names:tc:DSML:2:0:core"

	typeUser    = nsSPML + "#UserIDAndOrDomainName"
	typeProfile = nsSPML + "#DN"
	success     = nsSPML + "#success"
)

// searching is a search below a unit.
func searching(kind, los string) string {
	return fmt.Sprintf(`<spml:searchRequest xmlns:spml="%s" xmlns:dsml="%s"><spml:searchBase type="%s"><spml:id>%s</spml:id></spml:searchBase></spml:searchRequest>`,
		nsSPML, nsDSML, kind, escaped(los))
}

// modification is one change of one value of a user's authorisations.
func modification(user, operation, value string) string {
	return fmt.Sprintf(`<spml:modifyRequest xmlns:spml="%s" xmlns:dsml="%s"><spml:identifier type="%s"><spml:id>%s</spml:id></spml:identifier>`+
		`<spml:modifications><dsml:modification name="authorisations" operation="%s"><dsml:value>%s</dsml:value></dsml:modification></spml:modifications></spml:modifyRequest>`,
		nsSPML, nsDSML, typeUser, escaped(user), operation, escaped(value))
}

// envelope puts a document as text into an envelope.
func envelope(verb, document string) string {
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="%s" xmlns:kmd="%s"><soapenv:Header/><soapenv:Body>`+
		`<kmd:SPML%[3]sRequest><kmd:request>%[4]s</kmd:request></kmd:SPML%[3]sRequest></soapenv:Body></soapenv:Envelope>`, nsSOAP, nsKMD, verb, escaped(document))
}

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a strings.Builder takes everything
	return b.String()
}

// answer is the outer document; the result in it is text.
type answer struct {
	XMLName xml.Name `xml:"http://schemas.xmlsoap.org/soap/envelope/ Envelope"`
	Search  *string  `xml:"Body>SPMLSearchRequestResponse>SPMLSearchRequestResult"`
	Modify  *string  `xml:"Body>SPMLModifyRequestResponse>SPMLModifyRequestResult"`
	Fault   *fault   `xml:"Body>Fault"`
}

type fault struct {
	Code string `xml:"faultcode"`
	Text string `xml:"faultstring"`
}

// result is SPML's answer to both verbs.
type result struct {
	XMLName xml.Name
	Result  string  `xml:"result,attr"`
	Message string  `xml:"errorMessage"`
	Entries []entry `xml:"searchResultEntry"`
}

type entry struct {
	ID         string `xml:"identifier>id"`
	Attributes []struct {
		Name   string   `xml:"name,attr"`
		Values []string `xml:"value"`
	} `xml:"attributes>attr"`
}

func (e entry) all(name string) []string {
	for _, a := range e.Attributes {
		if a.Name == name {
			return slices.DeleteFunc(slices.Clone(a.Values), func(v string) bool { return strings.TrimSpace(v) == "" })
		}
	}
	return nil
}

func (e entry) one(name string) string {
	if all := e.all(name); len(all) > 0 {
		return strings.TrimSpace(all[0])
	}
	return ""
}

// read reads an envelope, and the result that lies as text in it.
func read(verb string, data []byte) (result, *fault, error) {
	var a answer
	if err := xml.Unmarshal(data, &a); err != nil {
		return result{}, nil, errors.New("the answer is no SOAP envelope")
	}
	text := a.Search
	if verb == "Modify" {
		text = a.Modify
	}
	switch {
	case a.Fault != nil:
		return result{}, a.Fault, nil
	case text == nil:
		return result{}, nil, errors.New("the envelope has no result of that request")
	}
	var r result
	if err := xml.Unmarshal([]byte(strings.TrimSpace(*text)), &r); err != nil {
		return result{}, nil, errors.New("the result is no XML")
	}
	if want := (xml.Name{Space: nsSPML, Local: strings.ToLower(verb) + "Response"}); r.XMLName != want || r.Result == "" {
		return result{}, nil, errors.New("the result is none of SPML's to that request")
	}
	return r, nil, nil
}
