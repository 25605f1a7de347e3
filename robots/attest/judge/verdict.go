package judge

// Facts are what the verdict about an answer depends on. They hold not a word of
// the answer, so that the decision can be replayed when the answer is deleted.
type Facts struct {
	Reading     Outcome `json:"reading"` // what the page alone is
	Why         Why     `json:"why,omitempty"`
	Locked      bool    `json:"locked,omitempty"`        // a password
	Broken      bool    `json:"broken,omitempty"`        // no PDF that can be opened
	SenderFits  bool    `json:"sender_fits"`             // the message's sender is one that the municipality's file names
	Documents   int     `json:"documents"`               // PDF files in the message
	Others      int     `json:"others,omitempty"`        // files in it that are no PDF
	SaysRefused bool    `json:"says_refused"`            // the message's subject says Afslag
	SubjectFits bool    `json:"subject_fits"`            // the subject begins as this type's does
	Orders      int     `json:"orders"`                  // orders that wait for this person's certificate of exactly this type
	Answered    int     `json:"answered"`                // orders of the same that have their answer
	Numbers     bool    `json:"numbers"`                 // the order's number is the page's
	Names       bool    `json:"names"`                   // the order's name is the page's
	Types       bool    `json:"types"`                   // the order's type is the page's
	OtherAtTime bool    `json:"other_at_time,omitempty"` // there is another answer to the same order that nobody has decided about
}

// Verdict is what is done with an answer.
type Verdict struct {
	Outcome Outcome `json:"outcome"`
	Code    string  `json:"code,omitempty"` // for people: the exception's code
}

// Decide is the one place where an answer becomes clean.
func Decide(f Facts) Verdict {
	switch {
	case !f.SenderFits:
		return people("POST-AFSENDER")
	case f.Documents != 1, f.Others > 0:
		return people("POST-BILAG")
	case f.Locked:
		return people("ATTEST-KODEORD")
	case f.Broken:
		return people("ATTEST-ULÆSELIG")
	case f.Reading == People && f.Why == Scanned:
		return people("ATTEST-SCANNET")
	case f.Reading == People && f.Why == NoText:
		return people("ATTEST-TOM")
	case f.Orders == 0 && f.Answered > 0, f.OtherAtTime:
		return people("ATTEST-TO-SVAR")
	case f.Orders == 0:
		return people("ATTEST-UDEN-ORDRE")
	case f.Orders > 1:
		return people("ATTEST-FLERE-ORDRER")
	case f.Reading != People && !f.Names:
		return people("ATTEST-NAVN")
	case f.Reading == Clean && f.Numbers && f.Types && f.SubjectFits && !f.SaysRefused:
		return Verdict{Outcome: Clean}
	case f.Reading == Refused && f.Numbers && f.Types && f.SaysRefused:
		return Verdict{Outcome: Refused}
	}
	return people("ATTEST-LØN")
}

func people(code string) Verdict { return Verdict{Outcome: People, Code: code} }
