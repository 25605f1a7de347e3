// Package cli is the command line: a file a command. Commands build the parts of
// the house from the configuration and hand them to each other; they decide
// nothing themselves.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"byskriver/runner"
	"byskriver/runner/clock"
	"byskriver/runner/config"
)

// Exit statuses of the program.
const (
	exitDone     = 0 // exceptions for people are no failure
	exitFailed   = 1
	exitUsage    = 2 // wrong use or configuration
	exitUnproven = 3 // the run log does not verify
)

// Fleet is the list of robots, and knows how to build each with the systems that
// it works in.
type Fleet interface {
	// Names are the robots there are, and what each does, in Danish.
	Names() []runner.About
	// Open builds a robot. What it starts later, such as a browser, is ended by
	// close, and started anew if the robot works again. drift is told each time
	// something on a screen was found by a later way than the first. An error that
	// joins *config.Problem is one of the configuration.
	Open(c *config.Config, name string, clock runner.Clock, shelf runner.Shelf,
		drift func(system, page, name string, way int, served string)) (robot runner.Robot, close func() error, err error)
	// Check reads the files of all robots and systems. The error joins all that is
	// wrong, each with file, line and what to do.
	Check(c *config.Config) error
	// Look signs in to a system and visits the screens that can be reached without
	// changing anything; unseen are the others. seen is told of each that is right.
	Look(ctx context.Context, c *config.Config, system string, seen func(page string)) (unseen []string, err error)
	// Expiries are the certificates that the configuration names, with when each runs out.
	Expiries(c *config.Config) []config.Expiry
	// Mail is the road to the municipality's mail server: send sends one message, known by
	// an ID, to an address, and returns nil once the server has taken it.
	Mail(c *config.Config) (send func(ctx context.Context, id, to, subject, text string, at time.Time) error, err error)
	// Record opens a visible browser and hands over the selectors entry of each
	// thing that is pressed there with Ctrl held down, until it is closed.
	Record(ctx context.Context, c *config.Config, url string, each func(entry string) error) error
}

// Process is what the program is given by the operating system.
type Process struct {
	Args    []string // without the program's name
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Version string
	Clock   runner.Clock // the machine's own if nil
}

// commands is the command line's grammar.
type commands struct {
	Config  string `help:"Configuration file." short:"c" default:"byskriver.yaml" env:"BYSKRIVER_CONFIG" placeholder:"FILE"`
	Machine string `help:"This machine's name in the configuration; the host's own if not given." env:"BYSKRIVER_MACHINE" placeholder:"NAME"`

	Serve      serveCmd      `cmd:"" help:"Run the robots by their schedules until SIGTERM; on SIGHUP read all files anew."`
	Schedule   scheduleCmd   `cmd:"" help:"When robots run."`
	Check      checkCmd      `cmd:"" help:"Check the configuration and every file that it names."`
	Selectors  selectorsCmd  `cmd:"" help:"Where things are on screens."`
	Run        runCmd        `cmd:"" help:"Collect and work until nothing is ready."`
	Try        tryCmd        `cmd:"" help:"Show what a robot would decide about files, touching nothing."`
	Mode       modeCmd       `cmd:"" help:"How far each robot goes: stopped, shadow, ramp or live."`
	Systems    systemsCmd    `cmd:"" help:"Which systems let robots in; closing one, and trying a refused password again."`
	Exceptions exceptionsCmd `cmd:"" help:"The list of what people must look at."`
	HandIn     handInCmd     `cmd:"" help:"Hand a robot a workbook of its own that a person has filled in."`
	Report     reportCmd     `cmd:"" help:"Workbooks for leaders."`
	Plans      plansCmd      `cmd:"" help:"Payment plans: what fell outside, what runs out, moving and proposing."`
	Items      itemsCmd      `cmd:"" help:"Look at an item, or have it tried again."`
	Alarms     alarmsCmd     `cmd:"" help:"What alarms stand, since when, and who has been told."`
	Explain    explainCmd    `cmd:"" help:"Replay an item's decisions from their recorded inputs."`
	Log        logCmd        `cmd:"" help:"Show or verify the run log."`
	Robots     robotsCmd     `cmd:"" help:"List the robots."`
	Retain     retainCmd     `cmd:"" help:"Delete what may no longer be kept by robots.NAME.keep; serve does it each day."`
	Backup     backupCmd     `cmd:"" help:"Copy the store to a new file, while it is in use."`
	Restored   restoredCmd   `cmd:"" help:"Say that the store was restored by a database's own programs; a file of backup says so itself."`
	Store      storeCmd      `cmd:"" help:"The database that items and the run log are kept in."`
	Init       initCmd       `cmd:"" help:"Make the secrets that the configuration names and that are missing."`
	Version    versionCmd    `cmd:"" help:"Print the program's version."`
}

// Main runs the program and returns its exit status.
func Main(p Process, fleet Fleet) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if p.Clock == nil {
		p.Clock = clock.System{}
	}
	var grammar commands
	ended := -1
	k, err := kong.New(&grammar, kong.Name("byskriver"), kong.Description("The robots of the back office."),
		kong.Writers(p.Stdout, p.Stderr), kong.Exit(func(status int) { ended = status }), kong.UsageOnError())
	if err != nil {
		fmt.Fprintln(p.Stderr, "byskriver:", err)
		return exitFailed
	}
	parsed, err := k.Parse(p.Args)
	if ended >= 0 {
		return ended // --help has been printed
	}
	if err != nil {
		fmt.Fprintln(p.Stderr, "byskriver:", runner.Mask(err.Error()))
		fmt.Fprintln(p.Stderr, "Run byskriver --help for the commands.")
		return exitUsage
	}
	err = parsed.Run(&env{ctx: ctx, Process: p, fleet: fleet, configFile: grammar.Config, machine: machineName(grammar.Machine), watch: p.Clock})
	return status(p.Stderr, err)
}

// machineName is what this machine is called: what is given, or the host's own name.
func machineName(given string) string {
	if given != "" {
		return given
	}
	name, err := os.Hostname()
	if err != nil {
		return "unknown"
	}
	return name
}

// failure is an error with an exit status of its own.
type failure struct {
	status int
	err    error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func usage(format string, args ...any) error {
	return &failure{exitUsage, fmt.Errorf(format, args...)}
}

// status prints an error, a line for each joined one, and says what to exit with.
func status(w io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	fmt.Fprintln(w, "byskriver:", runner.Mask(err.Error()))
	var f *failure
	var problem *config.Problem
	switch {
	case errors.As(err, &f):
		return f.status
	case errors.As(err, &problem):
		return exitUsage
	}
	return exitFailed
}
