package cli

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// A program is known to be dead on this start of this machine alone: others may have the
// same name, and its number there is another's here.
func TestDeadPrograms(t *testing.T) {
	ended := exec.Command("true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	own, err := programName()
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(own, "/")
	named := func(host, boot, space string) string {
		return fmt.Sprintf("%s/%s/%s/%d/x", host, boot, space, ended.Process.Pid)
	}
	for name, want := range map[string]bool{
		own:                                  false,
		named(parts[0], parts[1], parts[2]):  true,
		named("other", parts[1], parts[2]):   false,
		named(parts[0], "other", parts[2]):   false,
		named(parts[0], parts[1], "pid:[1]"): false,
		"nonsense":                           false,
	} {
		if got := dead(own)(name); got != want {
			t.Errorf("%s is dead: %v", name, got)
		}
	}
}
