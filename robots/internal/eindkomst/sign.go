package eindkomst

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
	"github.com/russellhaering/goxmldsig/etreeutils"
)

// validFor is how long a signed question may be taken after it was made: long
// enough for clocks that differ, too short for one that was copied.
const validFor = 5 * time.Minute

// The wsu:Id of each part of the envelope that is signed. An envelope has one of each.
const (
	idBody  = "body"
	idTime  = "timestamp"
	idToken = "token"
)

// envelope puts a question into a signed SOAP envelope: a timestamp, the
// certificate as BinarySecurityToken, and one signature over both and the body
// (the service's policy: X509 token to the recipient, timestamp, protected token,
// signed body).
func (i *Identity) envelope(question *etree.Element, now time.Time) ([]byte, error) {
	doc := etree.NewDocument()
	doc.CreateProcInst("xml", `version="1.0" encoding="UTF-8"`)
	env := doc.CreateElement("soap:Envelope")
	for _, ns := range [][2]string{{"soap", nsSOAP}, {"wsse", nsWSSE}, {"wsu", nsWSU}, {"ds", nsDS}} {
		env.CreateAttr("xmlns:"+ns[0], ns[1])
	}
	security := env.CreateElement("soap:Header").CreateElement("wsse:Security")
	security.CreateAttr("soap:mustUnderstand", "1")
	stamp := security.CreateElement("wsu:Timestamp")
	stamp.CreateAttr("wsu:Id", idTime)
	now = now.UTC()
	stamp.CreateElement("wsu:Created").SetText(now.Format("2006-01-02T15:04:05.000Z"))
	stamp.CreateElement("wsu:Expires").SetText(now.Add(validFor).Format("2006-01-02T15:04:05.000Z"))
	token := security.CreateElement("wsse:BinarySecurityToken")
	token.CreateAttr("EncodingType", typeBase64)
	token.CreateAttr("ValueType", typeX509v3)
	token.CreateAttr("wsu:Id", idToken)
	token.SetText(base64.StdEncoding.EncodeToString(i.certificate.Raw))
	body := env.CreateElement("soap:Body")
	body.CreateAttr("wsu:Id", idBody)
	body.AddChild(question)
	if err := i.sign(security, stamp, token, body); err != nil {
		return nil, fmt.Errorf("sign the question: %w", err)
	}
	return doc.WriteToBytes()
}

// sign adds a signature over the parts to the security header.
func (i *Identity) sign(security *etree.Element, parts ...*etree.Element) error {
	signature := security.CreateElement("ds:Signature")
	info := signature.CreateElement("ds:SignedInfo")
	info.CreateElement("ds:CanonicalizationMethod").CreateAttr("Algorithm", algExclusive)
	info.CreateElement("ds:SignatureMethod").CreateAttr("Algorithm", algRSASHA256)
	for _, part := range parts {
		digest, err := digest(part)
		if err != nil {
			return err
		}
		ref := info.CreateElement("ds:Reference")
		ref.CreateAttr("URI", "#"+part.SelectAttrValue("wsu:Id", ""))
		ref.CreateElement("ds:Transforms").CreateElement("ds:Transform").CreateAttr("Algorithm", algExclusive)
		ref.CreateElement("ds:DigestMethod").CreateAttr("Algorithm", algSHA256)
		ref.CreateElement("ds:DigestValue").SetText(base64.StdEncoding.EncodeToString(digest))
	}
	hash, err := digest(info)
	if err != nil {
		return err
	}
	value, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, hash)
	if err != nil {
		return err
	}
	signature.CreateElement("ds:SignatureValue").SetText(base64.StdEncoding.EncodeToString(value))
	ref := signature.CreateElement("ds:KeyInfo").CreateElement("wsse:SecurityTokenReference").CreateElement("wsse:Reference")
	ref.CreateAttr("URI", "#"+idToken)
	ref.CreateAttr("ValueType", typeX509v3)
	return nil
}

// digest is the SHA-256 of an element in exclusive canonical form.
func digest(el *etree.Element) ([]byte, error) {
	above, err := etreeutils.NSBuildParentContext(el)
	if err != nil {
		return nil, err
	}
	alone, err := etreeutils.NSDetatch(above, el)
	if err != nil {
		return nil, err
	}
	canonical, err := dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("").Canonicalize(alone)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(canonical)
	return sum[:], nil
}
