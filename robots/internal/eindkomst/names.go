package eindkomst

// Namespaces of the service (IndkomstOplysningPersonHent.wsdl and the schemas that
// it names, Skatteforvaltningen, version with TIN).
const (
	nsService     = "http://rep.oio.dk/skat.dk/eindkomst/"
	nsContext     = "http://rep.oio.dk/skat.dk/basis/kontekst/xml/schemas/2006/09/01/"
	nsSubscriber  = nsService + "class/abonnenttype/xml/schemas/20071202/"
	nsAgreement   = nsService + "class/abonnementtype/xml/schemas/20071202/"
	nsPurpose     = nsService + "class/adgangformaaltype/xml/schemas/20071202/"
	nsEmployee    = nsService + "class/indkomstoplysningadgangmedarbejderidentifikator/xml/schemas/20071202/"
	nsReference   = nsService + "class/indkomstoplysningadgangreferencenummer/xml/schemas/20071202/"
	nsMonthFrom   = nsService + "class/soegeaarmaanedfrakode/xml/schemas/20071202/"
	nsMonthTo     = nsService + "class/soegeaarmaanedtilkode/xml/schemas/20071202/"
	nsEmployer    = "http://rep.oio.dk/skat.dk/motor/class/virksomhed/xml/schemas/20080401/"
	nsPerson      = "http://rep.oio.dk/cpr.dk/xml/schemas/core/2005/03/18/"
	soapAction    = "getIndkomstOplysningPersonHent"
	questionName  = "IndkomstOplysningPersonHent_I"
	prefixService = "e" // the prefix of nsService in what we write
)

// Namespaces and names of SOAP 1.1, WS-Security 1.0 (OASIS, 2004) and XML Signature.
const (
	nsSOAP = "http://schemas.xmlsoap.org/soap/envelope/"
	nsWSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
	nsWSU  = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
	nsDS   = "http://www.w3.org/2000/09/xmldsig#"

	typeX509v3   = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"
	typeBase64   = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
	algExclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
	algRSASHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
	algSHA256    = "http://www.w3.org/2001/04/xmlenc#sha256"
)
