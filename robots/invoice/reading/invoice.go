package reading

import "github.com/shopspring/decimal"

// Format is the standard that a file follows.
type Format string

// The formats that are read.
const (
	OIOUBL Format = "oioubl-2"    // OIOUBL 2.02 and 2.1
	Peppol Format = "peppol-bis3" // Peppol BIS Billing 3
)

// Kind tells invoices from credit notes. Amounts have the sign that the document
// gives them: a credit note of 100 kroner has Payable 100.
type Kind string

// The kinds of document.
const (
	InvoiceKind    Kind = "invoice"
	CreditNoteKind Kind = "creditnote"
)

// Invoice is what an invoice or credit note says, the same for every format. Its
// JSON names are recorded for replay and never change. Dates are YYYY-MM-DD or
// "", amounts are in Currency, and an amount that is not given is 0.
//
// It holds personal data wherever Citizens is not empty, and may hold it in any
// text.
type Invoice struct {
	Format        Format          `json:"format"`
	Customization string          `json:"customization"` // the CustomizationID as it stands
	Profile       string          `json:"profile,omitempty"`
	Kind          Kind            `json:"kind"`
	TypeCode      string          `json:"typeCode,omitempty"` // 380 invoice, 381 credit note, 393 factored, 325 pro forma ...
	Number        string          `json:"number"`
	UUID          string          `json:"uuid,omitempty"`
	IssueDate     string          `json:"issueDate"`
	DueDate       string          `json:"dueDate,omitempty"`
	Currency      string          `json:"currency"`
	Copy          bool            `json:"copy,omitempty"` // CopyIndicator: sent before
	Payable       decimal.Decimal `json:"payable"`
	Net           decimal.Decimal `json:"net"` // before VAT, after allowances, charges and duties
	VAT           decimal.Decimal `json:"vat"`
	Duties        decimal.Decimal `json:"duties"` // taxes other than VAT that OIOUBL states like VAT: excise and the like
	Gross         decimal.Decimal `json:"gross"`  // TaxInclusiveAmount
	LinesSum      decimal.Decimal `json:"linesSum"`
	Allowances    decimal.Decimal `json:"allowances"`
	Charges       decimal.Decimal `json:"charges"`
	Rounding      decimal.Decimal `json:"rounding"`
	Prepaid       decimal.Decimal `json:"prepaid"`
	Taxes         []Tax           `json:"taxes,omitempty"`
	Adjustments   []Adjustment    `json:"adjustments,omitempty"` // allowances and charges on the whole document
	Supplier      Supplier        `json:"supplier"`
	Buyer         Buyer           `json:"buyer"`
	// Accounting is the account string that the authority gave its supplier
	// (AccountingCost).
	Accounting string       `json:"accounting,omitempty"`
	Payments   []Payment    `json:"payments,omitempty"`
	Period     Period       `json:"period,omitzero"`
	Delivered  string       `json:"delivered,omitempty"` // ActualDeliveryDate
	Lines      []Line       `json:"lines"`
	Credits    []Reference  `json:"credits,omitempty"` // the invoices that a credit note (or correction) refers to
	Documents  []Reference  `json:"documents,omitempty"`
	Attached   []Attachment `json:"attached,omitempty"`
	Notes      []string     `json:"notes,omitempty"`
	// Citizens are the CPR numbers that the file names: personal data. Those found
	// in a text are guesses until something else agrees.
	Citizens []Citizen `json:"citizens,omitempty"`
	Digest   string    `json:"digest"` // SHA-256 of the file, hex
	Size     int64     `json:"size"`   // bytes
}

// Tax is one rate of the tax total.
type Tax struct {
	Category string          `json:"category"` // as the format writes it: StandardRated, S ...
	Scheme   string          `json:"scheme"`   // 63 (OIOUBL VAT), VAT (Peppol), or an excise duty
	Percent  decimal.Decimal `json:"percent"`
	Base     decimal.Decimal `json:"base"`
	Amount   decimal.Decimal `json:"amount"`
	Reason   string          `json:"reason,omitempty"` // why no VAT is charged
}

// Adjustment is an allowance, or a charge, on the document or on a line.
type Adjustment struct {
	Charge bool            `json:"charge"` // otherwise an allowance, which lowers the sum
	Code   string          `json:"code,omitempty"`
	Reason string          `json:"reason,omitempty"`
	Amount decimal.Decimal `json:"amount"`
}

// Identifier is a number with the scheme that it is written in.
type Identifier struct {
	Scheme string `json:"scheme,omitempty"`
	ID     string `json:"id"`
}

// Supplier is who sends the bill.
type Supplier struct {
	CVR      string     `json:"cvr,omitempty"` // eight digits; "" where none is given (a foreign firm, a person)
	SE       string     `json:"se,omitempty"`  // the VAT registration, if it is Danish and differs from CVR
	VATID    string     `json:"vatId,omitempty"`
	Name     string     `json:"name"`
	Endpoint Identifier `json:"endpoint,omitzero"`
	Country  string     `json:"country,omitempty"` // ISO 3166-1, of the postal address
	Address  Address    `json:"address,omitzero"`
	Contact  Contact    `json:"contact,omitzero"`
}

// Buyer is who is to pay.
type Buyer struct {
	EAN       string     `json:"ean,omitempty"` // 13 digits; "" if the endpoint is no GLN
	CVR       string     `json:"cvr,omitempty"`
	Name      string     `json:"name"`
	Endpoint  Identifier `json:"endpoint,omitzero"`
	Country   string     `json:"country,omitempty"`
	Address   Address    `json:"address,omitzero"`
	Contact   Contact    `json:"contact,omitzero"`
	Reference string     `json:"reference,omitempty"` // the person or user-id: OIOUBL Contact/ID, Peppol BuyerReference
	Order     string     `json:"order,omitempty"`
	Sales     string     `json:"salesOrder,omitempty"`
}

// Address is where a party lives.
type Address struct {
	Lines []string `json:"lines,omitempty"` // street and number, further lines
	Zip   string   `json:"zip,omitempty"`
	City  string   `json:"city,omitempty"`
}

// Contact is whom to ask.
type Contact struct {
	ID    string `json:"id,omitempty"`
	Name  string `json:"name,omitempty"`
	Phone string `json:"phone,omitempty"`
	Mail  string `json:"mail,omitempty"`
}

// Payment is one way to pay that the supplier names.
type Payment struct {
	Code    string `json:"code"`              // UN/ECE 4461: 42 account, 31 IBAN, 93 FIK, 50 giro, 49 direct debit, 97 NemKonto ...
	Channel string `json:"channel,omitempty"` // OIOUBL: DK:BANK, DK:FIK, IBAN ...
	Due     string `json:"due,omitempty"`
	// Registration and Account are a Danish bank account: 4 digits and up to 10.
	Registration string `json:"registration,omitempty"`
	Account      string `json:"account,omitempty"`
	IBAN         string `json:"iban,omitempty"`
	BIC          string `json:"bic,omitempty"`
	// SlipType, SlipID and Creditor are a payment form (71, 73, 75, 01, 04, 15);
	// the giro account of 01, 04 and 15 is in Creditor too.
	SlipType string `json:"slipType,omitempty"`
	SlipID   string `json:"slipId,omitempty"`
	Creditor string `json:"creditor,omitempty"`
	NemKonto string `json:"nemKonto,omitempty"` // whose NemKonto: CVR, SE or P-number as it stands
	Mandate  string `json:"mandate,omitempty"`
	Text     string `json:"text,omitempty"` // the reference for the payee where it is no payment form
	// Payee is who gets the money where that is not the supplier (PayeeParty):
	// a factoring company, for one.
	Payee Payee `json:"payee,omitzero"`
}

// Payee is a receiver of money other than the supplier.
type Payee struct {
	Name string `json:"name,omitempty"`
	CVR  string `json:"cvr,omitempty"`
	ID   string `json:"id,omitempty"`
}

// Period is the time that is billed, both days included.
type Period struct {
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// Line is one invoice line.
type Line struct {
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	Text        string          `json:"text,omitempty"` // description and notes
	Quantity    decimal.Decimal `json:"quantity"`
	Unit        string          `json:"unit,omitempty"`
	Price       decimal.Decimal `json:"price"` // for PerUnits units
	PerUnits    decimal.Decimal `json:"per"`   // base quantity; 1 where none is given
	Net         decimal.Decimal `json:"net"`   // LineExtensionAmount
	Category    string          `json:"category,omitempty"`
	Percent     decimal.Decimal `json:"percent"`
	Accounting  string          `json:"accounting,omitempty"` // AccountingCost or AccountingCostCode
	Order       string          `json:"order,omitempty"`
	OrderLine   string          `json:"orderLine,omitempty"`
	ItemID      string          `json:"itemId,omitempty"` // the seller's number
	Classes     []Identifier    `json:"classes,omitempty"`
	Period      Period          `json:"period,omitzero"`
	Adjustments []Adjustment    `json:"adjustments,omitempty"`
}

// Reference names another document.
type Reference struct {
	Role   string `json:"role,omitempty"` // what kind: invoice, creditnote, contract, originator, despatch, receipt, project, additional
	ID     string `json:"id"`
	Scheme string `json:"scheme,omitempty"`
	Type   string `json:"type,omitempty"` // DocumentTypeCode or DocumentType
	Date   string `json:"date,omitempty"`
	Text   string `json:"text,omitempty"`
	URI    string `json:"uri,omitempty"`
}

// Attachment is an embedded file. Its content was passed over while reading.
type Attachment struct {
	Name     string `json:"name,omitempty"`
	MIME     string `json:"mime,omitempty"`
	Encoded  int64  `json:"encoded"` // bytes of base64, white space included
	Document string `json:"document,omitempty"`
}

// Citizen is a CPR number that the file names.
type Citizen struct {
	CPR string `json:"cpr"` // ten digits: personal data
	// Stated: the file says that this is a CPR number (a scheme or a document type
	// for it). Otherwise ten digits in a text look like one.
	Stated bool   `json:"stated"`
	Where  string `json:"where"` // XPath-like
}
