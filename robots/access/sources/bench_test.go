package sources

import (
	"os/exec"
	"strings"
	"testing"
	"time"
)

// BenchmarkMunicipality reads every user of KSP/CICS over s3270, 2,000 of them, as the
// robot does it: users with their data and authorisations, every list of several pages
// twice, what the profiles hold, and when who was there last. Beside it stands the host's
// own part: s3270 alone, with the same number of screens sent and read from one script.
//
//	go test -run '^$' -bench Municipality -benchtime 1x ./robots/access/sources
func BenchmarkMunicipality(b *testing.B) {
	l := settle(b, 2840)
	users := len(l.host.Users())
	var robot time.Duration
	screens := 0
	for range b.N {
		began, before := time.Now(), len(l.host.Journal())
		reading, err := (&KSPCICS{Screens: l.reads, Now: time.Now}).Read(b.Context())
		if err != nil || len(reading.Accounts) != users {
			b.Fatalf("%d accounts of %d, %v", len(reading.Accounts), users, err)
		}
		robot += time.Since(began)
		screens += len(l.host.Journal()) - before
	}
	b.StopTimer()
	began := time.Now()
	script := "Connect(" + l.host.Addr() + ")\nWait(5,InputField)\nString(\"LBROBL\")\nTab()\nString(\"Læs4lst8\")\nEnter()\nString(\"Z728\")\nEnter()\n" +
		strings.Repeat("PF(8)\nReadBuffer(Ascii)\nPF(7)\nReadBuffer(Ascii)\n", screens/2) + "Quit()\n"
	cmd := exec.CommandContext(b.Context(), "/usr/bin/s3270", "-model", "3279-2", "-codepage", "cp277", "-utf8")
	cmd.Stdin = strings.NewReader(script)
	if out, err := cmd.Output(); err != nil || !strings.Contains(string(out), "ok") {
		b.Fatal(err)
	}
	alone := time.Since(began)
	b.ReportMetric(float64(users), "users")
	b.ReportMetric(float64(screens)/float64(b.N), "screens")
	b.ReportMetric(robot.Seconds()/float64(b.N), "robot-s")
	b.ReportMetric(alone.Seconds()/float64(b.N), "s3270-s")
	b.ReportMetric(robot.Seconds()/alone.Seconds(), "times")
}
