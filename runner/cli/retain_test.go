package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"byskriver/fixtures/attests"
	"byskriver/fixtures/town"
	"byskriver/runner/runlog"
	"byskriver/runner/store"
)

// policy is a policy of deletion for the attest robot.
const policy = "{content: 60, evidence: 30, log: 120, drawer: 200, papers: 200}"

// keeping is a bureau with a policy of deletion.
func keeping(t *testing.T, keep string) *bureau {
	t.Helper()
	return newBureau(t, "2026-03-02", 9, func(o *attests.Options) { o.Keep = keep })
}

// command runs a command and gives what it printed.
func (b *bureau) command(c interface{ Run(*env) error }, input string) string {
	b.t.Helper()
	b.out.Reset()
	e := b.env()
	e.Stdin = strings.NewReader(input)
	if err := c.Run(e); err != nil {
		b.t.Fatalf("%T: %v\n%s", c, err, &b.out)
	}
	return b.out.String()
}

// settled are the items that are done.
func (b *bureau) settled() (rows []store.Row) {
	b.t.Helper()
	h, err := b.env().open()
	if err != nil {
		b.t.Fatal(err)
	}
	defer h.close()
	all, err := h.store.Expired(b.t.Context(), "attest", store.LogText, b.clock.Now().AddDate(1, 0, 0), 0, 1000)
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// column are the values of a column of items' bodies, those that are there.
func (b *bureau) column(name string) (all [][]byte) {
	b.t.Helper()
	h, err := b.env().open()
	if err != nil {
		b.t.Fatal(err)
	}
	defer h.close()
	rows, err := h.store.Reader().QueryContext(b.t.Context(), `SELECT `+name+` FROM item_bodies b JOIN items i ON i.id = b.item_id WHERE i.state = 'done' AND `+name+` IS NOT NULL`)
	if err != nil {
		b.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var v []byte
		if err := rows.Scan(&v); err != nil {
			b.t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// gone reports an error for each piece that the store's files still hold.
func (b *bureau) gone(what string, pieces [][]byte) {
	b.t.Helper()
	if len(pieces) == 0 {
		b.t.Fatalf("there was no %s to begin with", what)
	}
	for _, p := range pieces {
		if b.inStore(p) {
			b.t.Errorf("the store's files still hold a %s", what)
			return
		}
	}
}

// witness builds the auditor's program and begins to watch the log with it.
func (b *bureau) witness() (verify func(proof string)) {
	b.t.Helper()
	dir := b.t.TempDir()
	program := filepath.Join(dir, "byskriver-vidne")
	tool := func(name string, args ...string) string {
		out, err := exec.CommandContext(b.t.Context(), name, args...).CombinedOutput()
		if err != nil {
			b.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	tool("go", "build", "-o", program, "byskriver/runner/vidne")
	tool(program, "init", "--log", filepath.Join(b.dir, "hemmeligt", "log.key.pub"), "--name", "revision/lilleby", filepath.Join(dir, "vidne"))
	return func(proof string) {
		b.t.Helper()
		file := filepath.Join(dir, "post.bevis")
		if err := os.WriteFile(file, []byte(proof), 0o600); err != nil {
			b.t.Fatal(err)
		}
		tool(program, "verify", filepath.Join(dir, "vidne"), file)
	}
}

// The whole of a policy on the attest robot: what was ordered and looked up is gone from
// the store's files, key and all, at its time and not before; the log still verifies, by
// itself and by an auditor's witness; explain and the citizen's list say why there is
// nothing; and the robot does nothing twice for it.
func TestRetention(t *testing.T) {
	b := keeping(t, policy)
	b.sent([]town.Fate{town.FateClean, town.FateLate, town.FateDecision})
	for range 24 {
		b.later(1)
		b.deliver()
		b.run()
	}
	rows, filed := b.settled(), len(b.town.SBSYS().Filed())
	if len(rows) < 2 || filed == 0 {
		t.Fatalf("%d items are done and %d certificates filed: nothing to delete", len(rows), filed)
	}
	contents, keys, logKeys := b.column("found_sealed"), b.column("content_key"), b.column("log_key")
	looked := b.placedCPR()
	if told := b.command(&subjectLogCmd{}, looked); !strings.Contains(told, "sbsys") {
		t.Fatalf("the citizen is not told of any look-up:\n%s", told)
	}
	verify := b.witness()
	before := b.command(&proveLogCmd{Entry: 5}, "")
	verify(before)

	b.later(30) // nothing is old enough but evidence, of which this robot has none
	if said := b.command(&retainCmd{}, ""); strings.Contains(said, "indhold") {
		t.Errorf("deleted too early:\n%s", said)
	}
	b.later(40)
	if said := b.command(&retainCmd{DryRun: true}, ""); !strings.Contains(said, "ville blive slettet (robots.attest.keep.content: 60 days)") {
		t.Errorf("a dry run says\n%s", said)
	}
	if n := len(b.column("content_key")); n != len(keys) {
		t.Fatalf("a dry run left %d of %d keys", n, len(keys))
	}
	open, err := b.env().open() // another program has the store open, as serve has
	if err != nil {
		t.Fatal(err)
	}
	b.command(&retainCmd{}, "")
	b.gone("content", contents)
	b.gone("content key", keys)
	open.close()
	if !b.inStore(logKeys[0]) {
		t.Error("the log's keys are gone with the content")
	}
	b.contentIsTold(rows)
	b.still(before, verify)

	b.later(60)
	b.command(&retainCmd{}, "")
	b.gone("log key", logKeys)
	if told := b.command(&subjectLogCmd{}, looked); !strings.Contains(told, "Slettet efter regel, senest") || strings.Contains(told, "sbsys") {
		t.Errorf("the citizen is told\n%s", told)
	}
	b.logIsTold(rows)
	b.still(before, verify)

	b.run()
	if n := len(b.town.SBSYS().Filed()); n != filed || len(b.town.Police().Sizes()) != 1 {
		t.Errorf("%d certificates are filed, there were %d; %d batches sent", n, filed, len(b.town.Police().Sizes()))
	}
	if said := b.command(&retainCmd{}, ""); strings.Contains(said, " slettet (") {
		t.Errorf("deleted twice:\n%s", said)
	}
}

// placedCPR is the CPR number of somebody whose case was looked up.
func (b *bureau) placedCPR() string { return attests.Plain(1, b.clock.Now()).Order.CPR + "\n" }

// contentIsTold holds what explain and the log say of items without content.
func (b *bureau) contentIsTold(rows []store.Row) {
	b.t.Helper()
	deleted := map[string]bool{}
	for _, l := range b.logged("item.content_deleted") {
		if l["rule"] == "robots.attest.keep.content: 60 days" && len(l["sha256"]) == 64 {
			deleted[l["item"]] = true
		}
	}
	for _, row := range rows {
		if !deleted[row.Number] {
			b.t.Errorf("no entry tells of the deletion of %s", row.Number)
		}
		told := b.command(&explainCmd{Number: row.Number}, "")
		if !strings.Contains(told, "slettet efter regel") || !strings.Contains(told, "robots.attest.keep.content: 60 days") || !strings.Contains(told, "byskriver log prove ") {
			b.t.Errorf("explain says %s", told)
		}
	}
}

// logIsTold holds that nothing of the items' entries can be read, and that the log says
// by which rule.
func (b *bureau) logIsTold(rows []store.Row) {
	b.t.Helper()
	h, err := b.env().open()
	if err != nil {
		b.t.Fatal(err)
	}
	defer h.close()
	for _, row := range rows {
		n := 0
		for l, err := range h.log.Entries(b.t.Context(), h.store.Reader(), runlog.Filter{Item: row.Number}) {
			if err != nil {
				b.t.Fatal(err)
			}
			if n++; l.State != runlog.Gone || l.Text != "" || len(l.Fields) > 0 {
				b.t.Errorf("entry %d of %s is still %s", l.Seq, row.Number, l.State)
			}
		}
		if n == 0 {
			b.t.Errorf("%s has no entries left at all", row.Number)
		}
	}
	for l, err := range h.log.Entries(b.t.Context(), h.store.Reader(), runlog.Filter{Code: runlog.CodeRemoved}) {
		if err != nil || l.Fields["policy"] != "robots.attest.keep.log: 120 days" || l.Fields["by"] == "" {
			b.t.Errorf("a removal is on record as %v, %v", l.Fields, err)
		}
	}
}

// still holds that the log verifies, and an old and a new proof with the witness.
func (b *bureau) still(before string, verify func(string)) {
	b.t.Helper()
	if said := b.command(&verifyLogCmd{}, ""); !strings.Contains(said, "Loggen er hel") {
		b.t.Errorf("the log: %s", said)
	}
	verify(before)
	verify(b.command(&proveLogCmd{Entry: 5}, ""))
}

// What is still somebody's work is not deleted, however old, and that is said.
func TestRetentionLeavesWork(t *testing.T) {
	b := keeping(t, "{content: 1, log: 1}")
	b.sent([]town.Fate{town.FateDecision})
	for range 15 {
		b.later(1)
		b.deliver()
		b.run()
	}
	on := len(b.listed())
	b.later(400)
	said := b.command(&retainCmd{}, "")
	if !strings.Contains(said, "ikke afsluttet") {
		t.Errorf("nothing is said of what is left:\n%s", said)
	}
	for _, l := range b.listed() {
		if l.Reason == "" {
			t.Errorf("%s lost its text", l.Number)
		}
	}
	if n := len(b.listed()); n != on || n == 0 {
		t.Errorf("%d of %d are still on the list", n, on)
	}
	b.decide(func(listed) (string, string) { return "reject", "" })
	b.run()
	if n := len(b.column("content_key")); n == 0 {
		t.Fatal("no item was closed")
	}
	b.later(2)
	b.command(&retainCmd{}, "")
	if n := len(b.column("content_key")); n != 0 {
		t.Errorf("%d items were closed by a person and kept", n)
	}
}
