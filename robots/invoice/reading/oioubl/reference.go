package oioubl

import "byskriver/robots/invoice/reading/rule"

// plainReferences are references whose kind the place tells.
var plainReferences = []string{
	"OrderReference/DocumentReference",
	"BillingReference/InvoiceDocumentReference", "BillingReference/SelfBilledInvoiceDocumentReference",
	"BillingReference/CreditNoteDocumentReference", "BillingReference/SelfBilledCreditNoteDocumentReference",
	"BillingReference/ReminderDocumentReference",
	"DespatchDocumentReference", "ReceiptDocumentReference", "OriginatorDocumentReference", "ContractDocumentReference",
	"TaxExchangeRate/ForeignExchangeContract/ContractDocumentReference", "PricingExchangeRate/ForeignExchangeContract/ContractDocumentReference",
	"PaymentExchangeRate/ForeignExchangeContract/ContractDocumentReference", "PaymentAlternativeExchangeRate/ForeignExchangeContract/ContractDocumentReference",
	"Line/OrderLineReference/OrderReference/DocumentReference", "Line/DespatchLineReference/DocumentReference", "Line/ReceiptLineReference/DocumentReference",
}

// typedReferences must say what kind of document they name.
var typedReferences = []string{"AdditionalDocumentReference", "Signature/OriginalDocumentReference", "Line/DocumentReference"}

var referenceRules = []rule.Group{
	{At: []string{"OrderReference"}, Rules: []rule.Rule{filled("F-INV024", "F-CRN022", "ID", "Ordrenummeret")}},
	{At: []string{"BillingReference"}, Rules: []rule.Rule{
		excluded("F-INV025", "F-CRN023", "DebitNoteDocumentReference", "DebitNoteDocumentReference"),
		excluded("F-INV026", "F-CRN024", "AdditionalDocumentReference", "AdditionalDocumentReference"),
		excluded("F-INV295", "F-CRN162", "BillingReferenceLine", "BillingReferenceLine"),
	}},
	{At: plainReferences, Rules: joined([]rule.Rule{
		excluded("F-LIB170", "", "DocumentType", "DocumentType"),
		excluded("F-LIB172", "", "DocumentTypeCode", "DocumentTypeCode"),
	}, document("F-LIB169", "F-LIB171", "F-LIB173", "F-LIB174", "F-LIB096"))},
	{At: typedReferences, Rules: joined([]rule.Rule{
		{ID: "F-LIB092", Text: "Henvisningen siger ikke, hvilket slags dokument den gælder (DocumentType eller DocumentTypeCode).",
			Bad: rule.And(rule.Lacks("DocumentType"), rule.Lacks("DocumentTypeCode"))},
		{ID: "F-LIB335", Text: "Et bilag med følsomme oplysninger (PersonalSecure) skal have nummeret 1 eller 2.",
			Bad: rule.And(rule.Eq("DocumentTypeCode", "PersonalSecure"), rule.Not(rule.Eq("ID", "1", "2")))},
	}, document("F-LIB093", "F-LIB095", "F-LIB097", "F-LIB098", "F-LIB279"))},
	{At: []string{"Signature/DigitalSignatureAttachment"}, Rules: []rule.Rule{
		eitherOr("F-LIB284", "", "EmbeddedDocumentBinaryObject", "ExternalReference"),
		{ID: "F-LIB285", Text: "Den vedhæftede signatur er i et filformat, der ikke må bruges (mimeCode).", Bad: wrongFile("EmbeddedDocumentBinaryObject")},
		{ID: "F-LIB286", Text: "En henvisning til en fil på nettet mangler adressen (URI).", Bad: noAddress("ExternalReference")},
	}},
}

// document are the rules that every reference to a document shares.
func document(xpath, both, uuid, file, uri string) []rule.Rule {
	return []rule.Rule{
		eitherOr(xpath, "", "Attachment", "XPath"),
		{ID: both, Text: "Et bilag skal enten være vedlagt eller ligge på nettet, ikke begge.",
			Bad: rule.And(rule.Has("Attachment/EmbeddedDocumentBinaryObject"), rule.Has("Attachment/ExternalReference"))},
		{ID: uuid, Text: "Det entydige nummer (UUID) i en henvisning skal være på 36 tegn.", Bad: rule.And(rule.Has("UUID"), rule.Length("UUID", rule.Unlike(36)))},
		{ID: file, Text: "Et vedlagt bilag er i et filformat, der ikke må bruges (mimeCode).", Bad: wrongFile("Attachment/EmbeddedDocumentBinaryObject")},
		{ID: uri, Text: "En henvisning til et bilag på nettet mangler adressen (URI).", Bad: noAddress("Attachment/ExternalReference")},
	}
}

// wrongFile is true for an embedded file whose type is not allowed.
func wrongFile(path string) rule.Test {
	return rule.And(rule.Has(path), rule.Not(rule.In(path+"@mimeCode", lists.Get("attachments"))))
}

func noAddress(path string) rule.Test {
	return rule.And(rule.Has(path), rule.Not(rule.Other(path+"/URI", "")))
}

// periodRules hold for every period of time.
var periodRules = []rule.Group{{
	At: append([]string{
		"InvoicePeriod", "PaymentTerms/SettlementPeriod", "PaymentTerms/PenaltyPeriod", "Line/Price/ValidityPeriod", "DeliveryTerms/DeliveryLocation/ValidityPeriod",
		"Delivery/DeliveryLocation/ValidityPeriod", "Line/Delivery/DeliveryLocation/ValidityPeriod",
		"TaxExchangeRate/ForeignExchangeContract/ValidityPeriod", "PricingExchangeRate/ForeignExchangeContract/ValidityPeriod",
		"PaymentExchangeRate/ForeignExchangeContract/ValidityPeriod", "PaymentAlternativeExchangeRate/ForeignExchangeContract/ValidityPeriod",
	}, below(parties, "PhysicalLocation/ValidityPeriod")...),
	Rules: []rule.Rule{
		excluded("F-LIB076", "", "DurationMeasure", "DurationMeasure"),
		excluded("F-LIB077", "", "DescriptionCode", "DescriptionCode"),
		{ID: "F-LIB078", Text: "En periode har et starttidspunkt, men ingen startdato.", Bad: rule.And(rule.Has("StartTime"), rule.Empty("StartDate"))},
		{ID: "F-LIB079", Text: "En periode har et sluttidspunkt, men ingen slutdato.", Bad: rule.And(rule.Has("EndTime"), rule.Empty("EndDate"))},
		{ID: "F-LIB080", Text: "En periode slutter, før den begynder.", Bad: backwards("StartDate", "EndDate", "-")},
		{ID: "F-LIB081", Text: "Et sluttidspunkt ligger før starttidspunktet.", Bad: backwards("StartTime", "EndTime", ":")},
	},
}}
