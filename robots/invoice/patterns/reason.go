package patterns

// Reason is what a coding rests on: the likeness that has held longest.
type Reason struct {
	Key  int   `json:"key"` // which likeness
	Run  int   `json:"run"` // so many of the last were coded so
	Low  int32 `json:"low"` // kroner, the smallest and the largest of them
	High int32 `json:"high"`
	From Day   `json:"from"` // the first and the last of them
	To   Day   `json:"to"`
}

// reasonOf finds the longest run of like invoices that were all coded so. Of two
// as long the closer likeness is told.
func reasonOf(d *Decision, es *[maxKeys]*entry) Reason {
	var r Reason
	for k := range keys {
		e := es[k]
		if keys[k].reason == "" || e == nil || e.last != d.first || int(e.run) <= r.Run {
			continue
		}
		r = Reason{Key: k, Run: int(e.run), Low: e.low, High: e.high, From: Day(e.since), To: Day(e.day)}
	}
	return r
}
