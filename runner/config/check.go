package config

import (
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

var systemName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// check finds what is wrong beside what could not be decoded, fills in defaults and makes paths absolute.
func (r *reader) check(c *Config) {
	r.want(c.Municipality != "", "municipality", "municipality is missing: the municipality's name")
	r.engine(c.Engine)
	r.operations(c)
	r.store(&c.Store)
	r.machines(c)
	r.wantSecret(&c.Log.Key, "log.key")
	r.want(c.Log.Lines != "", "log", "log.lines is missing: the file that gets the run log's lines")
	r.want(len(c.Log.Checkpoints) > 0, "log", "log.checkpoints is missing: at least one folder, best one on another machine, that gets the signed checkpoint")
	c.Log.Lines = under(r.base, c.Log.Lines)
	for i := range c.Log.Checkpoints {
		c.Log.Checkpoints[i] = under(r.base, c.Log.Checkpoints[i])
	}
	for name, s := range c.Systems {
		c.Systems[name] = r.system(name, s)
	}
	for i := range c.People {
		r.person(fmt.Sprintf("people.%d", i), &c.People[i])
	}
	r.apart(c)
	for i, l := range c.Lists {
		at := fmt.Sprintf("lists.%d", i)
		r.want(l.Name != "", at+".name", "%s.name is missing", at)
		for _, name := range l.Robots {
			_, ok := c.Robots[name]
			r.want(ok, at+".robots", "%s.robots names %q, which is not among robots", at, name)
		}
	}
	if c.Browser.Path == "" {
		c.Browser.Path = "/usr/bin/chromium"
	}
	r.want(len(c.Robots) > 0, "robots", "no robot is configured")
}

// engine makes sure that no limit is negative; zero means the engine's default.
func (r *reader) engine(e Engine) {
	for name, n := range map[string]int64{"attempts": int64(e.Attempts), "screen_stop": int64(e.ScreenStop), "outage_stop": int64(e.OutageStop),
		"first_retry": int64(e.FirstRetry), "last_retry": int64(e.LastRetry), "patience": int64(e.Patience), "item_time": int64(e.ItemTime)} {
		r.want(n >= 0, "engine."+name, "engine.%s cannot be negative", name)
	}
}

func (r *reader) want(ok bool, path, format string, args ...any) {
	if !ok && !r.told(fmt.Sprintf(format, args...)) {
		r.problem(r.nearest(path), format, args...)
	}
}

// nearest is the node at a path, or at the closest path above it.
func (r *reader) nearest(path string) ast.Node {
	for {
		if n, ok := r.at[path]; ok {
			return n
		}
		i := len(path) - 1
		for i > 0 && path[i] != '.' {
			i--
		}
		path = path[:max(i, 0)]
	}
}

func (r *reader) wantSecret(s *Secret, path string) {
	s.base = r.base
	if s.ref == "" {
		r.want(false, path, "%s is missing: a reference to a secret, file:PATH or env:NAME", path)
		return
	}
	r.want(s.wellFormed(), path, "%s must be a reference, file:PATH or env:NAME; a secret never stands in the configuration itself", path)
}

func (r *reader) system(name string, s System) System {
	at := "systems." + name
	r.want(systemName.MatchString(name), at, "a system's name has small letters, digits and _ only, and %q has not", name)
	u, err := url.Parse(s.URL)
	web := err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https" || s.Service.Given() && slices.Contains([]string{"smtp", "ldap", "ldaps", "tn3270", "tn3270s"}, u.Scheme))
	file := err == nil && u.Scheme == "file" && u.Opaque+u.Path != "" && s.Service.Given()
	r.want(web || file, at+".url", "%s.url must be a whole address that begins with https:// (or http:// on this machine), and %q is not", at, s.URL)
	if !s.Service.Given() {
		r.want(s.User != "", at+".user", "%s.user is missing: the robot's own user in the system", at)
		r.wantSecret(&s.Password, at+".password")
		r.want(s.Selectors != "", at+".selectors", "%s.selectors is missing: the file that says where things are on its screens", at)
	}
	r.expires(at+".password_expires", s.PasswordExpires)
	r.want(s.AtOnce >= 0, at+".at_once", "%s.at_once cannot be negative", at)
	r.want(s.LongestRequest >= 0, at+".longest_request", "%s.longest_request cannot be negative", at)
	r.want(s.SettlesAfter > 0 || s.OnlyRead, at+".settles_after", "%s.settles_after is missing: how long after a request its effect may still come to light, such as 2m", at)
	if s.AtOnce == 0 {
		s.AtOnce = 2
	}
	r.door(at, &s.Door)
	return s
}

func (r *reader) person(at string, p *Person) {
	r.want(p.Name != "", at+".name", "%s.name is missing", at)
	r.want(p.Folder != "", at+".folder", "%s.folder is missing: the folder that only this person can write to", at)
	p.Folder = under(r.base, p.Folder)
	for _, name := range p.Robots {
		_, ok := r.at["robots."+name]
		r.want(ok, at+".robots", "%s.robots names %q, which is not among robots", at, name)
	}
}

// apart makes sure that each folder and user is one person's, and that none is a robot's.
func (r *reader) apart(c *Config) {
	seen := map[string]string{}
	for i, p := range c.People {
		at := fmt.Sprintf("people.%d", i)
		for _, v := range []struct{ key, value string }{{"name", p.Name}, {"user", p.User}, {"folder", filepath.Clean(p.Folder)}} {
			other, twice := seen[v.key+"/"+v.value]
			r.want(v.value == "" || !twice, at+"."+v.key, "%s.%s is that of %s too; each person has one of his own", at, v.key, other)
			seen[v.key+"/"+v.value] = p.Name
		}
		for name, s := range c.Systems {
			r.want(p.User == "" || !strings.EqualFold(p.User, s.User), at+".user", "%s.user is the robot's own user in %s; robots cannot decide", at, name)
		}
	}
}
