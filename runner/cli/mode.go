package cli

import (
	"errors"
	"fmt"
	"maps"
	"os/user"
	"slices"
	"strings"
	"text/tabwriter"

	"byskriver/runner"
	"byskriver/runner/config"
	"byskriver/runner/engine"
	"byskriver/runner/store"
)

type modeCmd struct {
	Show showModeCmd `cmd:"" default:"1" help:"Show the mode of every robot and area."`
	Set  setModeCmd  `cmd:"" help:"Set the mode of a robot or of one of its areas."`
}

type showModeCmd struct{}

// Run prints a line for each robot, and for each of its areas that has a mode of its own or
// items that are held.
func (c *showModeCmd) Run(e *env) error {
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	set, err := h.store.Modes(e.ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(e.Stdout, 0, 4, 2, ' ', 0)
	for _, robot := range slices.Sorted(maps.Keys(h.conf.Robots)) {
		if err := c.robot(e, h, w, robot, slices.DeleteFunc(slices.Clone(set), func(m store.SetMode) bool { return m.Robot != robot })); err != nil {
			return err
		}
	}
	return w.Flush()
}

func (c *showModeCmd) robot(e *env, h *house, w *tabwriter.Writer, robot string, set []store.SetMode) error {
	held, err := h.store.HeldAreas(e.ctx, robot)
	if err != nil {
		return err
	}
	areas := append([]string{""}, h.conf.Robots[robot].Areas()...)
	for _, m := range set {
		areas = append(areas, m.Area)
	}
	areas = slices.Compact(slices.Sorted(slices.Values(slices.AppendSeq(areas, maps.Keys(held)))))
	for _, area := range areas {
		s := engine.Stand(ceiling(h.conf.Robots[robot]), area, set)
		line := []string{where(robot, area), string(s.Mode)}
		if s.Set.Mode != "" {
			line = append(line, fmt.Sprintf("%s af %s: %s", h.when(s.Set.At), s.Set.By, s.Set.Why))
		} else {
			line = append(line, "efter konfigurationen")
		}
		if s.Mode == runner.Ramp && s.Scope == area {
			step, err := h.store.Ramp(e.ctx, robot, area)
			if err == nil {
				line = append(line, fmt.Sprintf("trin på %d: %d udført, %d kontrolleret", step.Size, step.In, step.Checked))
			} else if !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		if held[area] > 0 {
			line = append(line, fmt.Sprintf("%d venter", held[area]))
		}
		fmt.Fprintln(w, strings.Join(line, "\t"))
	}
	return nil
}

func where(robot, area string) string {
	if area == "" {
		return robot
	}
	return robot + "/" + area
}

// ceiling is how far the configuration lets a robot go in each area.
func ceiling(r config.Robot) engine.Ceiling {
	return func(area string) (runner.Mode, bool) {
		return r.Terms(area).Mode, area != "" && slices.Contains(r.Areas(), area)
	}
}

type setModeCmd struct {
	Where string `arg:"" name:"robot[/area]" help:"The robot, or robot/area."`
	Mode  string `arg:"" help:"stopped, shadow, ramp or live."`
	Why   string `required:"" help:"Why; it stands in the run log and in the lists." placeholder:"TEXT"`
}

// Run sets the mode. It takes effect between one item and the next, also in a run that is
// under way.
func (c *setModeCmd) Run(e *env) error {
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	m, err := c.wanted(e, h)
	if err != nil {
		return err
	}
	eng := h.bare()
	eng.Ceiling = ceiling(h.conf.Robots[m.Robot])
	if err := eng.SetMode(e.ctx, m); err != nil {
		return fmt.Errorf("set the mode of %s: %w", c.Where, err)
	}
	_, err = fmt.Fprintf(e.Stdout, "%s: %s\n", where(m.Robot, m.Area), m.Mode)
	return errors.Join(err, h.prove(e.ctx))
}

// wanted is what is to be set, held against the configuration.
func (c *setModeCmd) wanted(e *env, h *house) (store.SetMode, error) {
	robot, area, _ := strings.Cut(c.Where, "/")
	m := store.SetMode{Robot: robot, Area: area, Mode: runner.Mode(c.Mode), Why: strings.TrimSpace(c.Why), At: h.clock.Now()}
	section, ok := h.conf.Robots[robot]
	switch {
	case !ok:
		return m, usage("there is no robot %q in %s", robot, h.conf.File)
	case !slices.Contains(config.Modes(), m.Mode):
		return m, usage("the mode is %q; it must be one of %v", c.Mode, config.Modes())
	case m.Why == "":
		return m, usage("--why says nothing")
	}
	if err := c.known(e, h, section, robot, area); err != nil {
		return m, err
	}
	if top := section.Terms(area).Mode; slices.Index(config.Modes(), m.Mode) > slices.Index(config.Modes(), top) {
		return m, usage("%s is %s in %s, and no command goes above that; change the configuration first", c.Where, top, h.conf.File)
	}
	var err error
	m.By, err = operator(h.conf)
	return m, err
}

// known refuses an area that nobody has heard of: a mistyped name would stop nothing.
func (c *setModeCmd) known(e *env, h *house, section config.Robot, robot, area string) error {
	if area == "" || slices.Contains(section.Areas(), area) {
		return nil
	}
	ok, err := h.store.HasArea(e.ctx, robot, area)
	if err != nil || ok {
		return err
	}
	return usage("%s has had no item in an area %q, and robots.%s.areas in %s does not name it", robot, runner.Mask(area), robot, h.conf.File)
}

// operator is who runs this command: the person with that user, or the user's name.
func operator(conf *config.Config) (string, error) {
	u, err := user.Current()
	if err != nil {
		return "", fmt.Errorf("find out who you are: %w", err)
	}
	for _, p := range conf.People {
		if p.User == u.Username {
			return p.Name, nil
		}
	}
	return "driften (" + u.Username + ")", nil
}

// modeNotes tell the people of a list where a robot is held back, and what waits because of it.
func (h *house) modeNotes(e *env, about runner.About) ([]string, error) {
	set, err := h.store.Modes(e.ctx)
	if err != nil {
		return nil, err
	}
	set = slices.DeleteFunc(set, func(m store.SetMode) bool { return m.Robot != about.Name })
	held, err := h.store.HeldAreas(e.ctx, about.Name)
	if err != nil {
		return nil, err
	}
	areas := append([]string{""}, slices.Collect(maps.Keys(held))...)
	for _, m := range set {
		areas = append(areas, m.Area)
	}
	var notes []string
	for _, area := range slices.Compact(slices.Sorted(slices.Values(areas))) {
		s := engine.Stand(ceiling(h.conf.Robots[about.Name]), area, set)
		if s.Mode == runner.Live || area != "" && s.Set.Area == "" && held[area] == 0 {
			continue
		}
		note := title(about)
		if area != "" {
			note += " i " + area
		}
		note += " er " + modeText(s.Mode)
		if s.Set.Why != "" {
			note += fmt.Sprintf(" (%s: %s)", s.Set.By, s.Set.Why)
		}
		if n := held[area]; n > 0 {
			note += fmt.Sprintf(". Sager, der venter på det: %d", n)
		}
		notes = append(notes, note+".")
	}
	return notes, nil
}
