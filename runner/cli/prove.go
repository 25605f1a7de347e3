package cli

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

type proveLogCmd struct {
	Entry int64  `arg:"" optional:"" help:"The entry's number, as log show has it."`
	Since string `help:"Instead: how the log has grown since this checkpoint that was kept; 0 for from the beginning." placeholder:"FILE"`
}

// Run prints a proof that byskriver-vidne checks without the database. It shows
// neither text nor person.
func (c *proveLogCmd) Run(e *env) error {
	if (c.Entry > 0) == (c.Since != "") {
		return &failure{exitUsage, errors.New("log prove takes the number of an entry, or --since with a checkpoint")}
	}
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	var proof []byte
	if c.Entry > 0 {
		proof, err = h.log.EntryProof(e.ctx, h.store.Reader(), c.Entry)
	} else {
		var since int64
		if since, err = sizeOf(c.Since); err == nil {
			proof, err = h.log.GrowthProof(e.ctx, h.store.Reader(), since)
		}
	}
	if err != nil {
		return err
	}
	_, err = e.Stdout.Write(proof)
	return err
}

// sizeOf is how many entries a checkpoint says that it covers. Whether it tells the
// truth is for him to check who kept it.
func sizeOf(file string) (int64, error) {
	if file == "0" {
		return 0, nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, fmt.Errorf("read the checkpoint: %w", err)
	}
	lines := strings.SplitN(string(b), "\n", 3)
	if len(lines) == 3 {
		if n, err := strconv.ParseInt(lines[1], 10, 64); err == nil {
			return n, nil
		}
	}
	return 0, fmt.Errorf("%s is no checkpoint", file)
}
