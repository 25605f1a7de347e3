package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"byskriver/runner"
	"byskriver/runner/runlog"
	"byskriver/runner/seal"
	"byskriver/runner/store"
)

// taking is a robot that takes a workbook of its own from a person.
type taking interface {
	// HandIn takes what a person, as people in the configuration names him, has filled in.
	// The lines are for the person.
	HandIn(ctx context.Context, person string, data []byte) (lines []string, err error)
}

type handInCmd struct {
	Robot string `arg:"" help:"The robot's name."`
	File  string `arg:"" name:"file" help:"The workbook, in the folder of the person who filled it in."`
}

// Run hands a workbook to the robot that made it. Whose it is, is who owns the folder and
// the file, as for decisions.
func (c *handInCmd) Run(e *env) error {
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	file, err := receive(h.conf, c.File)
	if err != nil {
		return err
	}
	robot, closeRobot, err := e.robot(h.conf, c.Robot, func(name string) runner.Shelf { return h.shelf(name) }, &drift{})
	if err != nil {
		return err
	}
	taker, ok := robot.(taking)
	if !ok {
		return errors.Join(usage("robot %s takes no workbooks of its own; decisions are read by exceptions import", c.Robot), closeRobot())
	}
	data, err := io.ReadAll(file.data)
	if err != nil {
		return errors.Join(fmt.Errorf("read the workbook: %w", err), closeRobot())
	}
	lines, err := taker.HandIn(e.ctx, file.person.Name, data)
	for _, line := range lines {
		fmt.Fprintln(e.Stdout, runner.Mask(line))
	}
	sum := sha256.Sum256(data)
	noted := h.store.Write(e.ctx, func(t *store.Tx) error {
		return h.log.Append(t.Context(), t, seal.Key{}, runlog.Entry{At: h.clock.Now(), Code: "workbook.handed_in",
			Fields: map[string]string{"robot": c.Robot, "by": file.person.Name, "file": runner.Mask(file.name), "sha256": hex.EncodeToString(sum[:])}})
	})
	return errors.Join(err, noted, closeRobot(), h.prove(e.ctx))
}
