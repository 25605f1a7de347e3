package cli

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"byskriver/fixtures/attests"
	"byskriver/fixtures/demo/rehearsal"
	"byskriver/fixtures/town"
)

const unitFile = "../../docs/ship/byskriver.service"

// directives are what a systemd unit says: section.key, each with its values in order.
func directives(t *testing.T) map[string][]string {
	t.Helper()
	f, err := os.Open(unitFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, section := map[string][]string{}, ""
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		key, value, ok := strings.Cut(line, "=")
		switch {
		case line == "", line[0] == '#':
		case line[0] == '[':
			section = strings.Trim(line, "[]") + "."
		case ok:
			all[section+key] = append(all[section+key], value)
		default:
			t.Errorf("%s: %q is neither section nor directive", unitFile, line)
		}
	}
	return all
}

// The shipped unit confines the service as docs/threats.md says, and systemd takes it
// without a word where there is a systemd to ask.
func TestUnitConfines(t *testing.T) {
	unit := directives(t)
	for key, want := range map[string]string{
		"User": "byskriver", "Group": "byskriver", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes", "PrivateDevices": "yes",
		"NoNewPrivileges": "yes", "CapabilityBoundingSet": "", "AmbientCapabilities": "", "UMask": "0027", "LimitCORE": "0", "ProtectProc": "invisible",
		"RestrictSUIDSGID": "yes", "ProtectKernelModules": "yes", "ProtectKernelTunables": "yes", "ProtectControlGroups": "yes", "ReadOnlyPaths": "/etc/byskriver",
		"ReadWritePaths": "/var/lib/byskriver /var/log/byskriver", "SystemCallErrorNumber": "EPERM", "RestrictNamespaces": "user pid net",
	} {
		if got := unit["Service."+key]; len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	for _, line := range unit["Service.Environment"] {
		if line != "BYSKRIVER_CONFIG=/etc/byskriver/byskriver.yaml" {
			t.Errorf("the environment says more than where the configuration is: %s", line)
		}
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("no systemd on this machine: the directives were held against the threat model alone")
		return
	}
	text, err := os.ReadFile(unitFile)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "byskriver.service")
	text = bytes.ReplaceAll(text, []byte("/opt/byskriver/byskriver"), []byte("/bin/true")) // it must be there
	if err := os.WriteFile(copied, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), analyze, "verify", copied).CombinedOutput(); err != nil || strings.Contains(string(out), "byskriver.service:") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

// nobody is the ordinary user that the program runs as here.
const nobody = 65534

// post is the machine as the unit has it: program and configuration are root's and may
// only be read, state and log folder are the user's.
type post struct {
	t                       *testing.T
	program, etc, lib, logs string
	attr                    *syscall.SysProcAttr
}

func newPost(t *testing.T, tw *town.Town) *post {
	t.Helper()
	root, err := os.MkdirTemp("", "byskriver-unit-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) }) // the next one has another name
	p := &post{t: t, program: filepath.Join(root, "opt", "byskriver"), etc: filepath.Join(root, "etc"), lib: filepath.Join(root, "lib"), logs: filepath.Join(root, "log")}
	for _, dir := range []string{filepath.Dir(p.program), p.etc, p.lib, p.logs} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	program, err := os.ReadFile(rehearsal.Program(t))
	if err == nil {
		err = errors.Join(os.WriteFile(p.program, program, 0o755), os.Chmod(root, 0o755))
	}
	o := attests.Options{Town: tw, Gap: "5ms", Rest: "300ms", Settles: "700ms"}
	if err == nil {
		err = o.Furnish(p.etc)
	}
	systems, robot, sectionErr := o.Section()
	if err = errors.Join(err, sectionErr); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"bundter", "udlevering", "startlister", "post"} {
		robot = strings.ReplaceAll(robot, ": "+dir+"\n", ": "+filepath.Join(p.lib, dir)+"\n")
		if err := errors.Join(os.RemoveAll(filepath.Join(p.etc, dir)), os.MkdirAll(filepath.Join(p.lib, dir), 0o750)); err != nil {
			t.Fatal(err)
		}
	}
	text := "municipality: Lilleby Kommune\nstore: {path: " + p.lib + "/byskriver.db, key: \"file:hemmeligt/lager.key\"}\n" +
		"log: {key: \"file:hemmeligt/log.key\", lines: " + p.logs + "/koersel.jsonl, checkpoints: [" + p.logs + "]}\nengine: {patience: 4s}\n" +
		"systems:\n" + systems + "robots:\n" + robot
	if err := os.WriteFile(filepath.Join(p.etc, "byskriver.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := p.as(nil, "init"); err != nil { // whoever sets it up
		t.Fatal(err)
	}
	p.handOver()
	return p
}

// handOver gives state and secrets to the ordinary user, where the test is root.
func (p *post) handOver() {
	p.t.Helper()
	if os.Getuid() != 0 {
		return
	}
	p.attr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody, NoSetGroups: true}}
	for _, dir := range []string{p.lib, p.logs, filepath.Join(p.etc, "hemmeligt")} {
		err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil || strings.HasSuffix(path, "hemmeligt") {
				return err
			}
			return os.Lchown(path, nobody, nobody)
		})
		if err != nil {
			p.t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(p.etc, "hemmeligt"), 0o755); err != nil {
		p.t.Fatal(err)
	}
}

// as runs the program as a user, with the unit's umask and its one variable.
func (p *post) as(attr *syscall.SysProcAttr, args ...string) (string, error) {
	cmd := exec.CommandContext(p.t.Context(), "/bin/sh", append([]string{"-c", `umask 0027; exec "$0" "$@"`, p.program}, args...)...)
	cmd.Dir, cmd.SysProcAttr = p.lib, attr
	cmd.Env = []string{"BYSKRIVER_CONFIG=" + filepath.Join(p.etc, "byskriver.yaml"), "PATH=/usr/bin:/bin"}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// listing is what lies below a folder, with rights, owner and content's length.
func (p *post) listing(dir string, each func(path string, info fs.FileInfo)) {
	p.t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil {
			each(path, info)
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// An ordinary user with the folders as the unit gives them runs the robots, checks, proves
// and backs up; nothing changes where it may only read, and nothing that it makes can be
// read by everybody.
func TestRunsAsOrdinaryUser(t *testing.T) {
	tw := rehearsal.Open(t, town.Config{Seed: 13})
	p := newPost(t, tw)
	for i := range 3 {
		placed := attests.Plain(i+1, time.Now())
		placed.Place(tw)
	}
	var before, after []string
	p.listing(p.etc, func(path string, info fs.FileInfo) {
		before = append(before, path+info.Mode().String()+info.ModTime().String())
	})
	for _, args := range [][]string{{"check"}, {"run", "attest"}, {"log", "verify"}, {"retain"}, {"exceptions", "export", filepath.Join(p.lib, "lister")}, {"backup", filepath.Join(p.lib, "kopi.db")}} {
		if out, err := p.as(p.attr, args...); err != nil {
			t.Errorf("byskriver %s as an ordinary user: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	p.listing(p.etc, func(path string, info fs.FileInfo) {
		after = append(after, path+info.Mode().String()+info.ModTime().String())
	})
	if !slices.Equal(before, after) {
		t.Errorf("what is only to be read has changed:\n%s\n%s", before, after)
	}
	made := 0
	for _, dir := range []string{p.lib, p.logs} {
		p.listing(dir, func(path string, info fs.FileInfo) {
			public := filepath.Base(path) == "checkpoint" // a signed number and hash, for auditors
			if made++; path != dir && !public && info.Mode().Perm()&0o007 != 0 {
				t.Errorf("%s can be used by everybody: %v", path, info.Mode())
			}
			if owner := info.Sys().(*syscall.Stat_t).Uid; p.attr != nil && owner != nobody {
				t.Errorf("%s belongs to %d", path, owner)
			}
		})
	}
	if made < 8 {
		t.Errorf("only %d files were made", made)
	}
	if p.attr == nil {
		t.Log("the test is no root, so the program ran as its own user")
	}
}
