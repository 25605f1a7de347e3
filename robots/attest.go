package robots

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"byskriver/robots/attest"
	"byskriver/robots/internal/orders"
	"byskriver/robots/internal/pdftext"
	"byskriver/robots/internal/sbsys"
	"byskriver/runner"
	"byskriver/runner/config"
)

// attestSection is robots.attest in the configuration.
type attestSection struct {
	AtOnce   int           `yaml:"at_once"`     // items worked at once
	Policy   string        `yaml:"policy"`      // attester.yaml
	Batches  string        `yaml:"batches"`     // where batches are laid ready
	HandOut  string        `yaml:"hand_out"`    // the payroll office's own folder
	Lists    string        `yaml:"start_lists"` // where lists of start dates are written
	Drop     string        `yaml:"drop"`        // where messages may lie; may be left out
	Quiet    time.Duration `yaml:"quiet"`       // a file in it is left alone until unchanged for so long
	Payroll  string        `yaml:"payroll"`     // the payroll office, as its exceptions' area
	Ordering string        `yaml:"ordering"`    // who sends batches, as their exceptions' area
	Endpoint *doorSection  `yaml:"endpoint"`    // where the post distributor calls; may be left out
}

// doorSection is robots.attest.endpoint.
type doorSection struct {
	Address     string        `yaml:"address"`
	Path        string        `yaml:"path"`
	Certificate string        `yaml:"certificate"` // PEM
	Key         config.Secret `yaml:"key"`         // PEM
	Clients     string        `yaml:"clients"`     // PEM: the authorities of those who may call
	Names       []string      `yaml:"names"`       // their common names
}

// attestSettings reads the attest robot's section and the file it names. The error
// joins all that is wrong.
func attestSettings(section config.Robot) (attest.Settings, error) {
	in := attestSection{Quiet: 10 * time.Second, Payroll: "Løn", Ordering: "Bestilling"}
	if err := section.Decode(&in); err != nil {
		return attest.Settings{}, err
	}
	s := attest.Settings{PolicyFile: section.Path(in.Policy), Drop: section.Path(in.Drop), Quiet: in.Quiet, Batches: section.Path(in.Batches),
		HandOut: section.Path(in.HandOut), StartLists: section.Path(in.Lists), Areas: attest.Areas{Payroll: in.Payroll, Ordering: in.Ordering}}
	var wrong []error
	for _, want := range []struct{ key, value, what string }{{"policy", in.Policy, "the municipality's rules of certificates, attester.yaml"},
		{"batches", in.Batches, "the folder in which batches are laid ready"}, {"hand_out", in.HandOut, "the payroll office's own folder"},
		{"start_lists", in.Lists, "the folder of lists of start dates"}} {
		if want.value == "" {
			wrong = append(wrong, section.Problem("robots.attest.%s is missing: %s", want.key, want.what))
		}
	}
	if in.Drop == "" && in.Endpoint == nil {
		wrong = append(wrong, section.Problem("robots.attest has neither endpoint nor drop: no answer could ever come"))
	}
	if in.Policy != "" {
		var err error
		s.Policy, err = attest.ReadPolicy(s.PolicyFile)
		wrong = append(wrong, err)
	}
	if in.Endpoint != nil {
		var err error
		s.Door, err = door(section, *in.Endpoint)
		wrong = append(wrong, err)
	}
	return s, errors.Join(wrong...)
}

func door(section config.Robot, in doorSection) (attest.Door, error) {
	d := attest.Door{Address: in.Address, Path: in.Path, Names: in.Names,
		Own:     func() ([]byte, error) { return os.ReadFile(section.Path(in.Certificate)) },
		Clients: func() ([]byte, error) { return os.ReadFile(section.Path(in.Clients)) }}
	var wrong []error
	if in.Address == "" || len(in.Path) < 2 || in.Path[0] != '/' || in.Certificate == "" || in.Clients == "" || len(in.Names) == 0 {
		wrong = append(wrong, section.Problem("robots.attest.endpoint needs address (such as :8443), path (such as /memo), certificate, key, clients and names"))
	}
	key, err := section.Secret(in.Key, "robots.attest.endpoint.key")
	d.Key = key.Bytes
	return d, errors.Join(append(wrong, err)...)
}

// openAttest builds the attest robot.
func openAttest(c *config.Config, section config.Robot, clock runner.Clock, shelf runner.Shelf) (runner.Robot, func() error, error) {
	s, err := attestSettings(section)
	if err != nil {
		return nil, nil, err
	}
	cases, err := openSBSYS(c, clock)
	if err != nil {
		return nil, nil, err
	}
	ordering, err := openOrders(c)
	if err != nil {
		return nil, nil, err
	}
	// The house's shelf has a drawer; where no store is open, as in try, there is none.
	drawer, ok := shelf.(attest.Drawer)
	if !ok {
		drawer = attest.NoDrawer{}
	}
	robot, err := attest.New(s, attest.Systems{Orders: ordering, Cases: cases, PDF: pdftext.Debian()}, drawer, clock)
	return robot, func() error { return errors.Join(cases.Close(), ordering.Close()) }, err
}

// sbsysSection is systems.sbsys.service in the configuration.
type sbsysSection struct {
	TokenURL string        `yaml:"token_url"`
	User     string        `yaml:"user"`
	Password config.Secret `yaml:"password"`
	Client   string        `yaml:"client"` // the OAuth2 client
	Secret   config.Secret `yaml:"client_secret"`
	Active   []string      `yaml:"active"` // states of a case in use; default Aktiv
	Gap      time.Duration `yaml:"gap"`    // least time between requests
	Slow     time.Duration `yaml:"slow"`   // an answer that took longer counts as a failure
	Trips    int           `yaml:"trips"`  // failures in a row that open the breaker
	Rest     time.Duration `yaml:"rest"`   // how long it stays open
}

func openSBSYS(c *config.Config, clock runner.Clock) (*sbsys.System, error) {
	system, ok := c.Systems[sbsys.Name]
	if !ok {
		return nil, &config.Problem{File: c.File, Text: "systems.sbsys is missing: robot attest files in it"}
	}
	in := sbsysSection{Active: []string{"Aktiv"}, Gap: 500 * time.Millisecond}
	if err := system.Service.Decode(&in); err != nil {
		return nil, err
	}
	secret, err := system.Service.Secret(in.Secret, "systems.sbsys.service.client_secret")
	wrong := []error{err}
	login, err := system.Service.Login("", in.User, in.Password, "systems.sbsys.service.password", secret)
	wrong = append(wrong, err)
	if u, err := url.Parse(in.TokenURL); err != nil || u.Host == "" {
		wrong = append(wrong, system.Service.Problem("systems.sbsys.service.token_url must be a whole address: where a token is asked for"))
	}
	if in.User == "" || in.Client == "" || len(in.Active) == 0 {
		wrong = append(wrong, system.Service.Problem("systems.sbsys.service needs user, client, and active with at least one state"))
	}
	if in.Gap < 0 || in.Slow < 0 || in.Trips < 0 || in.Rest < 0 {
		wrong = append(wrong, system.Service.Problem("systems.sbsys.service: gap, slow, trips and rest cannot be negative"))
	}
	return sbsys.New(sbsys.Settings{URL: system.URL, TokenURL: in.TokenURL, User: in.User, Password: login.Password, Told: login.Told, Client: in.Client,
		ClientSecret: secret.Reveal, Active: in.Active, Longest: system.LongestRequest, Gap: in.Gap, Slow: in.Slow, Trips: in.Trips, Rest: in.Rest}, clock), errors.Join(wrong...)
}

// ordersSection is systems.orders.service in the configuration.
type ordersSection struct {
	Key config.Secret `yaml:"key"`
}

func openOrders(c *config.Config) (*orders.System, error) {
	system, ok := c.Systems[orders.Name]
	if !ok {
		return nil, &config.Problem{File: c.File, Text: "systems.orders is missing: robot attest gets its orders there"}
	}
	var in ordersSection
	if err := system.Service.Decode(&in); err != nil {
		return nil, err
	}
	key, err := system.Service.Secret(in.Key, "systems.orders.service.key")
	return orders.New(orders.Settings{URL: system.URL, Key: key.Reveal, Longest: system.LongestRequest}), err
}

// checkAttest checks what the attest robot works by, the files that it names too.
func checkAttest(c *config.Config, section config.Robot) error {
	s, err := attestSettings(section)
	wrong := []error{err}
	for _, name := range []string{sbsys.Name, orders.Name} {
		if _, ok := c.Systems[name]; !ok {
			wrong = append(wrong, section.Problem("systems.%s is missing: robot attest works in it", name))
		}
	}
	for _, dir := range []struct{ key, path string }{{"drop", s.Drop}, {"hand_out", s.HandOut}} {
		if info, err := os.Stat(dir.path); dir.path != "" && (err != nil || !info.IsDir()) {
			wrong = append(wrong, section.Problem("robots.attest.%s: there is no folder %s; make it, with rights for those alone who may read it", dir.key, dir.path))
		}
	}
	if s.Door.Address != "" && err == nil {
		if _, err := s.Door.Config(); err != nil {
			wrong = append(wrong, section.Problem("robots.attest.endpoint: %v", err))
		}
	}
	for _, program := range []string{pdftext.Debian().Text, pdftext.Debian().Images} {
		if _, err := os.Stat(program); err != nil {
			wrong = append(wrong, fmt.Errorf("%s is missing: apt-get install poppler-utils", program))
		}
	}
	return errors.Join(wrong...)
}

// checkSBSYS checks the document system's section, its secrets too.
func checkSBSYS(c *config.Config) error {
	if _, err := openSBSYS(c, lookClock{}); err != nil {
		return err
	}
	var in sbsysSection
	if err := c.Systems[sbsys.Name].Service.Decode(&in); err != nil {
		return err
	}
	return errors.Join(readable(c.Systems[sbsys.Name], in.Password, "systems.sbsys.service.password"), readable(c.Systems[sbsys.Name], in.Secret, "systems.sbsys.service.client_secret"))
}

// checkOrders checks the order system's section, its secret too.
func checkOrders(c *config.Config) error {
	if _, err := openOrders(c); err != nil {
		return err
	}
	var in ordersSection
	if err := c.Systems[orders.Name].Service.Decode(&in); err != nil {
		return err
	}
	return readable(c.Systems[orders.Name], in.Key, "systems.orders.service.key")
}

// readable reads a secret, and shows none.
func readable(s config.System, secret config.Secret, key string) error {
	secret, err := s.Service.Secret(secret, key)
	if err != nil {
		return err
	}
	if _, err := secret.Reveal(); err != nil {
		return s.Service.Problem("%s: %v", key, err)
	}
	return nil
}

// lookClock is the machine's clock for one look, which holds no lease.
type lookClock struct{ begun time.Time }

// Now is the wall clock.
func (lookClock) Now() time.Time { return time.Now() }

// Running is the time since the look began.
func (l lookClock) Running() time.Duration { return time.Since(l.begun) }

// Boot says that this clock's readings compare with nobody's.
func (lookClock) Boot() string { return "" }

// Wait returns after d, or with the context's error.
func (lookClock) Wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lookAtSBSYS signs in to the document system.
func lookAtSBSYS(ctx context.Context, c *config.Config, seen func(page string)) error {
	s, err := openSBSYS(c, lookClock{time.Now()})
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Look(ctx); err != nil {
		return err
	}
	seen("adgang givet")
	return nil
}

// lookAtOrders fetches the open orders, and changes nothing.
func lookAtOrders(ctx context.Context, c *config.Config, seen func(page string)) error {
	s, err := openOrders(c)
	if err != nil {
		return err
	}
	defer s.Close()
	open, err := s.Open(ctx)
	if err != nil {
		return err
	}
	seen(fmt.Sprintf("%d åbne bestillinger", len(open)))
	return nil
}
