package robots

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"byskriver/robots/internal/eindkomst"
	"byskriver/runner"
	"byskriver/runner/config"
)

// eindkomstSection is systems.eindkomst.service in the configuration.
type eindkomstSection struct {
	Subscriber  digits        `yaml:"subscriber"`  // AbonnentTypeKode, from the agreement with Skatteforvaltningen
	Agreement   digits        `yaml:"agreement"`   // AbonnementTypeKode, from the same
	SE          digits        `yaml:"se"`          // the municipality's SE number
	Employee    string        `yaml:"employee"`    // who asks; may be left out
	Certificate config.Secret `yaml:"certificate"` // OCES3 organisation certificate, PEM
	Key         config.Secret `yaml:"key"`         // its key, PEM
	PKCS12      config.Secret `yaml:"pkcs12"`      // both in one file, instead
	Password    config.Secret `yaml:"password"`    // of that file
	Authorities string        `yaml:"authorities"` // PEM file with who may vouch for the service; "" means whom the machine trusts
	NoEcho      bool          `yaml:"no_echo"`     // answers do not repeat the question's transaction number
	Largest     int64         `yaml:"largest"`     // largest answer, in bytes; 0 means 10 MiB
	Faults      struct {
		SignIn      []digits `yaml:"sign_in"`
		Unavailable []digits `yaml:"unavailable"`
		TooLarge    []digits `yaml:"too_large"`
	} `yaml:"faults"` // what some of the service's error numbers mean
}

// digits is a code as it stands in the file: 0750 keeps its nought.
type digits string

// UnmarshalYAML takes the code as it is written.
func (d *digits) UnmarshalYAML(b []byte) error {
	*d = digits(strings.Trim(strings.TrimSpace(string(b)), `"'`))
	return nil
}

func texts(codes []digits) []string {
	all := make([]string, len(codes))
	for i, c := range codes {
		all[i] = string(c)
	}
	return all
}

// openEindkomst builds the client of the income register. Nothing is reached yet.
// The error joins all that is wrong with its section.
func openEindkomst(c *config.Config, clock runner.Clock) (*eindkomst.Client, error) {
	system, ok := c.Systems[eindkomst.Name]
	if !ok {
		return nil, &config.Problem{File: c.File, Text: "systems.eindkomst is missing: incomes are looked up in it"}
	}
	section := system.Service
	if !section.Given() {
		return nil, &config.Problem{File: c.File, Text: "systems.eindkomst.service is missing: the agreement and the certificate that citizens are looked up with"}
	}
	var in eindkomstSection
	if err := section.Decode(&in); err != nil {
		return nil, err
	}
	access := eindkomst.Access{Subscriber: string(in.Subscriber), Agreement: string(in.Agreement), SE: string(in.SE), Employee: in.Employee}
	var wrong []error
	for _, err := range []error{eindkomst.CheckURL(system.URL), access.Check()} {
		for _, text := range each(err) {
			wrong = append(wrong, section.Problem("systems.eindkomst: %s", text))
		}
	}
	identity, err := in.identity(section)
	wrong = append(wrong, err)
	roots, err := in.roots(section)
	wrong = append(wrong, err)
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	road := eindkomst.NewDirect(eindkomst.DirectOptions{URL: system.URL, Identity: identity, Roots: roots, Largest: in.Largest, Longest: system.LongestRequest, Now: clock.Now})
	return eindkomst.New(eindkomst.Options{Road: road, Access: access, NoEcho: in.NoEcho, Random: rand.Reader, Now: clock.Now,
		Faults: eindkomst.FaultKinds{SignIn: texts(in.Faults.SignIn), Unavailable: texts(in.Faults.Unavailable), TooLarge: texts(in.Faults.TooLarge)}}), nil
}

// each is the texts of an error's parts.
func each(err error) []string {
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")
}

// identity reads the certificate that questions are signed with.
func (in eindkomstSection) identity(section config.Section) (*eindkomst.Identity, error) {
	const at = "systems.eindkomst.service."
	read := func(s config.Secret, key string) ([]byte, error) {
		secret, err := section.Secret(s, at+key)
		if err != nil {
			return nil, err
		}
		data, err := secret.Bytes()
		if err != nil {
			return nil, section.Problem("%s%s: %v", at, key, err)
		}
		return data, nil
	}
	if in.PKCS12 != (config.Secret{}) {
		file, fileErr := read(in.PKCS12, "pkcs12")
		password, passwordErr := section.Secret(in.Password, at+"password")
		if err := errors.Join(fileErr, passwordErr); err != nil {
			return nil, err
		}
		words, err := password.Reveal()
		if err != nil {
			return nil, section.Problem("%spassword: %v", at, err)
		}
		identity, err := eindkomst.ParsePKCS12(file, words)
		if err != nil {
			return nil, section.Problem("%spkcs12: %v", at, err)
		}
		return identity, nil
	}
	certificate, certificateErr := read(in.Certificate, "certificate")
	key, keyErr := read(in.Key, "key")
	if err := errors.Join(certificateErr, keyErr); err != nil {
		return nil, err
	}
	identity, err := eindkomst.ParsePEM(certificate, key)
	if err != nil {
		return nil, section.Problem("%scertificate: %v", at, err)
	}
	return identity, nil
}

// roots reads who may vouch for the service; nil means whom the machine trusts.
func (in eindkomstSection) roots(section config.Section) (*x509.CertPool, error) {
	if in.Authorities == "" {
		return nil, nil
	}
	path := section.Path(in.Authorities)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, section.Problem("systems.eindkomst.service.authorities: %v", err)
	}
	pool, err := eindkomst.Authorities(data)
	if err != nil {
		return nil, section.Problem("systems.eindkomst.service.authorities: %s: %v", path, err)
	}
	return pool, nil
}

// checkEindkomst reads everything that the section names.
func checkEindkomst(c *config.Config) error {
	_, err := openEindkomst(c, standing{})
	return err
}

// standing is a clock for what is only read.
type standing struct{ runner.Clock }

// Now is the machine's time.
func (standing) Now() time.Time { return time.Now() }

// lookAtEindkomst reaches the service, looks nobody up, and tells what it saw and
// what is about to go wrong.
func lookAtEindkomst(ctx context.Context, c *config.Config, seen func(string)) error {
	client, err := openEindkomst(c, standing{})
	if err != nil {
		return err
	}
	at, err := client.Look(ctx)
	if err != nil {
		return err
	}
	line := "ingen kryptering (kun på denne maskine)"
	if at.TLS != "" {
		line = fmt.Sprintf("%s, tjenestens certifikat gælder til %s", at.TLS, at.ServiceEnd.Format("02-01-2006"))
	}
	seen(line)
	seen(fmt.Sprintf("eget certifikat (%s) gælder til %s", at.Own, at.OwnEnd.Format("02-01-2006")))
	for _, w := range at.Warnings(time.Now()) {
		seen("ADVARSEL: " + w)
	}
	return nil
}
