package cli

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"byskriver/runner"
	"byskriver/runner/config"
	"byskriver/runner/store"
	"byskriver/runner/workbook"
)

type importExceptionsCmd struct {
	File string `arg:"" name:"file" help:"The workbook, in the folder of the person who decided."`
}

// Run takes people's decisions, each row alone, and nothing twice.
func (c *importExceptionsCmd) Run(e *env) error {
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	person, err := whose(h.conf, c.File)
	if err != nil {
		return err
	}
	read, err := workbook.Read(c.File, workbook.ReadOptions{Ring: h.store.Ring(), Standing: h.standing(e)})
	var bad *workbook.FileError
	if errors.As(err, &bad) {
		return fmt.Errorf("%s: %s", filepath.Base(c.File), bad.Text)
	}
	if err != nil {
		return err
	}
	taker := &taker{e: e, h: h, person: person, source: filepath.Base(c.File), robots: map[string]runner.Robot{}}
	defer taker.close()
	refused := read.Errors
	taken := 0
	for _, d := range read.Decisions {
		text, err := taker.take(d)
		if err != nil {
			return err
		}
		if text != "" {
			refused = append(refused, workbook.RowError{Sheet: d.Sheet, Row: d.Row, Number: d.Number, Text: text})
			continue
		}
		taken++
	}
	return errors.Join(c.report(e, taken, len(read.Drafts), refused), h.prove(e.ctx))
}

func (c *importExceptionsCmd) report(e *env, taken, drafts int, refused []workbook.RowError) error {
	for _, r := range refused {
		fmt.Fprintf(e.Stdout, "ikke taget: %s række %d, %s: %s\n", r.Sheet, r.Row, orDash(r.Number), runner.Mask(r.Text))
	}
	_, err := fmt.Fprintf(e.Stdout, "%d afgørelser taget, %d rækker ikke taget, %d kladder\n", taken, len(refused), drafts)
	return err
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// standing tells the workbook's reader how an item stands.
func (h *house) standing(e *env) func(string) (int, bool, error) {
	return func(number string) (int, bool, error) {
		row, err := h.store.ItemByNumber(e.ctx, number)
		if errors.Is(err, store.ErrNotFound) {
			return 0, false, nil
		}
		return row.Revision, row.State == runner.Exception, err
	}
}

// taker takes the decisions of one file.
type taker struct {
	e      *env
	h      *house
	person config.Person
	source string
	robots map[string]runner.Robot
	closes []func() error
}

// take records one decision, or says in Danish why it is not taken.
func (t *taker) take(d workbook.Decision) (refusal string, err error) {
	row, err := t.h.store.ItemByNumber(t.e.ctx, d.Number)
	if err != nil {
		return "", err
	}
	if len(t.person.Robots) > 0 && !slices.Contains(t.person.Robots, row.Robot) {
		return t.person.Name + " afgør ikke sager fra denne robot.", nil
	}
	decision := runner.Decision{Action: d.Action, Value: d.Value, Note: d.Note, By: t.person.Name, At: t.h.clock.Now(), Source: t.source}
	if text, err := t.check(row, decision); text != "" || err != nil {
		return text, err
	}
	err = t.h.decide(t.e.ctx, row, d.Revision, decision)
	if errors.Is(err, store.ErrStale) {
		return "Sagen er behandlet, siden arket blev lavet. Se det nyeste ark.", nil
	}
	return "", err
}

// check asks the robot whether it could carry the decision out.
func (t *taker) check(row store.Row, d runner.Decision) (refusal string, err error) {
	robot, ok := t.robots[row.Robot]
	if !ok {
		var done func() error
		robot, done, err = t.e.robot(t.h.conf, row.Robot, t.h.shelf, &drift{})
		if err != nil {
			return "", err
		}
		t.robots[row.Robot] = robot
		t.closes = append(t.closes, done)
	}
	checker, ok := robot.(runner.DecisionChecker)
	if !ok {
		return "", nil
	}
	item, _, err := t.h.store.Load(t.e.ctx, row)
	if err != nil {
		return "", err
	}
	if err := checker.CheckDecision(item, d); err != nil {
		return err.Error(), nil
	}
	return "", nil
}

func (t *taker) close() {
	for _, done := range t.closes {
		if err := done(); err != nil {
			fmt.Fprintln(t.e.Stderr, "byskriver:", err)
		}
	}
}

// whose finds out whose decision a file is: the person in whose folder it lies.
// A spreadsheet proves no identity; the folder's rights and the file's owner do.
func whose(conf *config.Config, file string) (config.Person, error) {
	path, err := filepath.EvalSymlinks(file)
	if err != nil {
		return config.Person{}, fmt.Errorf("find the workbook: %w", err)
	}
	if path, err = filepath.Abs(path); err != nil {
		return config.Person{}, err
	}
	for _, p := range conf.People {
		folder, err := filepath.EvalSymlinks(p.Folder)
		if err != nil || folder != filepath.Dir(path) {
			continue
		}
		return p, owned(path, p)
	}
	return config.Person{}, fmt.Errorf("%s ligger ikke i en mappe, der tilhører en person. Læg arket i din egen mappe (people i konfigurationen)", filepath.Base(file))
}

// owned makes sure that the person has written the file.
func owned(path string, p config.Person) error {
	if p.User == "" {
		return nil
	}
	u, err := user.Lookup(p.User)
	if err != nil {
		return fmt.Errorf("find the user %s of %s: %w", p.User, p.Name, err)
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || strconv.FormatUint(uint64(st.Uid), 10) != u.Uid {
		return fmt.Errorf("%s er ikke skrevet af %s: filens ejer er en anden end %s", filepath.Base(path), p.Name, p.User)
	}
	return nil
}
