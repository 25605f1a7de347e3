package robots

import (
	"context"
	"crypto/rand"
	"errors"
	"log"
	"os"

	"byskriver/robots/access"
	web "byskriver/robots/access/pages"
	"byskriver/robots/internal/idp"
	"byskriver/runner"
	"byskriver/runner/config"
)

// idpSection is systems.idp.service in the configuration.
type idpSection struct {
	Client      string        `yaml:"client"`      // what the provider calls this program
	Secret      config.Secret `yaml:"secret"`      // may be left out where the provider has given none
	Claim       string        `yaml:"claim"`       // what names the directory's user
	Scopes      []string      `yaml:"scopes"`      // beside openid
	Authorities string        `yaml:"authorities"` // PEM: who vouches for the provider; the machine's own list if left out
}

// openIDP builds the client of the municipality's identity provider. back is the whole
// address that people come back to.
func openIDP(c *config.Config, clock runner.Clock, back string) (*idp.Provider, error) {
	system, ok := c.Systems[idp.Name]
	if !ok {
		return nil, &config.Problem{File: c.File, Text: "systems.idp is missing: leaders and IT sign in there before robot access shows them anything"}
	}
	in := idpSection{Scopes: []string{"profile"}}
	if err := system.Service.Decode(&in); err != nil {
		return nil, err
	}
	s := idp.Settings{Issuer: system.URL, Client: in.Client, Redirect: back, Claim: in.Claim, Scopes: in.Scopes, Longest: system.LongestRequest}
	var wrong []error
	if in.Secret.Given() {
		secret, err := system.Service.Secret(in.Secret, "systems.idp.service.secret")
		s.Secret = secret.Reveal
		wrong = append(wrong, err)
	}
	if in.Authorities != "" {
		roots, err := os.ReadFile(system.Service.Path(in.Authorities))
		if err != nil {
			wrong = append(wrong, system.Service.Problem("systems.idp.service.authorities: %v", err))
		}
		s.Roots = roots
	}
	if err := s.Check(); err != nil {
		wrong = append(wrong, system.Service.Problem("systems.idp: %v", err))
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	return idp.New(s, clock)
}

// serveAccess has the robot's pages answered while byskriver serve runs. close ends
// what was opened for them.
func serveAccess(c *config.Config, section config.Robot, in accessPageSection, s access.Settings, robot *access.Robot, clock runner.Clock) (close func() error, err error) {
	tls, err := accessTLS(section, in)
	if err != nil {
		return nil, err
	}
	provider, err := openIDP(c, clock, in.base()+web.Back)
	if err != nil {
		return nil, err
	}
	answer, err := web.New(web.Options{Desk: robot.Desk(), SignIn: provider, URL: in.base(), Clock: clock, Random: rand.Text, Office: s.Office, Log: log.New(os.Stderr, "access: ", 0)})
	if err != nil {
		return nil, errors.Join(section.Problem("robots.access.page.url: %v", err), provider.Close())
	}
	robot.Open(in.Address, tls, answer)
	return provider.Close, nil
}

// checkIDP checks the identity provider's section, its secret too.
func checkIDP(c *config.Config) error {
	if _, err := openIDP(c, lookClock{}, "https://127.0.0.1"+web.Back); err != nil {
		return err
	}
	system := c.Systems[idp.Name]
	var in idpSection
	if err := system.Service.Decode(&in); err != nil || !in.Secret.Given() {
		return err
	}
	return readable(system, in.Secret, "systems.idp.service.secret")
}

// lookAtIDP asks the identity provider about itself and its keys.
func lookAtIDP(ctx context.Context, c *config.Config, seen func(page string)) error {
	p, err := openIDP(c, lookClock{}, "https://127.0.0.1"+web.Back)
	if err != nil {
		return err
	}
	defer p.Close()
	if err := p.Look(ctx); err != nil {
		return err
	}
	seen("tjenesten og dens nøgler")
	return nil
}
