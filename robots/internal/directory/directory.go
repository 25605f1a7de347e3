// Package directory reads the staff from the municipality's directory over LDAP, as
// Active Directory speaks it: everybody below a base, with title, unit, mail, nearest
// leader and whether the account is in use. It changes nothing.
//
// A reading is whole or an error: pages are read until the directory says that none
// follow, and a page that does not say so is an error. A refused sign-in is tried once
// and never again by this Directory, since three lock an account.
//
// Attributes' meanings: MS-ADA1 to MS-ADA3 and MS-ADTS (userAccountControl's bit 2 is a
// switched-off account; accountExpires counts 100 ns from 1601-01-01, 0 and the largest
// number mean never); paging: RFC 2696.
package directory

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-ldap/ldap/v3"

	"byskriver/runner"
)

// Name is what the system is called in the configuration and in errors.
const Name = "directory"

// Attributes say in which attribute the municipality's directory has what. An empty one
// is not asked for.
type Attributes struct {
	ID       string `yaml:"id"`        // objectGUID: stable, and not personal
	CPR      string `yaml:"cpr"`       // employeeID in some
	Name     string `yaml:"name"`      // displayName
	Title    string `yaml:"title"`     // title
	Mail     string `yaml:"mail"`      // mail
	Login    string `yaml:"login"`     // sAMAccountName
	Unit     string `yaml:"unit"`      // department: the unit's name
	UnitCode string `yaml:"unit_code"` // such as departmentNumber; "" where names are all there is
	Manager  string `yaml:"manager"`   // manager: the nearest leader's place in the directory
}

// ActiveDirectory is where Active Directory has it unless the municipality says
// otherwise.
func ActiveDirectory() Attributes {
	return Attributes{ID: "objectGUID", CPR: "employeeID", Name: "displayName", Title: "title", Mail: "mail", Login: "sAMAccountName", Unit: "department", Manager: "manager"}
}

// Settings are how the directory is reached.
type Settings struct {
	URL        string                 // ldaps://host:port; ldap:// on this machine alone
	User       string                 // as distinguished name or name@domain
	Password   func() (string, error) // asked at each reading
	Told       func(error) error      // told how each sign-in ended, and gives back what it was told; may be nil
	Base       string                 // below which everybody is
	Filter     string                 // who is a person; PeopleFilter if ""
	Attributes Attributes
	Roots      *x509.CertPool // who may vouch for the directory; nil means whom the machine trusts
	Page       uint32         // entries a page; 500 if 0
	Longest    time.Duration  // the longest that one page may take; 30 s if 0
}

// PeopleFilter finds persons' accounts, switched-off ones too: a leaver's rights in
// other systems are found by them.
const PeopleFilter = "(&(objectCategory=person)(objectClass=user))"

// Check tells all that is wrong with the settings, joined.
func (s Settings) Check() error {
	var wrong []error
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	u, err := url.Parse(s.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "ldaps" && u.Scheme != "ldap":
		say("url must be ldaps://host:port")
	case u.Scheme == "ldap" && !local(u.Hostname()):
		say("url must begin with ldaps://: names and CPR numbers do not travel without encryption")
	}
	if _, err := ldap.ParseDN(s.Base); err != nil || s.Base == "" {
		say("base must be a place in the directory, such as OU=Medarbejdere,DC=kommune,DC=dk")
	}
	if _, err := ldap.CompileFilter(s.filter()); err != nil {
		say("filter cannot be read: %v", err)
	}
	for what, name := range map[string]string{"id": s.Attributes.ID, "name": s.Attributes.Name, "login": s.Attributes.Login, "unit": s.Attributes.Unit, "manager": s.Attributes.Manager} {
		if name == "" {
			say("attributes.%s is missing: the directory's name for it", what)
		}
	}
	if s.Page > 1000 {
		say("page must be at most 1000: Active Directory gives no larger pages")
	}
	return errors.Join(wrong...)
}

func (s Settings) filter() string {
	if s.Filter == "" {
		return PeopleFilter
	}
	return s.Filter
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Directory reads the staff. Its methods may be called from several goroutines.
type Directory struct {
	settings Settings

	mu      sync.Mutex
	refused error // the directory's refusal, where nobody is told of it: nobody tries again, or the account is locked
}

// New builds the reader. Nothing is reached yet.
func New(s Settings) *Directory {
	if s.Page == 0 {
		s.Page = 500
	}
	if s.Longest == 0 {
		s.Longest = 30 * time.Second
	}
	return &Directory{settings: s}
}

// Look signs in and counts one page of those who are found, changing nothing.
func (d *Directory) Look(ctx context.Context) (people int, err error) {
	err = d.with(ctx, func(c *ldap.Conn) error {
		page, _, err := d.page(c, ldap.NewControlPaging(d.settings.Page))
		people = len(page)
		return err
	})
	return people, err
}

// People reads everybody.
func (d *Directory) People(ctx context.Context) ([]Person, error) {
	var all []Person
	err := d.with(ctx, func(c *ldap.Conn) error {
		entries, err := d.everything(c)
		if err != nil {
			return err
		}
		all, err = d.settings.people(entries)
		return err
	})
	return all, err
}

// with signs in, does something and signs off. One who gives up closes the connection.
func (d *Directory) with(ctx context.Context, do func(*ldap.Conn) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refused != nil {
		return d.refused
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s := d.settings
	word, err := s.Password()
	if err != nil {
		return fmt.Errorf("get the password for the directory: %w", err)
	}
	conn, err := d.bind(ctx, word)
	if s.Told != nil {
		err = s.Told(err)
	}
	if conn == nil || err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // what was read is read
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	return d.told(ctx, do(conn))
}

// bind connects and signs in.
func (d *Directory) bind(ctx context.Context, word string) (*ldap.Conn, error) {
	s := d.settings
	conn, err := ldap.DialURL(s.URL, ldap.DialWithDialer(&net.Dialer{Timeout: s.Longest}), ldap.DialWithTLSConfig(&tls.Config{RootCAs: s.Roots, MinVersion: tls.VersionTLS12}))
	if err != nil {
		return nil, d.told(ctx, err)
	}
	conn.SetTimeout(s.Longest)
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if err := conn.Bind(s.User, word); err != nil {
		_ = conn.Close()
		return nil, d.told(ctx, err)
	}
	return conn, nil
}

// everything reads page after page until the directory says that none follow.
func (d *Directory) everything(c *ldap.Conn) ([]*ldap.Entry, error) {
	var all []*ldap.Entry
	paging := ldap.NewControlPaging(d.settings.Page)
	for {
		page, cookie, err := d.page(c, paging)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(cookie) == 0 {
			return all, nil
		}
		if len(page) == 0 {
			return nil, fmt.Errorf("%w: an empty page of which more are to follow", errOdd)
		}
		paging.SetCookie(cookie)
	}
}

// errOdd is an answer that is not a directory's.
var errOdd = errors.New("the answer is not as expected")

// page reads one page, and what the next one is asked for with.
func (d *Directory) page(c *ldap.Conn, paging *ldap.ControlPaging) ([]*ldap.Entry, []byte, error) {
	s := d.settings
	result, err := c.Search(ldap.NewSearchRequest(s.Base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, int(s.Longest/time.Second), false, s.filter(), s.Attributes.names(), []ldap.Control{paging}))
	if err != nil {
		return nil, nil, err
	}
	next, ok := ldap.FindControl(result.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging)
	if !ok {
		return nil, nil, fmt.Errorf("%w: the page does not say whether more follow", errOdd)
	}
	if len(result.Referrals) > 0 {
		return nil, nil, fmt.Errorf("%w: some of it is in another directory", errOdd)
	}
	return result.Entries, next.Cookie, nil
}

// told says in the runner's words what an error means. What the directory itself said
// stays out where it could name somebody.
func (d *Directory) told(ctx context.Context, err error) error {
	var trouble *runner.Trouble
	if err == nil || errors.As(err, &trouble) {
		return err
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	say := func(kind runner.TroubleKind, text string) error {
		return &runner.Trouble{Kind: kind, System: Name, Text: text, Err: errors.New(runner.Mask(err.Error()))}
	}
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case ldap.IsErrorWithCode(err, ldap.LDAPResultInvalidCredentials):
		no := say(runner.SignInRefused, "Kartoteket (Active Directory) afviser robottens bruger: "+why(err)+". Robotten prøver ikke igen, for flere forsøg kan spærre brugeren.")
		if d.settings.Told == nil {
			d.refused = no
		}
		return no
	case ldap.IsErrorAnyOf(err, ldap.LDAPResultInsufficientAccessRights, ldap.LDAPResultOperationsError):
		return say(runner.SignInRefused, "Robottens bruger må ikke læse det, den skal, i kartoteket (Active Directory). Få driften til at se på dens rettigheder.")
	case ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject):
		return say(runner.ScreenChanged, "Stedet i kartoteket (Active Directory), som robotten læser under, findes ikke. Ret systems.directory.service.base i konfigurationen.")
	case errors.Is(err, errOdd), errors.Is(err, errPerson):
		return say(runner.ScreenChanged, "Svaret fra kartoteket (Active Directory) ser ikke ud som ventet. Det er ikke brugt. Få driften til at se på det.")
	case errors.As(err, &unknown), errors.As(err, &host), errors.As(err, &invalid):
		return say(runner.Unavailable, "Kartotekets (Active Directory) certifikat kan ikke godkendes. Få driften til at se på det.")
	}
	return say(runner.Unavailable, "Kartoteket (Active Directory) svarer ikke, afbryder eller er for langsomt. Robotten prøver igen senere.")
}

// why is what Active Directory's number in a refused sign-in means (MS-ERREF).
func why(err error) string {
	for data, text := range map[string]string{"data 52e": "navn eller adgangskode er forkert", "data 532": "adgangskoden er udløbet", "data 773": "adgangskoden skal skiftes", "data 775": "brugeren er spærret", "data 533": "brugeren er deaktiveret", "data 701": "brugeren er udløbet"} {
		if strings.Contains(err.Error(), data+",") {
			return text
		}
	}
	return "navn eller adgangskode er forkert, eller brugeren er spærret"
}
