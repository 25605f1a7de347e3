package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"byskriver/runner"
	"byskriver/runner/store"
)

type itemsCmd struct {
	Show  showItemCmd  `cmd:"" help:"Show an item."`
	Retry retryItemCmd `cmd:"" help:"Have an item on the list tried again."`
}

type showItemCmd struct {
	Number string `arg:"" help:"The item's number, or - to read ROBOT KEY (a business key) from standard input."`
}

// Run shows how an item stands and what has happened to it.
func (c *showItemCmd) Run(e *env) error {
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	row, err := e.item(h, c.Number)
	if err != nil {
		return err
	}
	item, keys, err := h.store.Load(e.ctx, row)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(e.Stdout, 0, 4, 2, ' ', 0)
	line := func(k, v string) {
		if v != "" {
			fmt.Fprintf(w, "%s\t%s\n", k, runner.Mask(v))
		}
	}
	line("Nr", row.Number)
	line("Robot", row.Robot)
	line("Sag", item.Label)
	line("Kilde", item.Source)
	line("Område", row.Area)
	line("Stand", stateWord(row.State))
	line("Kode", row.Code)
	line("Oprettet", h.when(row.Created))
	line("Afsluttet", h.when(row.Settled))
	line("Revision", fmt.Sprint(row.Revision))
	line("Samme nøgle som", row.Twin)
	if err := w.Flush(); err != nil {
		return err
	}
	gone, err := h.removedText(e.ctx, row, keys)
	if err != nil {
		return err
	}
	if gone != "" {
		fmt.Fprintf(e.Stdout, "\n%s\n", gone)
	}
	return c.history(e, h, row, keys)
}

func (c *showItemCmd) history(e *env, h *house, row store.Row, keys store.Keys) error {
	outcomes, err := h.store.Outcomes(e.ctx, row, keys)
	if err != nil {
		return err
	}
	for _, o := range outcomes {
		fmt.Fprintf(e.Stdout, "\n%s  %s %s\n  %s\n", h.when(o.At), stateWord(o.State), o.Code, runner.Mask(o.Words.Text))
		if o.Words.Proposal != "" {
			fmt.Fprintf(e.Stdout, "  Forslag: %s\n", runner.Mask(o.Words.Proposal))
		}
	}
	steps, err := h.store.Steps(e.ctx, row)
	if err != nil {
		return err
	}
	for _, s := range steps {
		fmt.Fprintf(e.Stdout, "\nTrin %s i %s: %s (%s)\n", s.Name, s.System, s.State, h.when(s.Attempted))
	}
	exhibits, err := h.store.Exhibits(e.ctx, row, keys)
	if err != nil {
		return err
	}
	for _, x := range exhibits {
		size := fmt.Sprintf("%d byte", len(x.Data))
		if x.Data == nil {
			size = "slettet efter regel"
		}
		fmt.Fprintf(e.Stdout, "Bevis: %s (%s, %s)\n", x.Name, h.when(x.At), size)
	}
	return nil
}

func stateWord(s runner.State) string {
	words := map[runner.State]string{runner.Ready: "klar til behandling", runner.Waiting: "venter", runner.Failed: "fejlet, prøves igen",
		runner.Exception: "på listen", runner.Done: "klaret"}
	return words[s]
}

// item finds an item by its number, or by robot and business key read from
// standard input: a key may hold a CPR number and never stands in an argument.
func (e *env) item(h *house, number string) (store.Row, error) {
	if number != "-" {
		row, err := h.store.ItemByNumber(e.ctx, number)
		if errors.Is(err, store.ErrNotFound) {
			return row, usage("there is no item %s", runner.Mask(number))
		}
		return row, err
	}
	line, err := bufio.NewReader(io.LimitReader(e.Stdin, 64<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return store.Row{}, fmt.Errorf("read the business key from standard input: %w", err)
	}
	robot, key, ok := strings.Cut(strings.TrimSpace(line), " ")
	if !ok {
		return store.Row{}, usage("expected a line ROBOT KEY on standard input")
	}
	row, err := h.store.ItemByKey(e.ctx, robot, runner.Live, key)
	if errors.Is(err, store.ErrNotFound) {
		return row, usage("robot %s has no item with that key", robot)
	}
	return row, err
}

type retryItemCmd struct {
	Number string `arg:"" help:"The item's number, or - to read ROBOT KEY (a business key) from standard input."`
}

// Run has an item on the list worked again by the next run.
func (c *retryItemCmd) Run(e *env) error {
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	row, err := e.item(h, c.Number)
	if err != nil {
		return err
	}
	if row.State != runner.Exception {
		return fmt.Errorf("%s er ikke på listen (%s), så der er intet at prøve igen", row.Number, stateWord(row.State))
	}
	by, err := operator(h.conf)
	if err != nil {
		return err
	}
	d := runner.Decision{Action: runner.ActionRetry, By: by, At: h.clock.Now(), Source: "items retry"}
	if err := h.decide(e.ctx, row, row.Revision, d); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.Stdout, "%s prøves igen ved næste kørsel af %s.\n", row.Number, row.Robot)
	return errors.Join(err, h.prove(e.ctx))
}
