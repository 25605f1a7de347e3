// Byskriver-vidne is an auditor's witness of a municipality's run log. It runs on
// the auditor's own machine, needs neither the municipality's database nor its
// keys, and shares no code with the program that it watches: what a proof is
// stands in docs/log.md.
//
// It signs a checkpoint only when a proof shows that the log has gone on from the
// one it signed before. A log that shows two auditors two different pasts, or an
// auditor another past than last time, cannot get that proof.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
)

type commands struct {
	Init    initCmd    `cmd:"" help:"Make a witness of one log, with a key of its own."`
	Sign    signCmd    `cmd:"" help:"Check that the log has gone on from what was signed last, and sign its newest checkpoint."`
	Verify  verifyCmd  `cmd:"" help:"Check the proof of one entry."`
	Compare compareCmd `cmd:"" help:"Hold another witness's checkpoint against one's own."`
}

// errForked is what ends the program with status 3: the log does not go on from
// what it signed before.
var errForked = errors.New("loggen går ikke videre fra det, den før har skrevet under på")

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run returns 0 when all is well, 1 when a proof is none, 2 when it was called
// wrongly, 3 when the log has been rewritten.
func run(args []string, out, errs io.Writer) int {
	var c commands
	parser, err := kong.New(&c, kong.Name("byskriver-vidne"), kong.Writers(out, errs), kong.Exit(func(int) {}), kong.BindTo(out, (*io.Writer)(nil)))
	if err != nil {
		fmt.Fprintln(errs, "byskriver-vidne:", err)
		return 2
	}
	ctx, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(errs, "byskriver-vidne:", err)
		return 2
	}
	switch err := ctx.Run(); {
	case err == nil:
		return 0
	case errors.Is(err, errForked):
		fmt.Fprintln(errs, "byskriver-vidne:", err)
		return 3
	default:
		fmt.Fprintln(errs, "byskriver-vidne:", err)
		return 1
	}
}
