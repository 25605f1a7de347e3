// Package ubl reads a UBL document into a small tree that rules can ask, within
// limits: no file, however made, can make it use memory without bound, and the
// content of embedded attachments is passed over while it streams by.
//
// It knows XML and UBL's namespaces, not invoices.
package ubl
