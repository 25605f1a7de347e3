package rightsfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"byskriver/fixtures/staff"
)

func roster() Settings {
	return Settings{File: "vagtplan.csv", Encoding: "windows-1252", Inactive: []string{"N"}, Day: "31-12-2026",
		Columns: Columns{Account: "Bruger", CPR: "Personnr.", Name: "Navn", Unit: "Enhed", Active: "Aktiv", LastUse: "Sidst brugt", Right: "Rettighed", RightName: "Navn på rettighed", Owner: "Ansvarlig"}}
}

// The town's file is read right by right.
func TestTheTownsFile(t *testing.T) {
	s := staff.Generate(staff.Options{Seed: 3, Employees: 300, Now: time.Date(2026, time.November, 2, 8, 0, 0, 0, time.UTC)})
	rows, err := roster().Parse(s.RosterFile())
	if err != nil {
		t.Fatal(err)
	}
	i := 0
	for _, a := range s.In(staff.DutyRoster) {
		for _, g := range a.Grants {
			r := rows[i]
			i++
			if r.Account != a.ID || r.CPR != a.CPR || r.Name != a.Name || r.Right != g.Right || r.Active != a.Active || !r.LastUse.Equal(a.LastUse) || r.Unit != s.Units[a.Unit].Name || r.RightName == "" {
				t.Fatalf("line %d: %+v is not %+v", r.Line, r, a)
			}
		}
	}
	if i != len(rows) || i < 50 {
		t.Errorf("%d rows for %d rights", len(rows), i)
	}
}

// A damaged row stops the reading: nothing of the file comes out, each damaged row is
// named, and no error repeats what stands in it.
func TestDamagedRows(t *testing.T) {
	const head = "Bruger;Personnr.;Navn;Enhed;Aktiv;Sidst brugt;Rettighed;Navn på rettighed;Ansvarlig\n"
	const sound = "vp1;610585-0001;Åse Ørn;Skole;J;01-02-2026;VP-1;Se;LB1\n"
	settings := roster()
	settings.Encoding = ""
	for name, c := range map[string]struct{ text, says string }{
		"no heading":        {"Bruger;Navn\nvp1;Åse\n", `:1: the column "Rettighed" stands there 0 times`},
		"empty":             {"", "no headings"},
		"no rows":           {head, "no rows"},
		"short row":         {head + sound + "vp2;610585-0002\n", ":3: 2 cells where the headings are 9"},
		"long row":          {head + sound + "vp2;;Bo;;J;;VP-1;Se;LB1;more\n", ":3: 10 cells"},
		"no user":           {head + ";610585-0001;Åse Ørn;;J;;VP-1;;\n", ":2: no user"},
		"CPR":               {head + "vp1;610585-001;Åse Ørn;;J;;VP-1;;\n", ":2: the CPR number is none"},
		"CPR month":         {head + "vp1;611385-0001;Åse Ørn;;J;;VP-1;;\n", ":2: the CPR number is none"},
		"day":               {head + "vp1;610585-0001;Åse Ørn;;J;2026-02-01;VP-1;;\n", ":2: the day of last use"},
		"twice":             {head + sound + sound, ":3: the same right of the same user as line 2"},
		"two persons":       {head + sound + "vp1;610585-0009;Åse Ørn;Skole;J;;VP-2;Se;LB1\n", ":3: says something else of its user than line 2"},
		"quotation mark":    {head + sound + "vp2;;\"Åse\" Ørn;;J;;VP-1;;\n", ":3: a quotation mark"},
		"no UTF-8":          {head + "vp1;610585-0001;\xc5se Ørn;;J;;VP-1;;\n", "windows-1252"},
		"cut in the middle": {head + sound + "vp2;610585-0002;Bo Bæk;Sko", ":3: 4 cells"},
	} {
		t.Run(name, func(t *testing.T) {
			rows, err := settings.Parse([]byte(c.text))
			if err == nil || rows != nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%d rows, %v", len(rows), err)
			}
			if err != nil && (strings.Contains(err.Error(), "610585") || strings.Contains(err.Error(), "Ørn")) {
				t.Errorf("the error tells of a person: %v", err)
			}
		})
	}
	if rows, err := settings.Parse([]byte("\ufeff" + head + sound)); err != nil || len(rows) != 1 || rows[0].CPR != "6105850001" {
		t.Errorf("sound: %v, %v", rows, err)
	}
	all := settings.must(t, head+";;a;;J;;VP-1;;\n"+sound+";;b;;J;;VP-1;;\n")
	if strings.Count(all.Error(), "\n") != 1 {
		t.Errorf("not both rows are named: %v", all)
	}
}

func (s Settings) must(t *testing.T, text string) error {
	t.Helper()
	_, err := s.Parse([]byte(text))
	if err == nil {
		t.Fatal("read")
	}
	return err
}

func TestAge(t *testing.T) {
	s := roster()
	s.File, s.Encoding, s.Oldest = filepath.Join(t.TempDir(), "r.csv"), "", 36*time.Hour
	written := time.Date(2026, time.November, 1, 6, 0, 0, 0, time.UTC)
	text := "Bruger;Personnr.;Navn;Enhed;Aktiv;Sidst brugt;Rettighed;Navn på rettighed;Ansvarlig\nvp1;;Åse;Skole;J;;VP-1;Se;LB1\n"
	if err := os.WriteFile(s.File, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(s.File, written, written); err != nil {
		t.Fatal(err)
	}
	if rows, err := s.Read(written.Add(35 * time.Hour)); err != nil || len(rows) != 1 {
		t.Errorf("%v, %v", rows, err)
	}
	if _, err := s.Read(written.Add(37 * time.Hour)); err == nil || !strings.Contains(err.Error(), "write it anew") {
		t.Errorf("old: %v", err)
	}
	s.File += "x"
	if _, err := s.Read(written); err == nil {
		t.Error("a file that is not there was read")
	}
}

func TestSettingsAreChecked(t *testing.T) {
	err := Settings{Delimiter: ";;", Encoding: "latin", Day: "31/12", Columns: Columns{Active: "Aktiv"}}.Check()
	for _, says := range []string{"file is missing", "columns.account", "columns.right", "columns.cpr or columns.login", "delimiter", "encoding", "day must", "inactive is missing"} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q is not in: %v", says, err)
		}
	}
	if err := roster().Check(); err != nil {
		t.Error(err)
	}
}
