package alarms

import (
	"errors"
	"strings"
	"testing"
	"time"

	"byskriver/runner/config"
	"byskriver/runner/store"
	"byskriver/schedules"
)

func ptr[T any](v T) *T { return &v }

// Each limit, at it and one beyond.
func TestJudge(t *testing.T) {
	zone, err := schedules.Copenhagen()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, zone) // a Monday
	rules := &config.Alarms{DaysBefore: 30, Limits: config.AlarmLimits{ListMost: ptr(10), ListADay: ptr(5), ListOldest: ptr(3)},
		Robots: map[string]config.AlarmLimits{"slow": {Late: ptr(2 * time.Hour), ListMost: ptr(100)}}}
	due := func(robot string, ago time.Duration) Facts {
		return Facts{Due: []schedules.Run{{Robot: robot, Schedule: "m", At: now.Add(-ago)}}}
	}
	list := func(robot string, open, before int, oldest time.Time) Facts {
		return Facts{Lists: map[string]List{robot: {List: store.List{Open: open, Oldest: oldest}, Before: before, Known: before >= 0}}}
	}
	ends := func(kind string, in time.Duration) Facts {
		return Facts{Expiries: []config.Expiry{{Kind: kind, Name: "x", At: now.Add(in)}}}
	}
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		f    Facts
		want string
	}{
		"nothing":          {Facts{}, ""},
		"in time":          {due("r", 30*time.Minute), ""},
		"late":             {due("r", 31*time.Minute), "KØRSEL-UDEBLEVET r/m"},
		"late, may be":     {due("slow", 2*time.Hour), ""},
		"late for slow":    {due("slow", 2*time.Hour+1), "KØRSEL-UDEBLEVET slow/m"},
		"long":             {Facts{Open: []store.Planned{{Robot: "r", Schedule: "m", Started: now.Add(-6*time.Hour - 1)}}}, "KØRSEL-LANG r/m"},
		"not long":         {Facts{Open: []store.Planned{{Robot: "r", Schedule: "m", Started: now.Add(-6 * time.Hour)}}}, ""},
		"failed":           {Facts{Failed: []store.Planned{{Robot: "r", Schedule: "m"}}}, "KØRSEL-FEJLET r/m"},
		"stopped twice":    {Facts{Stops: []store.Stop{{Robot: "r", Kind: "unavailable", System: "opus"}, {Robot: "r"}}}, "ROBOT-STANDSET r"},
		"a full list":      {list("r", 10, 10, now), ""},
		"a long list":      {list("r", 11, 10, now), "LISTE-LANG r"},
		"long for slow":    {list("slow", 100, 100, now), ""},
		"growing":          {list("r", 9, 3, now), "LISTE-VOKSER r"},
		"by the limit":     {list("r", 9, 4, now), ""},
		"growing, unknown": {list("r", 9, -1, now), ""},
		"Wednesday's":      {list("r", 1, 1, now.Add(-5*day)), ""}, // Thursday, Friday, Monday
		"Tuesday's":        {list("r", 1, 1, now.Add(-6*day)), "LISTE-GAMMEL r"},
		"no list":          {list("r", 0, 0, time.Time{}), ""},
		"a certificate":    {ends(config.ExpiryCertificate, 30*day-1), "CERTIFIKAT-UDLØBER x"},
		"good yet":         {ends(config.ExpiryCertificate, 30*day), ""},
		"over":             {ends(config.ExpiryPassword, -day), "ADGANGSKODE-UDLØBER x"},
		"unreadable":       {Facts{Expiries: []config.Expiry{{Kind: config.ExpiryCertificate, Name: "x", Err: errors.New("no")}}}, "CERTIFIKAT-UDLØBER x"},
		"nobody knows":     {Facts{Expiries: []config.Expiry{{Kind: config.ExpiryPassword, Name: "x"}}}, ""},
		"log":              {Facts{LogIll: true}, "LOG-IKKE-OFFENTLIG log"},
		"machine":          {Facts{Gone: []string{"rpa2"}}, "MASKINE-BORTE rpa2"},
	} {
		c.f.Now, c.f.Zone = now, zone
		var got []string
		for _, cause := range Judge(rules, c.f) {
			got = append(got, string(cause.Code)+" "+cause.About)
			if cause.Text == "" || strings.Contains(cause.Text, "%!") {
				t.Errorf("%s: the text is %q", name, cause.Text)
			}
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
