package config

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

const operationsTest = `municipality: Lilleby
store: {path: a, key: "file:a"}
log: {key: "file:b", lines: c, checkpoints: [d]}
systems: {mail: {url: "smtp://post.example", settles_after: 1m, service: {}, password_expires: 2027-01-31}}
robots: {invoice: {}}
operations:
  address: :9464
  alarms:
    to: [drift@lilleby.example]
    groups:
      - {name: Økonomi, to: [b@lilleby.example, a@lilleby.example], robots: [invoice], codes: [LISTE-LANG]}
    limits: {late: 20m, list_most: 200}
    robots: {invoice: {late: 1h}}
`

func TestOperations(t *testing.T) {
	c, err := parse("x.yaml", "/x", []byte(operationsTest))
	if err != nil {
		t.Fatal(err)
	}
	a := c.Operations.Alarms
	if c.Operations.Address != "127.0.0.1:9464" || c.Operations.Open() || !(Operations{Address: "10.0.0.1:9464"}).Open() {
		t.Errorf("the address is %s", c.Operations.Address)
	}
	if a.Repeat != 24*time.Hour || a.DaysBefore != 30 || *a.Of("invoice").Late != time.Hour || *a.Of("other").Late != 20*time.Minute || *a.Of("invoice").ListMost != 200 || *a.Of("invoice").Longest != 6*time.Hour || a.Of("invoice").ListADay != nil {
		t.Errorf("the rules are %+v", a)
	}
	for _, told := range []struct {
		code        AlarmCode
		robot, want string
	}{{AlarmListLong, "invoice", "a@lilleby.example b@lilleby.example"}, {AlarmListLong, "attest", "drift@lilleby.example"}, {AlarmLog, "", "drift@lilleby.example"}} {
		if got := strings.Join(a.Told(told.code, told.robot), " "); got != told.want {
			t.Errorf("%s about %q: %s", told.code, told.robot, got)
		}
	}
	p := c.Passwords(time.UTC)
	if len(p) != 1 || p[0].Name != "systems.mail.password" || !p[0].At.Equal(time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("passwords: %+v", p)
	}
}

func TestOperationsMistakes(t *testing.T) {
	for was, c := range map[string]struct{ is, want string }{
		"address: :9464":               {"address: localhost", "7:12: operations.address must be HOST:PORT"},
		"to: [drift@lilleby.example]":  {"to: [drift]", `9:10: operations.alarms.to: "drift" is no mail address`},
		"codes: [LISTE-LANG]":          {"codes: [LISTE]", `"LISTE", and there is no such alarm; there are KØRSEL-UDEBLEVET`},
		"robots: [invoice]":            {"robots: [x]", `operations.alarms.groups.0.robots names "x"`},
		"limits: {late: 20m":           {"limits: {late: 20s", "12:20: operations.alarms.limits.late must be at least 1m"},
		"list_most: 200":               {"list_most: 0", "list_most must be at least 1"},
		"robots: {invoice: {late: 1h}": {"robots: {other: {late: 1h}", `operations.alarms.robots names "other"`},
		"2027-01-31":                   {"31-01-2027", "systems.mail.password_expires must be a day such as 2027-01-31"},
		"{mail: {url":                  {"{post: {url", "systems.mail is missing: alarms are sent by it"},
		"    limits:":                  {"    repeat: 1h\n    limits:", "12:13: operations.alarms.repeat must be at least 24h"},
		"    to:":                      {"    tilo: 1\n    to:", `unknown key "tilo"`},
	} {
		text := strings.Replace(operationsTest, was, c.is, 1)
		if text == operationsTest {
			t.Errorf("%q is not in the file", was)
		}
		_, err := parse("x.yaml", "/x", []byte(text))
		var all []error
		if many, ok := err.(interface{ Unwrap() []error }); ok {
			all = many.Unwrap()
		}
		if !slices.ContainsFunc(all, func(err error) bool {
			var p *Problem
			return errors.As(err, &p) && p.Line > 0 && strings.Contains(p.Error(), c.want)
		}) {
			t.Errorf("%s: %v", c.is, err)
		}
	}
}
