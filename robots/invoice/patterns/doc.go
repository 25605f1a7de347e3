// Package patterns learns from a municipality's own postings how invoices are
// coded, and says for a new one how it would be coded, how sure that is, and why.
//
// Everything here is pure: no file, no clock, no chance. The same postings in the
// same order give the same learner, byte for byte, and so the same answers.
//
// A coding passes three gates. The keys (what was done with invoices that are
// alike: same supplier, same unit, same kind of number, same amount) name the
// candidates; a linear model over what the keys say picks one; and a judge, grown
// on how such picks came out before, says how good this one is. What that is worth
// is measured afresh every night against what came later, so that a promise of 98
// of 100 is one that was kept over the last months. Last, of a day's group of like
// decisions a person codes some first (Checks), and a single miss holds the rest.
package patterns
