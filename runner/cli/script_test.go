package cli_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"

	"byskriver/fixtures/invoices"
	"byskriver/robots"
	"byskriver/runner/cli"
)

// TestMain lets the test binary be the program: main.go in other words.
func TestMain(m *testing.M) {
	if url := os.Getenv(inSystem); url != "" {
		os.Exit(cli.Main(cli.Process{Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Version: "v0.0.0-test"}, posterFleet{url}))
	}
	testscript.Main(stopping{m}, map[string]func(){"byskriver": func() {
		os.Exit(cli.Main(cli.Process{Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Version: "v0.0.0-test"}, robots.Fleet{}))
	}})
}

// Each script runs the program's commands in a municipality's folder, as an
// operator would. There is no portal and no browser: what would reach for them
// fails.
func TestCommands(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                "testdata/script",
		RequireUniqueNames: true,
		Setup:              municipality,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "fill": fill, "sql": statement, "itemof": itemOf, "env2file": envToFile, "sed": edit, "file2env": fileToEnv, "appendfile": appendFile,
		},
	})
}

const configuration = `municipality: Lilleby Kommune
store:
  path: data/byskriver.db
  key: file:hemmeligt/lager.key
log:
  key: file:hemmeligt/log.key
  lines: log/koersel.jsonl
  checkpoints: [log]
browser:
  path: /nonexistent/chromium
systems:
  opus:
    url: http://127.0.0.1:1
    user: ROBOT01
    password: file:hemmeligt/opus
    selectors: opus.yaml
    settles_after: 2m
people:
  - {name: Karen Holm, folder: personer/Karen Holm}
  - {name: Bo Lind, folder: personer/Bo Lind}
robots:
  invoice:
    drop: modtaget
    done: behandlet
    plans: betalingsplaner.xlsx
    units: enheder.yaml
    quiet: 0s
`

// municipality is the folder that a script starts in. Two samples lie outside the
// drop folder: one that is in order, and one whose total is wrong.
func municipality(e *testscript.Env) error {
	now := time.Now()
	for _, dir := range []string{"modtaget", "hemmeligt", "personer/Karen Holm", "prøver"} {
		if err := os.MkdirAll(filepath.Join(e.WorkDir, dir), 0o750); err != nil {
			return err
		}
	}
	selectors, err := os.ReadFile("../../selectors/opus.yaml")
	if err != nil {
		return err
	}
	for name, text := range map[string]string{"byskriver.yaml": configuration, "hemmeligt/opus": "hemmelig123\n", "opus.yaml": string(selectors)} {
		if err := os.WriteFile(filepath.Join(e.WorkDir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	names := map[string]string{"inside-code": "i-orden.xml", "total-wrong": "forkert-sum.xml"}
	for _, s := range invoices.Sixty(now, 1) {
		name := names[s.Kind]
		if name == "" {
			continue
		}
		delete(names, s.Kind) // the first of each kind
		if s.Kind == "total-wrong" {
			e.Setenv("KEY", "invoice invoice/"+s.CVR+"/invoice/"+s.Number)
		}
		if err := os.WriteFile(filepath.Join(e.WorkDir, "prøver", name), s.XML, 0o640); err != nil {
			return err
		}
	}
	if err := invoices.WriteUnits(filepath.Join(e.WorkDir, "enheder.yaml")); err != nil {
		return err
	}
	return invoices.WritePlans(filepath.Join(e.WorkDir, "betalingsplaner.xlsx"), now, "Anders Kjeldgaard")
}

// exits STATUS COMMAND... runs a command that must end with that status.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND...")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("ended with %s, want %s", got, args[0])
	}
}

// fill FROM TO CODE CHOICE saves the workbook FROM as TO, as a person would who
// has taken the choice about each exception of that code.
func fill(ts *testscript.TestScript, _ bool, args []string) {
	f, err := excelize.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	filled := 0
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		ts.Check(err)
		code, choice := -1, -1
		for n, row := range rows {
			for i, cell := range row {
				switch cell {
				case "Kode":
					code = i
				case "Afgørelse":
					choice = i
				}
			}
			if code < 0 || choice < 0 || code >= len(row) || row[code] != args[2] {
				continue
			}
			at, err := excelize.CoordinatesToCellName(choice+1, n+1)
			ts.Check(err)
			ts.Check(f.SetCellStr(sheet, at, args[3]))
			filled++
		}
	}
	if filled == 0 {
		ts.Fatalf("no exception with code %s in %s", args[2], args[0])
	}
	ts.Check(f.SaveAs(ts.MkAbs(args[1])))
	ts.Check(f.Close())
}

// sql FILE STATEMENT changes the database behind the program's back.
func statement(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	res, err := db.Exec(args[1])
	ts.Check(err)
	n, err := res.RowsAffected()
	ts.Check(err)
	if n == 0 {
		ts.Fatalf("nothing is changed by %s", args[1])
	}
	ts.Check(db.Close())
}

// itemof CODE sets ITEM to the number of the exception of that code that the
// command before has listed.
func itemOf(ts *testscript.TestScript, _ bool, args []string) {
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		if strings.Contains(line, "  "+args[0]+"  ") {
			number, _, _ := strings.Cut(line, " ")
			ts.Setenv("ITEM", number)
			return
		}
	}
	ts.Fatalf("no exception with code %s is listed", args[0])
}

// env2file NAME FILE writes a variable to a file.
func envToFile(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(ts.Getenv(args[0])+"\n"), 0o600))
}

// file2env FILE NAME sets a variable to a file's first line.
func fileToEnv(ts *testscript.TestScript, _ bool, args []string) {
	line, _, _ := strings.Cut(ts.ReadFile(args[0]), "\n")
	ts.Setenv(args[1], line)
}

// sed 's/REGEXP/TEXT/' FILE replaces in a file; at least one place must fit.
func edit(ts *testscript.TestScript, _ bool, args []string) {
	parts := strings.Split(args[0], "/")
	if len(parts) != 4 || parts[0] != "s" {
		ts.Fatalf("usage: sed s/REGEXP/TEXT/ FILE")
	}
	was, form := ts.ReadFile(args[1]), regexp.MustCompile("(?m)"+parts[1])
	if !form.MatchString(was) {
		ts.Fatalf("%s has nothing like %s", args[1], parts[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(form.ReplaceAllString(was, strings.ReplaceAll(parts[2], `\n`, "\n"))), 0o600))
}

// appendFile FILE MORE adds the text of one file to another.
func appendFile(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0]) + ts.ReadFile(args[1])
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}
