package config

import (
	"cmp"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Operations say how the program is watched.
type Operations struct {
	// Address is where serve answers /healthz and /metrics, HOST:PORT; ":9464" is this
	// machine alone. Nowhere if it is empty.
	Address string  `yaml:"address"`
	Alarms  *Alarms `yaml:"alarms"` // nobody is told by mail if it is missing
}

// Open reports whether other machines can reach the address.
func (o Operations) Open() bool {
	host, _, err := net.SplitHostPort(o.Address)
	if err != nil || host == "localhost" {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return err != nil || !ip.IsLoopback()
}

// Alarms say what people are told by mail, and who.
type Alarms struct {
	To         []string               `yaml:"to"`          // who is told of what no group takes
	Groups     []AlarmGroup           `yaml:"groups"`      // who is told of what
	Limits     AlarmLimits            `yaml:"limits"`      // of every robot
	Robots     map[string]AlarmLimits `yaml:"robots"`      // what differs for one
	DaysBefore int                    `yaml:"days_before"` // a certificate or password runs out; 30 if left out
	Repeat     time.Duration          `yaml:"repeat"`      // between two mails while an alarm stands; a day if left out, never less
	Calm       time.Duration          `yaml:"calm"`        // an alarm's cause must be gone for so long before it counts as over; 15m if left out
	Playbooks  string                 `yaml:"playbooks"`   // where people find the playbooks, as mails say it; docs/playbooks.md if left out
}

// AlarmGroup is told of the alarms that have one of its codes and are about one of its
// robots. Empty codes are all, empty robots too.
type AlarmGroup struct {
	Name   string      `yaml:"name"`
	To     []string    `yaml:"to"`
	Codes  []AlarmCode `yaml:"codes"`
	Robots []string    `yaml:"robots"`
}

// AlarmLimits are from where on something is an alarm. nil means what holds otherwise;
// where nothing does, never.
type AlarmLimits struct {
	Late       *time.Duration `yaml:"late"`        // after the time that a planned run should have started; 30m if left out
	Longest    *time.Duration `yaml:"longest"`     // that a planned run lasts; 6h if left out
	ListMost   *int           `yaml:"list_most"`   // exceptions on the list
	ListADay   *int           `yaml:"list_a_day"`  // exceptions by which the list has grown in a day
	ListOldest *int           `yaml:"list_oldest"` // working days that the oldest exception has been known
}

// AlarmCode names a kind of alarm, as mails and the configuration have it.
type AlarmCode string

// The alarms there are. docs/playbooks.md has a chapter on each.
const (
	AlarmNotStarted  AlarmCode = "KØRSEL-UDEBLEVET"    // a planned run has not started in time
	AlarmTooLong     AlarmCode = "KØRSEL-LANG"         // a planned run goes on for too long
	AlarmRunFailed   AlarmCode = "KØRSEL-FEJLET"       // the newest planned run of a schedule failed or was cut off
	AlarmStopped     AlarmCode = "ROBOT-STANDSET"      // a robot stopped itself
	AlarmListLong    AlarmCode = "LISTE-LANG"          // more exceptions than the limit
	AlarmListGrows   AlarmCode = "LISTE-VOKSER"        // the list grows faster than the limit
	AlarmListOld     AlarmCode = "LISTE-GAMMEL"        // the oldest exception is older than the limit
	AlarmCertificate AlarmCode = "CERTIFIKAT-UDLØBER"  // a certificate runs out, or cannot be read
	AlarmPassword    AlarmCode = "ADGANGSKODE-UDLØBER" // a password runs out
	AlarmLog         AlarmCode = "LOG-IKKE-OFFENTLIG"  // the run log is not numbered, signed or published
	AlarmMachine     AlarmCode = "MASKINE-BORTE"       // a machine of the configuration does not serve
)

// AlarmCodes are all codes of alarms.
func AlarmCodes() []AlarmCode {
	return []AlarmCode{AlarmNotStarted, AlarmTooLong, AlarmRunFailed, AlarmStopped, AlarmListLong, AlarmListGrows, AlarmListOld,
		AlarmCertificate, AlarmPassword, AlarmLog, AlarmMachine}
}

// Of are the limits of a robot.
func (a *Alarms) Of(robot string) AlarmLimits {
	own, all := a.Robots[robot], a.Limits
	late, longest := defaultLate, defaultLongest
	return AlarmLimits{Late: cmp.Or(own.Late, all.Late, &late), Longest: cmp.Or(own.Longest, all.Longest, &longest),
		ListMost: cmp.Or(own.ListMost, all.ListMost), ListADay: cmp.Or(own.ListADay, all.ListADay), ListOldest: cmp.Or(own.ListOldest, all.ListOldest)}
}

const (
	defaultLate    = 30 * time.Minute
	defaultLongest = 6 * time.Hour
	day            = 24 * time.Hour
)

// Told are the addresses that are told of an alarm, each once, in order. robot is "" where
// the alarm is about none.
func (a *Alarms) Told(code AlarmCode, robot string) []string {
	var to []string
	for _, g := range a.Groups {
		if (len(g.Codes) == 0 || slices.Contains(g.Codes, code)) && (len(g.Robots) == 0 || slices.Contains(g.Robots, robot)) {
			to = append(to, g.To...)
		}
	}
	if len(to) == 0 {
		to = slices.Clone(a.To)
	}
	slices.Sort(to)
	return slices.Compact(to)
}

// operations checks how the program is watched, and fills in defaults.
func (r *reader) operations(c *Config) {
	o := &c.Operations
	if o.Address != "" {
		host, port, err := net.SplitHostPort(o.Address)
		r.want(err == nil && port != "", "operations.address", "operations.address must be HOST:PORT, or :PORT for this machine alone, and %q is not", o.Address)
		if err == nil && host == "" {
			o.Address = net.JoinHostPort("127.0.0.1", port)
		}
	}
	a := o.Alarms
	if a == nil {
		return
	}
	const at = "operations.alarms"
	_, mailed := c.Systems["mail"]
	r.want(mailed, at, at+": systems.mail is missing: alarms are sent by it")
	r.want(len(a.To) > 0, at, at+".to is missing: the addresses that are told of what no group takes")
	r.addresses(at+".to", a.To)
	for i, g := range a.Groups {
		r.group(fmt.Sprintf("%s.groups.%d", at, i), g, c)
	}
	r.limits(at+".limits", a.Limits)
	for name, l := range a.Robots {
		_, ok := c.Robots[name]
		r.want(ok, at+".robots."+name, "%s.robots names %q, which is not among robots", at, name)
		r.limits(at+".robots."+name, l)
	}
	r.want(a.DaysBefore >= 0 && a.DaysBefore <= 366, at+".days_before", at+".days_before must be 1 to 366 days")
	r.want(a.Repeat == 0 || a.Repeat >= day, at+".repeat", at+".repeat must be at least 24h: nobody is told of the same more than once a day")
	r.want(a.Calm >= 0, at+".calm", at+".calm cannot be negative")
	a.DaysBefore, a.Repeat, a.Calm = cmp.Or(a.DaysBefore, 30), cmp.Or(a.Repeat, day), cmp.Or(a.Calm, 15*time.Minute)
	a.Playbooks = cmp.Or(a.Playbooks, "docs/playbooks.md")
}

func (r *reader) group(at string, g AlarmGroup, c *Config) {
	r.want(g.Name != "", at+".name", "%s.name is missing", at)
	r.want(len(g.To) > 0, at+".to", "%s.to is missing: the addresses of this group", at)
	r.addresses(at+".to", g.To)
	for i, code := range g.Codes {
		r.want(slices.Contains(AlarmCodes(), code), fmt.Sprintf("%s.codes.%d", at, i), "%s.codes names %q, and there is no such alarm; there are %s", at, code, codeNames())
	}
	for i, name := range g.Robots {
		_, ok := c.Robots[name]
		r.want(ok, fmt.Sprintf("%s.robots.%d", at, i), "%s.robots names %q, which is not among robots", at, name)
	}
}

func codeNames() string {
	var names []string
	for _, c := range AlarmCodes() {
		names = append(names, string(c))
	}
	return strings.Join(names, ", ")
}

func (r *reader) addresses(at string, all []string) {
	for i, s := range all {
		a, err := mail.ParseAddress(s)
		r.want(err == nil && a.Address == s, fmt.Sprintf("%s.%d", at, i), "%s: %q is no mail address, such as robotdrift@kommune.example", at, s)
	}
}

func (r *reader) limits(at string, l AlarmLimits) {
	for key, d := range map[string]*time.Duration{"late": l.Late, "longest": l.Longest} {
		r.want(d == nil || *d >= time.Minute, at+"."+key, "%s.%s must be at least 1m", at, key)
	}
	for key, n := range map[string]*int{"list_most": l.ListMost, "list_a_day": l.ListADay, "list_oldest": l.ListOldest} {
		r.want(n == nil || *n >= 1, at+"."+key, "%s.%s must be at least 1; leave it out where it is no alarm", at, key)
	}
}

// Expiry is something that the program needs and that runs out.
type Expiry struct {
	Kind string // ExpiryCertificate or ExpiryPassword
	Name string // where it stands in the configuration, such as systems.opus.password
	At   time.Time
	Err  error // it could not be found out
}

// The kinds of what runs out.
const (
	ExpiryCertificate = "certificate"
	ExpiryPassword    = "password"
)

// dateForm is how a day is written.
const dateForm = "2006-01-02"

// expires checks the day on which a password runs out, which may be left out.
func (r *reader) expires(at, text string) {
	_, err := time.Parse(dateForm, text)
	r.want(text == "" || err == nil, at, "%s must be a day such as 2027-01-31, and %q is not", at, text)
}

// Passwords are the passwords of the configuration with the end of the day that each runs
// out on, in Danish time; without one At is zero: nobody has said when it runs out.
func (c *Config) Passwords(zone *time.Location) []Expiry {
	var all []Expiry
	add := func(name, text string) {
		e := Expiry{Kind: ExpiryPassword, Name: name}
		if on, err := time.ParseInLocation(dateForm, text, zone); err == nil {
			e.At = on.AddDate(0, 0, 1)
		}
		all = append(all, e)
	}
	for _, name := range sortedKeys(c.Systems) {
		s := c.Systems[name]
		if s.Password.Given() || s.PasswordExpires != "" {
			add("systems."+name+".password", s.PasswordExpires)
		}
	}
	if p := c.Store.Postgres; p != nil && p.Password.Given() {
		add("store.postgres.password", p.PasswordExpires)
	}
	return all
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
