package robots

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"byskriver/runner/config"
)

// answersOf is what a configuration's answers come to.
func answersOf(t *testing.T, section, mail string) (error, bool) {
	t.Helper()
	dir := t.TempDir()
	text := "municipality: L\nstore: {path: s.db, key: env:K}\nlog: {key: env:K, lines: l, checkpoints: [c]}\nsystems:\n" + mail +
		"  opus: {url: \"https://opus.example\", user: u, password: env:P, selectors: o.yaml, settles_after: 1s}\n" +
		"robots:\n  invoice:\n    drop: ind\n    done: ud\n    plans: p.xlsx\n    units: e.yaml\n" + section
	units := "units:\n  - {ean: \"5798999901044\", name: Rådhuset, area: Økonomi, active: true}\n"
	for name, data := range map[string]string{"byskriver.yaml": text, "e.yaml": units, "brev.txt": "Emne\n\n{{.Reason}}\n", "galt.txt": "{{.Nothing}}"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := config.Load(filepath.Join(dir, "byskriver.yaml"))
	if err != nil {
		return err, false
	}
	s, err := invoiceSettings(c, c.Robots["invoice"])
	return err, s.Answers != nil && s.Answers.Letter != nil
}

const sender = "{name: Lilleby, cvr: \"94133335\", ean: \"5798999901044\", unit: Økonomi, phone: \"70 00 00 00\"}"

func TestAnswersInTheConfiguration(t *testing.T) {
	const mail = "  mail: {url: \"smtp://post.example:587\", settles_after: 1s, service: {from: a@lilleby.example, user: u, password: env:P}}\n"
	for _, c := range []struct {
		name, section, mail string
		wrong               []string
	}{
		{"none", "", "", nil},
		{"whole", "    answers: {sender: " + sender + ", outbox: udbakke}\n", "", nil},
		{"with mail and a letter", "    answers: {sender: " + sender + ", outbox: udbakke, mail: true, letter: brev.txt, automatic: true}\n", mail, nil},
		{"empty", "    answers: {automatic: true}\n", "", []string{"outbox is missing", "sender needs name", "sender needs phone", "sender.cvr", "sender.ean"}},
		{"in the drop folder", "    answers: {sender: " + sender + ", outbox: ind}\n", "", []string{"same folder as drop"}},
		{"no mail server", "    answers: {sender: " + sender + ", outbox: udbakke, mail: true}\n", "", []string{"systems.mail is missing"}},
		{"a letter that breaks", "    answers: {sender: " + sender + ", outbox: udbakke, letter: galt.txt}\n", "", []string{"galt.txt"}},
		{"no such letter", "    answers: {sender: " + sender + ", outbox: udbakke, letter: intet.txt}\n", "", []string{"intet.txt"}},
		{"a password that stands there", "    answers: {sender: " + sender + ", outbox: udbakke, mail: true}\n", strings.Replace(mail, "env:P", "hemmelig", 1), []string{"must be a reference"}},
		{"a wrong sender of mail", "    answers: {sender: " + sender + ", outbox: udbakke, mail: true}\n", strings.Replace(mail, "a@lilleby.example", "nobody", 1), []string{"nobody"}},
		{"limits", "    limits: {supplement_ends: \"13-01\", duplicate_days: -1}\n", "", []string{"supplement_ends", "duplicate_days"}},
		{"creditors that are not there", "    creditors: k.csv\n", "", []string{"k.csv"}},
	} {
		err, ok := answersOf(t, c.section, c.mail)
		if (err == nil) != (c.wrong == nil) || c.wrong == nil && ok != strings.Contains(c.section, "answers") {
			t.Errorf("%s: %v, %v", c.name, err, ok)
			continue
		}
		for _, w := range c.wrong {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q is not in %v", c.name, w, err)
			}
		}
		if err != nil && strings.Contains(err.Error(), "hemmelig") {
			t.Errorf("%s: the error shows the password: %v", c.name, err)
		}
	}
}
