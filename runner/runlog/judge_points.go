package runlog

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// at compares the tree as it stands after an entry with all that was said about
// it then, and returns the stored checkpoints that are still to come.
func (j *judge) at(seq int64, notes []storedNote) []storedNote {
	for len(notes) > 0 && (notes[0].err != nil || notes[0].c.Size <= seq) {
		j.compareStored(notes[0])
		notes = notes[1:]
	}
	for j.outside < len(j.v.outside) && j.v.outside[j.outside].Size == seq {
		j.compareOutside(j.v.outside[j.outside])
		j.outside++
	}
	if j.v.headOK && seq == j.v.head.size && !j.tree.broken && !j.tree.fits(j.v.head.root) {
		j.v.found(Problem{Code: HeadChanged, Seq: seq, Text: "Loggens poster og hashes giver ikke det resultat, " +
			"som rækken i log_head siger: mindst én post efter det sidste kontrolpunkt, der passer, er skrevet om."})
	}
	return notes
}

// note judges a stored checkpoint by itself: whether it is there in its turn and
// as it was signed.
func (j *judge) note(n storedNote) bool {
	if n.number > j.number+1 {
		j.missingNotes(j.number+1, n.number-1)
	}
	inTurn := n.number > j.number
	if inTurn {
		j.number = n.number
	}
	if n.err != nil || !inTurn || n.c.Size <= j.size {
		j.v.found(Problem{Code: CheckpointChanged, Text: fmt.Sprintf(
			"Kontrolpunkt nr. %d i databasen er ændret: det er ikke, som det blev underskrevet, eller det står et forkert sted.", n.number)})
		return false
	}
	j.size = n.c.Size
	return true
}

func (j *judge) missingNotes(from, to int64) {
	j.v.found(Problem{Code: CheckpointMissing, Text: fmt.Sprintf(
		"Kontrolpunkt nr. %d-%d mangler i databasen.", from, to)})
}

// compareStored compares a stored checkpoint with the tree of its size. Only the
// first that does not fit is told of: after it none does.
func (j *judge) compareStored(n storedNote) {
	if !j.note(n) {
		return
	}
	if j.tree.fits(n.c.Root) {
		j.good = n.c.Size
		j.v.report.Checkpoints++
		j.v.report.Signed = max(j.v.report.Signed, j.good)
		return
	}
	if j.differs {
		return
	}
	j.differs = true
	j.v.found(Problem{Code: CheckpointMismatch, From: j.good + 1, Seq: n.c.Size, Text: fmt.Sprintf(
		"Kontrolpunkt nr. %d fra %s passer ikke: %s.", n.number, moment(n.c.At), j.why(n.c.Size))})
}

// compareOutside compares a checkpoint that was kept elsewhere.
func (j *judge) compareOutside(c outsideCheckpoint) {
	if j.tree.fits(c.Root) {
		j.v.report.Outside++
		j.v.report.Signed = max(j.v.report.Signed, c.Size)
		return
	}
	j.v.found(Problem{Code: OutsideMismatch, From: 1, Seq: c.Size, Text: fmt.Sprintf(
		"%s fra %s passer ikke med loggen: %s.", c.source, moment(c.At), j.why(c.Size))})
}

// why says what it means that a checkpoint of that size does not fit.
func (j *judge) why(size int64) string {
	if j.tree.broken {
		return "det kan ikke efterprøves, for både poster og hashes mangler før det"
	}
	return fmt.Sprintf("af posterne 1-%d er mindst én ændret, fjernet, tilføjet eller flyttet, efter at det blev underskrevet", size)
}

// tellMoved says of odd entries that were numbered elsewhere where that was.
func (j *judge) tellMoved() {
	numbered := make(map[tlog.Hash]int64, len(j.odd))
	for _, o := range j.odd {
		numbered[o.stored] = o.seq
	}
	for _, o := range j.odd {
		was, ok := numbered[o.hash]
		if !ok || o.problem >= len(j.v.report.Problems) {
			continue
		}
		p := &j.v.report.Problems[o.problem]
		p.Code = EntryMoved
		p.Text = fmt.Sprintf("%s er flyttet: den blev skrevet som post %d.", about(p.Seq, p.Item), was)
	}
}
