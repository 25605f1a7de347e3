package cli

import (
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"

	"byskriver/runner"
	"byskriver/runner/config"
)

// A file counts only where nobody but its person can have put it: each way that somebody
// else could is refused, in words that say what to do.
func TestWhoseFile(t *testing.T) {
	d := newDesk(t, "a")
	const item = "test-2026-000001"
	retry := map[string]string{"Afgørelse": "Prøv igen"}
	bo := filepath.Join(d.dir, "people", "bo")
	for name, c := range map[string]struct {
		change func(path string) (file string, undo func())
		says   string
	}{
		"open in Excel": {func(p string) (string, func()) {
			lock := filepath.Join(filepath.Dir(p), "~$"+filepath.Base(p))
			d.touch(lock)
			return p, func() { os.Remove(lock) }
		}, "er åben i et regneark. Gem og luk den"},
		"open in LibreOffice": {func(p string) (string, func()) {
			lock := filepath.Join(filepath.Dir(p), ".~lock."+filepath.Base(p)+"#")
			d.touch(lock)
			return p, func() { os.Remove(lock) }
		}, "er åben i et regneark"},
		"folder for all": {func(p string) (string, func()) {
			d.must(os.Chmod(filepath.Dir(p), 0o770))
			return p, func() { d.must(os.Chmod(filepath.Dir(p), 0o750)) }
		}, "kan skrives af andre end Karen Holm"},
		"file for all": {func(p string) (string, func()) {
			d.must(os.Chmod(p, 0o646))
			return p, func() {}
		}, "kan ændres af andre end Karen Holm"},
		"elsewhere": {func(p string) (string, func()) {
			to := filepath.Join(d.dir, "liste.xlsx")
			d.must(os.Rename(p, to))
			return to, func() {}
		}, "ligger ikke i en mappe, der tilhører en person"},
		"in a folder below": {func(p string) (string, func()) {
			to := filepath.Join(filepath.Dir(p), "gamle", "liste.xlsx")
			d.must(os.MkdirAll(filepath.Dir(to), 0o750))
			d.must(os.Rename(p, to))
			return to, func() {}
		}, "ligger ikke i en mappe"},
		"a folder": {func(p string) (string, func()) {
			to := filepath.Join(filepath.Dir(p), "mappe.xlsx")
			d.must(os.MkdirAll(to, 0o750))
			return to, func() {}
		}, "er ikke en fil"},
		"text": {func(p string) (string, func()) {
			d.must(os.WriteFile(p, []byte("Nr;Afgørelse\n1;Bogfør\n"), 0o640))
			return p, func() {}
		}, "Filen er en tekstfil, fx .csv"},
		"half saved": {func(p string) (string, func()) {
			d.must(os.Truncate(p, 4000))
			return p, func() {}
		}, "kun halvt gemt"},
	} {
		file, undo := c.change(d.filled("karen", item, retry))
		_, err := d.imports(file)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
		undo()
	}
	// A link from her folder to his file is his decision, not hers.
	path := d.filled("bo", item, map[string]string{"Afgørelse": "Bogfør", "Værdi": "1"})
	link := filepath.Join(d.dir, "people", "karen", "link.xlsx")
	d.must(os.Symlink(filepath.Join(bo, filepath.Base(path)), link))
	if _, err := d.imports(link); err != nil {
		t.Fatal(err)
	}
	want(t, "the list", d.list(), "Bo Lind har valgt")
	if len(d.clerk.did) != 0 {
		t.Errorf("done: %v", d.clerk.did)
	}
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) touch(path string) { d.must(os.WriteFile(path, nil, 0o640)) }

// Where the configuration names the user, folder and file must be his, and he must not be
// the one that the robots run as. Another's file can only be made by root.
func TestWhoOwnsTheFile(t *testing.T) {
	d := newDesk(t, "a")
	me, err := user.Current()
	d.must(err)
	folder := filepath.Join(d.dir, "people", "karen")
	own := func(name string) (string, error) {
		return private(folder, config.Person{Name: "Karen Holm", User: name, Folder: folder})
	}
	if _, err := own(me.Username); err == nil || !strings.Contains(err.Error(), "robotter kan ikke afgøre") {
		t.Errorf("the robots' own user: %v", err)
	}
	if _, err := own("findes-ikke-her"); err == nil {
		t.Error("an unknown user was taken")
	}
	other, err := user.Lookup("daemon")
	if err != nil || os.Geteuid() != 0 {
		t.Skip("only root can give files away: the rest needs root and the user daemon")
	}
	if _, err := own("daemon"); err == nil || !strings.Contains(err.Error(), "tilhører ikke Karen Holm") {
		t.Errorf("another's folder: %v", err)
	}
	d.write("byskriver.yaml", strings.Replace(deskConfig, "folder: people/karen", "user: daemon, folder: people/karen", 1))
	path := d.filled("karen", "test-2026-000001", map[string]string{"Afgørelse": "Prøv igen"})
	uid := int(mustUID(t, other))
	d.must(os.Chown(folder, uid, -1))
	if _, err := d.imports(path); err == nil || !strings.Contains(err.Error(), "filens ejer er en anden") {
		t.Errorf("another's file: %v", err)
	}
	d.must(os.Chown(path, uid, -1))
	if said, err := d.imports(path); err != nil || !strings.Contains(said, "1 afgørelser taget") {
		t.Errorf("her own: %q, %v", said, err)
	}
}

func mustUID(t *testing.T, u *user.User) (n int64) {
	t.Helper()
	for _, c := range u.Uid {
		n = n*10 + int64(c-'0')
	}
	return n
}

// What a ramp let in comes to the list when it is done; a person says whether it was right.
func TestRampIsCheckedInTheWorkbook(t *testing.T) {
	d := newDesk(t)
	var out strings.Builder
	set := &setModeCmd{Where: "test", Mode: "ramp", Why: "nyt"}
	e := d.desk(nil)
	e.Stdout = &out
	d.must(set.Run(e))
	d.clerk.itself, d.clerk.keys = true, []string{"a", "b"}
	want(t, "the run", d.run(), "2 fundet, 2 klaret")
	list := d.list()
	want(t, "the list", list, `"code":"KONTROL"`)
	want(t, "what was done", list, `"proposal":"konto 4711"`)
	want(t, "right", d.decides("karen", "test-2026-000001", map[string]string{"Afgørelse": "kontrolleret: Rigtigt"}), "1 afgørelser taget")
	if strings.Contains(d.list(), "000001") {
		t.Error("what was checked is still on the list")
	}
	want(t, "wrong needs words", d.decides("karen", "test-2026-000002", map[string]string{"Afgørelse": "Kontrolleret: forkert"}), "kræver, at Bemærkning")
	want(t, "wrong", d.decides("karen", "test-2026-000002", map[string]string{"Afgørelse": "Kontrolleret: forkert", "Bemærkning": "Forkert konto."}), "1 afgørelser taget")
	e = d.desk(nil)
	e.Stdout = &out
	d.must((&showModeCmd{}).Run(e))
	want(t, "mode", out.String(), "stopped")
	want(t, "why", out.String(), "af Karen Holm: Kontrollen fandt en fejl i test-2026-000002")
	if h := d.open(); h != nil {
		defer h.close()
		row, err := h.store.ItemByNumber(t.Context(), "test-2026-000001")
		if err != nil || row.State != runner.Done {
			t.Errorf("%+v, %v", row, err)
		}
	}
}
