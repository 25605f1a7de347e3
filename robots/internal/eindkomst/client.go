package eindkomst

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"byskriver/runner"
)

// Client looks citizens up. Its methods may be called from several goroutines.
type Client struct {
	road   Road
	access Access
	faults FaultKinds
	silent bool
	random io.Reader
	now    func() time.Time
}

// Options is what a client needs.
type Options struct {
	Road   Road
	Access Access
	Faults FaultKinds
	// NoEcho says that the service does not repeat the question's transaction
	// number. Otherwise an answer without it is refused.
	NoEcho bool
	Random io.Reader // transaction numbers come from it; must be safe for concurrent use
	Now    func() time.Time
}

// New builds a client. Nothing is reached yet.
func New(o Options) *Client {
	return &Client{road: o.Road, access: o.Access, faults: o.Faults, silent: o.NoEcho, random: o.Random, now: o.Now}
}

// LookUp asks what was reported on a citizen, and has log told of it before. Where
// the service finds the call too large it asks for the months in two halves, each
// logged by itself. A citizen on whom nothing was reported gives an Answer without
// reports.
//
// Errors: *runner.Trouble for what is wrong with the service or our access to it
// (with *Mismatch or *Unreadable in it where an answer came and could not be
// used), *Rejected and *TooLarge for what is about this citizen.
func (c *Client) LookUp(ctx context.Context, log Log, r Request) (Answer, error) {
	if err := r.check(); err != nil {
		return Answer{}, fmt.Errorf("look up in %s: %w", Name, err)
	}
	answer, err := c.once(ctx, log, r)
	var large *TooLarge
	if !errors.As(err, &large) || r.From == r.To {
		return answer, err
	}
	first, second := r, r
	first.To = r.From.Add(monthsBetween(r.From, r.To) / 2)
	second.From = first.To.Add(1)
	early, err := c.LookUp(ctx, log, first)
	if err != nil {
		return Answer{}, err
	}
	late, err := c.LookUp(ctx, log, second)
	if err != nil {
		return Answer{}, err
	}
	return Answer{Reports: append(early.Reports, late.Reports...), Advices: append(early.Advices, late.Advices...)}, nil
}

func monthsBetween(from, to Month) int {
	return (to.Year-from.Year)*12 + int(to.Month) - int(from.Month)
}

// once makes one call.
func (c *Client) once(ctx context.Context, log Log, r Request) (Answer, error) {
	number := make([]byte, 16)
	if _, err := io.ReadFull(c.random, number); err != nil {
		return Answer{}, fmt.Errorf("draw a transaction number: %w", err)
	}
	transaction := hex.EncodeToString(number)
	if err := log.LookUp(ctx, runner.LookUp{Subject: r.CPR, System: Name, Purpose: r.Purpose.Text}); err != nil {
		return Answer{}, fmt.Errorf("log the look-up in %s: %w", Name, err)
	}
	envelope, err := c.road.Ask(ctx, c.access.question(r, transaction, c.now()))
	if err != nil {
		return Answer{}, err
	}
	answer, err := parse(envelope, expected{cpr: r.CPR, transaction: transaction, reference: r.Reference, silent: c.silent})
	if err != nil {
		return Answer{}, err
	}
	if len(answer.faults) > 0 {
		return Answer{}, c.faults.judge(answer.faults)
	}
	return answer.Answer, nil
}

// Look reaches the service without asking about anybody.
func (c *Client) Look(ctx context.Context) (Seen, error) { return c.road.Look(ctx) }
