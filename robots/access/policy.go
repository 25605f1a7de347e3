package access

import (
	"fmt"
	"slices"
	"strings"

	"byskriver/robots/access/review"
	"byskriver/robots/internal/rulefile"
	"byskriver/schedules"
)

// Policy is the file adgange.yaml: what the municipality itself decides.
type Policy struct {
	Review    review.Policy
	Opens     int            // the day of the month from which the month's run is opened
	ReadEvery map[string]int // days between readings, by system; absent is as for others
	Every     int            // days between readings of a system that has no word of its own
	Keep      int            // months that ended packages and removals are kept
}

// file is adgange.yaml as it is written.
type file struct {
	Pace    map[string]int `yaml:"pace"`
	Package struct {
		People   int   `yaml:"people"`
		Days     int   `yaml:"days"`
		MoveDays int   `yaml:"move_days"`
		Remind   []int `yaml:"remind"`
		Patience int   `yaml:"patience"`
		Opens    int   `yaml:"opens"`
	} `yaml:"package"`
	Default string `yaml:"default"`
	Rights  []struct {
		System, Right, Criticality, Name, Description, Owner string
	} `yaml:"rights"`
	Roles []struct {
		Name          string
		Titles, Units []string
		Rights        []ref
	} `yaml:"roles"`
	Standard []ref `yaml:"standard"`
	Robots   []struct {
		System, Account, Owner string
	} `yaml:"robots"`
	Delegations []struct {
		From, To, Begins, Ends string
	} `yaml:"delegations"`
	Fallback []string `yaml:"fallback"`
	IT       []string `yaml:"it"`
	Peers    struct {
		Least, Share int
	} `yaml:"peers"`
	StaleMonths int `yaml:"stale_months"`
	Read        struct {
		Every   int            `yaml:"every"`
		Systems map[string]int `yaml:"systems"`
	} `yaml:"read"`
	KeepMonths int `yaml:"keep_months"`
}

type ref struct{ System, Right string }

// ReadPolicy reads adgange.yaml. The error joins all that is wrong with it, each with
// file and line.
func ReadPolicy(path string) (Policy, error) {
	var f file
	in, err := rulefile.Read(path, &f)
	if err != nil {
		return Policy{}, err
	}
	r := &policyReader{in: in, f: f}
	p := r.policy()
	r.check(p)
	return p, in.Err()
}

type policyReader struct {
	in *rulefile.File
	f  file
}

func (r *policyReader) policy() Policy {
	f := r.f
	p := Policy{Opens: f.Package.Opens, ReadEvery: f.Read.Systems, Every: f.Read.Every, Keep: f.KeepMonths}
	p.Review = review.Policy{Pace: map[review.Criticality]int{}, Most: f.Package.People, Days: f.Package.Days, MoveDays: f.Package.MoveDays, Remind: f.Package.Remind,
		Patience: f.Package.Patience, Default: review.Criticality(f.Default), Fallback: f.Fallback, IT: f.IT, Stale: f.StaleMonths,
		Peers: review.Peers{Least: f.Peers.Least, Share: f.Peers.Share}, Standard: refs(f.Standard)}
	for class, months := range f.Pace {
		p.Review.Pace[review.Criticality(class)] = months
	}
	for _, x := range f.Rights {
		p.Review.Rights = append(p.Review.Rights, review.RightRule{RightRef: review.RightRef{System: x.System, Right: x.Right},
			Criticality: review.Criticality(x.Criticality), Name: x.Name, Description: x.Description, Owner: x.Owner})
	}
	for _, x := range f.Roles {
		p.Review.Roles = append(p.Review.Roles, review.Role{Name: x.Name, Titles: x.Titles, Units: x.Units, Rights: refs(x.Rights)})
	}
	for _, x := range f.Robots {
		p.Review.Robots = append(p.Review.Robots, review.AccountRef{System: x.System, Account: x.Account, Owner: x.Owner})
	}
	for i, x := range f.Delegations {
		at := fmt.Sprintf("$.delegations[%d]", i)
		p.Review.Delegations = append(p.Review.Delegations, review.Delegation{From: x.From, To: x.To, Begins: r.date(at+".begins", x.Begins), Ends: r.date(at+".ends", x.Ends)})
	}
	return p
}

func refs(list []ref) (out []review.RightRef) {
	for _, x := range list {
		out = append(out, review.RightRef{System: x.System, Right: x.Right})
	}
	return out
}

func (r *policyReader) date(at, text string) schedules.Date {
	d, err := schedules.ParseDate(text)
	r.in.Must(err == nil, at, "%q is no date of the form YYYY-MM-DD; write the first and the last day", text)
	return d
}

var classes = []review.Criticality{review.Critical, review.Elevated, review.Ordinary}

func class(c review.Criticality) bool { return slices.Contains(classes, c) }

func (r *policyReader) check(p Policy) {
	in, f := r.in, r.f
	for name := range f.Pace {
		in.Must(class(review.Criticality(name)), "$.pace."+name, "pace has %q; the classes are critical, elevated and ordinary", name)
	}
	for _, c := range classes {
		months := f.Pace[string(c)]
		in.Must(months >= 1 && months <= 12 && 12%max(months, 1) == 0, "$.pace", "pace.%s must be 1, 2, 3, 4, 6 or 12 months, so that the year wheel comes round", c)
	}
	in.Must(f.Pace["critical"] <= f.Pace["elevated"] && f.Pace["elevated"] <= f.Pace["ordinary"], "$.pace", "pace: what is more critical cannot be looked at more seldom")
	in.Must(class(p.Review.Default), "$.default", "default must be critical, elevated or ordinary: the class of a right that nothing below names")
	r.checkPackage()
	r.checkRights(p)
	r.checkPeople(p)
	in.Must(f.Peers.Least >= 2 && f.Peers.Share >= 1 && f.Peers.Share <= 50, "$.peers", "peers needs least (people of one position, 2 or more) and share (per cent, 1 to 50)")
	in.Must(f.Read.Every >= 1 && f.Read.Every <= 31, "$.read", "read.every must be 1 to 31 days between readings of a system")
	for name, days := range f.Read.Systems {
		in.Must(days >= 1 && days <= 31, "$.read.systems."+name, "read.systems.%s must be 1 to 31 days", name)
	}
	in.Must(f.StaleMonths >= 0, "$.stale_months", "stale_months cannot be negative")
	in.Must(f.KeepMonths >= 12, "$.keep_months", "keep_months is missing, or less than 12: what is shown to inspectors must cover a year")
}

func (r *policyReader) checkPackage() {
	x := r.f.Package
	r.in.Must(x.People >= 1 && x.People <= 100, "$.package", "package.people must be 1 to 100 people")
	r.in.Must(x.Days >= 7 && x.Days <= 60 && x.MoveDays >= 7 && x.MoveDays <= 60, "$.package", "package.days and package.move_days must be 7 to 60 days from the opening to the last day")
	r.in.Must(x.Patience >= 1 && x.Patience <= 60, "$.package", "package.patience must be 1 to 60 days after the last day")
	r.in.Must(x.Opens >= 1 && x.Opens <= 28, "$.package", "package.opens must be a day of the month, 1 to 28")
	for _, days := range x.Remind {
		r.in.Must(days >= 1 && days < x.Days, "$.package", "package.remind: %d is not between 1 and the package's days", days)
	}
	falling := slices.Clone(x.Remind)
	slices.Sort(falling)
	slices.Reverse(falling)
	r.in.Must(slices.Equal(falling, x.Remind) && len(slices.Compact(falling)) == len(x.Remind), "$.package", "package.remind must be days before the last one, the earliest first, such as [20, 10, 3]")
}

func (r *policyReader) checkRights(p Policy) {
	in := r.in
	ref := func(at string, x review.RightRef) {
		in.Must(x.System != "" && x.Right != "" && strings.Count(strings.TrimSuffix(x.Right, "*"), "*") == 0, at, "system and right must be given, the right as the system calls it; * only at its end")
	}
	for i, x := range p.Review.Rights {
		at := fmt.Sprintf("$.rights[%d]", i)
		ref(at, x.RightRef)
		in.Must(class(x.Criticality), at, "criticality must be critical, elevated or ordinary")
		in.Must(slices.IndexFunc(p.Review.Rights, func(o review.RightRule) bool { return o.RightRef == x.RightRef }) == i, at, "%s in %s stands twice", x.Right, x.System)
	}
	for i, x := range p.Review.Standard {
		ref(fmt.Sprintf("$.standard[%d]", i), x)
	}
	for i, x := range p.Review.Roles {
		at := fmt.Sprintf("$.roles[%d]", i)
		in.Must(x.Name != "" && len(x.Rights) > 0, at, "a role package must have a name and at least one right")
		in.Must(len(x.Titles)+len(x.Units) > 0, at, "a role package must say whose it is: titles, units, or both; what everybody may keep stands under standard")
		for j, y := range x.Rights {
			ref(fmt.Sprintf("%s.rights[%d]", at, j), y)
		}
	}
}

func (r *policyReader) checkPeople(p Policy) {
	in := r.in
	for i, x := range p.Review.Robots {
		in.Must(x.System != "" && x.Account != "" && x.Owner != "", fmt.Sprintf("$.robots[%d]", i), "a robot's account needs system, account and owner: who answers for it")
	}
	for i, x := range p.Review.Delegations {
		in.Must(x.From != "" && x.To != "" && !strings.EqualFold(x.From, x.To) && !x.Ends.Before(x.Begins), fmt.Sprintf("$.delegations[%d]", i), "a delegation needs from and to (two logins), and ends not before it begins")
	}
	in.Must(distinct(p.Review.Fallback) >= 2, "$.fallback", "fallback needs two logins or more: one reviews where there is no leader, the next where it is the first's own rights")
	in.Must(distinct(p.Review.IT) >= 2, "$.it", "it needs two logins or more: nobody may approve what is his own decision, or his own right")
}

func distinct(logins []string) int {
	seen := map[string]bool{}
	for _, l := range logins {
		if l != "" {
			seen[strings.ToLower(l)] = true
		}
	}
	return len(seen)
}
