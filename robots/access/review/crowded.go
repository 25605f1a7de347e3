package review

import (
	"fmt"
	"slices"
	"strings"
)

// mostInAMonth is how many packages of all kinds nobody has in a month untold.
const mostInAMonth = 2

// burden is what one reviewer has in a month.
type burden struct {
	reviewer       Reviewer
	regular, moves int
}

// Crowded lists the reviewers to whom a month has brought more than one package by the
// wheel, or more than two together with those of moves, in which the former leader has one
// too. A package that has come to a leader's leader because it is late is not counted.
func Crowded(month Month, packages []Package) (list []Finding) {
	loads := map[string]*burden{}
	for _, p := range packages {
		for _, v := range p.Reviewers {
			if p.Run != month.String() || v.Why == WhyLate {
				continue
			}
			if loads[v.ID] == nil {
				loads[v.ID] = &burden{reviewer: v}
			}
			loads[v.ID].regular += yes(p.Kind == Regular)
			loads[v.ID].moves += yes(p.Kind == Move)
		}
	}
	for _, l := range loads {
		if n := l.regular + l.moves; l.regular > 1 || n > mostInAMonth {
			list = append(list, Finding{Code: CodeCrowded, Person: l.reviewer.ID, Rights: n, Text: l.text(month)})
		}
	}
	slices.SortFunc(list, func(a, b Finding) int { return strings.Compare(a.Person, b.Person) })
	return list
}

func (l burden) text(month Month) string {
	why := "fordi lederen har flere ansatte, end pakker og tempo rækker til"
	if l.moves > 0 {
		why = fmt.Sprintf("heraf %d, fordi medarbejdere er flyttet", l.moves)
	}
	return fmt.Sprintf("%s har %d pakker i %s, %s. Overvej en stedfortræder, større pakker eller et andet tempo.", l.reviewer.Name, l.regular+l.moves, month, why)
}
