package kspcics

import (
	"context"
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"byskriver/fixtures/town"
	"byskriver/fixtures/town/mainframe"
	"byskriver/runner"
)

func TestRemoveOneAndNothingElse(t *testing.T) {
	s := open(t, mainframe.Config{})
	ctx := limit(t)
	u := s.user(3)
	for _, n := range []int{0, 20, 36} { // on the first, a middle and the last page
		r := s.right(s.user(3), n)
		if sight, err := s.sys.Find(ctx, u.ID, r); err != nil || sight.Certainty != runner.Absent {
			t.Fatalf("before: %+v, %v", sight, err)
		}
		before := s.held()
		if err := s.sys.Remove(ctx, u.ID, r); err != nil {
			t.Fatal(err)
		}
		if gone := lost(before, s.held()); !slices.Equal(gone, []string{u.ID + " " + r.Name + " " + r.Owner}) {
			t.Errorf("gone: %v", gone)
		}
		sight, err := s.sys.Find(ctx, u.ID, r)
		if err != nil || sight.Certainty != runner.Present || sight.Receipt != (Removed{r.Name, r.Owner}) {
			t.Errorf("after: %+v, %v", sight, err)
		}
		if err := s.sys.Remove(ctx, u.ID, r); !errors.Is(err, ErrNotOne) || !runner.IsNotDone(err) {
			t.Errorf("once more: %v", err)
		}
	}
	if n := s.strikes(); n != 3 {
		t.Errorf("%d ENTERs with a mark that removes, want 3", n)
	}
}

// onStrike is a trick on the ENTER that removes.
func onStrike(do mainframe.Action) mainframe.Trick {
	return mainframe.Trick{Screen: "KSP/CICS33", Key: "ENTER", Marked: true, Do: do}
}

func kindOf(err error) runner.TroubleKind {
	var t *runner.Trouble
	if errors.As(err, &t) {
		return t.Kind
	}
	return ""
}

func TestRemoveWhenThingsGoWrong(t *testing.T) {
	changed, away := runner.ScreenChanged, runner.Unavailable
	for name, c := range map[string]struct {
		do      mainframe.Action
		want    func(error) bool
		removed int // of the one that was meant
		others  int
		sight   runner.Certainty
	}{
		"without a word":     {mainframe.WithoutWord(), func(err error) bool { return err == nil }, 1, 0, runner.Present},
		"slow":               {mainframe.Slow(300 * time.Millisecond), func(err error) bool { return err == nil }, 1, 0, runner.Present},
		"in two parts":       {mainframe.Halves(), func(err error) bool { return err == nil }, 1, 0, runner.Present},
		"keyboard too early": {mainframe.UnlockFirst(), func(err error) bool { return err == nil }, 1, 0, runner.Present},
		"said, not done":     {mainframe.Ignored(), func(err error) bool { return errors.Is(err, ErrStands) }, 0, 0, runner.Absent},
		"the row below":      {mainframe.NextRow(), tells(1), 0, 1, runner.Absent},
		"hangs up before":    {mainframe.HangUp(), func(err error) bool { return kindOf(err) == away }, 0, 0, runner.Absent},
		"hangs up after":     {mainframe.HangUpAfter(), func(err error) bool { return kindOf(err) == away }, 1, 0, runner.Present},
		"silent before":      {mainframe.Silent(), func(err error) bool { return kindOf(err) == away }, 0, 0, runner.Absent},
		"silent after":       {mainframe.SilentAfter(), func(err error) bool { return kindOf(err) == away }, 1, 0, runner.Present},
		"keeps the keyboard": {mainframe.Hold(), func(err error) bool { return kindOf(err) == away }, 1, 0, runner.Present},
		"ends the session":   {mainframe.TimeOut(), func(err error) bool { return kindOf(err) == away }, 0, 0, runner.Absent},
		"a message instead":  {mainframe.Notice("Driften lukker kl. 18"), func(err error) bool { return kindOf(err) == changed }, 1, 0, runner.Present},
		"an unknown screen":  {mainframe.Garbage(), func(err error) bool { return kindOf(err) == changed }, 1, 0, runner.Present},
		"another user":       {mainframe.Other("LB10017"), func(err error) bool { return kindOf(err) == changed }, 1, 0, runner.Present},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, mainframe.Config{Tricks: []mainframe.Trick{onStrike(c.do)}})
			u := s.user(3)
			r, before := s.right(u, 15), s.held()
			err := s.sys.Remove(limit(t), u.ID, r)
			if !c.want(err) || runner.IsNotDone(err) {
				t.Errorf("Remove: %v (not done: %v)", err, runner.IsNotDone(err))
			}
			discreet(t, s, err)
			gone := lost(before, s.held())
			own := u.ID + " " + r.Name + " " + r.Owner
			if has := slices.Contains(gone, own); has != (c.removed == 1) || len(gone) != c.removed+c.others {
				t.Errorf("gone: %v", gone)
			}
			if n := s.strikes(); n != 1 {
				t.Errorf("%d ENTERs with a mark, want 1", n)
			}
			s.host.Unscript()
			if sight, err := s.sys.Find(limit(t), u.ID, r); err != nil || sight.Certainty != c.sight {
				t.Errorf("Find: %+v, %v", sight, err)
			}
		})
	}
}

// tells wants an error that tells of other authorisations that are gone.
func tells(n int) func(error) bool {
	return func(err error) bool {
		var l *Lost
		return errors.As(err, &l) && len(l.Rights) == n
	}
}

// What goes wrong before the ENTER leaves everything as it was, and says so.
func TestNotDoneBeforeTheEnter(t *testing.T) {
	for name, trick := range map[string]mainframe.Trick{
		"hangs up on F7":  {Screen: "KSP/CICS33", Key: "F7", Do: mainframe.HangUp()},
		"silent on F8":    {Screen: "KSP/CICS33", Key: "F8", Do: mainframe.Silent()},
		"another on F7":   {Screen: "KSP/CICS33", Key: "F7", Do: mainframe.Other("LB10017")},
		"garbage at open": {Screen: "KSP/CICS52", Key: "ENTER", Marked: true, Do: mainframe.Garbage()},
		"wrong from door": {Screen: "KSP/CICS01", Key: "ENTER", Do: mainframe.Garbage()},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, mainframe.Config{Tricks: []mainframe.Trick{trick}})
			u, before := s.user(3), s.held()
			err := s.sys.Remove(limit(t), u.ID, s.right(u, 2))
			if kindOf(err) == "" || !runner.IsNotDone(err) {
				t.Errorf("%v (not done: %v)", err, runner.IsNotDone(err))
			}
			discreet(t, s, err)
			if gone := lost(before, s.held()); len(gone) > 0 || s.strikes() > 0 {
				t.Errorf("gone: %v after %d ENTERs", gone, s.strikes())
			}
		})
	}
}

func TestReaderMayNotRemove(t *testing.T) {
	s := open(t, mainframe.Config{}, reader)
	u := s.user(3)
	if err := s.sys.Remove(limit(t), u.ID, s.right(u, 2)); !errors.Is(err, ErrMayNot) || !runner.IsNotDone(err) || s.strikes() != 0 {
		t.Errorf("%v after %d ENTERs", err, s.strikes())
	}
}

func TestRemovalThatShowsLater(t *testing.T) {
	clock := town.NewManualClock(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
	s := open(t, mainframe.Config{Clock: clock, Tricks: []mainframe.Trick{onStrike(mainframe.Later(5 * time.Minute))}})
	u := s.user(3)
	r := s.right(u, 4)
	ctx := limit(t)
	if err := s.sys.Remove(ctx, u.ID, r); !errors.Is(err, ErrStands) || runner.IsNotDone(err) {
		t.Fatal(err)
	}
	for _, want := range []runner.Certainty{runner.Absent, runner.Present} {
		if sight, err := s.sys.Find(ctx, u.ID, r); err != nil || sight.Certainty != want {
			t.Errorf("%v: %+v, %v", want, sight, err)
		}
		clock.Advance(6 * time.Minute)
	}
	if len(s.host.Removals()) != 1 {
		t.Errorf("removals: %v", s.host.Removals())
	}
}

// Between the reading of a row and its mark somebody else's change moves it.
func TestRowThatHasMoved(t *testing.T) {
	s := open(t, mainframe.Config{})
	u := s.user(3)
	err := s.sys.with(limit(t), func(d *desk) error {
		at, _, err := d.find(t.Context(), u.ID, s.right(u, 4))
		if err != nil {
			return err
		}
		s.host.Give(u.ID, mainframe.Right{Profile: "LBAAA000", Owner: "LBAAA"})
		s.host.Repaint()
		if err := d.expect(t.Context(), func() string { // until the terminal has the new screen
			if list, _ := d.rows(); list[0].cells["name"] != "LBAAA000" {
				return "not yet"
			}
			return ""
		}, "rights"); err != nil {
			return err
		}
		return d.mark(t.Context(), at, "S", d.of(u.ID))
	})
	if kindOf(err) != runner.ScreenChanged || !strings.Contains(err.Error(), "not where it was") || s.strikes() != 0 {
		t.Errorf("%v after %d ENTERs", err, s.strikes())
	}
}

// kept is a case that keeps evidence and can do nothing else.
type kept struct {
	runner.Case
	all []runner.Evidence
}

// Keep keeps it.
func (k *kept) Keep(_ context.Context, e runner.Evidence) (string, error) {
	k.all = append(k.all, e)
	return e.Name, nil
}

func TestEvidenceIsMasked(t *testing.T) {
	s := open(t, mainframe.Config{Tricks: []mainframe.Trick{onStrike(mainframe.Garbage())}})
	u := s.user(3)
	c := &kept{}
	err := Keep(t.Context(), c, s.sys.Remove(limit(t), u.ID, s.right(u, 2)))
	if kindOf(err) != runner.ScreenChanged || len(c.all) != 1 {
		t.Fatalf("%v, evidence %v", err, c.all)
	}
	if text := string(c.all[0].Data); !strings.Contains(text, "DFHAC2206") || !strings.Contains(text, "******-****") || strings.Contains(text, "610585") {
		t.Errorf("evidence:\n%s", text)
	}
}

// s3270 is killed when the removal has reached the host: what was done is not known,
// and is found again with a new one.
func TestTerminalKilledInTheMiddle(t *testing.T) {
	kill := func(mainframe.Entry) {
		for _, child := range children(t) {
			var pid int
			for _, c := range strings.Fields(child)[0] {
				pid = pid*10 + int(c-'0')
			}
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Error(err)
			}
		}
	}
	for name, do := range map[string]mainframe.Action{"before": mainframe.CallBefore(kill), "after": mainframe.CallAfter(kill)} {
		t.Run(name, func(t *testing.T) {
			s := open(t, mainframe.Config{Tricks: []mainframe.Trick{onStrike(do)}})
			u := s.user(3)
			r := s.right(u, 2)
			err := s.sys.Remove(limit(t), u.ID, r)
			if kindOf(err) != runner.Unavailable || runner.IsNotDone(err) {
				t.Errorf("%v", err)
			}
			s.host.Unscript()
			if sight, err := s.sys.Find(limit(t), u.ID, r); err != nil || sight.Certainty != runner.Present {
				t.Errorf("Find: %+v, %v", sight, err)
			}
		})
	}
}
