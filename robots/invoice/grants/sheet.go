package grants

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"byskriver/robots/invoice/plans"
)

// Tab is the name of the support sheet's tab.
const Tab = "Støtteark"

// Sheet is one version of the municipality's support sheet: where a grant of each
// kind is coded. Its JSON names are stored and never change.
type Sheet struct {
	Rows []Row      `json:"rows"` // by section, kind, ownership and target
	Meta plans.Meta `json:"meta"`
}

// Row is one row. The first four name the grants that it is for.
type Row struct {
	Section    string `json:"section"`
	Kind       string `json:"kind"`
	Ownership  string `json:"ownership"`
	Target     string `json:"target"`
	Account    string `json:"account"`
	PSP        string `json:"psp,omitempty"`         // either this
	CostCentre string `json:"cost_centre,omitempty"` // or this
	VATCode    string `json:"vat_code"`
	Basis      string `json:"basis"`  // a plans.Basis
	Action     string `json:"action"` // a plans.Action
	NextAgent  string `json:"next_agent,omitempty"`
	Note       string `json:"note,omitempty"`
}

// The headings.
const (
	colSection    = "Paragraf"
	colKind       = "Art"
	colOwnership  = "Ejerforhold"
	colTarget     = "Målgruppe"
	colAccount    = "Artskonto"
	colPSP        = "PSP-element"
	colCostCentre = "Omkostningssted"
	colVATCode    = "Momskode"
	colBasis      = "Beløb konteres"
	colAction     = "Handling"
	colAgent      = "Næste agent"
	colNote       = "Bemærkning"
)

// fields are the columns of the sheet.
var fields = []plans.Field[Row]{
	{Name: colSection, Checks: plans.TextChecks(60), At: func(r *Row) *string { return &r.Section }},
	{Name: colKind, Checks: plans.TextChecks(120), At: func(r *Row) *string { return &r.Kind }},
	{Name: colOwnership, Checks: plans.TextChecks(60), At: func(r *Row) *string { return &r.Ownership }},
	{Name: colTarget, Checks: plans.TextChecks(120), At: func(r *Row) *string { return &r.Target }},
	{Name: colAccount, Checks: plans.AccountChecks(), At: func(r *Row) *string { return &r.Account }},
	{Name: colPSP, Optional: true, Checks: plans.PSPChecks(), At: func(r *Row) *string { return &r.PSP }},
	{Name: colCostCentre, Optional: true, Checks: plans.CostCentreChecks(), At: func(r *Row) *string { return &r.CostCentre }},
	{Name: colVATCode, Checks: plans.AccountChecks(), At: func(r *Row) *string { return &r.VATCode }},
	{Name: colBasis, Choices: plans.BasisChoices(), At: func(r *Row) *string { return &r.Basis }},
	{Name: colAction, Choices: plans.ActionChoices(), At: func(r *Row) *string { return &r.Action }},
	{Name: colAgent, Optional: true, Checks: plans.TextChecks(60), At: func(r *Row) *string { return &r.NextAgent }},
	{Name: colNote, Optional: true, Checks: plans.TextChecks(1000), At: func(r *Row) *string { return &r.Note }},
}

// ParseSheet reads the support sheet from an xlsx file. If any problem is fatal the
// sheet is refused whole: it comes back empty, with every problem that was found.
func ParseSheet(data []byte, l plans.FileLimits) (Sheet, []plans.Problem) {
	read, meta, problems := plans.ReadRows(data, Tab, fields, l)
	if len(read) == 0 && !plans.Refused(problems) {
		problems = append(problems, plans.Problem{Code: plans.ProblemEmpty, Sheet: Tab, Fatal: true,
			Text: "Der står ingen rækker i fanen. Udfyld mindst én under overskrifterne."})
	}
	for _, r := range read {
		problems = append(problems, checkRow(r)...)
	}
	problems = append(problems, twice(read)...)
	slices.SortStableFunc(problems, func(a, b plans.Problem) int { return cmp.Compare(a.Row, b.Row) })
	if plans.Refused(problems) {
		return Sheet{}, problems
	}
	s := Sheet{Rows: []Row{}, Meta: meta}
	for _, r := range read {
		s.Rows = append(s.Rows, r.Value)
	}
	slices.SortFunc(s.Rows, func(a, b Row) int { return cmp.Compare(a.key(), b.key()) })
	sum := sha256.Sum256(data)
	s.Meta.FileDigest = hex.EncodeToString(sum[:])
	return s, problems
}

// checkRow looks at the cells of one row together.
func checkRow(r plans.SheetRow[Row]) (wrong []plans.Problem) {
	v := r.Value
	if r.Good(colPSP, colCostCentre) {
		switch {
		case v.PSP != "" && v.CostCentre != "":
			wrong = append(wrong, r.Problem(plans.ProblemAccount, colCostCentre, "Rækken har både PSP-element og omkostningssted. Slet det ene.", true))
		case v.PSP == "" && v.CostCentre == "":
			wrong = append(wrong, r.Problem(plans.ProblemAccount, colPSP, "Rækken har hverken PSP-element eller omkostningssted. Udfyld det ene.", true))
		}
	}
	if r.Good(colAction, colAgent) {
		forward := plans.Action(v.Action) == plans.ActionForward
		switch {
		case forward && v.NextAgent == "":
			wrong = append(wrong, r.Problem(plans.ProblemAgent, colAgent, "Handlingen er Kontér og videresend, men næste agent mangler. Skriv, hvem fakturaen skal sendes til.", true))
		case !forward && v.NextAgent != "":
			wrong = append(wrong, r.Problem(plans.ProblemAgentUnused, colAgent, "Næste agent bruges kun, når handlingen er Kontér og videresend.", false))
		}
	}
	return wrong
}

// twice finds rows for the same grants.
func twice(rows []plans.SheetRow[Row]) (wrong []plans.Problem) {
	first := map[string]int{}
	for _, r := range rows {
		if !r.Good(colSection, colKind, colOwnership, colTarget) {
			continue
		}
		key := r.Value.key()
		if at, have := first[key]; have {
			wrong = append(wrong, r.Problem(plans.ProblemTwice, colSection, fmt.Sprintf("Rækken er for de samme bevillinger som række %d. Slet den ene.", at), true))
			continue
		}
		first[key] = r.Number
	}
	return wrong
}

// key is what a row is for, whatever its blanks and capitals.
func (r Row) key() string { return keyOf(r.Section, r.Kind, r.Ownership, r.Target) }

func keyOf(parts ...string) string {
	for i, p := range parts {
		parts[i] = strings.ToLower(strings.Join(strings.Fields(p), ""))
	}
	return strings.Join(parts, "\x00")
}

// rowFor is the row for a grant, or nil.
func rowFor(rows []Row, g Grant) *Row {
	key := keyOf(g.Section, g.Kind, g.Ownership, g.Target)
	for i := range rows {
		if rows[i].key() == key {
			return &rows[i]
		}
	}
	return nil
}

// ContentDigest is the SHA-256, in hex, of what the sheet says, whatever the file
// says about itself.
func (s Sheet) ContentDigest() (string, error) {
	b, err := json.Marshal(s.Rows)
	if err != nil {
		return "", fmt.Errorf("encode the support sheet: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// Describe tells in Danish what differs between two versions.
func Describe(old, new Sheet) string {
	before, after := byKey(old.Rows), byKey(new.Rows)
	var lines []string
	for _, r := range new.Rows {
		if was, ok := before[r.key()]; !ok {
			lines = append(lines, "Ny række: "+r.title()+" konteres på "+r.target()+".")
		} else if was != r {
			lines = append(lines, "Ændret: "+r.title()+" konteres på "+r.target()+", før "+was.target()+".")
		}
	}
	for _, r := range old.Rows {
		if _, ok := after[r.key()]; !ok {
			lines = append(lines, "Slettet: "+r.title()+".")
		}
	}
	const most = 20
	if more := len(lines) - most; more > 0 {
		lines = append(lines[:most], fmt.Sprintf("Der er %d ændringer til.", more))
	}
	return strings.Join(lines, " ")
}

func byKey(rows []Row) map[string]Row {
	m := make(map[string]Row, len(rows))
	for _, r := range rows {
		m[r.key()] = r
	}
	return m
}

func (r Row) title() string {
	return strings.Join([]string{r.Section, r.Kind, r.Ownership, r.Target}, ", ")
}

func (r Row) target() string {
	words := []string{r.Account, r.PSP + r.CostCentre, r.VATCode, plans.WordOf(plans.BasisChoices(), r.Basis), plans.WordOf(plans.ActionChoices(), r.Action), r.NextAgent}
	text := strings.TrimSpace(strings.Join(words, " "))
	if r.Note != "" {
		text += " (" + r.Note + ")"
	}
	return text
}
