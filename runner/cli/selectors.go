package cli

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"byskriver/runner"
	"byskriver/runner/runlog"
)

type selectorsCmd struct {
	Drift  driftCmd  `cmd:"" help:"What was found by a later way than the first, from the run log."`
	Record recordCmd `cmd:"" help:"Show the robot something on a page, and get its entry for the selectors file."`
}

type driftCmd struct {
	Days int `default:"30" help:"So many days back." placeholder:"N"`
}

// use is how a later way has served.
type use struct {
	times, runs int
	last        time.Time
}

// Run prints a line for each later way that served.
func (c *driftCmd) Run(e *env) error {
	if c.Days < 1 {
		return usage("--days takes a whole number above 0")
	}
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	uses := map[[5]string]use{}
	since := h.clock.Now().AddDate(0, 0, -c.Days)
	for l, err := range h.log.Entries(e.ctx, h.store.Reader(), runlog.Filter{Code: codeDrift, Since: since}) {
		if err != nil {
			return err
		}
		if l.State != runlog.Readable {
			return fmt.Errorf("entry %d of the run log cannot be read (%s); run byskriver log verify", l.Seq, l.State)
		}
		times, err := strconv.Atoi(l.Fields["times"])
		if err != nil {
			return fmt.Errorf("entry %d of the run log: read how often: %w", l.Seq, err)
		}
		key := [5]string{l.Fields["system"], l.Fields["page"], l.Fields["name"], l.Fields["way"], l.Fields["served"]}
		u := uses[key]
		uses[key] = use{times: u.times + times, runs: u.runs + 1, last: l.At}
	}
	return c.print(e, h, uses)
}

func (c *driftCmd) print(e *env, h *house, uses map[[5]string]use) error {
	if len(uses) == 0 {
		_, err := fmt.Fprintf(e.Stdout, "De seneste %d dage er alt fundet på første måde.\n", c.Days)
		return err
	}
	w := tabwriter.NewWriter(e.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "System\tSide\tNavn\tMåde nr.\tFundet ved\tGange\tKørsler\tSenest")
	for _, k := range slices.SortedFunc(maps.Keys(uses), func(a, b [5]string) int { return slices.Compare(a[:], b[:]) }) {
		u := uses[k]
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\n", runner.Mask(strings.Join(k[:], "\t")), u.times, u.runs, h.when(u.last))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(e.Stdout, "Den første måde passer ikke længere på skærmen. Ret selectors-filen, kør byskriver check, og send serve et SIGHUP.")
	return err
}

type recordCmd struct {
	URL string `arg:"" help:"The address to open."`
}

// Run opens a visible browser; what is pressed there with Ctrl held down is
// printed as it goes into the selectors file.
func (c *recordCmd) Run(e *env) error {
	conf, err := e.config()
	if err != nil {
		return err
	}
	fmt.Fprintln(e.Stderr, "Hold Ctrl nede, og tryk på det, robotten skal finde. Luk vinduet, når du er færdig.")
	return e.fleet.Record(e.ctx, conf, c.URL, func(entry string) error {
		_, err := fmt.Fprintln(e.Stdout, entry)
		return err
	})
}
