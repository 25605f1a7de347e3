package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"byskriver/runner"
	"byskriver/runner/config"
	"byskriver/runner/store"
	"byskriver/runner/workbook"
)

type exceptionsCmd struct {
	List   listExceptionsCmd   `cmd:"" help:"List what people must look at."`
	Export exportExceptionsCmd `cmd:"" help:"Write the list as workbooks to a folder."`
	Import importExceptionsCmd `cmd:"" help:"Read people's decisions from a workbook."`
}

// listed is one exception with what a person must know of it.
type listed struct {
	Number   string          `json:"number"`
	Robot    string          `json:"robot"`
	Case     string          `json:"case"`
	Area     string          `json:"area"`
	Created  time.Time       `json:"created"`
	Due      *time.Time      `json:"due"`
	Code     string          `json:"code"`
	Reason   string          `json:"reason"`
	Proposal string          `json:"proposal"`
	Source   string          `json:"source"`
	Choices  []runner.Choice `json:"choices"`
	Revision int             `json:"revision"`

	row  store.Row
	keys store.Keys
}

// listed reads what one exception says. CPR numbers in it are masked.
func (h *house) listed(e *env, row store.Row) (listed, error) {
	item, keys, err := h.store.Load(e.ctx, row)
	if err != nil {
		return listed{}, err
	}
	l := listed{Number: row.Number, Robot: row.Robot, Case: runner.Mask(item.Label), Area: row.Area, Created: row.Created, Code: row.Code,
		Source: runner.Mask(item.Source), Revision: row.Revision, row: row, keys: keys}
	if !row.Due.IsZero() {
		l.Due = &row.Due
	}
	outcomes, err := h.store.Outcomes(e.ctx, row, keys)
	if err != nil {
		return l, err
	}
	first, err := h.store.FirstDecision(e.ctx, row, keys)
	if err != nil {
		return l, err
	}
	if n := len(outcomes); n > 0 {
		words := outcomes[n-1].Words
		l.Reason, l.Proposal, l.Choices = runner.Mask(words.Text), runner.Mask(words.Proposal), words.Choices
		if words.Label != "" {
			l.Case = runner.Mask(words.Label)
		}
	}
	if row.State == runner.Done {
		return h.toCheck(e, l)
	}
	if first != nil {
		l.Reason += second(*first, l.Choices)
	}
	return l, nil
}

// second tells whose decision waits for a second person's.
func second(first runner.Decision, choices []runner.Choice) string {
	label := first.Action
	for _, c := range choices {
		if c.Action == first.Action {
			label = c.Label
		}
	}
	if first.Value != "" {
		label += " " + first.Value
	}
	return runner.Mask(fmt.Sprintf("\nVenter på en anden person: %s har valgt »%s«. Beløbet kræver to; vælg det samme, hvis du er enig.", first.By, label))
}

// codeCheck is on the list for what a ramp let in and nobody has looked at.
const codeCheck = "KONTROL"

// toCheck is what the list says of an item that a ramp let in.
func (h *house) toCheck(e *env, l listed) (listed, error) {
	l.Code, l.Reason = codeCheck, "Indkøring: Robotten har klaret sagen. Se efter, om det er gjort rigtigt, før flere sager udføres."
	l.Choices = []runner.Choice{{Action: actionRight, Label: "Kontrolleret: rigtigt"}, {Action: actionWrong, Label: "Kontrolleret: forkert", NeedsNote: true}}
	what, err := h.did(e.ctx, l.row, l.keys)
	l.Proposal = runner.Mask(what)
	return l, err
}

// listing are the exceptions of a robot ("" means all), and what is to be checked.
func (h *house) listing(e *env, robot string) ([]store.Row, error) {
	rows, err := h.store.Listed(e.ctx, robot, runner.Live)
	if err != nil {
		return nil, err
	}
	checks, err := h.store.ToCheck(e.ctx, robot)
	return append(rows, checks...), err
}

type listExceptionsCmd struct {
	JSON bool `name:"json" help:"Print one JSON object a line."`
}

// Run prints the list, oldest first.
func (c *listExceptionsCmd) Run(e *env) error {
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	rows, err := h.listing(e, "")
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(e.Stdout, 0, 4, 2, ' ', 0)
	for _, row := range rows {
		l, err := h.listed(e, row)
		if err != nil {
			return err
		}
		if c.JSON {
			line, err := json.Marshal(l)
			if err != nil {
				return err
			}
			fmt.Fprintf(e.Stdout, "%s\n", line)
			continue
		}
		first, _, _ := strings.Cut(l.Reason, "\n") // the whole of it is in items show
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", l.Number, l.Case, l.Code, first)
	}
	return w.Flush()
}

type exportExceptionsCmd struct {
	Dir string `arg:"" help:"The folder that gets the workbooks."`
}

// Run writes a workbook for each list of people.
func (c *exportExceptionsCmd) Run(e *env) error {
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	if err := os.MkdirAll(c.Dir, 0o750); err != nil {
		return fmt.Errorf("make the folder of workbooks: %w", err)
	}
	lists := h.conf.Lists
	if len(lists) == 0 {
		lists = []config.List{{}}
	}
	for _, list := range lists {
		path, err := c.export(e, h, list)
		if err != nil {
			return fmt.Errorf("export the list %s: %w", list.Name, err)
		}
		fmt.Fprintln(e.Stdout, path)
	}
	return nil
}

func (c *exportExceptionsCmd) export(e *env, h *house, list config.List) (string, error) {
	book := workbook.Book{Municipality: h.conf.Municipality, Zone: h.zone, Ring: h.store.Ring()}
	for _, about := range e.fleet.Names() {
		if _, set := h.conf.Robots[about.Name]; !set || len(list.Robots) > 0 && !slices.Contains(list.Robots, about.Name) {
			continue
		}
		part, run, err := c.part(e, h, about, list.Areas)
		if err != nil {
			return "", err
		}
		notes, err := h.modeNotes(e, about)
		if err != nil {
			return "", err
		}
		book.Robots, book.Notes = append(book.Robots, part), append(book.Notes, notes...)
		book.Run = strings.TrimPrefix(book.Run+", "+run, ", ")
	}
	return workbook.Export(c.Dir, list.Name, h.clock.Now(), book)
}

// part is one robot's sheet: how its last run went, and what is on the list.
func (c *exportExceptionsCmd) part(e *env, h *house, about runner.About, areas []string) (workbook.Robot, string, error) {
	part := workbook.Robot{Name: about.Name, Title: about.Title}
	run, err := h.store.LastRun(e.ctx, about.Name, runner.Live)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return part, "", err
	}
	if part.Tally, err = h.today(e, about.Name); err != nil {
		return part, "", err
	}
	if part.Progress, err = h.progress(e, about.Name); err != nil {
		return part, "", err
	}
	stops, err := h.store.Stops(e.ctx)
	if err != nil {
		return part, "", err
	}
	for _, s := range stops {
		if s.Robot == about.Name {
			part.Stopped = s.Text
		}
	}
	rows, err := h.listing(e, about.Name)
	if err != nil {
		return part, "", err
	}
	part.Advice, err = c.advice(e, h, about.Name)
	if err != nil {
		return part, "", err
	}
	part.Rows = func(yield func(workbook.Row, error) bool) {
		for _, row := range rows {
			if len(areas) > 0 && !slices.Contains(areas, row.Area) {
				continue
			}
			out, err := c.row(e, h, row)
			if !yield(out, err) || err != nil {
				return
			}
		}
	}
	return part, run.Number, nil
}

// advice asks a robot what people do about its codes.
func (c *exportExceptionsCmd) advice(e *env, h *house, name string) (map[string]string, error) {
	robot, done, err := e.robot(h.conf, name, h.shelf, &drift{})
	if err != nil {
		return nil, err
	}
	adviser, ok := robot.(interface{ Advice() map[string]string })
	if !ok {
		return nil, done()
	}
	return adviser.Advice(), done()
}

func (c *exportExceptionsCmd) row(e *env, h *house, row store.Row) (workbook.Row, error) {
	l, err := h.listed(e, row)
	if err != nil {
		return workbook.Row{}, err
	}
	out := workbook.Row{Number: l.Number, Case: l.Case, Area: l.Area, Created: l.Created, Due: row.Due, Code: l.Code, Reason: l.Reason,
		Proposal: l.Proposal, Choices: l.Choices, Revision: l.Revision, Evidence: workbook.Evidence{Text: filepath.Base(l.Source)}}
	exhibits, err := h.store.Exhibits(e.ctx, row, l.keys)
	if err != nil {
		return out, err
	}
	for _, x := range exhibits {
		link, err := c.layOut(row.Number, x)
		if err != nil {
			return out, err
		}
		if link != "" && (out.Evidence.Link == "" || strings.HasSuffix(link, ".png")) {
			out.Evidence = workbook.Evidence{Text: x.Name, Link: link}
		}
	}
	return out, nil
}

// layOut puts a piece of evidence, which was masked before it was captured,
// beside the workbook, and returns the way there from it.
func (c *exportExceptionsCmd) layOut(number string, x store.Exhibit) (string, error) {
	if x.Data == nil {
		return "", nil
	}
	dir := filepath.Join(c.Dir, "bevis")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", fmt.Errorf("make the folder of evidence: %w", err)
	}
	name := number + "-" + x.At.Format("20060102-150405") + "-" + filepath.Base(x.Name)
	if err := os.WriteFile(filepath.Join(dir, name), x.Data, 0o640); err != nil {
		return "", fmt.Errorf("lay out evidence of %s: %w", number, err)
	}
	return "bevis/" + name, nil
}
