package cli

import (
	"errors"
	"fmt"

	"byskriver/runner"
	"byskriver/runner/store"
	"byskriver/runner/workbook"
)

type importExceptionsCmd struct {
	File string `arg:"" name:"file" help:"The workbook, in the folder of the person who decided."`
}

// Run takes people's decisions, each row alone, and nothing twice.
func (c *importExceptionsCmd) Run(e *env) error {
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	file, err := receive(h.conf, c.File)
	if err != nil {
		return err
	}
	read, err := workbook.ReadFrom(file.data, file.data.Size(), workbook.ReadOptions{Ring: h.store.Ring(), Standing: h.standing(e)})
	var bad *workbook.FileError
	if errors.As(err, &bad) {
		return fmt.Errorf("%s: %s", file.name, bad.Text)
	}
	if err != nil {
		return err
	}
	taker := &taker{e: e, h: h, person: file.person, source: file.name, digest: read.Digest, robots: map[string]runner.Robot{}}
	defer taker.close()
	refused := read.Errors
	for _, d := range read.Decisions {
		text, err := taker.take(d)
		if err != nil {
			return errors.Join(err, h.prove(e.ctx))
		}
		if text != "" {
			refused = append(refused, workbook.RowError{Sheet: d.Sheet, Row: d.Row, Number: d.Number, Text: text})
		}
	}
	return errors.Join(c.report(e, taker, len(read.Drafts), refused), h.prove(e.ctx))
}

func (c *importExceptionsCmd) report(e *env, t *taker, drafts int, refused []workbook.RowError) error {
	for _, r := range refused {
		fmt.Fprintf(e.Stdout, "ikke taget: %s række %d, %s: %s\n", r.Sheet, r.Row, orDash(r.Number), runner.Mask(r.Text))
	}
	if t.half > 0 {
		fmt.Fprintf(e.Stdout, "%d afgørelser venter på, at en anden person vælger det samme\n", t.half)
	}
	_, err := fmt.Fprintf(e.Stdout, "%d afgørelser taget, %d rækker ikke taget, %d kladder\n", t.taken, len(refused), drafts)
	return err
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// standing tells the workbook's reader how an item stands.
func (h *house) standing(e *env) func(string) (int, bool, error) {
	return func(number string) (int, bool, error) {
		row, err := h.store.ItemByNumber(e.ctx, number)
		if errors.Is(err, store.ErrNotFound) {
			return 0, false, nil
		}
		if err != nil || row.State == runner.Exception {
			return row.Revision, err == nil, err
		}
		check, err := h.store.MustCheck(e.ctx, row.ID)
		return row.Revision, check, err
	}
}
