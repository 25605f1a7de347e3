package cli

import (
	"fmt"

	"byskriver/runner/store"
)

type restoredCmd struct{}

// Run marks the store as a copy of an earlier moment: from the next run on each change is
// looked for in its system before it is made. Only looks cost anything then.
func (c *restoredCmd) Run(e *env) error {
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	if err := h.store.Write(e.ctx, func(t *store.Tx) error { return t.MarkAsCopy() }); err != nil {
		return fmt.Errorf("mark the store as restored: %w", err)
	}
	_, err = fmt.Fprintln(e.Stdout, "Lageret regnes for lagt tilbage. Robotterne slår hver ændring op i systemet, før de udfører den.")
	return err
}
