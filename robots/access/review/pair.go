package review

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Codes of what is IT's to look at.
const (
	CodeOrphan   = "KONTO-UDEN-PERSON"
	CodeLeaver   = "FRATRÅDT-MED-ADGANG"
	CodeDouble   = "DOBBELTKONTO"
	CodeRobot    = "ROBOTKONTO"
	CodeTwice    = "PERSON-STÅR-TO-GANGE"
	CodeNobody   = "INGEN-KAN-GENNEMGÅ"
	CodeLimit    = "TRANSAKTIONER-VED-GRÆNSEN"
	CodeCrowded  = "LEDER-FLERE-PAKKER"
	CodeReturned = "RET-KOMMET-IGEN"
	CodeStands   = "RET-STÅR-ENDNU"
)

// MostTransactions is how many transactions a KSP/CICS user can have; more drop out
// without a word, the last of the alphabet first.
const MostTransactions = 980

// Holding is what one person holds, by the readings of all systems.
type Holding struct {
	Employee Employee
	Grants   []Grant
}

// Paired are all readings laid beside the staff. Every grant of every account is
// either in one holding, or counted in one finding.
type Paired struct {
	Holdings []Holding // by Employee.ID
	Findings []Finding
	Rights   map[RightRef]Right // what each right is called
}

// pairer lays accounts beside people.
type pairer struct {
	staff  Staff
	policy Policy
	byCPR  map[string][]Employee
	byName map[string][]Employee
	out    map[string]*Holding
	paired Paired
}

// Pair finds whose each account is, by CPR number, or by login in a system that has
// none. What is nobody's, or not plainly somebody's, becomes a finding.
func Pair(staff Staff, readings []Reading, policy Policy) Paired {
	p := &pairer{staff: staff, policy: policy, byCPR: map[string][]Employee{}, byName: map[string][]Employee{}, out: map[string]*Holding{}}
	p.paired.Rights = map[RightRef]Right{}
	for _, e := range staff.Employees {
		if e.CPR != "" {
			p.byCPR[e.CPR] = append(p.byCPR[e.CPR], e)
		}
		if e.Login != "" {
			p.byName[strings.ToLower(e.Login)] = append(p.byName[strings.ToLower(e.Login)], e)
		}
	}
	for _, r := range readings {
		p.system(r)
	}
	for _, h := range p.out {
		p.paired.Holdings = append(p.paired.Holdings, *h)
	}
	slices.SortFunc(p.paired.Holdings, func(a, b Holding) int { return strings.Compare(a.Employee.ID, b.Employee.ID) })
	return p.paired
}

func (p *pairer) system(r Reading) {
	for _, right := range r.Rights {
		p.paired.Rights[RightRef{r.System, right.ID}] = right
	}
	grants := map[string][]Grant{}
	for _, g := range r.Grants {
		grants[g.Account] = append(grants[g.Account], g)
	}
	own := map[string][]Account{} // by Employee.ID
	for _, a := range r.Accounts {
		if e, ok := p.whose(a, len(grants[a.ID])); ok {
			own[e.ID] = append(own[e.ID], a)
		}
	}
	for id, accounts := range own {
		e, _ := p.staff.Employee(id)
		slices.SortFunc(accounts, likelier)
		for _, extra := range accounts[1:] {
			if !extra.Active && len(grants[extra.ID]) == 0 {
				continue
			}
			p.find(CodeDouble, extra, e, len(grants[extra.ID]), "Samme person har også kontoen %s. Find ud af, hvilken der bruges, og luk den anden.", accounts[0].ID)
		}
		p.holds(e, accounts[0], grants[accounts[0].ID])
	}
	slices.SortFunc(p.paired.Findings, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.System, b.System), strings.Compare(a.Account, b.Account), strings.Compare(a.Code, b.Code))
	})
}

// likelier puts first the account that a person works with: open, and used last.
func likelier(a, b Account) int {
	if a.Active != b.Active {
		if a.Active {
			return -1
		}
		return 1
	}
	return cmp.Or(b.LastUse.Compare(a.LastUse), strings.Compare(a.ID, b.ID))
}

// whose is the one active person that an account is of; otherwise it is a finding,
// unless it holds nothing and is closed.
func (p *pairer) whose(a Account, rights int) (Employee, bool) {
	if r, ok := p.policy.robot(a); ok {
		p.find(CodeRobot, a, Employee{}, rights, "Kontoen er en robots eller et systems. %s svarer for den: er det stadig de rettigheder, den har brug for?", cmp.Or(r.Owner, "It"))
		return Employee{}, false
	}
	people := p.byCPR[a.CPR]
	if a.CPR == "" {
		people = p.byName[strings.ToLower(a.Login)]
	}
	active := slices.DeleteFunc(slices.Clone(people), func(e Employee) bool { return !e.Active })
	switch {
	case len(active) == 1:
		return active[0], true
	case rights == 0 && !a.Active:
		return Employee{}, false
	case len(active) > 1:
		p.find(CodeTwice, a, active[0], rights, "Personen står %d gange i kataloget over ansatte, så robotten ved ikke, hvilken leder der skal se kontoen. Ret kataloget.", len(active))
	case len(people) > 0:
		p.find(CodeLeaver, a, people[0], rights, "Personen er ikke længere ansat. Luk kontoen, og fjern rettighederne.")
	default:
		p.find(CodeOrphan, a, Employee{}, rights, "Kontoen passer ikke til nogen ansat. Find ejeren, eller luk kontoen. Er den en robots, så skriv den i adgange.yaml.")
	}
	return Employee{}, false
}

func (p *pairer) find(code string, a Account, e Employee, rights int, format string, args ...any) {
	closed := ""
	if !a.Active {
		closed = " Kontoen er lukket, men har stadig rettigheder."
		if rights == 0 {
			closed = " Kontoen er lukket."
		}
	}
	text := fmt.Sprintf("%s, konto %s: ", a.System, a.ID) + fmt.Sprintf(format, args...) + closed
	p.paired.Findings = append(p.paired.Findings, Finding{Code: code, System: a.System, Account: a.ID, Person: e.ID, Text: text, Rights: rights, LastUse: a.LastUse})
}

// holds gives a person the rights of an account. A closed account that holds nothing
// is no news.
func (p *pairer) holds(e Employee, a Account, grants []Grant) {
	if a.Transactions >= MostTransactions {
		p.find(CodeLimit, a, e, 0, "Brugeren har %d transaktioner, og KSP/CICS bruger kun %d: de sidste i alfabetet er faldet ud uden besked. Fjern det, der ikke bruges.", a.Transactions, MostTransactions)
	}
	h := p.out[e.ID]
	if h == nil {
		h = &Holding{Employee: e}
		p.out[e.ID] = h
	}
	for _, g := range grants {
		if g.LastUse.IsZero() {
			g.LastUse = a.LastUse
		}
		h.Grants = append(h.Grants, g)
	}
}
