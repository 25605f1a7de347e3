package runlog

import (
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// ProblemCode says what kind of thing Verify found. Codes never change.
type ProblemCode string

// What Verify can find.
const (
	EntryChanged       ProblemCode = "entry-changed"       // the leaf is not the one that was numbered
	EntryMoved         ProblemCode = "entry-moved"         // it was written under another number
	EntryMissing       ProblemCode = "entry-missing"       // numbers From to Seq are gone
	EntryInserted      ProblemCode = "entry-inserted"      // it stands where the log has no place
	EntryForeign       ProblemCode = "entry-foreign"       // byskriver did not write it
	EntryCopied        ProblemCode = "entry-copied"        // the same leaf stands twice
	SealedChanged      ProblemCode = "sealed-changed"      // text and fields do not open or do not agree
	SubjectChanged     ProblemCode = "subject-changed"     // the person does not open or does not agree
	RemovalUnrecorded  ProblemCode = "removal-unrecorded"  // the sealed part is gone without a record
	RemovalUndone      ProblemCode = "removal-undone"      // on record as removed, and there
	KeyGone            ProblemCode = "key-gone"            // the item's key is gone without a record
	HashChanged        ProblemCode = "hash-changed"        // the entry stands, its stored hash does not
	TileChanged        ProblemCode = "tile-changed"        // other stored hashes of the tree
	HeadChanged        ProblemCode = "head-changed"        // the row that says where the log ends
	LinesChanged       ProblemCode = "lines-changed"       // the row that says how far lines were written
	CheckpointChanged  ProblemCode = "checkpoint-changed"  // a stored checkpoint is not as it was signed
	CheckpointMissing  ProblemCode = "checkpoint-missing"  // a stored checkpoint is gone
	CheckpointMismatch ProblemCode = "checkpoint-mismatch" // the log is not the one a stored checkpoint was signed over
	OutsideInvalid     ProblemCode = "outside-invalid"     // a checkpoint from elsewhere is not one of this log
	OutsideMismatch    ProblemCode = "outside-mismatch"    // the log is not the one a checkpoint from elsewhere was signed over
	LogTruncated       ProblemCode = "log-truncated"       // a checkpoint covers more entries than there are
	PendingForeign     ProblemCode = "pending-foreign"     // a pending row that byskriver did not write
	PendingCopied      ProblemCode = "pending-copied"      // a pending row that is a copy
	PendingRejected    ProblemCode = "pending-rejected"    // a foreign pending row was put aside, and nobody has looked into it
)

// Problem is one thing that is wrong with the log.
type Problem struct {
	Code ProblemCode `json:"code"`
	// Seq is the number of the entry it is about, or the last of several; 0 if it
	// is about no entry.
	Seq  int64  `json:"seq,omitempty"`
	From int64  `json:"from,omitempty"` // the first of several entries
	Item string `json:"item,omitempty"` // what the entry says its item is
	Text string `json:"text"`           // one Danish sentence or two for people
}

// Report is what Verify found.
type Report struct {
	Size        int64     `json:"size"` // the number of the last entry, as the log's head says
	Root        tlog.Hash `json:"root"` // of the tree of the entries that are there
	Entries     int64     `json:"entries"`
	Readable    int64     `json:"readable"`
	Removed     int64     `json:"removed"` // by policy, on record
	LookUps     int64     `json:"lookups"`
	Pending     int64     `json:"pending"`     // written, not numbered yet, and ours
	Checkpoints int64     `json:"checkpoints"` // stored ones that fit
	Outside     int64     `json:"outside"`     // ones from elsewhere that fit
	Signed      int64     `json:"signed"`      // entries that a fitting checkpoint covers
	Problems    []Problem `json:"problems"`    // as many as were asked for
	Unlisted    int64     `json:"unlisted"`    // further problems
}

// OK reports whether nothing is wrong.
func (r Report) OK() bool { return len(r.Problems) == 0 }

// Text is the report for people, in Danish.
func (r Report) Text() string {
	var b strings.Builder
	if r.OK() {
		b.WriteString("Loggen er hel.\n")
	} else {
		fmt.Fprintf(&b, "Loggen er IKKE hel: %d fejl.\n", int64(len(r.Problems))+r.Unlisted)
	}
	fmt.Fprintf(&b, "%d poster, heraf %d læsbare og %d slettet efter regel; %d venter på nummer.\n",
		r.Entries, r.Readable, r.Removed, r.Pending)
	fmt.Fprintf(&b, "%d kontrolpunkter i databasen og %d udefra passer; de dækker post 1-%d.\n",
		r.Checkpoints, r.Outside, r.Signed)
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "- [%s] %s\n", p.Code, p.Text)
	}
	if r.Unlisted > 0 {
		fmt.Fprintf(&b, "- og %d fejl til.\n", r.Unlisted)
	}
	return b.String()
}

// about begins a sentence about an entry.
func about(seq int64, item string) string {
	if item == "" {
		return fmt.Sprintf("Post %d", seq)
	}
	return fmt.Sprintf("Post %d (%s)", seq, item)
}

// entryTexts end the sentence that about begins.
var entryTexts = map[ProblemCode]string{
	EntryChanged:      "er ændret: tid, kode, kørsel, sag eller indhold er ikke det, der blev skrevet.",
	EntryInserted:     "er sat ind udefra: loggen har ingen plads til den, og byskriver har ikke skrevet den.",
	EntryForeign:      "har en forkert kontrolkode: enten har byskriver ikke skrevet den her, eller også er kontrolkoden ændret.",
	SealedChanged:     "har en tekst, der er ændret: den kan ikke åbnes eller passer ikke med det, der blev skrevet.",
	SubjectChanged:    "har en personoplysning, der er ændret eller fjernet: den passer ikke med det, der blev skrevet.",
	RemovalUnrecorded: "mangler sin tekst, uden at det er noteret, at den er slettet efter regel.",
	RemovalUndone:     "er noteret som slettet efter regel, men der står tekst i den igen.",
	KeyGone:           "kan ikke læses, for nøglen til sagen er væk, uden at det er noteret, at sagen er slettet efter regel.",
	HashChanged:       "er, som den blev skrevet, men dens gemte hash er ændret.",
}

// entryProblem is a problem with one entry.
func entryProblem(code ProblemCode, seq int64, item string) Problem {
	return Problem{Code: code, Seq: seq, Item: item, Text: about(seq, item) + " " + entryTexts[code]}
}

// numbers is "Post 7" or "Posterne 7-9".
func numbers(from, to int64) string {
	if from == to {
		return fmt.Sprintf("Post %d", to)
	}
	return fmt.Sprintf("Posterne %d-%d", from, to)
}

// moment is a time as the report shows it.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
