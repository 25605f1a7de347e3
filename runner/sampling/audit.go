package sampling

import (
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"byskriver/runner/runlog"
)

// Finding is one thing that is not as the sampling promises.
type Finding struct {
	Seq  int64  // the log's entry, 0 where it has no number yet
	Item string // "" where it is about a period
	Text string // Danish
}

// Report is what an audit of the log found.
type Report struct {
	Asked, Drawn   int // items, as the log says
	Checked        int // of those asked: recomputed with a disclosed key
	Secret         int // asked in periods that have not ended
	Removed        int // asked, but removed by policy since
	Unasked        int // items with a change in a system that nobody was asked about, nor decided
	Agreed, Judged int // of those drawn
	Findings       []Finding
}

// OK reports whether every draw was as it had to be.
func (r Report) OK() bool { return len(r.Findings) == 0 }

type period struct {
	commitment string
	committed  int64
	key        []byte
	asks       []ask
}

type ask struct {
	seq         int64
	item, robot string
	key         string
	share       Share
	drawn       bool
}

// auditor follows the log's entries in their order.
type auditor struct {
	report  Report
	periods map[string]*period
	asked   map[string]bool // by item: was it drawn
	decided map[string]bool // a person has decided about it
	unasked map[string]bool
}

// Audit reads the whole log and recomputes, with the disclosed keys, which items had to be
// samples; and that none of those was done before a person had decided. now tells which
// periods have ended: their keys must be there two days after.
func Audit(entries iter.Seq2[runlog.Logged, error], now time.Time) (Report, error) {
	a := &auditor{periods: map[string]*period{}, asked: map[string]bool{}, decided: map[string]bool{}, unasked: map[string]bool{}}
	for e, err := range entries {
		if err != nil {
			return a.report, err
		}
		a.follow(e)
	}
	for _, name := range sorted(a.periods) {
		a.recompute(name, a.periods[name], now)
	}
	a.report.Unasked = len(a.unasked)
	return a.report, nil
}

func sorted(m map[string]*period) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func (a *auditor) find(seq int64, item, format string, args ...any) {
	a.report.Findings = append(a.report.Findings, Finding{Seq: seq, Item: item, Text: fmt.Sprintf(format, args...)})
}

func (a *auditor) follow(e runlog.Logged) {
	switch e.Code {
	case "sample.committed", "sample.disclosed", "sample.asked", "sample.judged":
		if e.State != runlog.Readable {
			a.report.Removed++
			return
		}
	}
	switch e.Code {
	case "sample.committed":
		a.committed(e)
	case "sample.disclosed":
		a.disclosed(e)
	case "sample.asked":
		a.ask(e)
	case "sample.judged":
		a.judged(e)
	case "person.decided":
		a.decided[e.Item] = true
	case "step.intent":
		a.acted(e)
	}
}

func (a *auditor) at(e runlog.Logged) *period {
	name := e.Fields["robot"] + " " + e.Fields["period"]
	p := a.periods[name]
	if p == nil {
		p = &period{}
		a.periods[name] = p
	}
	return p
}

func (a *auditor) committed(e runlog.Logged) {
	p := a.at(e)
	switch {
	case p.commitment != "":
		a.find(e.Seq, "", "Robot %s har lagt to nøgler frem til perioden %s.", e.Fields["robot"], e.Fields["period"])
	case len(p.asks) > 0:
		a.find(e.Seq, "", "Nøglen til perioden %s er brugt, før den stod i loggen.", e.Fields["period"])
	}
	p.commitment, p.committed = e.Fields["commitment"], e.Seq
}

func (a *auditor) disclosed(e runlog.Logged) {
	p := a.at(e)
	key, err := hex.DecodeString(e.Fields["key"])
	if err != nil || Commitment(key) != p.commitment {
		a.find(e.Seq, "", "Nøglen, der er lagt frem for perioden %s, er ikke den, der var bundet til.", e.Fields["period"])
		return
	}
	p.key = key
}

func (a *auditor) ask(e runlog.Logged) {
	p := a.at(e)
	share, err := strconv.Atoi(e.Fields["share"])
	drawn := e.Fields["drawn"] == "true"
	_, again := a.asked[e.Item]
	switch {
	case err != nil || e.Fields["key"] == "":
		a.find(e.Seq, e.Item, "Der mangler oplysninger om trækningen.")
		return
	case again:
		a.find(e.Seq, e.Item, "Der er trukket to gange om sagen.")
	case p.commitment == "":
		a.find(e.Seq, e.Item, "Der er trukket om sagen med en nøgle, der ikke står i loggen.")
	}
	a.asked[e.Item] = drawn
	a.report.Asked++
	if drawn {
		a.report.Drawn++
	}
	p.asks = append(p.asks, ask{seq: e.Seq, item: e.Item, robot: e.Fields["robot"], key: e.Fields["key"], share: Share(share), drawn: drawn})
}

func (a *auditor) judged(e runlog.Logged) {
	a.report.Judged++
	if e.Fields["judgement"] == "agreed" {
		a.report.Agreed++
	}
}

// acted is a change that is about to be made in a system.
func (a *auditor) acted(e runlog.Logged) {
	drawn, asked := a.asked[e.Item]
	switch {
	case a.decided[e.Item]:
	case !asked:
		a.unasked[e.Item] = true
	case drawn:
		a.find(e.Seq, e.Item, "Sagen var en stikprøve, men er udført, før en person havde afgjort den.")
	}
}

// recompute draws again for a period whose key is disclosed.
func (a *auditor) recompute(name string, p *period, now time.Time) {
	if p.key == nil {
		a.report.Secret += len(p.asks)
		_, day, _ := strings.Cut(name, " ")
		day, _, _ = strings.Cut(day, ".")
		if ended, err := time.Parse(time.DateOnly, day); err != nil || now.Sub(ended) > 72*time.Hour {
			a.find(p.committed, "", "Perioden %s er slut, men nøglen er ikke lagt frem. Den lægges frem af byskriver serve eller, næste gang en robot kører.", name)
		}
		return
	}
	for _, k := range p.asks {
		a.report.Checked++
		if Draw(p.key, k.robot, k.key, k.share) != k.drawn {
			a.find(k.seq, k.item, "Trækningen passer ikke med nøglen: sagen står som %s.", map[bool]string{true: "trukket", false: "ikke trukket"}[k.drawn])
		}
	}
}
