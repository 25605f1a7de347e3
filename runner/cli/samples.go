package cli

import (
	"errors"
	"fmt"

	"byskriver/runner/runlog"
	"byskriver/runner/sampling"
)

type samplesLogCmd struct{}

// Run recomputes every draw whose key is disclosed. What is not as it had to be is told,
// a line each, and ends with status 3.
func (c *samplesLogCmd) Run(e *env) error {
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	r, err := sampling.Audit(h.log.Entries(e.ctx, h.store.Reader(), runlog.Filter{}), h.clock.Now())
	if err != nil {
		return err
	}
	for _, f := range r.Findings {
		fmt.Fprintf(e.Stdout, "%d  %s  %s\n", f.Seq, orDash(f.Item), f.Text)
	}
	fmt.Fprintf(e.Stdout, "%d sager spurgt, %d trukket som stikprøve, %d afgjort, %d enige med robotten\n", r.Asked, r.Drawn, r.Judged, r.Agreed)
	fmt.Fprintf(e.Stdout, "%d trækninger regnet efter; %d i perioder, hvis nøgle endnu er hemmelig; %d slettet efter slettepolitikken\n", r.Checked, r.Secret, r.Removed)
	fmt.Fprintf(e.Stdout, "%d sager udført uden trækning og uden en persons afgørelse\n", r.Unasked)
	if !r.OK() {
		return &failure{exitUnproven, errors.New("stikprøverne er ikke, som de skulle være")}
	}
	return nil
}
