// Package reading reads electronic invoices and judges their form: OIOUBL 2.02
// and 2.1, and Peppol BIS Billing 3, invoices and credit notes.
//
// Nothing that can be in a file makes it fail, panic or use memory without
// bound: bad input of every kind ends in a fatal Finding. Findings carry the ids
// of the official rules (OIOUBL schematron, EN 16931, Peppol BIS Billing 3 with
// its Danish rules) where these name the same thing, and FORM-… where they have
// no id. What a municipality asks for beyond the form is not judged here.
//
// The order of reading: bytes (encoding.go) → tree (package ubl) → format
// (format.go) → structure (package schema) and rules (packages oioubl, peppol) →
// Invoice (extract*.go).
package reading
