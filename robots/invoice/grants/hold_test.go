package grants

import (
	"context"
	"fmt"
	"testing"
	"time"

	"byskriver/robots/internal/ident"
	"byskriver/runner"
)

const citizen = ident.CPR("8605010001")

// noted are marks in the order in which they were first left, as the store keeps them.
type noted []runner.Mark

func (n *noted) reserve(item string, m runner.Mark, from, to time.Time) (others []runner.Mark) {
	own := -1
	for i, o := range *n {
		switch {
		case o.Kind != m.Kind || o.Key != m.Key:
		case o.Item == item:
			own = i
		case !o.On.Before(from) && !o.On.After(to):
			o.Earlier = own < 0
			others = append(others, o)
		}
	}
	m.Item, m.State = item, runner.Ready
	if own < 0 {
		*n = append(*n, m)
	} else {
		(*n)[own] = m
	}
	return others
}

// noting is a Case that leaves marks and does no more. Where it is paced, it leaves one
// each time it is given a turn.
type noting struct {
	runner.Case
	item       string
	marks      *noted
	turn, done chan struct{}
}

func (c *noting) Reserve(_ context.Context, m runner.Mark, from, to time.Time) ([]runner.Mark, error) {
	if c.turn != nil {
		<-c.turn
		defer func() { c.done <- struct{}{} }()
	}
	return c.marks.reserve(c.item, m, from, to), nil
}

// Of two invoices worked at once for one grant and a day in common, one is held back
// and never both or none, in whatever order their marks are left: they are taken
// through every order, and then each runs on to its end.
func TestHoldOfTwoAtOnce(t *testing.T) {
	const marksEach = 3
	periods := []Period{{"2026-10-01", "2026-10-31"}, {"2026-10-31", "2026-11-29"}}
	for order := range 1 << (2 * marksEach) {
		marks := &noted{}
		var cases []*noting
		var ended []chan error
		holders := make([][]string, len(periods))
		for i, p := range periods {
			c := &noting{item: fmt.Sprint(i), marks: marks, turn: make(chan struct{}), done: make(chan struct{})}
			end := make(chan error, 1)
			cases, ended = append(cases, c), append(ended, end)
			go func() {
				var err error
				holders[i], err = hold(t.Context(), c, citizen, "B-1", p)
				end <- err
			}()
		}
		step := func(i int) {
			select {
			case cases[i].turn <- struct{}{}:
				<-cases[i].done
			case err := <-ended[i]:
				ended[i] <- err
			}
		}
		for bit := range 2 * marksEach {
			step(order >> bit & 1)
		}
		for i := range cases {
			for range marksEach + 1 {
				step(i)
			}
			if err := <-ended[i]; err != nil {
				t.Fatal(err)
			}
		}
		if len(holders[0])+len(holders[1]) != 1 {
			t.Errorf("order %06b: one is held back by %v, the other by %v", order, holders[0], holders[1])
		}
	}
}

// Periods without a day in common, other grants and other people hold nothing back.
func TestHoldIsOfDaysInCommon(t *testing.T) {
	week := Period{"2026-10-05", "2026-10-11"}
	for name, c := range map[string]struct {
		who    ident.CPR
		grant  string
		period Period
		want   int
	}{
		"the same":        {citizen, "B-1", week, 1},
		"its last day":    {citizen, "B-1", Period{"2026-10-11", "2026-10-17"}, 1},
		"around it":       {citizen, "B-1", Period{"2026-01-01", "2026-12-31"}, 1},
		"the week after":  {citizen, "B-1", Period{"2026-10-12", "2026-10-18"}, 0},
		"the week before": {citizen, "B-1", Period{"2026-09-28", "2026-10-04"}, 0},
		"another grant":   {citizen, "B-2", week, 0},
		"another person":  {"7105020002", "B-1", week, 0},
	} {
		marks := &noted{}
		if got, err := hold(t.Context(), &noting{item: "first", marks: marks}, citizen, "B-1", week); err != nil || len(got) != 0 {
			t.Fatal(got, err)
		}
		if got, err := hold(t.Context(), &noting{item: "second", marks: marks}, c.who, c.grant, c.period); err != nil || len(got) != c.want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}
