package robots

import (
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"byskriver/robots/access"
	"byskriver/robots/internal/idp"
	"byskriver/robots/internal/mail"
	"byskriver/runner"
	"byskriver/runner/config"
)

// accessSection is robots.access in the configuration.
type accessSection struct {
	AtOnce  int                `yaml:"at_once"`  // items worked at once
	Policy  string             `yaml:"policy"`   // adgange.yaml
	Review  string             `yaml:"review"`   // the area of packages that nobody answers
	IT      string             `yaml:"it"`       // the area of findings, readings and removals
	Reports string             `yaml:"reports"`  // the folder that evidence is written to; may be left out
	Sheets  string             `yaml:"sheets"`   // the folder of packages as workbooks, for those who cannot use the page
	BySheet map[string]string  `yaml:"by_sheet"` // those: logins, by their names in people
	Office  string             `yaml:"office"`   // whom a leader can ask, as a mail says it
	Page    *accessPageSection `yaml:"page"`     // where leaders and IT answer
}

// accessPageSection is robots.access.page.
type accessPageSection struct {
	Address     string        `yaml:"address"`     // where the page is served, such as :8444
	URL         string        `yaml:"url"`         // how people reach it
	Certificate string        `yaml:"certificate"` // PEM; empty where something before it speaks TLS
	Key         config.Secret `yaml:"key"`         // PEM
}

// accessSettings reads the access robot's section and the file that it names. The error
// joins all that is wrong.
func accessSettings(section config.Robot) (access.Settings, accessPageSection, error) {
	in := accessSection{Review: "Adgange", IT: "It"}
	if err := section.Decode(&in); err != nil {
		return access.Settings{}, accessPageSection{}, err
	}
	s := access.Settings{PolicyFile: section.Path(in.Policy), Areas: access.Areas{Review: in.Review, IT: in.IT}, Office: in.Office, Reports: section.Path(in.Reports), Sheets: section.Path(in.Sheets), BySheet: in.BySheet}
	var wrong []error
	if in.Page == nil {
		return s, accessPageSection{}, section.Problem("robots.access.page is missing: address, url, certificate and key of the page on which leaders and IT answer")
	}
	if in.Policy == "" {
		wrong = append(wrong, section.Problem("robots.access.policy is missing: what the municipality decides about reviews, adgange.yaml"))
	} else {
		var err error
		s.Policy, err = access.ReadPolicy(s.PolicyFile)
		wrong = append(wrong, err)
	}
	u, err := url.Parse(in.Page.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Hostname() != "127.0.0.1" && u.Hostname() != "localhost" {
		wrong = append(wrong, section.Problem("robots.access.page.url must be a whole https:// address (http:// on this machine alone): what stands in the mails"))
	}
	if len(in.BySheet) > 0 && in.Sheets == "" {
		wrong = append(wrong, section.Problem("robots.access.sheets is missing: the folder in which packages are laid ready for those of by_sheet"))
	}
	if in.Page.Address == "" {
		wrong = append(wrong, section.Problem("robots.access.page.address is missing: where the page is served, such as :8444"))
	}
	s.Link = in.Page.base() + "/pakke/"
	return s, *in.Page, errors.Join(wrong...)
}

// base is how people reach the pages, without a slash at its end.
func (in accessPageSection) base() string { return strings.TrimSuffix(in.URL, "/") }

// accessTLS is the page's own side of TLS; nil where it has no certificate.
func accessTLS(section config.Robot, in accessPageSection) (*tls.Config, error) {
	if in.Certificate == "" {
		return nil, nil
	}
	secret, err := section.Secret(in.Key, "robots.access.page.key")
	if err != nil {
		return nil, err
	}
	key, err := secret.Bytes()
	if err != nil {
		return nil, section.Problem("robots.access.page.key: %v", err)
	}
	own, err := os.ReadFile(section.Path(in.Certificate))
	if err != nil {
		return nil, section.Problem("robots.access.page.certificate: %v", err)
	}
	pair, err := tls.X509KeyPair(own, key)
	if err != nil {
		return nil, section.Problem("robots.access.page.certificate: %v", err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}, nil
}

// openAccess builds the access robot.
func openAccess(c *config.Config, section config.Robot, clock runner.Clock, shelf runner.Shelf) (runner.Robot, func() error, error) {
	s, page, err := accessSettings(section)
	wrong := []error{err}
	systems, err := openAccessSystems(c, clock)
	wrong = append(wrong, err)
	mailer, err := openMail(c)
	wrong = append(wrong, err)
	if err := errors.Join(wrong...); err != nil {
		return nil, nil, err
	}
	systems.Mail, systems.Token = mailer, rand.Text
	// The house's shelf has a drawer; where no store is open, as in try, there is none.
	drawer, ok := shelf.(access.Drawer)
	if !ok {
		return nil, nil, fmt.Errorf("robot %s works on a store", access.Name)
	}
	robot, err := access.New(s, systems, drawer, clock)
	if err != nil {
		return nil, nil, err
	}
	left, err := serveAccess(c, section, page, s, robot, clock)
	if err != nil {
		return nil, nil, err
	}
	return robot, func() error {
		robot.Close()
		return left()
	}, nil
}

// checkAccess checks what the access robot works by, the files that it names too.
func checkAccess(c *config.Config, section config.Robot) error {
	_, page, err := accessSettings(section)
	wrong := []error{err}
	if err == nil {
		_, err := accessTLS(section, page)
		wrong = append(wrong, err)
	}
	if _, ok := c.Systems[idp.Name]; !ok {
		wrong = append(wrong, section.Problem("systems.%s is missing: leaders and IT sign in there", idp.Name))
	}
	if _, ok := c.Systems[mail.Name]; !ok {
		wrong = append(wrong, section.Problem("systems.%s is missing: robot access tells leaders by it", mail.Name))
	}
	_, err = openAccessSystems(c, lookClock{})
	return errors.Join(append(wrong, err)...)
}
