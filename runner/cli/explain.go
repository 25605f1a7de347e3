package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"byskriver/runner"
	"byskriver/runner/store"
)

type explainCmd struct {
	Number string `arg:"" help:"The item's number, or - to read ROBOT KEY (a business key) from standard input."`
}

// Run replays each recorded decision about an item through the robot's rules and
// says whether it comes out the same, byte for byte.
func (c *explainCmd) Run(e *env) (err error) {
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	row, err := e.item(h, c.Number)
	if err != nil {
		return err
	}
	keys, err := h.store.Keys(e.ctx, row)
	if err != nil {
		return err
	}
	gone, err := h.removedText(e.ctx, row, keys)
	if err != nil {
		return err
	}
	if gone != "" {
		_, err := fmt.Fprintln(e.Stdout, gone)
		return err
	}
	decided, err := h.store.Decideds(e.ctx, row, keys)
	if err != nil {
		return err
	}
	robot, closeRobot, err := e.robot(h.conf, row.Robot, h.shelf, &drift{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeRobot()) }()
	rules := map[string]runner.Rule{}
	if r, ok := robot.(runner.Ruler); ok {
		for _, rule := range r.Rules() {
			rules[rule.Name] = rule
		}
	}
	if len(decided) == 0 {
		fmt.Fprintf(e.Stdout, "%s: ingen registreret afgørelse (%s)\n", row.Number, stateWord(row.State))
		return nil
	}
	differs := 0
	for _, d := range decided {
		same, err := c.replay(e, h, rules, d)
		if err != nil {
			return fmt.Errorf("replay %s of %s: %w", d.Rule, row.Number, err)
		}
		if !same {
			differs++
		}
	}
	if differs > 0 {
		return fmt.Errorf("%d of %d decisions about %s come out differently with this program", differs, len(decided), row.Number)
	}
	return nil
}

func (c *explainCmd) replay(e *env, h *house, rules map[string]runner.Rule, d store.Decided) (same bool, err error) {
	fmt.Fprintf(e.Stdout, "%s  regel %s, kørsel %s\n", h.when(d.At), d.Rule, d.Run)
	if run, err := h.store.RunByNumber(e.ctx, d.Run); err == nil {
		fmt.Fprintf(e.Stdout, "  program: %s\n", run.Facts["program"])
	}
	rule, ok := rules[d.Rule]
	if !ok {
		fmt.Fprintf(e.Stdout, "  reglen findes ikke i dette program\n")
		return false, nil
	}
	again, err := rule.Replay(d.Input)
	if err != nil {
		return false, err
	}
	fmt.Fprintf(e.Stdout, "  grundlag:\n%s\n  afgørelse:\n%s\n", indented(d.Input), indented(d.Verdict))
	if bytes.Equal(again, d.Verdict) {
		fmt.Fprintln(e.Stdout, "  gentaget: samme afgørelse, byte for byte")
		return true, nil
	}
	fmt.Fprintf(e.Stdout, "  gentaget: ANDEN afgørelse:\n%s\n", indented(again))
	return false, nil
}

func indented(raw json.RawMessage) []byte {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "    ", "  "); err != nil {
		return runner.MaskBytes(raw)
	}
	return append([]byte("    "), runner.MaskBytes(b.Bytes())...)
}
