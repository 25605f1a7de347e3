package browser

import "time"

// Config is how the browser is run. The zero value of each field is its default.
type Config struct {
	Bin       string   // the program; /usr/bin/chromium
	Flags     []string // further flags, as on the command line
	NoSandbox bool     // needed as root; otherwise leave the sandbox on
	Headful   bool     // show the windows
	TempDir   string   // where Chromium's own folder is made; the system's temporary folder
	Width     int      // of the window, in pixels; 1280
	Height    int      // of the window, in pixels; 1000

	MaxPages int // pages out at the same time; 4
	// RenewTab is after how many Opens a page gets a new tab, which gives back
	// the memory of the old one. Cookies stay, what a page keeps in
	// sessionStorage does not. 200; negative for never.
	RenewTab int
	// RestartPages is after how many pages handed out Chromium is started anew.
	// 200; negative for never.
	RestartPages int
	// RestartBytes is the memory held by all of Chromium's processes together
	// above which it is started anew. 2 GiB; negative for no limit.
	RestartBytes int64

	Wait         time.Duration // how long a state is waited for; 15 s
	SnapshotWait time.Duration // how long a snapshot may take; 5 s
	// Mask masks personal data (CPR numbers) in what leaves the page as bytes: the
	// snapshot's HTML and the texts of errors. Without it errors tell lengths only.
	Mask func([]byte) []byte
	// Kinds are comparisons beyond the built-in ones, by the name that selectors
	// give them: whether what is shown is what was typed.
	Kinds map[string]func(typed, shown string) bool
	// OnDrift is told each time a later way than the first had to serve.
	OnDrift func(Drift)
}

// Drift is one use of a later way than the first.
type Drift struct {
	System string
	Page   string
	Name   string
	Way    int    // which one served, from 1 for the second entry of the list
	Served string // that way as it stands in the file
}

func (c Config) withDefaults() Config {
	def := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	if c.Bin == "" {
		c.Bin = "/usr/bin/chromium"
	}
	def(&c.Width, 1280)
	def(&c.Height, 1000)
	def(&c.MaxPages, 4)
	def(&c.RenewTab, 200)
	def(&c.RestartPages, 200)
	if c.RestartBytes == 0 {
		c.RestartBytes = 2 << 30
	}
	if c.Wait == 0 {
		c.Wait = 15 * time.Second
	}
	if c.SnapshotWait == 0 {
		c.SnapshotWait = 5 * time.Second
	}
	return c
}
