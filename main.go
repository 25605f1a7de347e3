// Command byskriver runs the robots of a municipality's back office. See
// README.md for what it does and how it is set up.
package main

import (
	"os"
	"runtime/debug"

	"byskriver/robots"
	"byskriver/runner/cli"
)

func main() {
	os.Exit(cli.Main(cli.Process{Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Version: version()}, robots.Fleet{}))
}

// version is the program's version as the Go tool recorded it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v += " " + s.Value
		}
	}
	return v
}
