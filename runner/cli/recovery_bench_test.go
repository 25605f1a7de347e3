package cli_test

import (
	"sync/atomic"
	"testing"
	"time"

	"byskriver/fixtures/postgres"
)

// BenchmarkRecovery is how long it takes until the work goes on after a program was killed
// in the middle of four postings that the system took and never answered, or its database
// while it posted. The next program is started at once, as the next schedule would start
// it. first-s is until that asks the system for the first time, all-s until all 24 items
// are posted; both count from the kill.
func BenchmarkRecovery(b *testing.B) {
	for _, c := range []struct {
		name, store, next string
		database          bool // it is the database that is killed
	}{
		{name: "file/started-again", store: "file.yaml", next: "rpa1"},
		{name: "postgres/started-again", store: "byskriver.yaml", next: "rpa1"},
		{name: "postgres/another-machine", store: "byskriver.yaml", next: "rpa2"},
		{name: "postgres/database-back", store: "byskriver.yaml", next: "rpa1", database: true},
	} {
		b.Run(c.name, func(b *testing.B) {
			var first, all time.Duration
			for range b.N {
				one, every := recovers(b, c.store, c.next, c.database)
				first, all = first+one, all+every
			}
			b.ReportMetric(first.Seconds()/float64(b.N), "first-s")
			b.ReportMetric(all.Seconds()/float64(b.N), "all-s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// recovers kills, has the next program started at once, and waits until all is done.
func recovers(b *testing.B, config, next string, database bool) (first, all time.Duration) {
	var server postgres.Server
	defer func() {
		if err := server.Stop(); err != nil {
			b.Error(err)
		}
	}()
	var posts atomic.Int32
	s := newSystem(b, func(_, what string) bool { return what == "post" && posts.Add(1) <= 4 && !database })
	f := newFleet(b, server.Empty(b), s.URL)
	f.config("file.yaml", "  path: data/byskriver.db")
	run := func(machine string) *program { return f.start(machine, "-c", f.dir+"/"+config, "run", "poster") }
	p := run("rpa1")
	s.comes(b, "rpa1 post", 4)
	killed := time.Now()
	if database {
		f.want(server.Crash())
	} else {
		f.want(p.Process.Kill())
	}
	_ = p.Wait() // killed, or it says that it could not go on without its database
	p = run(next)
	for len(s.seen) > 0 {
		<-s.seen
	}
	s.comes(b, next+" ", 1)
	first = time.Since(killed)
	f.says(p, "run-poster", time.Minute)
	all = time.Since(killed)
	close(s.let)
	s.once(b)
	return first, all
}
