// Package peppol will hold the rules of Peppol BIS Billing 3.
package peppol

import (
	"byskriver/robots/invoice/reading/rule"
	"byskriver/robots/invoice/reading/ubl"
)

// Check applies every rule.
func Check(root *ubl.Node, hit func(rule.Hit) bool) {}
