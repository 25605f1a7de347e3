package access

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"byskriver/robots/access/review"
	"byskriver/runner"
)

// workReading reads the directory, or one system, and keeps it in the place of the
// reading before.
func (r *Robot) workReading(ctx context.Context, c runner.Case, name string) error {
	last, err := r.readings(ctx)
	if err != nil {
		return err
	}
	if day, ok := last[name]; ok && r.today().Before(day.AddDays(r.every(name))) {
		return nil // read before a stop, or by a later item
	}
	if name == directoryName {
		return r.readStaff(ctx)
	}
	i := slices.IndexFunc(r.systems.Sources, func(s Source) bool { return s.System() == name })
	if i < 0 {
		return nil // no longer configured
	}
	leave, err := c.Enter(ctx, name)
	if err != nil {
		return err
	}
	defer leave()
	reading, err := r.systems.Sources[i].Read(ctx)
	if err != nil {
		return keepScreen(ctx, c, fmt.Errorf("read %s: %w", name, err))
	}
	if len(reading.Accounts) == 0 {
		return runner.Refuse("LÆSNING-TOM", "Læsningen af "+name+" fandt ingen brugere. Det kan ikke passe: se efter, hvad robottens bruger må se, og prøv igen.", "", runner.Retry(), runner.Manual())
	}
	reading.System = name
	if err := r.lookBack(ctx, reading); err != nil {
		return err
	}
	return r.books.put(ctx, inReadings+name, reading)
}

// readStaff reads the directory. One that has shrunk to half is not believed.
func (r *Robot) readStaff(ctx context.Context) error {
	staff, err := r.systems.Directory.Read(ctx)
	if err != nil {
		return fmt.Errorf("read the directory: %w", err)
	}
	before, _, err := get[review.Staff](ctx, r.books, inStaff)
	if err != nil {
		return err
	}
	if now, then := active(staff), active(before); now == 0 || now*2 < then {
		return runner.Refuse("KATALOG-SKRUMPET", fmt.Sprintf("Kataloget over ansatte har nu %d personer, sidst %d. Robotten bruger det ikke. Se efter, hvad der mangler, og prøv igen.", now, then), "", runner.Retry(), runner.Manual())
	}
	staff.Read = r.today()
	return r.books.put(ctx, inStaff, staff)
}

func active(s review.Staff) (n int) {
	for _, e := range s.Employees {
		if e.Active {
			n++
		}
	}
	return n
}

// lookBack holds a new reading against the removals so far: what was gone and is back, or
// was to be removed by hand and stands, becomes an item, unless a newer answer keeps it.
func (r *Robot) lookBack(ctx context.Context, reading review.Reading) error {
	if r.shadow {
		return nil
	}
	removals, err := all[review.Removal](ctx, r.books, inRemovals)
	if err != nil {
		return err
	}
	back, gone := review.Returns(slices.Collect(maps.Values(removals)), reading)
	f, err := r.books.facts(ctx, r.settings.Policy.Review, back...)
	if err != nil {
		return err
	}
	for _, x := range back {
		if over, err := r.supersede(ctx, x, f); err != nil || over {
			if err != nil {
				return err
			}
			continue
		}
		x.Stage, x.Note = review.Returned, r.dateOf(reading.At).String()
		gone = append(gone, x)
	}
	for _, x := range gone {
		if err := r.books.put(ctx, inRemovals+x.ID, x); err != nil {
			return err
		}
	}
	return nil
}

// workBack tells IT of a right that was removed and stands again.
func (r *Robot) workBack(ctx context.Context, c runner.Case, id string) error {
	x, ok, err := get[review.Removal](ctx, r.books, inRemovals+id)
	if err != nil {
		return err
	}
	c.Label(id)
	reading, read, err := get[review.Reading](ctx, r.books, inReadings+x.Held.Grant.System)
	if err != nil {
		return err
	}
	if !ok || x.Stage != review.Returned {
		return nil
	}
	if left, err := r.left(ctx, c, x); err != nil || left {
		return err
	}
	stands := slices.ContainsFunc(reading.Grants, func(g review.Grant) bool { return g.Key() == x.Held.Grant.Key() })
	if read && !stands {
		x.Stage = review.Gone
		if x.Applied.IsZero() {
			x.Stage, x.Applied = review.ByHand, reading.At
		}
		return r.books.put(ctx, inRemovals+id, x)
	}
	if x.Applied.IsZero() {
		return runner.Refuse(review.CodeStands, fmt.Sprintf("»%s« i %s skulle være fjernet fra %s i hånden, men stod der stadig ved læsningen %s. Fjern den, og vælg Behandlet manuelt, eller vælg Lad den stå, og skriv hvorfor. Næste læsning ser efter igen.",
			x.Held.Name, x.Held.Grant.System, x.Name, danish(r.dateOf(reading.At))), "", runner.Manual(), leave(), runner.Retry())
	}
	return runner.Refuse(review.CodeReturned, fmt.Sprintf("»%s« i %s blev fjernet fra %s den %s, men står der igen. Find ud af, hvem der har givet den tilbage. Skal den væk, så fjern den og vælg Prøv igen efter næste læsning; ellers vælg Lad den stå.",
		x.Held.Name, x.Held.Grant.System, x.Name, danish(r.dateOf(x.Applied))), "", runner.Retry(), leave(), runner.Manual())
}

// workChange lays before IT what a leader wants otherwise.
func (r *Robot) workChange(ctx context.Context, c runner.Case, id string) error {
	x, ok, err := get[review.Removal](ctx, r.books, inRemovals+id)
	if err != nil || !ok || x.Stage != review.Proposed {
		return err
	}
	c.Label(id)
	return runner.Refuse("SKAL-RETTES", fmt.Sprintf("%s ønsker »%s« i %s rettet for %s: %s. Ret den i systemet, og vælg Behandlet manuelt.",
		x.Decision.Name, x.Held.Name, x.Held.Grant.System, x.Name, x.Decision.Reason), "", runner.Manual())
}
