package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"byskriver/runner/runlog"
	"byskriver/runner/seal"
	"byskriver/runner/store"
)

type subjectLogCmd struct {
	JSON bool `name:"json" help:"Print one JSON object a line."`
}

// codeSubject is logged before the look-ups of a person are told.
const codeSubject = "person.log_shown"

// Run lists every look-up of the person whose CPR number stands on standard input,
// for a citizen who asks. The list is itself a look-up, logged before it is made,
// and stands in it.
func (c *subjectLogCmd) Run(e *env) error {
	cpr, err := e.subject()
	if err != nil {
		return err
	}
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	by, err := operator(h.conf)
	if err != nil {
		return err
	}
	err = h.store.Write(e.ctx, func(t *store.Tx) error {
		return h.log.Append(t.Context(), t, seal.Key{}, runlog.Entry{At: h.clock.Now(), Code: codeSubject, Subject: cpr, Text: "Listen over opslag på borgeren er vist.",
			Fields: map[string]string{"system": "byskriver", "purpose": "Liste over opslag til borgeren", "by": by}})
	})
	if err != nil {
		return fmt.Errorf("log that the look-ups are told: %w", err)
	}
	if err := h.prove(e.ctx); err != nil {
		return err
	}
	return c.list(e, h, cpr)
}

// subject reads a CPR number from standard input: an argument is seen by everybody
// on the machine.
func (e *env) subject() (string, error) {
	line, err := bufio.NewReader(io.LimitReader(e.Stdin, 1<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the CPR number from standard input: %w", err)
	}
	cpr := strings.TrimSpace(line)
	if len(cpr) == 11 && (cpr[6] == '-' || cpr[6] == ' ') {
		cpr = cpr[:6] + cpr[7:]
	}
	if len(cpr) != 10 || strings.Trim(cpr, "0123456789") != "" {
		return "", usage("expected a CPR number on standard input: ten digits, or six and four with a hyphen")
	}
	return cpr, nil
}

func (c *subjectLogCmd) list(e *env, h *house, cpr string) error {
	w := tabwriter.NewWriter(e.Stdout, 0, 4, 2, ' ', 0)
	if !c.JSON {
		fmt.Fprintln(w, "Tidspunkt\tSystem\tFormål\tKørsel\tSag")
	}
	n := 0
	for l, err := range h.log.BySubject(e.ctx, h.store.Reader(), cpr) {
		if err != nil {
			return fmt.Errorf("read the look-ups: %w", err)
		}
		n++
		if err := c.print(w, h, l); err != nil {
			return err
		}
	}
	if !c.JSON {
		fmt.Fprintf(w, "%d opslag.\n", n)
	}
	if err := c.removed(e, w, h); err != nil {
		return err
	}
	return w.Flush()
}

// removed says which rules have removed entries from the log: a look-up of this person
// may have been among them, and nothing left tells whether.
func (c *subjectLogCmd) removed(e *env, w io.Writer, h *house) error {
	last := map[string]time.Time{}
	for l, err := range h.log.Entries(e.ctx, h.store.Reader(), runlog.Filter{Code: runlog.CodeRemoved}) {
		if err != nil {
			return fmt.Errorf("read what was removed by policy: %w", err)
		}
		if rule := l.Fields["policy"]; l.At.After(last[rule]) {
			last[rule] = l.At
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(last)) {
		if c.JSON {
			line, err := json.Marshal(map[string]any{"state": runlog.Gone, "removed_by_policy": rule, "last": last[rule]})
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "%s\n", line)
			continue
		}
		fmt.Fprintf(w, "Slettet efter regel, senest %s: ældre opslag (%s). Om nogen af dem gjaldt denne person, kan ikke længere ses.\n",
			last[rule].In(h.zone).Format("02-01-2006"), rule)
	}
	return nil
}

func (c *subjectLogCmd) print(w io.Writer, h *house, l runlog.Logged) error {
	if c.JSON {
		line, err := json.Marshal(map[string]any{"seq": l.Seq, "time": l.At, "system": l.Fields["system"], "purpose": l.Fields["purpose"], "by": l.Fields["by"],
			"run": l.Run, "item": l.Item, "code": l.Code, "state": l.State})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "%s\n", line)
		return err
	}
	system, purpose := l.Fields["system"], l.Fields["purpose"]
	switch l.State {
	case runlog.Gone:
		purpose = "(slettet efter slettepolitikken)"
	case runlog.Damaged:
		purpose = "(kan ikke læses; kør byskriver log verify)"
	}
	if by := l.Fields["by"]; by != "" {
		purpose += ", af " + by
	}
	_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", l.At.In(h.zone).Format("02-01-2006 15:04:05"), dash(system), dash(purpose), dash(l.Run), dash(l.Item))
	return err
}

// dash stands where there is nothing.
func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
