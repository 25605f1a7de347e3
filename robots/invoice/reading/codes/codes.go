// Package codes holds the code lists that rules refer to, as data files: facts of
// the standards, one list a block.
package codes

import (
	_ "embed"
	"fmt"
	"strings"

	"byskriver/robots/invoice/reading/rule"
)

var (
	//go:embed oioubl.txt
	oioublFile string
	//go:embed oioubl-units.txt
	oioublUnits string
	//go:embed en16931.txt
	en16931File string
)

// Lists are named code lists.
type Lists map[string]rule.Set

// OIOUBL are the lists of OIOUBL 2.
func OIOUBL() Lists {
	l := mustRead("oioubl.txt", oioublFile)
	l["units"] = words(oioublUnits)
	return l
}

// EN16931 are the lists of EN 16931 and of Peppol BIS Billing 3.
func EN16931() Lists { return mustRead("en16931.txt", en16931File) }

// Get is the named list.
func (l Lists) Get(name string) rule.Set {
	s, ok := l[name]
	if !ok {
		panic("codes: no list " + name) // while tables are built; TestLists reads every file
	}
	return s
}

// read reads blocks that begin with "[name]", or "[name base]" where the list
// begins with all of an earlier one. "A10..A45" are the codes from one to the other.
// Lines that begin with # do not count.
func read(text string) (Lists, error) {
	lists := Lists{}
	var current rule.Set
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			name, base, _ := strings.Cut(strings.Trim(line, "[]"), " ")
			current = rule.Set{}
			if base != "" && lists[base] == nil {
				return nil, fmt.Errorf("line %d: no list %q above", i+1, base)
			}
			for code := range lists[base] {
				current[code] = struct{}{}
			}
			lists[name] = current
		case current == nil:
			return nil, fmt.Errorf("line %d: codes before the first [name]", i+1)
		default:
			if err := add(current, line); err != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, err)
			}
		}
	}
	return lists, nil
}

func add(set rule.Set, line string) error {
	for _, word := range strings.Fields(line) {
		from, to, isRange := strings.Cut(word, "..")
		if !isRange {
			set[word] = struct{}{}
			continue
		}
		if len(from) != len(to) || from >= to {
			return fmt.Errorf("no range: %q", word)
		}
		for code := from; ; code = next(code) {
			set[code] = struct{}{}
			if code == to {
				break
			}
		}
	}
	return nil
}

// next counts a code one up, the way an odometer does: digits turn from 9 to 0,
// letters from Z to A.
func next(code string) string {
	b := []byte(code)
	for i := len(b) - 1; i >= 0; i-- {
		switch b[i] {
		case '9':
			b[i] = '0'
		case 'Z':
			b[i] = 'A'
		default:
			b[i]++
			return string(b)
		}
	}
	return string(b)
}

// mustRead reads a file that is part of the program.
func mustRead(name, text string) Lists {
	lists, err := read(text)
	if err != nil {
		panic("codes: " + name + ": " + err.Error())
	}
	return lists
}

// words are all codes of a file that is one list.
func words(text string) rule.Set {
	set := rule.Set{}
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "#") {
			for _, code := range strings.Fields(line) {
				set[code] = struct{}{}
			}
		}
	}
	return set
}
