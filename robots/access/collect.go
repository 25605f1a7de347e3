package access

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"byskriver/robots/access/review"
	"byskriver/runner"
	"byskriver/schedules"
)

// directoryName is the directory among what is read.
const directoryName = "directory"

// Collect finds the work: systems to be read, the month's run, people who have moved,
// packages whose step has come or that were sent in, and what IT has approved.
func (r *Robot) Collect(ctx context.Context, found runner.Finder) error {
	var steps []func(context.Context, runner.Finder) error
	if !r.shadow {
		steps = append(steps, r.takeSheets)
	}
	steps = append(steps, r.collectReadings, r.collectMoves, r.collectRun, r.collectFindings, r.collectPackages, r.collectRemovals)
	if !r.shadow {
		steps = append(steps, r.sheets, r.evidence, r.tidy)
	}
	for _, step := range steps {
		if err := step(ctx, found); err != nil {
			return err
		}
	}
	return nil
}

// every is how many days lie between readings. The directory is read each day, so that
// a move is seen at once.
func (r *Robot) every(system string) int {
	if system == directoryName {
		return 1
	}
	if days, ok := r.settings.Policy.ReadEvery[system]; ok {
		return days
	}
	return r.settings.Policy.Every
}

// readings are the days on which each system was read last.
func (r *Robot) readings(ctx context.Context) (map[string]schedules.Date, error) {
	days := map[string]schedules.Date{}
	staff, ok, err := get[review.Staff](ctx, r.books, inStaff)
	if ok {
		days[directoryName] = staff.Read
	}
	if err != nil {
		return nil, err
	}
	all, err := all[review.Reading](ctx, r.books, inReadings)
	for system, reading := range all {
		days[system] = r.dateOf(reading.At)
	}
	return days, err
}

// collectReadings asks for the readings that are due. One that has failed stays the
// same item, and is tried anew each day.
func (r *Robot) collectReadings(ctx context.Context, found runner.Finder) error {
	last, err := r.readings(ctx)
	if err != nil {
		return err
	}
	names := []string{directoryName}
	for _, s := range r.systems.Sources {
		names = append(names, s.System())
	}
	for _, name := range names {
		day, ok := last[name]
		if ok && r.today().Before(day.AddDays(r.every(name))) {
			continue
		}
		asked, _, err := get[schedules.Date](ctx, r.books, inAsked+name)
		if err != nil {
			return err
		}
		if asked == r.today() {
			continue
		}
		f := r.found("laes/"+name+"/efter/"+day.String(), content{Read: name}, name, "Læsning", r.settings.Areas.IT, r.today())
		f.Again = true
		if _, err := found(f); err != nil {
			return err
		}
		if err := r.books.put(ctx, inAsked+name, r.today()); err != nil {
			return err
		}
	}
	return nil
}

// input is what a run is made of, by the readings at hand. ok is false while there is
// one missing, or too old.
func (r *Robot) input(ctx context.Context) (in review.Input, ok bool, err error) {
	in = review.Input{Today: r.today(), Policy: r.settings.Policy.Review}
	if in.Staff, ok, err = get[review.Staff](ctx, r.books, inStaff); err != nil || !ok || in.Staff.Read != r.today() {
		return in, false, err
	}
	readings, err := all[review.Reading](ctx, r.books, inReadings)
	if err != nil {
		return in, false, err
	}
	for _, s := range r.systems.Sources {
		reading, ok := readings[s.System()]
		if !ok || r.today().After(r.dateOf(reading.At).AddDays(r.every(s.System()))) {
			return in, false, nil
		}
		in.Readings = append(in.Readings, reading)
	}
	if in.Memory, err = r.books.remembered(ctx); err != nil {
		return in, false, err
	}
	in.Wheel, _, err = get[review.Wheel](ctx, r.books, inWheel)
	return in, err == nil, err
}

// collectRun opens the month's run, once. After a stop in the middle what was begun is
// replaced: no page shows a package of a run that is not open.
func (r *Robot) collectRun(ctx context.Context, _ runner.Finder) error {
	month := review.MonthOf(r.today()).String()
	record, opened, err := get[run](ctx, r.books, inRuns+month)
	if err != nil || opened && record.Settled || r.today().Day < r.settings.Policy.Opens {
		return err
	}
	in, ok, err := r.input(ctx)
	if err != nil || !ok {
		return err
	}
	if !opened {
		if record, err = r.open(ctx, month, in); err != nil {
			return fmt.Errorf("open the run of %s: %w", month, err)
		}
	}
	if err := r.remember(ctx, in, month); err != nil {
		return err
	}
	record.Settled = true
	return r.books.put(ctx, inRuns+month, record)
}

// open freezes a month's run.
func (r *Robot) open(ctx context.Context, month string, in review.Input) (run, error) {
	old, err := r.heads(ctx, month)
	if err != nil {
		return run{}, err
	}
	for id, h := range old {
		if h.Kind != review.Regular {
			continue
		}
		if err := r.dropPackage(ctx, id, "kørslen lavet om efter afbrydelse"); err != nil {
			return run{}, err
		}
	}
	out := review.Freeze(in)
	if err := r.layPackages(ctx, out.Packages); err != nil {
		return run{}, err
	}
	if err := r.books.put(ctx, inWheel, out.Wheel); err != nil {
		return run{}, err
	}
	if err := r.noteCrowded(ctx); err != nil {
		return run{}, err
	}
	record := run{Month: month, Opened: r.today(), Read: map[string]schedules.Date{}, Packages: len(out.Packages), Held: out.Held, Open: out.Open, Explain: out.Explain}
	for _, reading := range in.Readings {
		record.Read[reading.System] = r.dateOf(reading.At)
	}
	return record, r.books.put(ctx, inRuns+month, record)
}

// noteCrowded tells of those to whom the month has brought too many packages so far.
func (r *Robot) noteCrowded(ctx context.Context) error {
	month := review.MonthOf(r.today())
	heads, err := r.heads(ctx, month.String())
	if err != nil {
		return err
	}
	var packages []review.Package
	for _, h := range heads {
		packages = append(packages, h.Package)
	}
	return r.noteFindings(ctx, review.Crowded(month, packages), func(code string) bool { return code == review.CodeCrowded })
}

// heads are the packages of a month without their people, by number.
func (r *Robot) heads(ctx context.Context, month string) (map[string]head, error) {
	some, err := all[head](ctx, r.books, inHeads+month+"-")
	heads := map[string]head{}
	for _, h := range some {
		heads[h.ID] = h
	}
	return heads, err
}

// remember notes what everybody holds, and what of it the month's packages have laid
// before a leader.
func (r *Robot) remember(ctx context.Context, in review.Input, month string) error {
	heads, err := r.heads(ctx, month)
	if err != nil {
		return err
	}
	var laid []review.Package
	for id := range heads {
		h, _, err := r.books.pack(ctx, id)
		if err != nil {
			return err
		}
		laid = append(laid, h.Package)
	}
	return r.books.remember(ctx, review.Remember(in, laid))
}

func (r *Robot) layPackages(ctx context.Context, list []review.Package) error {
	for _, p := range list {
		p.Token = r.systems.Token()
		if err := r.books.layPackage(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func (r *Robot) dropPackage(ctx context.Context, id, rule string) error {
	for _, prefix := range []string{inHeads, inPackages, inAnswers} {
		if err := r.books.clear(ctx, prefix+id, rule); err != nil {
			return err
		}
	}
	return nil
}

// collectMoves looks, once a day, for people who have come to another unit, and for
// what is IT's.
func (r *Robot) collectMoves(ctx context.Context, _ runner.Finder) error {
	looked, _, err := get[schedules.Date](ctx, r.books, inMoves)
	if err != nil || looked == r.today() {
		return err
	}
	in, ok, err := r.input(ctx)
	if err != nil || !ok {
		return err
	}
	month := review.MonthOf(r.today()).String()
	heads, err := r.heads(ctx, month)
	if err != nil {
		return err
	}
	var before []review.Package
	for id, h := range heads {
		if h.Kind == review.Move && h.Opens == r.today() {
			if h, _, err = r.books.pack(ctx, id); err != nil {
				return err
			}
		}
		before = append(before, h.Package)
	}
	out := review.Moves(in, before)
	if err := r.layPackages(ctx, out.Packages); err != nil {
		return err
	}
	if err := r.noteFindings(ctx, out.Findings, func(code string) bool { return code != review.CodeCrowded }); err != nil {
		return err
	}
	// Until the month's run is opened, what was told of the month before stands.
	if _, opened, err := get[run](ctx, r.books, inRuns+month); err != nil || opened {
		if err = errors.Join(err, r.noteCrowded(ctx)); err != nil {
			return err
		}
	}
	if err := r.remember(ctx, in, month); err != nil {
		return err
	}
	return r.books.put(ctx, inMoves, r.today())
}

// collectPackages finds the packages that are under way. One that was sent in is
// worked now.
func (r *Robot) collectPackages(ctx context.Context, found runner.Finder) error {
	heads, err := all[head](ctx, r.books, inHeads)
	if err != nil {
		return err
	}
	runs, err := all[run](ctx, r.books, inRuns)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(heads)) {
		h := heads[id]
		if _, open := runs[h.Run]; h.State != review.Open || h.Kind == review.Regular && !open {
			continue
		}
		answers, _, err := get[review.Answers](ctx, r.books, inAnswers+id)
		if err != nil {
			return err
		}
		f := r.found("pakke/"+id, content{Package: id}, id, "Gennemgang "+h.Run, r.settings.Areas.Review, h.due())
		f.Again = !answers.Sent.IsZero() && !r.shadow
		if _, err := found(f); err != nil {
			return err
		}
	}
	return nil
}

// collectRemovals finds what IT has said its word on, what is to be changed by hand,
// and what has come back. What a person has taken over is noted.
func (r *Robot) collectRemovals(ctx context.Context, found runner.Finder) error {
	list, err := all[review.Removal](ctx, r.books, inRemovals)
	if err != nil {
		return err
	}
	approvals, err := all[review.Approval](ctx, r.books, inApprovals)
	if err != nil {
		return err
	}
	facts, err := r.books.facts(ctx, r.settings.Policy.Review, undecided(list)...)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(list)) {
		rem := list[id]
		_, approved := approvals[id]
		if !approved && proposed(rem) && !r.shadow {
			if over, err := r.supersede(ctx, rem, facts); err != nil {
				return err
			} else if over {
				continue
			}
		}
		var f runner.Found
		switch {
		case rem.Decision.Verdict == review.Change && rem.Stage == review.Proposed:
			f = r.found("ret/"+id, content{Change: id}, id, "Gennemgang", r.settings.Areas.IT, schedules.Date{})
		case rem.Stage == review.Returned:
			f = r.found("igen/"+id+"/"+rem.Note, content{Back: id}, id, "Læsning", r.settings.Areas.IT, schedules.Date{})
		case approved && slices.Contains([]review.Stage{review.Proposed, review.Approved, review.Paused, review.Stuck}, rem.Stage):
			f = r.found("fjern/"+id, content{Removal: id}, id, "Godkendt af it", r.settings.Areas.IT, schedules.Date{})
			f.Again = rem.Stage == review.Paused && !r.shadow && review.Stands(facts.of(rem)).Wait == ""
		default:
			continue
		}
		standing, err := found(f)
		if err != nil {
			return err
		}
		if standing.Settled() && !r.shadow {
			rem.Stage, rem.Item, rem.Settled = review.ByHand, standing.Number, r.clock.Now()
			if err := r.books.put(ctx, inRemovals+id, rem); err != nil {
				return err
			}
		}
	}
	return nil
}
