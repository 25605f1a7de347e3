package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"byskriver/runner"
)

type tryCmd struct {
	Robot string   `arg:"" help:"The robot's name."`
	Files []string `arg:"" name:"file" help:"Files to judge."`
	JSON  bool     `name:"json" help:"Print one JSON object a line per file."`
}

// Run prints what the robot would decide about each file. It opens no store and
// reaches no system.
func (c *tryCmd) Run(e *env) error {
	conf, err := e.config()
	if err != nil {
		return err
	}
	robot, closeRobot, err := e.robot(conf, c.Robot, func(string) runner.Shelf { return noShelf{} }, &drift{})
	if err != nil {
		return err
	}
	tryer, ok := robot.(runner.Tryer)
	if !ok {
		return errors.Join(usage("robot %s cannot judge files", c.Robot), closeRobot())
	}
	for _, file := range c.Files {
		if err := c.one(e, tryer, file); err != nil {
			return errors.Join(err, closeRobot())
		}
	}
	return closeRobot()
}

func (c *tryCmd) one(e *env, tryer runner.Tryer, file string) error {
	answer, err := tryer.Try(e.ctx, file)
	if err != nil {
		return fmt.Errorf("judge %s: %w", file, err)
	}
	if many, ok := answer.(answers); ok {
		for _, one := range many.Lines() {
			if err := c.print(e, file, one); err != nil {
				return err
			}
		}
		return nil
	}
	return c.print(e, file, answer)
}

func (c *tryCmd) print(e *env, file string, answer any) error {
	if s, ok := answer.(fmt.Stringer); ok && !c.JSON {
		_, err := fmt.Fprintln(e.Stdout, runner.Mask(s.String()))
		return err
	}
	line, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("write what was decided about %s: %w", file, err)
	}
	_, err = fmt.Fprintf(e.Stdout, "%s\n", runner.MaskBytes(line))
	return err
}

// answers are what a robot decides about a file that holds several pieces of work,
// to be printed one by one.
type answers interface{ Lines() []any }

// noShelf is the shelf where no store is open: nothing lies on it.
type noShelf struct{}

// Paper finds nothing.
func (noShelf) Paper(context.Context, string) (runner.Paper, bool, error) {
	return runner.Paper{}, false, nil
}

// Put refuses: a try changes nothing.
func (noShelf) Put(context.Context, runner.Paper) error {
	return errors.New("nothing can be kept while trying")
}
