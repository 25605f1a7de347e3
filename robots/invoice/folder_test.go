package invoice

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"byskriver/fixtures/invoices"
	"byskriver/robots/invoice/plans"
	"byskriver/runner"
)

// samples are the sixty, dated around noon.
func samples() []invoices.Sample { return invoices.Sixty(noon, 1) }

// sampleOf is the first of the sixty of that kind.
func sampleOf(t testing.TB, kind string) invoices.Sample {
	t.Helper()
	all := samples()
	i := slices.IndexFunc(all, func(s invoices.Sample) bool { return s.Kind == kind })
	if i < 0 {
		t.Fatalf("none of the sixty is %q", kind)
	}
	return all[i]
}

// sheetFile is the sixty's plan sheet as a file, made once.
var sheetFile = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "planer")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "planer.xlsx")
	if err := invoices.WritePlans(path, noon, "Anders Kjeldgaard"); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// newFolderBench is a bench whose plan sheet lies there as it was approved.
func newFolderBench(t testing.TB) *bench {
	t.Helper()
	b := newBench(t, newDesk())
	data, err := sheetFile()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(b.robot.settings.Plans, data, 0o644); err != nil {
		t.Fatal(err)
	}
	sheet, problems := plans.Parse(data, plans.DefaultFileLimits())
	if plans.Refused(problems) {
		t.Fatal(problems)
	}
	b.house.approve(t, sheet)
	return b
}

func (b *bench) drop(name string) string { return filepath.Join(b.robot.settings.Drop, name) }

// put writes a file into the drop folder, last changed so long before now.
func (b *bench) put(t testing.TB, name string, data []byte, age time.Duration) {
	t.Helper()
	if err := os.WriteFile(b.drop(name), data, 0o644); err != nil {
		t.Fatal(err)
	}
	b.age(t, name, age)
}

func (b *bench) age(t testing.TB, name string, age time.Duration) {
	t.Helper()
	then := b.clock.Now().Add(-age)
	if err := os.Chtimes(b.drop(name), then, then); err != nil {
		t.Fatal(err)
	}
}

// collect collects once, and gives what was found.
func (b *bench) collect(t testing.TB) []runner.Found {
	t.Helper()
	found, err := b.tryCollect(t)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (b *bench) tryCollect(t testing.TB) (found []runner.Found, err error) {
	t.Helper()
	err = b.robot.Collect(t.Context(), b.finder(&found))
	return found, err
}

// settle says that every item is done.
func (b *bench) settle() {
	for _, c := range b.items {
		c.item.State = runner.Done
	}
}

// names are the files of a folder, in order.
func names(t testing.TB, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func (b *bench) dropped(t testing.TB) []string { return names(t, b.robot.settings.Drop) }
func (b *bench) done(t testing.TB) []string    { return names(t, b.robot.settings.Done) }
