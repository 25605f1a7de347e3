package peppol

import (
	"byskriver/robots/invoice/reading/rule"
	"byskriver/robots/invoice/reading/ubl"
)

var (
	isAllowance = rule.Not(isCharge)
	noReason    = rule.And(rule.Lacks("AllowanceChargeReason"), rule.Lacks("AllowanceChargeReasonCode"))
)

// isCharge is true for a charge; what says neither is left to other rules.
func isCharge(n *ubl.Node) bool { return charge(n) }

// allowance and charged are rows for one of the two.
func allowance(id, text string, bad rule.Test) rule.Rule {
	return rule.Rule{ID: id, Text: text, Bad: rule.And(isAllowance, bad)}
}

func charged(id, text string, bad rule.Test) rule.Rule {
	return rule.Rule{ID: id, Text: text, Bad: rule.And(isCharge, bad)}
}

const (
	noAmount   = " mangler et beløb."
	noCategory = " mangler en momskategori."
	noWhy      = " mangler en begrundelse."
	decimals   = " må højst have to decimaler."
)

func uncategorised(n *ubl.Node) bool { return vatOf(n).Get("ID") == nil }

func over2(path string) rule.Test { return rule.Decimals(path, rule.Over(2)) }

var allowanceRules = []rule.Group{
	{At: []string{"AllowanceCharge"}, Rules: []rule.Rule{
		allowance("BR-31", "Rabatten"+noAmount, rule.Lacks("Amount")),
		allowance("BR-32", "Rabatten"+noCategory, uncategorised),
		allowance("BR-33", "Rabatten"+noWhy, noReason),
		allowance("BR-CO-21", "Rabatten"+noWhy, noReason),
		allowance("BR-DEC-01", "Rabattens beløb"+decimals, over2("Amount")),
		allowance("BR-DEC-02", "Det beløb, rabatten er af,"+decimals, over2("BaseAmount")),
		charged("BR-36", "Gebyret"+noAmount, rule.Lacks("Amount")),
		charged("BR-37", "Gebyret"+noCategory, uncategorised),
		charged("BR-38", "Gebyret"+noWhy, noReason),
		charged("BR-CO-22", "Gebyret"+noWhy, noReason),
		charged("BR-DEC-05", "Gebyrets beløb"+decimals, over2("Amount")),
		charged("BR-DEC-06", "Det beløb, gebyret er af,"+decimals, over2("BaseAmount")),
	}},
	{At: []string{"Line/AllowanceCharge"}, Rules: []rule.Rule{
		allowance("BR-41", "Linjens rabat"+noAmount, rule.Lacks("Amount")),
		allowance("BR-42", "Linjens rabat"+noWhy, noReason),
		allowance("BR-CO-23", "Linjens rabat"+noWhy, noReason),
		allowance("BR-DEC-24", "Linjens rabat"+decimals, over2("Amount")),
		allowance("BR-DEC-25", "Det beløb, linjens rabat er af,"+decimals, over2("BaseAmount")),
		charged("BR-43", "Linjens gebyr"+noAmount, rule.Lacks("Amount")),
		charged("BR-44", "Linjens gebyr"+noWhy, noReason),
		charged("BR-CO-24", "Linjens gebyr"+noWhy, noReason),
		charged("BR-DEC-27", "Linjens gebyr"+decimals, over2("Amount")),
		charged("BR-DEC-28", "Det beløb, linjens gebyr er af,"+decimals, over2("BaseAmount")),
	}},
	{At: []string{"AllowanceCharge", "Line/AllowanceCharge"}, Rules: []rule.Rule{
		{ID: "PEPPOL-EN16931-R041", Text: "Rabatten eller gebyret er i procent, men det beløb, procenten er af, mangler.", Bad: rule.And(rule.Has("MultiplierFactorNumeric"), rule.Lacks("BaseAmount"))},
		{ID: "PEPPOL-EN16931-R042", Text: "Rabatten eller gebyret angiver det beløb, den er af, men ikke procenten.", Bad: rule.And(rule.Lacks("MultiplierFactorNumeric"), rule.Has("BaseAmount"))},
		{ID: "PEPPOL-EN16931-R040", Text: "Rabattens eller gebyrets beløb er ikke regnet rigtigt ud.", Bad: percentOff},
		{ID: "PEPPOL-EN16931-R043", Text: "Det fremgår ikke, om det er en rabat eller et gebyr (ChargeIndicator).", Bad: rule.And(halfGiven, func(n *ubl.Node) bool {
			v := n.Get("ChargeIndicator").Value()
			return v != "true" && v != "false"
		})},
	}},
	{At: []string{"//AllowanceCharge"}, Rules: []rule.Rule{
		allowance("UBL-SR-30", "Rabattens begrundelse må kun være angivet én gang.", rule.Count("AllowanceChargeReason", rule.Over(1))),
		charged("UBL-SR-31", "Gebyrets begrundelse må kun være angivet én gang.", rule.Count("AllowanceChargeReason", rule.Over(1))),
	}},
}

// halfGiven is true unless only one of percentage and base amount is given: then
// R041 or R042 says all that is said.
func halfGiven(n *ubl.Node) bool {
	return rule.Has("MultiplierFactorNumeric")(n) == rule.Has("BaseAmount")(n)
}

// percentOff computes an allowance or charge in percent.
func percentOff(n *ubl.Node) bool {
	percent, okP := rule.Exact(n, "MultiplierFactorNumeric")
	base, okB := rule.Exact(n, "BaseAmount")
	if n.Get("MultiplierFactorNumeric") == nil || n.Get("BaseAmount") == nil {
		return false
	}
	return !okP || !okB || rule.Total(n, "Amount").Sub(base.Mul(percent).Div(hundred)).Abs().GreaterThan(slack)
}

var paymentRules = []rule.Group{
	{At: []string{"//PaymentMeans"}, Rules: []rule.Rule{
		present("BR-49", "PaymentMeansCode", "Betalingsmåden"),
		{ID: "BR-61", Text: "Fakturaen skal betales ved bankoverførsel, men kontoen mangler.", Bad: func(n *ubl.Node) bool {
			code := n.Get("PaymentMeansCode").Value()
			return (code == "30" || code == "58") && n.Find("PayeeFinancialAccount", "ID") == nil
		}},
		once("UBL-SR-26", "PaymentID", "Betalings-id'et"),
		once("UBL-SR-27", "InstructionNote", "Teksten om betalingen"),
		once("UBL-SR-28", "PaymentMandate/ID", "Betalingsaftalen"),
		{ID: "PEPPOL-EN16931-R061", Text: "Fakturaen trækkes automatisk, men betalingsaftalen mangler.", Bad: func(n *ubl.Node) bool {
			code := n.Get("PaymentMeansCode").Value()
			return (code == "49" || code == "59") && n.Find("PaymentMandate", "ID") == nil
		}},
	}},
	{At: []string{"//PaymentMeans/PayeeFinancialAccount"}, Rules: []rule.Rule{
		{ID: "BR-50", Text: "Kontoen, der skal betales til, mangler et nummer.", Bad: rule.And(func(n *ubl.Node) bool {
			return rule.Eq("PaymentMeansCode", "30", "58")(n.Parent)
		}, rule.Not(rule.Other("ID", "")))},
	}},
	{At: []string{"//PaymentMeans/CardAccount"}, Rules: []rule.Rule{
		{ID: "BR-51", Warn: true, Text: "Et betalingskorts nummer må ikke stå helt i fakturaen, kun de første seks og de sidste fire cifre.", Bad: rule.Length("PrimaryAccountNumberID", rule.Over(10))},
	}},
}
