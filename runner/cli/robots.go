package cli

import (
	"fmt"
	"text/tabwriter"
)

type robotsCmd struct{}

// Run lists the robots of the fleet and whether each is configured.
func (c *robotsCmd) Run(e *env) error {
	conf, err := e.config()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(e.Stdout, 0, 4, 2, ' ', 0)
	for _, d := range e.fleet.Names() {
		state := "ikke sat op"
		if _, ok := conf.Robots[d.Name]; ok {
			state = "sat op"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", d.Name, state, d.Does)
	}
	return w.Flush()
}

type versionCmd struct{}

// Run prints the version.
func (c *versionCmd) Run(e *env) error {
	_, err := fmt.Fprintln(e.Stdout, "byskriver", e.Version)
	return err
}
