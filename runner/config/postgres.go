package config

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
)

// Postgres says where the PostgreSQL database is that several machines share.
type Postgres struct {
	Host     string `yaml:"host"` // the server's name, or the folder of a socket on this machine
	Port     int    `yaml:"port"` // default 5432
	Database string `yaml:"database"`
	User     string `yaml:"user"`     // the program's own user, who owns the database's tables
	Password Secret `yaml:"password"` // not needed on a socket
	// PasswordExpires is the last day on which the password holds, 2027-01-31; "" where nobody has said.
	PasswordExpires string `yaml:"password_expires"`
	CA              string `yaml:"ca"` // certificates that the server's may be signed by; the machine's own list if empty
}

// Socket reports whether the database is reached through a socket on this machine,
// which nobody can listen to.
func (p *Postgres) Socket() bool { return strings.HasPrefix(p.Host, "/") }

// TLS is how the server is known for what it says it is; nil on a socket.
func (p *Postgres) TLS() (*tls.Config, error) {
	if p.Socket() {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: p.Host}
	if p.CA == "" {
		return c, nil
	}
	pem, err := os.ReadFile(p.CA)
	if err != nil {
		return nil, fmt.Errorf("read store.postgres.ca: %w", err)
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("store.postgres.ca: there is no certificate in %s", p.CA)
	}
	return c, nil
}

// Machine is a machine that works robots.
type Machine struct {
	Robots []string `yaml:"robots"` // the robots that it works
}

// Assigned reports whether a machine works a robot. Where no machines are named, all do.
func (c *Config) Assigned(machine, robot string) bool {
	return len(c.Machines) == 0 || slices.Contains(c.Machines[machine].Robots, robot)
}

// store checks where items are kept.
func (r *reader) store(s *Store) {
	p := s.Postgres
	r.wantSecret(&s.Key, "store.key")
	s.Path = under(r.base, s.Path)
	r.want(s.Path != "" || p != nil, "store", "store.path is missing: the file that items are kept in; or store.postgres, the database")
	if p == nil {
		return
	}
	const at = "store.postgres"
	r.want(s.Path == "", "store.path", "store.path and store.postgres are both given; items are kept in one of them")
	r.want(p.Host != "", at, at+".host is missing: the database server's name, or the folder of its socket on this machine")
	r.want(p.Database != "", at, at+".database is missing: the database's name")
	r.want(p.User != "", at, at+".user is missing: the program's own user in the database")
	r.want(p.Port >= 0 && p.Port < 1<<16, at+".port", at+".port must be between 1 and 65535")
	r.want(p.CA == "" || !p.Socket(), at+".ca", at+".ca belongs to a server that is reached over the network; this is a socket")
	if p.Port == 0 {
		p.Port = 5432
	}
	p.CA = under(r.base, p.CA)
	r.expires(at+".password_expires", p.PasswordExpires)
	if p.Password.base = r.base; !p.Socket() || p.Password.ref != "" {
		r.wantSecret(&p.Password, at+".password")
	}
	_, notAddress := netip.ParseAddr(p.Host)
	r.want(p.Host == "" || p.Socket() || notAddress == nil || !strings.ContainsAny(p.Host, ":/ "), at+".host", at+".host is a name or an address alone, without port or scheme")
}

// machines checks which machine works which robot, and what only several machines need.
func (r *reader) machines(c *Config) {
	r.want(len(c.Machines) == 0 || c.Store.Postgres != nil, "machines", "machines need store.postgres: a file is one machine's")
	for name, m := range c.Machines {
		at := "machines." + name
		r.want(len(m.Robots) > 0, at, "%s.robots is missing: the robots that this machine works", at)
		for _, robot := range m.Robots {
			_, ok := c.Robots[robot]
			r.want(ok, at+".robots", "%s.robots names %q, which is not among robots", at, robot)
		}
	}
	for name := range c.Robots {
		some := len(c.Machines) == 0
		for _, m := range c.Machines {
			some = some || slices.Contains(m.Robots, name)
		}
		r.want(some, "robots."+name, "robots.%s is assigned to no machine; name it under one of machines", name)
	}
	if c.Store.Postgres == nil {
		return
	}
	for name, s := range c.Systems {
		at := "systems." + name
		r.want(s.LongestRequest > 0 || s.OnlyRead, at, "%s.longest_request is missing: how long one request to it may last, such as 10s; another machine that takes over a change waits for it", at)
	}
}
