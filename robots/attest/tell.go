package attest

import (
	"context"

	"byskriver/robots/internal/orders"
	"byskriver/runner"
)

// status tells the leader how a certificate stands, once a step.
func (r *Robot) status(ctx context.Context, c runner.Case, order, certificate, step string, st orders.Status) error {
	find := func(ctx context.Context) (runner.Sight, error) {
		have, ok, err := r.systems.Orders.Status(ctx, order, certificate)
		if err != nil || !ok || have != st {
			return runner.Sight{Certainty: runner.Absent}, err
		}
		return runner.Sight{Certainty: runner.Present, Receipt: st}, nil
	}
	do := func(ctx context.Context) error { return r.systems.Orders.PutStatus(ctx, order, certificate, st) }
	return r.once(ctx, c, runner.Step{Name: "status-" + step, System: orders.Name, Plan: st}, find, do)
}

// tell sends the leader of an order a message, once.
func (r *Robot) tell(ctx context.Context, c runner.Case, order, key, text string) error {
	find := func(ctx context.Context) (runner.Sight, error) {
		told, err := r.systems.Orders.Told(ctx, order, key)
		if err != nil || !told {
			return runner.Sight{Certainty: runner.Absent}, err
		}
		return runner.Sight{Certainty: runner.Present, Receipt: key}, nil
	}
	do := func(ctx context.Context) error { return r.systems.Orders.Tell(ctx, order, key, text) }
	return r.once(ctx, c, runner.Step{Name: "besked-" + key, System: orders.Name, Plan: text}, find, do)
}

// once makes a change in a system while it has a place there.
func (r *Robot) once(ctx context.Context, c runner.Case, step runner.Step, find runner.Find, do runner.Do) error {
	leave, err := c.Enter(ctx, step.System)
	if err != nil {
		return err
	}
	defer leave()
	_, err = c.Once(ctx, step, find, do)
	return err
}
