package reading

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"

	"byskriver/robots/invoice/reading/oioubl"
	"byskriver/robots/invoice/reading/peppol"
)

// verdict is what the official rules say of a file.
type verdict struct {
	file    string
	fatal   int
	ids     []string // of fatal findings
	schema  bool     // XML schema finds fault too
	mutated string
}

// table reads a file of columns, as maps by heading.
func table(t *testing.T, file string) []map[string]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	rows, err := r.ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%s: %d rows, %v", file, len(rows), err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, v := range row {
			m[rows[0][i]] = v
		}
		out = append(out, m)
	}
	return out
}

func verdicts(t *testing.T, dir string) []verdict {
	t.Helper()
	misformed := map[string]bool{}
	for _, row := range table(t, filepath.Join(dir, "mutants", "xsd.tsv")) {
		misformed[row["file"]] = row["xsd_errors"] != "0"
	}
	var all []verdict
	for _, sub := range []string{"", "mutants"} {
		for _, row := range table(t, filepath.Join(dir, sub, "verdicts.tsv")) {
			fatal, err := strconv.Atoi(row["fatal"])
			if err != nil {
				t.Fatal(err)
			}
			v := verdict{file: filepath.Join(dir, sub, row["file"]), fatal: fatal, schema: sub != "" && misformed[row["file"]], mutated: row["mutation"]}
			for _, id := range strings.Split(row["findings"], ",") {
				if id != "" && !strings.HasPrefix(id, "w:") {
					v.ids = append(v.ids, id)
				}
			}
			all = append(all, v)
		}
	}
	return all
}

// tally is one row of the table.
type tally struct{ files, found, missed, alarms, rules, named int }

// file counts a fatal file.
func (r *tally) file(found bool) {
	r.files++
	if found {
		r.found++
	} else {
		r.missed++
	}
}

// family is what the ids of related rules begin with.
var family = regexp.MustCompile(`^[A-Z]+(-EN16931|-[A-Z]+)?`)

// The reader agrees with the official verdicts on the published files and the
// mutants of them: what is fatal, and by which rule.
func TestAgreement(t *testing.T) {
	dir := given(t)
	ours := map[string]bool{}
	for _, id := range append(oioubl.IDs(), peppol.IDs()...) {
		ours[id] = true
	}
	rows := map[string]*tally{}
	row := func(name string) *tally {
		if rows[name] == nil {
			rows[name] = &tally{}
		}
		return rows[name]
	}
	all := row("all")
	for _, v := range verdicts(t, dir) {
		_, findings, err := ReadFile(context.Background(), v.file, DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for _, f := range findings {
			got[f.Code] = got[f.Code] || f.Fatal
		}
		count(t, v, Fatal(findings), got, all)
		seen := map[*tally]bool{}
		for _, id := range v.ids {
			r := row(family.FindString(id))
			if !seen[r] {
				seen[r] = true
				r.file(Fatal(findings))
			}
			r.rules++
			all.rules++
			if got[id] {
				r.named++
				all.named++
			}
			if ours[id] && !got[id] {
				t.Errorf("%s (%s): %s is not named", v.file, v.mutated, id)
			}
		}
	}
	report(t, rows)
	if all.found*100 < all.files*98 || all.alarms > 0 {
		t.Errorf("%d of %d fatal ones found, %d false alarms", all.found, all.files, all.alarms)
	}
}

// count puts one file into the row for all: fatal ones into files, found and
// missed, clean ones that are called fatal into alarms.
func count(t *testing.T, v verdict, fatal bool, got map[string]bool, all *tally) {
	switch {
	case v.fatal > 0:
		all.file(fatal)
		if !fatal {
			t.Logf("missed: %s (%s): %v", v.file, v.mutated, v.ids)
		}
	case v.schema && !fatal:
		t.Errorf("%s (%s) breaks the schema and is not called fatal", v.file, v.mutated)
	case !v.schema && fatal:
		all.alarms++
		t.Errorf("false alarm: %s (%s): %v", v.file, v.mutated, got)
	}
}

// report prints the table.
func report(t *testing.T, rows map[string]*tally) {
	var names []string
	for name := range rows {
		names = append(names, name)
	}
	sort.Strings(names)
	var b strings.Builder
	fmt.Fprintf(&b, "%-18s %8s %8s %8s %8s %8s %8s\n", "family", "fatal", "found", "missed", "alarms", "rules", "named")
	for _, name := range names {
		r := rows[name]
		fmt.Fprintf(&b, "%-18s %8d %8d %8d %8d %8d %8d\n", name, r.files, r.found, r.missed, r.alarms, r.rules, r.named)
	}
	t.Log("\n" + b.String())
}
