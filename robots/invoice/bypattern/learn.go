package bypattern

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"byskriver/robots/invoice/patterns"
	"byskriver/runner"
	"byskriver/schedules"
)

// Collect learns anew where there is something new to learn from: postings, answers
// to the day's check, corrections, other settings, a changed chart, or another day.
// What cannot be read stops nothing but this way: until it is mended it goes by what
// it learnt last.
func (w *Way) Collect(ctx context.Context, _ runner.Finder) error {
	if w.drawer == nil {
		return nil // a try
	}
	today, err := w.today()
	if err != nil {
		return err
	}
	w.mu.Lock()
	clear(w.days)
	w.mu.Unlock()
	notes, err := w.all(ctx)
	if err == nil {
		err = w.tidy(ctx, notes, today)
	}
	if err != nil {
		return err
	}
	if err := w.learn(notes, today); err != nil {
		return fmt.Errorf("learn from the postings: %w", err)
	}
	return nil
}

// Work takes no items: this way has none of its own.
func (w *Way) Work(context.Context, runner.Case) (bool, error) { return false, nil }

// today is the day in Denmark.
func (w *Way) today() (patterns.Day, error) {
	zone, err := schedules.Copenhagen()
	if err != nil {
		return 0, err
	}
	return dayIn(w.clock.Now().In(zone)), nil
}

// dayIn is the date that a time has where it is.
func dayIn(t time.Time) patterns.Day {
	return patterns.Day(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// learn makes a new model if its source is another than that of the one there is.
func (w *Way) learn(notes []note, today patterns.Day) error {
	source, err := w.source(notes, today)
	if err != nil {
		return err
	}
	if m, _, err := w.model(); err == nil && m.Source == source {
		return nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, patterns.ErrForm) {
		return err
	}
	open, err := readChart(w.settings.Chart)
	if err != nil {
		return err
	}
	postings, err := readHistory(w.settings)
	if err != nil {
		return err
	}
	m := patterns.Learn(w.settings.Learn, taught(postings, notes, open), answers(notes), today)
	m.Source = source
	return w.save(m)
}

// source is a digest of all that a model is learnt from.
func (w *Way) source(notes []note, today patterns.Day) (string, error) {
	files, err := historyFiles(w.settings.History)
	if err != nil {
		return "", err
	}
	digest, err := digestOf(append(files, w.settings.Chart))
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(struct {
		Files    string
		Settings patterns.Settings
		Columns  Columns
		Basis    string
		Delay    patterns.Day
		Notes    []note
		Today    patterns.Day
	}{digest, w.settings.Learn, w.settings.Columns, string(w.settings.Basis), w.settings.Delay, notes, today})
	if err != nil {
		return "", fmt.Errorf("encode what is learnt from: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// taught are the postings to learn from: those on accounts that are open, with what
// the robot itself knows of and has not been delivered yet. A posting that is
// otherwise than the robot had coded or proposed is a correction.
func taught(postings []patterns.Posting, notes []note, open chart) []patterns.Posting {
	proposed := map[bill]note{}
	for _, n := range notes {
		if n.Posted != nil {
			proposed[bill{n.Posted.Supplier, n.Posted.Number}] = n
		}
	}
	var all []patterns.Posting
	take := func(p patterns.Posting) {
		if p.Label == patterns.Split || open.open(p.Label) {
			all = append(all, p)
		}
	}
	for _, p := range postings {
		key := bill{p.Supplier, p.Number}
		if n, ok := proposed[key]; ok {
			p.Corrects = n.Pair.Label != "" && n.Pair.Label != p.Label
			delete(proposed, key)
		}
		take(p)
	}
	for _, n := range notes {
		if n.Posted == nil {
			continue
		}
		if left, ok := proposed[bill{n.Posted.Supplier, n.Posted.Number}]; ok && left.Item == n.Item {
			p := *n.Posted
			p.Corrects = n.Pair.Label != "" && n.Pair.Label != p.Label
			take(p)
		}
	}
	return all
}

// answers are what people answered in the day's checks.
func answers(notes []note) (all []patterns.Answer) {
	for _, n := range notes {
		if n.answered() {
			all = append(all, patterns.Answer{Day: n.Posted.Known, Pair: n.Pair, Right: n.right()})
		}
	}
	return all
}

// save writes the model beside the old one, and puts it in its place.
func (w *Way) save(m *patterns.Model) error {
	tmp, err := os.CreateTemp(filepath.Dir(w.settings.State), ".moenster-*.tmp")
	if err != nil {
		return fmt.Errorf("store what was learnt: %w", err)
	}
	defer os.Remove(tmp.Name()) // gone already where the rename succeeded
	digest, err := m.Save(tmp)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), w.settings.State)
	}
	if err != nil {
		return fmt.Errorf("store what was learnt: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.known, w.digest = m, digest
	return nil
}

// model is what has been learnt, and its digest. It is read from its file once.
func (w *Way) model() (m *patterns.Model, digest string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.known != nil {
		return w.known, w.digest, nil
	}
	f, err := os.Open(w.settings.State)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	if m, digest, err = patterns.Load(f); err != nil {
		return nil, "", fmt.Errorf("%s: %w", w.settings.State, err)
	}
	w.known, w.digest = m, digest
	return m, digest, nil
}
