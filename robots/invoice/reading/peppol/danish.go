package peppol

import (
	"strings"

	"byskriver/robots/invoice/reading/rule"
	"byskriver/robots/invoice/reading/ubl"
)

// fromDenmark is true where the supplier is in Denmark, domestic where both parties
// are.
func fromDenmark(n *ubl.Node) bool { return country(root(n), "AccountingSupplierParty") == "DK" }

func domestic(n *ubl.Node) bool {
	return fromDenmark(n) && country(root(n), "AccountingCustomerParty") == "DK"
}

// dane and home are rows for these.
func dane(id, text string, bad rule.Test) rule.Rule {
	return rule.Rule{ID: id, Text: text, Bad: rule.And(bad, fromDenmark)}
}

func home(id, text string, bad rule.Test) rule.Rule {
	return rule.Rule{ID: id, Text: text, Bad: rule.And(bad, domestic)}
}

var account = rule.Blank("PayeeFinancialAccount/ID")

// paid is true for payment by the code.
func paid(codes ...string) rule.Test { return rule.Eq("PaymentMeansCode", codes...) }

// form is true where the payment id begins with one of the form types.
func form(types ...string) rule.Test {
	return func(n *ubl.Node) bool {
		id := n.Get("PaymentID").Raw()
		for _, t := range types {
			if strings.HasPrefix(id, t+"#") {
				return true
			}
		}
		return false
	}
}

var danishRules = []rule.Group{
	{At: []string{""}, Rules: []rule.Rule{
		dane("DK-R-002", "En dansk leverandør skal oplyse sit CVR-nummer.", rule.Blank(supplier+"/PartyLegalEntity/CompanyID")),
		dane("DK-R-014", "En dansk leverandørs CVR-nummer skal være angivet som CVR-nummer (schemeID 0184).", func(n *ubl.Node) bool {
			id := n.Find("AccountingSupplierParty", "Party", "PartyLegalEntity", "CompanyID")
			return id != nil && strings.TrimSpace(id.At("schemeID")) != "0184"
		}),
		{ID: rule.None, Crn: "DK-R-016", Text: "En dansk kreditnota må ikke være på et negativt beløb.", Bad: rule.And(func(n *ubl.Node) bool {
			return rule.Value(n, "LegalMonetaryTotal", "PayableAmount") < 0
		}, domestic)},
	}},
	{At: []string{supplier + "/PartyIdentification", customer + "/PartyIdentification"}, Rules: []rule.Rule{
		home("DK-R-013", "Det fremgår ikke, hvad partens nummer er (schemeID mangler).", rule.And(rule.Has("ID"), rule.Blank("ID@schemeID"))),
	}},
	{At: []string{customer}, Rules: []rule.Rule{
		{ID: "DK-R-017", Warn: true, Text: "En dansk modtagers CVR-nummer skal være angivet som CVR-nummer (schemeID 0184).", Bad: rule.And(func(n *ubl.Node) bool {
			id := n.Find("PartyLegalEntity", "CompanyID")
			return id != nil && strings.TrimSpace(id.At("schemeID")) != "0184"
		}, domestic)},
	}},
	{At: []string{"PaymentMeans"}, Rules: onlyInvoices([]rule.Rule{
		home("DK-R-005", "Betalingsmåden bruges ikke i Danmark.", rule.Not(paid("1", "10", "31", "42", "48", "49", "50", "58", "59", "93", "97"))),
		home("DK-R-006", "Fakturaen skal betales til en bankkonto, men registreringsnummer eller kontonummer mangler.", rule.And(paid("31", "42"),
			rule.Or(account, rule.Blank("PayeeFinancialAccount/FinancialInstitutionBranch/ID")))),
		home("DK-R-007", "Fakturaen trækkes automatisk, men aftalen eller kontoen mangler.", rule.And(paid("49"),
			rule.Or(rule.Blank("PaymentMandate/ID"), rule.Blank("PaymentMandate/PayerFinancialAccount/ID")))),
		home("DK-R-008", "Et girokort skal have korttypen 01, 04 eller 15 og et gironummer på syv eller otte cifre.", rule.And(paid("50"), func(n *ubl.Node) bool {
			giro := n.Get("PayeeFinancialAccount", "ID").Raw()
			return !form("01", "04", "15")(n) || !digits(giro, 7) && !digits(giro, 8)
		})),
		home("DK-R-009", "Et girokort af typen 04 eller 15 skal have en betalings-id på 16 cifre.", rule.And(paid("50"), form("04", "15"), rule.Length("PaymentID", rule.Unlike(19)))),
		home("DK-R-010", "Et indbetalingskort skal have korttypen 71, 73 eller 75 og et kreditornummer på otte tegn.", rule.And(paid("93"),
			rule.Or(rule.Not(form("71", "73", "75")), rule.Length("PayeeFinancialAccount/ID", rule.Unlike(8))))),
		home("DK-R-011", "Et indbetalingskort af typen 71 eller 75 skal have en betalings-id på 15 eller 16 cifre.", rule.And(paid("93"), form("71", "75"),
			rule.Length("PaymentID", func(l int) bool { return l != 18 && l != 19 }))),
	})},
	{At: []string{"Line"}, Rules: []rule.Rule{
		{ID: "DK-R-003", Warn: true, Text: "Varekoder efter UNSPSC bør være fra udgave 19.05.01 eller 26.08.01.", Bad: rule.And(
			rule.Eq("Item/CommodityClassification/ItemClassificationCode@listID", "TST"),
			rule.Not(rule.Eq("Item/CommodityClassification/ItemClassificationCode@listVersionID", "19.05.01", "19.0501", "26.08.01", "26.0801")), domestic)},
	}},
	{At: []string{"//AllowanceCharge"}, Rules: []rule.Rule{
		home("DK-R-004", "En afgift (kode ZZZ) skal have sin firecifrede afgiftskode som begrundelse.", rule.And(rule.Eq("AllowanceChargeReasonCode", "ZZZ"), noDuty)),
	}},
}

// onlyInvoices takes rules out of credit notes.
func onlyInvoices(rules []rule.Rule) []rule.Rule {
	for i := range rules {
		rules[i].Crn = rule.None
	}
	return rules
}

// noDuty is true where the reason is neither a duty's four digits nor two parts
// with # between them.
func noDuty(n *ubl.Node) bool {
	why := n.Get("AllowanceChargeReason").Raw()
	code := rule.Number(why)
	if len([]rune(strings.TrimSpace(why))) == 4 && code >= 0 && code <= 9999 {
		return false
	}
	return !strings.Contains(why, "#") || strings.HasPrefix(why, "#") || strings.HasSuffix(why, "#")
}
