package robots

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"time"

	"byskriver/robots/access"
	"byskriver/robots/access/sources"
	"byskriver/robots/internal/directory"
	"byskriver/robots/internal/kspcics"
	"byskriver/robots/internal/rightsfile"
	"byskriver/robots/internal/rollekatalog"
	"byskriver/robots/internal/spml"
	"byskriver/runner"
	"byskriver/runner/config"
	"byskriver/schedules"
)

// openAccessSystems builds what the access robot reads and corrects: the directory, and
// of KSP/CICS, OS2rollekatalog and files of rights what the configuration has. Nothing is
// reached yet. The error joins all that is wrong.
func openAccessSystems(c *config.Config, clock runner.Clock) (access.Systems, error) {
	out := access.Systems{Removers: map[string]access.Remover{}}
	zone, err := schedules.Copenhagen()
	if err != nil {
		return out, err
	}
	from, err := openDirectory(c)
	out.Directory = &sources.Staff{From: from, Now: clock.Now, Zone: zone}
	wrong := []error{err}
	if _, ok := c.Systems[kspcics.Name]; ok {
		wrong = append(wrong, addKSPCICS(c, clock, &out))
	}
	if _, ok := c.Systems[rollekatalog.Name]; ok {
		wrong = append(wrong, addCatalogue(c, clock, &out))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Systems)) {
		if isRightsFile(c.Systems[name]) {
			settings, err := openRightsFile(c, name)
			wrong = append(wrong, err)
			out.Sources = append(out.Sources, &sources.File{Name: name, From: settings, Now: clock.Now})
		}
	}
	if len(out.Sources) == 0 {
		wrong = append(wrong, &config.Problem{File: c.File, Text: "no system is configured whose rights robot access could read: systems.kspcics, systems.rollekatalog, or one with a url that begins with file:"})
	}
	return out, errors.Join(wrong...)
}

func addKSPCICS(c *config.Config, clock runner.Clock, out *access.Systems) error {
	reads, corrects, err := openKSPCICS(c)
	if err != nil {
		return err
	}
	source := &sources.KSPCICS{Screens: reads, Now: clock.Now}
	if corrects != nil {
		out.Removers[kspcics.Name] = sources.OnScreens{Screens: corrects}
	}
	if _, ok := c.Systems[spml.Name]; ok {
		reads, changes, err := openSPML(c)
		if err != nil {
			return err
		}
		source.Service = reads
		if changes != nil {
			out.Removers[kspcics.Name] = sources.OverService{Reads: reads, Changes: changes}
		}
	}
	out.Sources = append(out.Sources, source)
	return nil
}

func addCatalogue(c *config.Config, clock runner.Clock, out *access.Systems) error {
	reads, takes, systems, err := openRollekatalog(c)
	if err != nil {
		return err
	}
	out.Sources = append(out.Sources, &sources.Catalogue{Reads: reads, Systems: systems, Now: clock.Now})
	if takes != nil {
		out.Removers[rollekatalog.Name] = sources.InCatalogue{Reads: reads, Takes: takes}
	}
	return nil
}

// systemSection decodes a system's service section, and gives it back for problems.
func systemSection(c *config.Config, name, what string, into any) (config.System, config.Section, error) {
	system, ok := c.Systems[name]
	if !ok {
		return system, system.Service, &config.Problem{File: c.File, Text: fmt.Sprintf("systems.%s is missing: %s", name, what)}
	}
	if !system.Service.Given() {
		return system, system.Service, &config.Problem{File: c.File, Text: fmt.Sprintf("systems.%s.service is missing: %s", name, what)}
	}
	return system, system.Service, system.Service.Decode(into)
}

// secretOf makes a secret that is read when it is needed, and is readable now.
func secretOf(s config.Section, secret config.Secret, key string) (func() (string, error), error) {
	secret, err := s.Secret(secret, key)
	if err != nil {
		return nil, err
	}
	if _, err := secret.Reveal(); err != nil {
		return nil, s.Problem("%s: %v", key, err)
	}
	return secret.Reveal, nil
}

// loginOf makes a user's password that is asked for at each sign-in, and is readable now.
// account tells users apart where a system has several.
func loginOf(s config.Section, account, user string, password config.Secret, key string) (*config.Login, error) {
	login, err := s.Login(account, user, password, key)
	if err != nil {
		return login, err
	}
	if err := login.Readable(); err != nil {
		return login, s.Problem("%s: %v", key, err)
	}
	return login, nil
}

// believed reads who may vouch for a system; nil means whom the machine trusts.
func believed(s config.Section, file, key string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(s.Path(file))
	if err != nil {
		return nil, s.Problem("%s: %v", key, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, s.Problem("%s: %s has no certificate in PEM in it", key, s.Path(file))
	}
	return pool, nil
}

// problems puts each of an error's parts at a section.
func problems(s config.Section, at string, err error) error {
	var wrong []error
	for _, text := range each(err) {
		wrong = append(wrong, s.Problem("%s%s", at, text))
	}
	return errors.Join(wrong...)
}

// spmlSection is systems.spml.service in the configuration.
type spmlSection struct {
	spmlIdentity `yaml:",inline"`
	LOS          string        `yaml:"los"`         // the LOS short name that all users are under
	Authorities  string        `yaml:"authorities"` // PEM file with who may vouch for the service
	Corrector    *spmlIdentity `yaml:"corrector"`   // who takes authorisations away over it, and not on the screens; needs KSP-OPR-AA
}

// spmlIdentity is who the service takes the robot for: the user that a certificate is tied
// to in KSP/CICS.
type spmlIdentity struct {
	Certificate config.Secret `yaml:"certificate"` // the municipality's, PEM, known to KSP/CICS
	Key         config.Secret `yaml:"key"`         // its key, PEM
}

// openSPML builds the clients of KSP/CICS's service: of who reads, and of who changes, which
// is nil where the robot is to take nothing away over it. Nothing is reached yet.
func openSPML(c *config.Config) (reads, changes *spml.Service, err error) {
	var in spmlSection
	system, section, err := systemSection(c, spml.Name, "the certificate by which KSP/CICS's service knows the municipality", &in)
	if err != nil {
		return nil, nil, err
	}
	const at = "systems.spml."
	wrong := []error{problems(section, at, spml.CheckURL(system.URL))}
	if in.LOS == "" {
		wrong = append(wrong, section.Problem("%sservice.los is missing: the short name of the LOS unit that all users are under", at))
	}
	reader, err := in.pair(section, at+"service.")
	wrong = append(wrong, err)
	roots, rootsErr := believed(section, in.Authorities, at+"service.authorities")
	wrong = append(wrong, rootsErr)
	var corrector tls.Certificate
	if in.Corrector != nil {
		corrector, err = in.Corrector.pair(section, at+"service.corrector.")
		if wrong = append(wrong, err); err == nil && slices.EqualFunc(reader.Certificate, corrector.Certificate, bytes.Equal) {
			wrong = append(wrong, section.Problem("%sservice.corrector.certificate is the reader's: who reads and who takes away must be two users", at))
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, nil, err
	}
	client := func(who tls.Certificate) *spml.Service {
		return spml.New(spml.Settings{URL: system.URL, Certificate: who, LOS: in.LOS, Roots: roots, Longest: system.LongestRequest})
	}
	if in.Corrector != nil {
		changes = client(corrector)
	}
	return client(reader), changes, nil
}

// pair reads the certificate with its key; at is where they stand.
func (i spmlIdentity) pair(section config.Section, at string) (tls.Certificate, error) {
	certificate, certErr := secretOf(section, i.Certificate, at+"certificate")
	key, keyErr := secretOf(section, i.Key, at+"key")
	if err := errors.Join(certErr, keyErr); err != nil {
		return tls.Certificate{}, err
	}
	certPEM, certErr := certificate()
	keyPEM, keyErr := key()
	pair, err := tls.X509KeyPair([]byte(certPEM), []byte(keyPEM))
	if err := errors.Join(certErr, keyErr, err); err != nil {
		return pair, section.Problem("%scertificate: %v", at, err)
	}
	return pair, nil
}

// rightsFileSection is systems.X.service of a system whose url begins with file:.
type rightsFileSection struct {
	Columns   rightsfile.Columns `yaml:"columns"`
	Delimiter string             `yaml:"delimiter"`
	Encoding  string             `yaml:"encoding"`
	Inactive  []string           `yaml:"inactive"`
	Day       string             `yaml:"day"`
	Oldest    time.Duration      `yaml:"oldest"` // 26h if left out
}

// isRightsFile reports whether a system is a file of rights that it writes.
func isRightsFile(s config.System) bool {
	u, err := url.Parse(s.URL)
	return err == nil && u.Scheme == "file"
}

// openRightsFile builds the reader of a system's file. The file is not opened yet.
func openRightsFile(c *config.Config, name string) (rightsfile.Settings, error) {
	in := rightsFileSection{Oldest: 26 * time.Hour}
	system, section, err := systemSection(c, name, "which columns its file of rights has", &in)
	if err != nil {
		return rightsfile.Settings{}, err
	}
	u, err := url.Parse(system.URL)
	if err != nil {
		return rightsfile.Settings{}, section.Problem("systems.%s.url: %v", name, err)
	}
	s := rightsfile.Settings{File: section.Path(u.Opaque + u.Path), Columns: in.Columns, Delimiter: in.Delimiter, Encoding: in.Encoding, Inactive: in.Inactive, Day: in.Day, Oldest: in.Oldest}
	return s, problems(section, "systems."+name+".service.", s.Check())
}

// checkable is a system that check and check --live look at.
type checkable struct {
	check func() error                                            // reads everything that its section names
	look  func(ctx context.Context, seen func(what string)) error // reaches it, and changes nothing
}

// accessSystem is one of the systems that the access robot works in.
func accessSystem(c *config.Config, name string) (checkable, bool) {
	look := func(how func(context.Context, *config.Config, func(string)) error) func(context.Context, func(string)) error {
		return func(ctx context.Context, seen func(string)) error { return how(ctx, c, seen) }
	}
	switch name {
	case directory.Name:
		return checkable{func() error { _, err := openDirectory(c); return err }, look(lookAtDirectory)}, true
	case kspcics.Name:
		return checkable{func() error { _, _, err := openKSPCICS(c); return err }, look(lookAtKSPCICS)}, true
	case rollekatalog.Name:
		return checkable{func() error { _, _, _, err := openRollekatalog(c); return err }, look(lookAtRollekatalog)}, true
	case spml.Name:
		return checkable{func() error { _, _, err := openSPML(c); return err }, look(lookAtSPML)}, true
	}
	if !isRightsFile(c.Systems[name]) {
		return checkable{}, false
	}
	return checkable{func() error { return checkRightsFile(c, name) }, func(_ context.Context, seen func(string)) error { return lookAtRightsFile(c, name, seen) }}, true
}

// directorySection is systems.directory.service in the configuration.
type directorySection struct {
	User        string               `yaml:"user"`
	Password    config.Secret        `yaml:"password"`
	Base        string               `yaml:"base"`
	Filter      string               `yaml:"filter"`
	Authorities string               `yaml:"authorities"`
	Page        uint32               `yaml:"page"`
	Attributes  directory.Attributes `yaml:"attributes"`
}

// openDirectory builds the reader of the staff. Nothing is reached yet.
func openDirectory(c *config.Config) (*directory.Directory, error) {
	in := directorySection{Attributes: directory.ActiveDirectory()}
	system, section, err := systemSection(c, directory.Name, "the staff is read there", &in)
	if err != nil {
		return nil, err
	}
	const at = "systems.directory."
	login, passwordErr := loginOf(section, "", in.User, in.Password, at+"service.password")
	roots, rootsErr := believed(section, in.Authorities, at+"service.authorities")
	s := directory.Settings{URL: system.URL, User: in.User, Password: login.Password, Told: login.Told, Base: in.Base, Filter: in.Filter, Attributes: in.Attributes, Roots: roots, Page: in.Page, Longest: system.LongestRequest}
	wrong := []error{passwordErr, rootsErr, problems(section, at, s.Check())}
	if in.User == "" {
		wrong = append(wrong, section.Problem("%sservice.user is missing: the robot's own account that may read", at))
	}
	return directory.New(s), errors.Join(wrong...)
}
