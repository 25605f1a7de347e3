package plans

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// newFile makes a file whole or not at all; one that is there stays.
func newFile(path string, write func(file string) error) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s is there already; name another file", path)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	temp := filepath.Join(filepath.Dir(path), ".ny-"+strings.TrimSuffix(filepath.Base(path), ".xlsx")+".xlsx")
	defer os.Remove(temp) // gone already where the rename succeeded
	if err := write(temp); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(temp, path)
}
