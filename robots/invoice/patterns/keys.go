package patterns

// key is one way in which invoices are alike.
type key struct {
	fields []field
	own    bool   // its codings have weights of their own in the choice
	judged bool   // the judge looks at what it says
	aged   bool   // the judge also looks at how long ago its last posting was
	reason string // Danish, for the reason: "fra … til …"; "" where a person would not see the likeness
}

// keys are the ways in which invoices are alike, the closest first. Fields that a
// set of postings does not have make keys that never speak.
var keys = []key{
	{fields: []field{bySupplier, byOrigin, byShape, byExact}, judged: true, aged: true},
	{fields: []field{bySupplier, byOrigin, byExact}, judged: true, aged: true, reason: "fra {navn} til {enhed} på præcis {beløb}"},
	{fields: []field{bySupplier, byOrigin, byStem}, judged: true},
	{fields: []field{bySupplier, byOrder}, reason: "fra {navn} med ordrenummer {ordre}"},
	{fields: []field{bySupplier, byContract}, reason: "fra {navn} på kontrakt {kontrakt}"},
	{fields: []field{bySupplier, byOrigin, byReference}, reason: "fra {navn} til {enhed} med samme reference"},
	{fields: []field{bySupplier, byAccounting}, reason: "fra {navn} med samme kontostreng"},
	{fields: []field{bySupplier, byText}, reason: "fra {navn} med samme tekst på linjerne"},
	{fields: []field{bySupplier, byOrigin, byShape, byFine}, judged: true},
	{fields: []field{bySupplier, byOrigin, byFine}, own: true, judged: true, reason: "fra {navn} til {enhed} på beløb mellem {fra} og {til}"},
	{fields: []field{bySupplier, byOrigin, byShape, byCoarse}, judged: true},
	{fields: []field{bySupplier, byOrigin, byCoarse}, own: true, judged: true, reason: "fra {navn} til {enhed} på beløb mellem {fra} og {til}"},
	{fields: []field{bySupplier, byOrigin, byPrefix}, own: true, judged: true},
	{fields: []field{bySupplier, byOrigin, byShape}, own: true, judged: true, reason: "fra {navn} til {enhed} med fakturanummer af samme form og på beløb mellem {fra} og {til}"},
	{fields: []field{bySupplier, byOrigin}, own: true, judged: true, aged: true, reason: "fra {navn} til {enhed} på beløb mellem {fra} og {til}"},
	{fields: []field{bySupplier, byExact}},
	{fields: []field{bySupplier, byShape}, judged: true},
	{fields: []field{bySupplier, byCoarse}, own: true},
	{fields: []field{bySupplier}, own: true, judged: true, aged: true, reason: "fra {navn} på beløb mellem {fra} og {til}"},
	{fields: []field{byOrigin, byName}},
	{fields: []field{byOrigin, byExact}, judged: true},
	{fields: []field{byOrigin, byShape, byCoarse, byKind}, own: true, judged: true},
	{fields: []field{byOrigin, byPrefix}, own: true, judged: true},
	{fields: []field{byOrigin, byShape}, own: true, judged: true},
	{fields: []field{byOrigin, byKind, byCoarse}, own: true},
	{fields: []field{byOrigin, byKind}, own: true, judged: true},
	{fields: []field{byOrigin, byText}},
	{fields: []field{byOrigin}},
	{fields: []field{byKind}, own: true},
}

// The keys that are named elsewhere, by their place in keys.
const (
	keySupplierOrigin = 14
	keySupplier       = 18
	keyOrigin         = 27
	maxKeys           = 32
)

// hashes are an invoice's keys; 0 where a field that the key needs is empty.
type hashes [maxKeys]uint64

func hashesOf(p *prints) hashes {
	var h hashes
	for i := range keys {
		x := uint64(i + 1)
		for _, f := range keys[i].fields {
			if p[f] == 0 {
				x = 0
				break
			}
			x = max(mix(x^p[f]), 1)
		}
		h[i] = x
	}
	return h
}
