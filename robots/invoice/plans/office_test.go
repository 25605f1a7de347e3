package plans

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Staff also save the sheet from LibreOffice, which writes every cell in its own
// way. By way of .ods nothing is left of how Write stored it.
func TestParseReadsWhatLibreOfficeSaved(t *testing.T) {
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("soffice is not installed (Debian: libreoffice-calc)")
	}
	dir := t.TempDir()
	want := sampleSheet()
	want.sort()
	must(Write(filepath.Join(dir, "planer.xlsx"), want))
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	for _, step := range [][2]string{{"ods", "planer.xlsx"}, {"xlsx", "planer.ods"}} {
		cmd := exec.CommandContext(ctx, soffice, "-env:UserInstallation=file://"+filepath.Join(dir, "profile"),
			"--headless", "--convert-to", step[0], "--outdir", dir, filepath.Join(dir, step[1]))
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "convert") {
			t.Fatalf("convert %s: %v\n%s", step[1], err, out)
		}
		if step[0] == "ods" {
			must(os.Remove(filepath.Join(dir, "planer.xlsx")))
		}
	}
	got, problems, err := Read(filepath.Join(dir, "planer.xlsx"), DefaultFileLimits())
	if err != nil || len(problems) > 0 {
		t.Fatalf("problems %v, err %v", problems, err)
	}
	got.Meta, want.Meta = Meta{}, Meta{}
	if asJSON(t, got) != asJSON(t, want) {
		t.Errorf("got %s\nwant %s", asJSON(t, got), asJSON(t, want))
	}
}
