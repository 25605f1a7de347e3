package config

import (
	"fmt"
	"math"
	"reflect"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"byskriver/runner"
	"byskriver/runner/sampling"
)

// Terms are how far a robot goes, in all or in one area of the municipality, and what is
// expected of it there.
type Terms struct {
	Mode         runner.Mode    // the highest mode that a command may set; default live
	Samples      sampling.Share // how much of what it could have done goes to people; default 5 %
	Goal         float64        // percent of the items that it should do without a person; 0 means none is set
	SecondPerson int64          // øre: a decision that pays more takes two people; 0 means that none does
}

// terms is how Terms are written: robots.NAME and robots.NAME.areas.AREA may have each.
type terms struct {
	Mode         *runner.Mode     `yaml:"mode"`
	Samples      *float64         `yaml:"samples"`       // percent
	Goal         *float64         `yaml:"goal"`          // percent
	SecondPerson *float64         `yaml:"second_person"` // kroner
	Areas        map[string]terms `yaml:"areas"`
	Keep         *Keep            `yaml:"keep"` // of the robot alone
}

// termKeys are the keys of a robot's section that are the house's own and not the robot's.
var termKeys = []string{"mode", "samples", "goal", "second_person", "areas", "keep"}

// Terms are what holds for a robot in an area; "" is what holds where an area has none.
func (r Robot) Terms(area string) Terms {
	if t, ok := r.areas[area]; ok {
		return t
	}
	return r.terms
}

// Areas are the areas that the robot's section names, in order.
func (r Robot) Areas() []string {
	all := make([]string, 0, len(r.areas))
	for name := range r.areas {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// Share is how large a share of an area's items goes to people as samples.
func (r Robot) Share(area string) sampling.Share { return r.Terms(area).Samples }

// DefaultTerms hold where the configuration says nothing.
func DefaultTerms() Terms { return Terms{Mode: runner.Live, Samples: 50_000} }

// readTerms takes the house's own keys out of a robot's section.
func (r *reader) readTerms(name string, section ast.Node, robot *Robot) ast.Node {
	own, rest := r.part(section)
	robot.terms, robot.areas = DefaultTerms(), map[string]Terms{}
	if own == nil {
		return rest
	}
	var t terms
	r.into("robots."+name, own, reflect.ValueOf(&t).Elem())
	robot.terms = r.apply("robots."+name, own, t, robot.terms)
	robot.Keep = r.keep("robots."+name+".keep", own, t.Keep)
	for area, a := range t.Areas {
		at := "robots." + name + ".areas." + area
		if len(a.Areas) > 0 {
			r.problem(own, "%s: an area has no areas", at)
		}
		if a.Keep != nil {
			r.problem(own, "%s.keep: what is kept is the same in all areas; move it to robots.%s.keep", at, name)
		}
		robot.areas[area] = r.apply(at, own, a, robot.terms)
	}
	return rest
}

// part parts a mapping into the keys that are the house's and those that are the robot's.
func (r *reader) part(section ast.Node) (own, rest ast.Node) {
	var values []*ast.MappingValueNode
	switch m := section.(type) {
	case *ast.MappingNode:
		values = m.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{m}
	default:
		return nil, section
	}
	ours := slices.DeleteFunc(slices.Clone(values), func(v *ast.MappingValueNode) bool { return !slices.Contains(termKeys, v.Key.String()) })
	if len(ours) == 0 {
		return nil, section
	}
	theirs := slices.DeleteFunc(slices.Clone(values), func(v *ast.MappingValueNode) bool { return slices.Contains(termKeys, v.Key.String()) })
	return mapping(section, ours), mapping(section, theirs)
}

func mapping(of ast.Node, values []*ast.MappingValueNode) ast.Node {
	return ast.Mapping(of.GetToken(), false, values...)
}

// apply lays what is written over what holds otherwise.
func (r *reader) apply(at string, node ast.Node, t terms, over Terms) Terms {
	bad := func(format string, args ...any) { r.problem(node, "%s.%s", at, fmt.Sprintf(format, args...)) }
	if t.Mode != nil {
		if over.Mode = *t.Mode; !slices.Contains(Modes(), over.Mode) {
			bad("mode is %q; it must be one of %v", over.Mode, Modes())
		}
	}
	if t.Samples != nil {
		share, err := sampling.Percent(*t.Samples)
		if over.Samples = share; err != nil {
			bad("samples: %v", err)
		}
	}
	if t.Goal != nil {
		if over.Goal = *t.Goal; !(over.Goal > 0 && over.Goal <= 100) {
			bad("goal is %v; it is percent, above 0 and at most 100", over.Goal)
		}
	}
	if t.SecondPerson != nil {
		const most = 1e12
		if kr := *t.SecondPerson; !(kr > 0 && kr < most) {
			bad("second_person is %v; it is kroner, above 0; leave it out where no decision takes two people", kr)
		} else {
			over.SecondPerson = int64(math.Round(kr * 100))
		}
	}
	return over
}

// Modes are the modes, the lowest first.
func Modes() []runner.Mode {
	return []runner.Mode{runner.Stopped, runner.Shadow, runner.Ramp, runner.Live}
}
