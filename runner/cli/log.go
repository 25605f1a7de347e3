package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"
	"strings"

	"byskriver/runner/runlog"
)

type logCmd struct {
	Show    showLogCmd    `cmd:"" help:"Show entries of the run log."`
	Subject subjectLogCmd `cmd:"" help:"List every look-up of a person, for a citizen who asks; the CPR number is read from standard input."`
	Verify  verifyLogCmd  `cmd:"" help:"Check the whole run log."`
	Prove   proveLogCmd   `cmd:"" help:"Print a proof of one entry, or of how the log has grown, for an auditor's witness."`

	Samples samplesLogCmd `cmd:"" help:"Recompute from the run log which items had to be samples, and that they were."`
}

type showLogCmd struct {
	Item string `help:"Only entries of this item." placeholder:"NUMBER"`
	JSON bool   `name:"json" help:"Print one JSON object a line."`
}

// Run prints entries in order.
func (c *showLogCmd) Run(e *env) error {
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	for entry, err := range h.log.Entries(e.ctx, h.store.Reader(), runlog.Filter{Item: c.Item}) {
		if err != nil {
			return err
		}
		if err := c.print(e, h, entry); err != nil {
			return err
		}
	}
	return nil
}

func (c *showLogCmd) print(e *env, h *house, l runlog.Logged) error {
	if c.JSON {
		line, err := json.Marshal(map[string]any{"seq": l.Seq, "time": l.At, "code": l.Code, "run": l.Run, "item": l.Item,
			"text": l.Text, "fields": l.Fields, "state": l.State, "pending": l.Pending, "look_up": l.LookUp})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(e.Stdout, "%s\n", line)
		return err
	}
	parts := []string{fmt.Sprintf("%6d", l.Seq), l.At.In(h.zone).Format("02-01-2006 15:04:05"), l.Code}
	for _, s := range []string{l.Item, l.Text, fieldText(l.Fields)} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if l.State != runlog.Readable {
		parts = append(parts, "("+string(l.State)+")")
	}
	_, err := fmt.Fprintln(e.Stdout, strings.Join(parts, "  "))
	return err
}

func fieldText(fields map[string]string) string {
	keys := make([]string, 0, len(fields))
	for k := range fields {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for i, k := range keys {
		keys[i] = k + "=" + fields[k]
	}
	return strings.Join(keys, " ")
}

type verifyLogCmd struct {
	Checkpoint []string `help:"A signed checkpoint that was kept elsewhere; may be given more than once." type:"existingfile" placeholder:"FILE"`
}

// Run checks the whole log, and everything that is wrong is said by name.
func (c *verifyLogCmd) Run(e *env) error {
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	var kept [][]byte
	for _, file := range c.Checkpoint {
		b, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("read a checkpoint: %w", err)
		}
		kept = append(kept, b)
	}
	report, err := h.log.Verify(e.ctx, h.store.Reader(), runlog.VerifyOptions{Checkpoints: kept})
	if err != nil {
		return err
	}
	fmt.Fprint(e.Stdout, report.Text())
	if !report.OK() {
		return &failure{exitUnproven, errors.New("the run log does not verify")}
	}
	return nil
}
