package cli

import (
	"bytes"
	"errors"
	"testing"
)

// The next runs are told in Danish time, one that begins at the very moment too;
// 25 and 26 December and the weekend have none.
func TestScheduleNext(t *testing.T) {
	o := newOffice(t, danishTime(t, "2026-11-02 00:00"), nil)
	var out bytes.Buffer
	e := o.env(t.Context())
	e.Stdout = &out
	if err := (&nextCmd{Number: 3, From: "2026-12-24T12:00"}).Run(e); err != nil {
		t.Fatal(err)
	}
	want := `tor 24-12-2026 12:00  test  noon  rigtig kørsel
man 28-12-2026 07:00  test  morning  rigtig kørsel
man 28-12-2026 12:00  test  noon  rigtig kørsel
`
	if out.String() != want {
		t.Errorf("printed\n%swant\n%s", out.String(), want)
	}
	var f *failure
	if err := (&nextCmd{Number: 3, From: "30 February"}).Run(e); !errors.As(err, &f) || f.status != exitUsage {
		t.Errorf("a moment that is none: %v", err)
	}
}
