package browser

import (
	"embed"
	"strings"
)

//go:embed js/*.js
var scripts embed.FS

// world is the name of the world of our own that the scripts run in.
const world = "byskriver"

// script is all of our scripts as one, to be run in every new document. A
// document that has it already keeps it.
func script() string {
	var b strings.Builder
	b.WriteString("if (!globalThis.by) globalThis.by = (() => {\n")
	for _, name := range []string{"find", "act", "wait", "table", "mask"} {
		data, err := scripts.ReadFile("js/" + name + ".js")
		if err != nil {
			panic("a script that is part of the program is missing: " + err.Error())
		}
		b.Write(data)
	}
	b.WriteString("return by;\n})();")
	return b.String()
}
