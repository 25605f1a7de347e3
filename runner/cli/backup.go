package cli

import (
	"fmt"
	"os"
	"path/filepath"
)

type backupCmd struct {
	File string `arg:"" help:"The new file; its checkpoint is put beside it as FILE.checkpoint."`
}

// Run copies the store while it is in use, and the newest signed checkpoint that
// the copy is sure to hold. Keys are not in it: whoever has both can read all.
func (c *backupCmd) Run(e *env) error {
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	if h.store.Shared() {
		return usage("the store is a PostgreSQL database, which PostgreSQL's own programs back up: first copy the newest checkpoint (a file named checkpoint in log.checkpoints), then run pg_dump; see docs/postgresql.md")
	}
	file, err := filepath.Abs(c.File)
	if err != nil {
		return err
	}
	// Before the copy: a checkpoint that is later than the store is taken for a
	// store that was rolled back.
	_, signed, err := h.log.Newest(e.ctx, h.store.Reader())
	if err != nil {
		return err
	}
	if err := h.store.Backup(e.ctx, file); err != nil {
		return err
	}
	if len(signed) > 0 {
		if err := os.WriteFile(file+".checkpoint", signed, 0o640); err != nil {
			return fmt.Errorf("write the backup's checkpoint: %w", err)
		}
	}
	_, err = fmt.Fprintln(e.Stdout, file)
	return err
}
