package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"byskriver/runner"
	"byskriver/runner/config"
	"byskriver/runner/engine"
	"byskriver/runner/store"
	"byskriver/runner/workbook"
)

// taker takes the decisions of one file.
type taker struct {
	e      *env
	h      *house
	person config.Person
	source string
	digest string
	robots map[string]runner.Robot
	closes []func() error
	taken  int
	half   int // decisions that wait for a second person's
}

// The codes of what people say of an item that a ramp let in.
const (
	actionRight = "checked-right"
	actionWrong = "checked-wrong"
)

// actionDelete is every robot's word for deleting what an item came from. It always takes
// the person's own words on why.
const actionDelete = "delete"

// take records one decision, or says in Danish why it is not taken.
func (t *taker) take(d workbook.Decision) (refusal string, err error) {
	row, err := t.h.store.ItemByNumber(t.e.ctx, d.Number)
	if err != nil {
		return "", err
	}
	if len(t.person.Robots) > 0 && !slices.Contains(t.person.Robots, row.Robot) {
		return t.person.Name + " afgør ikke sager fra denne robot.", nil
	}
	decision := runner.Decision{Action: d.Action, Value: d.Value, Note: d.Note, By: t.person.Name, At: t.h.clock.Now(), Source: t.source, Digest: t.digest}
	if d.Action == actionRight || d.Action == actionWrong {
		return t.settled(t.h.bare().Check(t.e.ctx, row, d.Action == actionRight, decision))
	}
	if d.Action == actionDelete && strings.TrimSpace(d.Note) == "" {
		return "Sletning kræver, at Bemærkning siger hvorfor.", nil
	}
	text, pays, err := t.check(row, decision)
	if text != "" || err != nil {
		return text, err
	}
	return t.decide(row, d.Revision, decision, pays)
}

const staleText = "Sagen er behandlet, siden arket blev lavet. Se det nyeste ark."

// settled counts a decision that was recorded.
func (t *taker) settled(err error) (refusal string, _ error) {
	switch {
	case errors.Is(err, store.ErrStale):
		return staleText, nil
	case err == nil:
		t.taken++
	}
	return "", err
}

// decide records a decision, or keeps it until a second person has decided the same.
func (t *taker) decide(row store.Row, revision int, d runner.Decision, pays int64) (refusal string, err error) {
	keys, err := t.h.store.Keys(t.e.ctx, row)
	if err != nil {
		return "", err
	}
	if row.Revision != revision {
		return staleText, nil
	}
	first, err := t.h.store.FirstDecision(t.e.ctx, row, keys)
	if err != nil {
		return "", err
	}
	limit := t.h.conf.Robots[row.Robot].Terms(row.Area).SecondPerson
	two := limit > 0 && pays > limit
	switch {
	case first == nil && !two, first != nil && first.By == d.By && !two:
		return t.settled(t.h.decide(t.e.ctx, row, revision, d))
	case first != nil && first.By == d.By && engine.SameDecision(*first, d):
		return "Afgørelsen er modtaget før og venter på, at en anden person vælger det samme.", nil
	case first == nil || first.By == d.By:
		return t.wait(row, revision, d)
	case !engine.SameDecision(*first, d):
		return fmt.Sprintf("%s har valgt noget andet om sagen (%s). Tal sammen; I skal vælge det samme, eller %s skal ændre sit valg.", first.By, chosen(*first), first.By), nil
	}
	d.By = first.By + " og " + d.By
	return t.settled(t.h.decide(t.e.ctx, row, revision, d))
}

func (t *taker) wait(row store.Row, revision int, d runner.Decision) (refusal string, err error) {
	err = t.h.bare().DecideFirst(t.e.ctx, row, revision, d)
	if errors.Is(err, store.ErrStale) {
		return staleText, nil
	}
	if err == nil {
		t.half++
	}
	return "", err
}

// chosen is a decision in a few words.
func chosen(d runner.Decision) string {
	if d.Value == "" {
		return d.Action
	}
	return d.Action + " " + runner.Mask(d.Value)
}

// check asks the robot whether it could carry the decision out, and what it pays, in øre.
func (t *taker) check(row store.Row, d runner.Decision) (refusal string, pays int64, err error) {
	robot, err := t.robot(row.Robot)
	if err != nil {
		return "", 0, err
	}
	checker, checks := robot.(runner.DecisionChecker)
	payer, pay := robot.(runner.Payer)
	if !checks && !pay {
		return "", 0, nil
	}
	item, _, err := t.h.store.Load(t.e.ctx, row)
	if err != nil {
		return "", 0, err
	}
	if checks {
		if err := checker.CheckDecision(item, d); err != nil {
			return err.Error(), 0, nil
		}
	}
	if pay {
		if pays, err = payer.Pays(item, d); err != nil {
			return "", 0, fmt.Errorf("find out what the decision about %s pays: %w", row.Number, err)
		}
	}
	return "", pays, nil
}

func (t *taker) robot(name string) (runner.Robot, error) {
	if robot, ok := t.robots[name]; ok {
		return robot, nil
	}
	robot, done, err := t.e.robot(t.h.conf, name, t.h.shelf, &drift{})
	if err != nil {
		return nil, err
	}
	t.robots[name] = robot
	t.closes = append(t.closes, done)
	return robot, nil
}

func (t *taker) close() {
	for _, done := range t.closes {
		if err := done(); err != nil {
			fmt.Fprintln(t.e.Stderr, "byskriver:", err)
		}
	}
}
