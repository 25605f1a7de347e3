package oioubl

import (
	"math"
	"strings"

	"byskriver/robots/invoice/reading/rule"
	"byskriver/robots/invoice/reading/ubl"
)

const channels = "urn:oioubl:codelist:paymentchannelcode-1.1"

// Shorter names for what the rows ask about.
const (
	payee       = "PayeeFinancialAccount"
	payer       = "PayerFinancialAccount"
	branch      = "FinancialInstitutionBranch"
	institution = "FinancialInstitutionBranch/FinancialInstitution"
)

// by is true for payment means of the code.
func by(code string) rule.Test { return rule.Eq("PaymentMeansCode", code) }

// slip is true for payment means of the code with one of the form types.
func slip(code string, types ...string) rule.Test {
	return rule.And(by(code), rule.Eq("PaymentID", types...))
}

var (
	noList  = rule.Not(rule.Eq("PaymentChannelCode@listID", channels))
	channel = rule.Has("PaymentChannelCode")
)

// means is a row for one payment code.
func means(id, code, text string, bad rule.Test) rule.Rule {
	return rule.Rule{ID: id, Crn: rule.None, Text: "Betalingsmåde " + code + ": " + text, Bad: rule.And(by(code), bad)}
}

func without(id, code, field string) rule.Rule {
	return means(id, code, "feltet "+field+" må ikke bruges.", rule.Has(field))
}

func noteOver20(path string) rule.Test { return rule.Length(path+"/PaymentNote", rule.Over(20)) }

var paymentRules = []rule.Group{{At: []string{"PaymentMeans"}, Rules: joined(anyMeans, account31, account42, card48, direct49, giro50, others)}}

var anyMeans = []rule.Rule{
	excluded("F-LIB151", rule.None, payer+"/"+branch+"/Address", "Address for betalerens bank"),
	excluded("F-LIB162", rule.None, payer+"/Country", "Country for betalerens konto"),
	excluded("F-LIB243", rule.None, payee+"/"+institution+"/Address", "Address for modtagerens bank"),
	excluded("F-LIB244", rule.None, payee+"/Country", "Country for modtagerens konto"),
	{ID: "F-LIB100", Crn: rule.None, Text: "Betalingsmåden (PaymentMeansCode) mangler eller findes ikke i OIOUBL.", Bad: rule.Not(rule.In("PaymentMeansCode", lists.Get("means")))},
	{ID: "W-LIB241", Crn: rule.None, Warn: true, Text: "Der er flere betalingsmåder, men de er ikke nummereret.", Bad: func(n *ubl.Node) bool {
		return n.Get("ID").Raw() == "" && n.Parent.Count("PaymentMeans") > 1
	}},
	{ID: "F-LIB105", Crn: rule.None, Text: "Kontotypens liste (listID) er forkert.", Bad: rule.And(rule.Has(payer+"/AccountTypeCode"), rule.Not(rule.Eq(payer+"/AccountTypeCode@listID", "urn:oioubl:codelist:accounttypecode-1.1")))},
	{ID: "F-LIB136", Crn: rule.None, Text: "Kontotypens liste (listID) er forkert.", Bad: rule.And(rule.Has(payee+"/AccountTypeCode"), rule.Not(rule.Eq(payee+"/AccountTypeCode@listID", "urn:oioubl:codelist:accounttypecode-1.1")))},
}

var account31 = []rule.Rule{
	without("F-LIB103", "31", "InstructionNote"),
	means("F-LIB106", "31", "betalingskanalens liste (listID) er forkert.", noList),
	means("F-LIB107", "31", "kontonummeret mangler.", rule.Lacks(payee+"/ID")),
	means("F-LIB109", "31", "betalingskanalen skal være IBAN eller ZZZ.", rule.Not(rule.Eq("PaymentChannelCode", "IBAN", "ZZZ"))),
	means("F-LIB110", "31", "teksten til betaleren må højst være på 20 tegn.", noteOver20(payer)),
	means("F-LIB111", "31", "teksten til modtageren må højst være på 20 tegn.", noteOver20(payee)),
	means("F-LIB112", "31", "kreditornummeret må højst være på 8 tegn.", rule.Length("CreditAccount/AccountID", rule.Over(8))),
	means("F-LIB108", "31", "registreringsnummeret bruges ikke sammen med IBAN.", rule.And(rule.Eq("PaymentChannelCode", "IBAN"), rule.Has(payee+"/"+branch+"/ID"))),
	means("F-LIB113", "31", "bankens BIC-kode mangler.", rule.And(rule.Eq("PaymentChannelCode", "IBAN"), rule.Lacks(payee+"/"+institution+"/ID"))),
	means("F-LIB114", "31", "IBAN må højst være på 34 tegn.", rule.And(rule.Eq("PaymentChannelCode", "IBAN"), rule.Length(payee+"/ID", rule.Over(34)))),
	means("F-LIB115", "31", "IBAN mangler.", rule.And(rule.Eq("PaymentChannelCode", "IBAN"), rule.Length(payee+"/ID", rule.Under(1)))),
	means("F-LIB276", "31", "bankens registreringsnummer mangler.", rule.And(rule.Eq("PaymentChannelCode", "ZZZ"), rule.Lacks(payee+"/"+branch+"/ID"))),
	means("F-LIB116", "31", "bankens navn mangler.", rule.And(rule.Eq("PaymentChannelCode", "ZZZ"), rule.Lacks(payee+"/"+branch+"/Name"))),
	means("F-LIB117", "31", "bankens adresse mangler.", rule.And(rule.Eq("PaymentChannelCode", "ZZZ"), rule.Lacks(payee+"/"+branch+"/Address"))),
}

var account42 = []rule.Rule{
	without("F-LIB122", "42", "CreditAccount"),
	without("F-LIB119", "42", "InstructionNote"),
	means("F-LIB123", "42", "betalingskanalens liste (listID) er forkert.", noList),
	means("F-LIB128", "42", "betalingskanalen skal være DK:BANK.", rule.Other("PaymentChannelCode", "DK:BANK")),
	means("F-LIB129", "42", "teksten til betaleren må højst være på 20 tegn.", noteOver20(payer)),
	means("F-LIB133", "42", "teksten til modtageren må højst være på 20 tegn.", noteOver20(payee)),
	means("F-LIB124", "42", "betalerens registreringsnummer mangler.", rule.And(rule.Has(payer+"/"+branch), rule.Lacks(payer+"/"+branch+"/ID"))),
	means("F-LIB125", "42", "modtagerens konto mangler.", rule.Lacks(payee)),
	means("F-LIB126", "42", "modtagerens kontonummer mangler.", rule.Lacks(payee+"/ID")),
	means("F-LIB127", "42", "modtagerens registreringsnummer mangler.", rule.Lacks(payee+"/"+branch+"/ID")),
	means("F-LIB130", "42", "betalerens registreringsnummer må højst være på 4 cifre.", rule.Length(payer+"/"+branch+"/ID", rule.Over(4))),
	means("F-LIB131", "42", "kontonummeret må højst være på 10 cifre.", rule.Length(payee+"/ID", rule.Over(10))),
	means("F-LIB132", "42", "registreringsnummeret må højst være på 4 cifre.", rule.Length(payee+"/"+branch+"/ID", rule.Over(4))),
	means("F-LIB311", "42", "registreringsnummeret skal være et tal.", noNumber(payee+"/"+branch+"/ID")),
}

var card48 = []rule.Rule{
	without("F-LIB365", "48", "PaymentChannelCode"), without("F-LIB366", "48", "InstructionID"), without("F-LIB367", "48", "InstructionNote"),
	without("F-LIB368", "48", payer), without("F-LIB369", "48", payee), without("F-LIB370", "48", "CreditAccount"),
	means("F-LIB342", "48", "oplysningerne om kortet (CardAccount) mangler.", rule.Lacks("CardAccount")),
	without("F-LIB343", "48", "CardAccount/CardTypeCode"), without("F-LIB344", "48", "CardAccount/ValidityStartDate"), without("F-LIB345", "48", "CardAccount/ExpiryDate"),
	without("F-LIB346", "48", "CardAccount/IssuerID"), without("F-LIB347", "48", "CardAccount/IssueNumberID"), without("F-LIB348", "48", "CardAccount/CV2ID"),
	without("F-LIB349", "48", "CardAccount/CardChipCode"), without("F-LIB350", "48", "CardAccount/ChipApplicationID"),
}

var direct49 = []rule.Rule{
	without("F-LIB135", "49", "InstructionNote"), without("F-LIB137", "49", "CreditAccount"),
	means("F-LIB134", "49", "brug enten betalingskanal eller betalingsident, ikke begge.", rule.And(channel, rule.Has("InstructionID"))),
	means("F-LIB288", "49", "teksten til betaleren må højst være på 20 tegn.", noteOver20(payer)),
	means("F-LIB289", "49", "betalingskanalen skal være IBAN eller DK:BANK.", rule.And(channel, rule.Not(rule.Eq("PaymentChannelCode", "IBAN", "DK:BANK")))),
	means("F-LIB140", "49", "betalingsidenten må højst være på 60 tegn.", rule.Length("InstructionID", rule.Over(60))),
	means("F-LIB290", "49", "betalerens kontonummer skal være på 10 cifre.", rule.And(rule.Eq("PaymentChannelCode", "DK:BANK"), rule.Length(payer+"/ID", rule.Unlike(10)))),
	means("F-LIB291", "49", "betalerens registreringsnummer skal være på 4 cifre.", rule.And(rule.Eq("PaymentChannelCode", "DK:BANK"), rule.Length(payer+"/"+branch+"/ID", rule.Unlike(4)))),
	means("F-LIB292", "49", "betalerens IBAN må højst være på 34 tegn.", rule.And(rule.Eq("PaymentChannelCode", "IBAN"), rule.Length(payer+"/ID", rule.Over(34)))),
	means("F-LIB293", "49", "betalerens IBAN skal være på mindst 18 tegn.", rule.And(rule.Eq("PaymentChannelCode", "IBAN"), rule.Length(payer+"/ID", rule.Under(18)))),
	means("F-LIB294", "49", "registreringsnummeret bruges ikke sammen med IBAN.", rule.And(rule.Eq("PaymentChannelCode", "IBAN"), rule.Has(payer+"/"+branch+"/ID"))),
	means("F-LIB295", "49", "bankens BIC-kode mangler.", rule.And(rule.Eq("PaymentChannelCode", "IBAN"), rule.Lacks(payer+"/"+institution+"/ID"))),
}

var giro50 = []rule.Rule{
	without("F-LIB142", "50", "CreditAccount"),
	means("F-LIB144", "50", "kortarten (PaymentID) mangler.", rule.Lacks("PaymentID")),
	means("F-LIB319", "50", "modtagerens konto mangler.", rule.Lacks(payee)),
	means("F-LIB320", "50", "modtagerens girokonto mangler.", rule.Lacks(payee+"/ID")),
	means("F-LIB145", "50", "betalingsidenten (InstructionID) mangler.", rule.And(slip("50", "04", "15"), rule.Lacks("InstructionID"))),
	means("F-LIB146", "50", "betalingskanalen skal være DK:GIRO.", rule.Other("PaymentChannelCode", "DK:GIRO")),
	means("F-LIB143", "50", "betalingskanalens liste (listID) er forkert.", rule.And(channel, noList)),
	means("F-LIB147", "50", "kortarten skal være 01, 04 eller 15.", rule.Not(rule.Eq("PaymentID", "01", "04", "15"))),
	means("F-LIB148", "50", "en tekst er kun tilladt på kortart 01.", rule.And(rule.Has("InstructionNote"), rule.Not(rule.Eq("PaymentID", "01")))),
	means("F-LIB149", "50", "betalingsidenten må højst være på 16 cifre.", rule.Length("InstructionID", rule.Over(16))),
	means("F-LIB312", "50", "betalingsidenten er tom.", rule.And(slip("50", "04", "15"), rule.Eq("InstructionID", ""))),
	means("F-LIB390", "50", "betalingsidenten må kun bestå af cifre.", rule.And(slip("50", "04", "15"), otherThanDigits("InstructionID"))),
	{ID: "F-LIB321", Crn: rule.None, Text: "Girokontoen skal være på 7 eller 8 cifre.", Bad: rule.And(
		rule.Or(by("50"), rule.Eq("PaymentChannelCode", "DK:GIRO")),
		rule.Or(rule.Length(payee+"/ID", rule.Under(7)), rule.Length(payee+"/ID", rule.Over(8)), notANumber(payee+"/ID")))},
}

var others = []rule.Rule{
	means("F-LIB377", "58", "modtagerens IBAN mangler.", rule.Blank(payee+"/ID")),
	means("F-LIB379", "58", "betalingskanalen skal være IBAN.", rule.And(channel, rule.Not(rule.Eq("PaymentChannelCode", "IBAN")))),
	means("F-LIB380", "59", "betalingskanalen skal være IBAN.", rule.And(channel, rule.Not(rule.Eq("PaymentChannelCode", "IBAN")))),
	means("F-LIB152", "93", "kortarten (PaymentID) mangler.", rule.Lacks("PaymentID")),
	means("F-LIB153", "93", "betalingsidenten (InstructionID) mangler.", rule.And(slip("93", "71", "75"), rule.Lacks("InstructionID"))),
	means("F-LIB277", "93", "betalingskanalen skal være DK:FIK.", rule.Other("PaymentChannelCode", "DK:FIK")),
	means("F-LIB278", "93", "betalingskanalens liste (listID) er forkert.", rule.And(channel, noList)),
	means("F-LIB154", "93", "en tekst er kun tilladt på kortart 73 og 75.", rule.And(rule.Has("InstructionNote"), rule.Not(rule.Eq("PaymentID", "73", "75")))),
	means("F-LIB155", "93", "kortarten skal være 71, 73 eller 75.", rule.Not(rule.Eq("PaymentID", "71", "73", "75"))),
	means("F-LIB156", "93", "betalingsidenten på kortart 71 skal være på 15 cifre.", rule.And(slip("93", "71"), rule.Length("InstructionID", rule.Unlike(15)))),
	means("F-LIB157", "93", "betalingsidenten på kortart 75 skal være på 16 cifre.", rule.And(slip("93", "75"), rule.Length("InstructionID", rule.Unlike(16)))),
	means("F-LIB336", "93", "betalingsidenten skal bestå af cifre.", rule.Or(
		rule.And(slip("93", "71", "75"), rule.Or(rule.Lacks("InstructionID"), otherThanDigits("InstructionID"))), rule.Eq("InstructionID", ""))),
	means("F-LIB275", "93", "kortart 73 har ingen betalingsident.", rule.And(slip("93", "73"), rule.Has("InstructionID"))),
	means("F-LIB305", "93", "kreditornummeret skal være på 8 cifre.", rule.Length("CreditAccount/AccountID", rule.Unlike(8))),
	means("F-LIB158", "97", "betalingskanalen skal være DK:NEMKONTO.", rule.And(channel, rule.Not(rule.Eq("PaymentChannelCode", "DK:NEMKONTO")))),
	without("F-LIB159", "97", "InstructionID"), without("F-LIB160", "97", "InstructionNote"), without("F-LIB161", "97", "PaymentID"),
	without("F-LIB163", "97", payer), without("F-LIB164", "97", payee), without("F-LIB165", "97", "CreditAccount"),
}

// otherThanDigits is true where the first value holds anything but digits.
func otherThanDigits(path string) rule.Test {
	return func(n *ubl.Node) bool {
		return strings.IndexFunc(n.Get(path).Raw(), func(r rune) bool { return r < '0' || r > '9' }) >= 0
	}
}

// notANumber is true where the value is no number at all.
func notANumber(path string) rule.Test {
	steps := strings.Split(path, "/")
	return func(n *ubl.Node) bool { return math.IsNaN(rule.Value(n, steps...)) }
}

// noNumber is true where the value is no number, or zero.
func noNumber(path string) rule.Test {
	steps := strings.Split(path, "/")
	return func(n *ubl.Node) bool {
		v := rule.Value(n, steps...)
		return math.IsNaN(v) || v == 0
	}
}

var termsRules = []rule.Group{
	{At: []string{"PaymentTerms"}, Rules: []rule.Rule{
		{ID: "W-LIB245", Crn: rule.None, Warn: true, Text: "Der er flere betalingsbetingelser, men de er ikke nummereret.", Bad: func(n *ubl.Node) bool {
			return n.Get("ID").Raw() == "" && n.Parent.Count("PaymentTerms") > 1
		}},
		{ID: "F-LIB246", Crn: rule.None, Text: "Fakturaen er overdraget (factoring), men teksten om det mangler.", Bad: rule.And(rule.Eq("ID", "Factoring"), rule.Not(rule.Other("Note", "")))},
		atMostOne("F-LIB247", rule.None, "Note"),
	}},
	{At: []string{"PaymentTerms/Amount"}, Rules: []rule.Rule{
		{ID: "F-LIB020", Crn: rule.None, Text: "Beløbet i betalingsbetingelserne må ikke være negativt.", Bad: rule.Starts("", "-")},
	}},
}
