package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"byskriver/runner"
	"byskriver/runner/config"
)

// maxFile is the largest workbook that is read, in bytes.
const maxFile = 64 << 20

// handed is a workbook as a person has handed it in.
type handed struct {
	person config.Person
	name   string
	data   *bytes.Reader // the bytes that were owned when they were read
}

// receive finds out whose decisions a file holds, and reads it. A spreadsheet proves no
// identity: what counts is the person in whose folder it lies, who owns both. Owner and
// content are taken from one open file, so that it cannot be exchanged in between.
func receive(conf *config.Config, file string) (handed, error) {
	path, err := filepath.EvalSymlinks(file)
	if err != nil {
		return handed{}, fmt.Errorf("find the workbook: %w", err)
	}
	if path, err = filepath.Abs(path); err != nil {
		return handed{}, err
	}
	h := handed{name: filepath.Base(path)}
	if h.person, err = whose(conf, path); err != nil {
		return h, err
	}
	if err := closed(path); err != nil {
		return h, err
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return h, fmt.Errorf("open the workbook: %w", err)
	}
	defer f.Close()
	if err := owned(f, filepath.Dir(path), h.person); err != nil {
		return h, err
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return h, fmt.Errorf("read the workbook: %w", err)
	}
	if len(data) > maxFile {
		return h, fmt.Errorf("%s er større end %d MB. Brug den fil, som listen kom i", runner.Mask(h.name), maxFile>>20)
	}
	h.data = bytes.NewReader(data)
	return h, nil
}

// whose is the person in whose folder a file lies.
func whose(conf *config.Config, path string) (config.Person, error) {
	for _, p := range conf.People {
		folder, err := filepath.EvalSymlinks(p.Folder)
		if err == nil {
			folder, err = filepath.Abs(folder)
		}
		if err == nil && folder == filepath.Dir(path) {
			return p, nil
		}
	}
	return config.Person{}, fmt.Errorf("%s ligger ikke i en mappe, der tilhører en person. Læg arket i din egen mappe (people i konfigurationen)", runner.Mask(filepath.Base(path)))
}

// closed refuses a file that somebody has open: what is not saved would be missing.
func closed(path string) error {
	for _, lock := range []string{"~$" + filepath.Base(path), ".~lock." + filepath.Base(path) + "#"} {
		_, err := os.Lstat(filepath.Join(filepath.Dir(path), lock))
		switch {
		case err == nil:
			return fmt.Errorf("%s er åben i et regneark. Gem og luk den, og prøv igen. Er den ikke åben hos nogen, så slet filen %s", runner.Mask(filepath.Base(path)), lock)
		case !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("see whether the workbook is open: %w", err)
		}
	}
	return nil
}

// owned makes sure that the person has written the file, and that nobody else could.
func owned(f *os.File, folder string, p config.Person) error {
	name := runner.Mask(filepath.Base(f.Name()))
	file, err := f.Stat()
	if err != nil {
		return fmt.Errorf("look at the workbook: %w", err)
	}
	if !file.Mode().IsRegular() {
		return fmt.Errorf("%s er ikke en fil", name)
	}
	uid, err := private(folder, p)
	if err != nil {
		return err
	}
	dir, err := os.Stat(folder)
	if err != nil {
		return fmt.Errorf("look at the folder of %s: %w", p.Name, err)
	}
	switch {
	case owner(file) != uid:
		return fmt.Errorf("%s er ikke skrevet af %s: filens ejer er en anden end mappens", name, p.Name)
	case file.Mode()&0o002 != 0 || file.Mode()&0o020 != 0 && dir.Mode()&0o001 != 0:
		return fmt.Errorf("%s kan ændres af andre end %s. Tag deres skriverettighed fra filen, og prøv igen", name, p.Name)
	}
	return nil
}

// private makes sure that a folder belongs to one person, who is no robot, and that nobody
// else can put anything there. It returns the owner.
func private(folder string, p config.Person) (uid string, err error) {
	dir, err := os.Stat(folder)
	if err != nil {
		return "", fmt.Errorf("look at the folder of %s: %w", p.Name, err)
	}
	uid = owner(dir)
	if dir.Mode()&0o022 != 0 {
		return "", fmt.Errorf("mappen %s kan skrives af andre end %s, så ingen kan vide, hvem der har afgjort. Tag deres skriverettighed fra mappen", folder, p.Name)
	}
	if p.User == "" {
		return uid, nil
	}
	u, err := user.Lookup(p.User)
	if err != nil {
		return "", fmt.Errorf("find the user %s of %s: %w", p.User, p.Name, err)
	}
	switch uid {
	case u.Uid:
	case "":
		return "", fmt.Errorf("nobody can tell who owns %s", folder)
	default:
		return "", fmt.Errorf("mappen %s tilhører ikke %s: dens ejer er en anden end %s", folder, p.Name, p.User)
	}
	if uid == strconv.Itoa(os.Geteuid()) {
		return "", fmt.Errorf("%s er robottens egen bruger, og robotter kan ikke afgøre sager", p.User)
	}
	return uid, nil
}

// owner is the number of the user that owns a file, or "" where that is not known.
func owner(info fs.FileInfo) string {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return strconv.FormatUint(uint64(st.Uid), 10)
}
