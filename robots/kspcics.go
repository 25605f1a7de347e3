package robots

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"time"

	"byskriver/robots/access/sources"
	"byskriver/robots/internal/directory"
	"byskriver/robots/internal/kspcics"
	"byskriver/robots/internal/rollekatalog"
	"byskriver/robots/internal/spml"
	"byskriver/runner/config"
	"byskriver/selectors/terminal"
)

// kspcicsSection is systems.kspcics.service in the configuration.
type kspcicsSection struct {
	Selectors   string         `yaml:"selectors"`   // where things are on its screens
	Reader      kspcicsUser    `yaml:"reader"`      // who reads: a user with read-only profiles (Z724)
	Corrector   *kspcicsUser   `yaml:"corrector"`   // who takes authorisations away; without one the robot takes none away on the screens
	Authorities string         `yaml:"authorities"` // PEM file with who may vouch for the host
	Settle      *time.Duration `yaml:"settle"`      // how long a screen may take to become the expected one
	Connect     time.Duration  `yaml:"connect"`     // the most that a connection may take
}

type kspcicsUser struct {
	User     string        `yaml:"user"`
	Password config.Secret `yaml:"password"`
}

// openKSPCICS builds KSP/CICS as the reading and as the correcting user see it; corrects
// is nil where there is none. Nothing is reached yet.
func openKSPCICS(c *config.Config) (reads, corrects *kspcics.System, err error) {
	var in kspcicsSection
	system, section, err := systemSection(c, kspcics.Name, "the users that read and correct in it", &in)
	if err != nil {
		return nil, nil, err
	}
	const at = "systems.kspcics.service."
	host, secure, err := tn3270(system.URL)
	wrong := []error{problems(section, "systems.kspcics.", err)}
	options := kspcics.Options{Terminal: terminal.Config{Answer: system.LongestRequest, Connect: in.Connect, Secure: secure}}
	if in.Settle != nil {
		options.Settle = *in.Settle
	}
	if in.Authorities != "" {
		options.Terminal.CAFile = section.Path(in.Authorities)
		_, err := believed(section, in.Authorities, at+"authorities")
		wrong = append(wrong, err)
	}
	if in.Selectors == "" {
		wrong = append(wrong, section.Problem("%sselectors is missing: the file that says where things are on its screens", at))
	}
	open := func(u kspcicsUser, who, account string) *kspcics.System {
		login, err := loginOf(section, account, u.User, u.Password, at+who+".password")
		wrong = append(wrong, err)
		if u.User == "" {
			wrong = append(wrong, section.Problem("%s%s.user is missing: the robot's own user in KSP/CICS", at, who))
		}
		if in.Selectors == "" {
			return nil
		}
		s, err := kspcics.Load(section.Path(in.Selectors), kspcics.Account{Address: host, User: u.User, Password: login.Password, Told: login.Told}, options)
		wrong = append(wrong, err)
		return s
	}
	reads = open(in.Reader, "reader", "")
	if in.Corrector != nil {
		corrects = open(*in.Corrector, "corrector", "corrector")
		if in.Corrector.User == in.Reader.User {
			wrong = append(wrong, section.Problem("%scorrector.user is the reader's too: reading and correcting must be two users", at))
		}
	}
	return reads, corrects, errors.Join(wrong...)
}

// tn3270 is where the host is, and whether it is reached over TLS.
func tn3270(address string) (host string, secure bool, err error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Port() == "" || u.Scheme != "tn3270" && u.Scheme != "tn3270s":
		return "", false, errors.New("url must be tn3270s://host:port")
	case u.Scheme == "tn3270" && !slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, u.Hostname()):
		return "", false, errors.New("url must begin with tn3270s://: the password does not travel without encryption")
	}
	return u.Host, u.Scheme == "tn3270s", nil
}

// rollekatalogSection is systems.rollekatalog.service in the configuration.
type rollekatalogSection struct {
	Key         config.Secret      `yaml:"key"`        // an API client's that may read (READ_ACCESS)
	RemoveKey   config.Secret      `yaml:"remove_key"` // another one's that may take roles away (ROLE_MANAGEMENT); without it the robot takes none away
	Domain      string             `yaml:"domain"`
	Authorities string             `yaml:"authorities"`
	Systems     []sources.ItSystem `yaml:"systems"` // which it-systems are reviewed
}

// openRollekatalog builds the clients that read and that take away; takes is nil where
// there is no key for it. Nothing is reached yet.
func openRollekatalog(c *config.Config) (reads, takes *rollekatalog.Catalogue, systems []sources.ItSystem, err error) {
	var in rollekatalogSection
	system, section, err := systemSection(c, rollekatalog.Name, "the key of the role catalogue, and which it-systems are reviewed", &in)
	if err != nil {
		return nil, nil, nil, err
	}
	const at = "systems.rollekatalog."
	key, keyErr := secretOf(section, in.Key, at+"service.key")
	roots, rootsErr := believed(section, in.Authorities, at+"service.authorities")
	wrong := []error{problems(section, at, rollekatalog.CheckURL(system.URL)), keyErr, rootsErr}
	if len(in.Systems) == 0 {
		wrong = append(wrong, section.Problem("%sservice.systems is missing: the identifiers of the it-systems that are reviewed, each with a name", at))
	}
	for i, s := range in.Systems {
		if s.ID == "" || s.Name == "" {
			wrong = append(wrong, section.Problem("%sservice.systems.%d needs id and name", at, i))
		}
	}
	settings := rollekatalog.Settings{URL: system.URL, Key: key, Domain: in.Domain, Roots: roots, Longest: system.LongestRequest}
	reads = rollekatalog.New(settings)
	if in.RemoveKey != (config.Secret{}) {
		settings.Key, err = secretOf(section, in.RemoveKey, at+"service.remove_key")
		wrong = append(wrong, err)
		takes = rollekatalog.New(settings)
	}
	return reads, takes, in.Systems, errors.Join(wrong...)
}

// checkRightsFile reads the section, and that the file is there: what is in it is the
// system's of the night.
func checkRightsFile(c *config.Config, name string) error {
	s, err := openRightsFile(c, name)
	if err != nil {
		return err
	}
	if _, err := os.Stat(s.File); err != nil {
		return c.Systems[name].Service.Problem("systems.%s.url: %v", name, err)
	}
	return nil
}

// lookAtDirectory signs in and reads one page.
func lookAtDirectory(ctx context.Context, c *config.Config, seen func(string)) error {
	d, err := openDirectory(c)
	if err != nil {
		return err
	}
	n, err := d.Look(ctx)
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("%s: nobody is found below the base; look at base and filter", directory.Name)
	}
	seen(fmt.Sprintf("adgang givet, %d personer på første side", n))
	return nil
}

// lookAtKSPCICS signs the reading user in and reads the list of users, and signs the
// correcting one in and out.
func lookAtKSPCICS(ctx context.Context, c *config.Config, seen func(string)) error {
	reads, corrects, err := openKSPCICS(c)
	if err != nil {
		return err
	}
	defer reads.Close()
	users, err := reads.Users(ctx)
	if err != nil {
		return fmt.Errorf("as the user that reads: %w", err)
	}
	seen(fmt.Sprintf("læser: %d brugere", len(users)))
	if corrects == nil {
		return nil
	}
	defer corrects.Close()
	if err := corrects.SignIn(ctx); err != nil {
		return fmt.Errorf("as the user that corrects: %w", err)
	}
	seen("retter: logget på og af")
	return nil
}

// lookAtRollekatalog reads each it-system, and changes nothing. Whether the key that
// takes away is right only a removal would show.
func lookAtRollekatalog(ctx context.Context, c *config.Config, seen func(string)) error {
	reads, _, systems, err := openRollekatalog(c)
	if err != nil {
		return err
	}
	defer reads.Close()
	for _, s := range systems {
		roles, err := reads.Roles(ctx, s.ID)
		if err != nil {
			return fmt.Errorf("it-system %s: %w", s.ID, err)
		}
		seen(fmt.Sprintf("%s: %d roller", s.ID, len(roles)))
	}
	return nil
}

// lookAtSPML asks for the profiles as who reads. Who changes may not ask: of that certificate
// only the end is told.
func lookAtSPML(ctx context.Context, c *config.Config, seen func(string)) error {
	reads, changes, err := openSPML(c)
	if err != nil {
		return err
	}
	defer reads.Close()
	n, err := reads.Look(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", spml.Name, err)
	}
	seen(fmt.Sprintf("%d brugerprofiler", n))
	certificateEnds("læser", reads.Until(), seen)
	if changes != nil {
		defer changes.Close()
		certificateEnds("retter", changes.Until(), seen)
	}
	return nil
}

func certificateEnds(who string, at time.Time, seen func(string)) {
	seen(fmt.Sprintf("%s: certifikatet gælder til %s", who, at.Format("02-01-2006")))
	if time.Until(at) < 30*24*time.Hour {
		seen(who + ": ADVARSEL: certifikatet til KSP/CICS' snitflade udløber snart. Forny det, og få det nye knyttet til brugeren i KSP/CICS.")
	}
}

// lookAtRightsFile reads a file of rights, all of it.
func lookAtRightsFile(c *config.Config, name string, seen func(string)) error {
	s, err := openRightsFile(c, name)
	if err != nil {
		return err
	}
	rows, err := s.Read(time.Now())
	if err != nil {
		return err
	}
	seen(fmt.Sprintf("%d linjer", len(rows)))
	return nil
}
