package access

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
	"strings"
	"unicode/utf8"

	"byskriver/robots/access/report"
	"byskriver/robots/access/review"
	"byskriver/runner"
	"byskriver/schedules"
)

// evidence writes what inspectors ask for: a workbook and a page to print for each run
// and unit. One is written anew when something in it has changed.
func (r *Robot) evidence(ctx context.Context, _ runner.Finder) error {
	if r.settings.Reports == "" {
		return nil
	}
	sources, err := r.sources(ctx)
	if err != nil {
		return err
	}
	for name, s := range sources {
		if err := r.writeEvidence(ctx, name, report.Make(s)); err != nil {
			return fmt.Errorf("write the evidence of %s: %w", s.Run, err)
		}
	}
	return r.oldEvidence()
}

// sources are what the reports are made of, by the file's name without its ending.
func (r *Robot) sources(ctx context.Context) (map[string]report.Source, error) {
	heads, err := all[head](ctx, r.books, inHeads)
	if err != nil {
		return nil, err
	}
	removals, err := all[review.Removal](ctx, r.books, inRemovals)
	if err != nil {
		return nil, err
	}
	of := map[string][]review.Removal{}
	for _, x := range removals {
		of[x.Package] = append(of[x.Package], x)
	}
	memory, err := r.books.remembered(ctx)
	if err != nil {
		return nil, err
	}
	reviewed := map[string]schedules.Date{}
	for id, m := range memory {
		reviewed[id] = m.Reviewed
	}
	sources := map[string]report.Source{}
	for id := range heads {
		h, ok, err := r.books.pack(ctx, id)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		answers, _, err := get[review.Answers](ctx, r.books, inAnswers+id)
		if err != nil {
			return nil, err
		}
		name := filepath.Join(h.Run, fileName(h.Unit))
		s, ok := sources[name]
		if !ok {
			s = report.Source{Run: h.Run, Unit: h.Unit, Today: r.today(), Zone: r.zone, Reviewed: reviewed}
		}
		s.Packs = append(s.Packs, report.Pack{Package: h.Package, Last: h.due(), Item: h.Item, Answers: answers, Removals: of[id]})
		sources[name] = s
	}
	return sources, nil
}

// longestName is the longest name of a file, in bytes, before its ending: disks take 255.
const longestName = 120

// fileName is a unit's name as a file's. A long one, such as that of many units together,
// is cut and told from others by its digest.
func fileName(unit string) string {
	safe := strings.Map(func(c rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, c) || c < ' ' {
			return '-'
		}
		return c
	}, strings.TrimSpace(unit))
	if safe = strings.TrimLeft(safe, "."); safe == "" {
		return "uden enhed"
	}
	if len(safe) <= longestName {
		return safe
	}
	sum := sha256.Sum256([]byte(unit))
	cut := longestName
	for !utf8.RuneStart(safe[cut]) {
		cut--
	}
	return safe[:cut] + "-" + hex.EncodeToString(sum[:4])
}

// writeEvidence writes one report, unless it stands there as it is.
func (r *Robot) writeEvidence(ctx context.Context, name string, made report.Report) error {
	told := made
	told.Made = schedules.Date{} // another day alone is no news
	data, err := json.Marshal(told)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	digest := hex.EncodeToString(sum[:])
	place := sha256.Sum256([]byte(name)) // a unit of few people is personal
	key := inReports + hex.EncodeToString(place[:16])
	before, _, err := get[string](ctx, r.books, key)
	path := filepath.Join(r.settings.Reports, name)
	_, missing := os.Stat(path + ".xlsx")
	if err != nil || before == digest && missing == nil {
		return err
	}
	sheet, err := made.Workbook()
	if err != nil {
		return err
	}
	page, err := made.Page()
	if err != nil {
		return err
	}
	if err := errors.Join(replace(path+".xlsx", sheet), replace(path+".html", page)); err != nil {
		return err
	}
	return r.books.put(ctx, key, digest)
}

// replace writes a file so that it is there whole or as it was before.
func replace(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	temp := path + ".tmp"
	if err := os.WriteFile(temp, data, 0o640); err != nil {
		return err
	}
	return os.Rename(temp, path)
}

// oldEvidence deletes the folders of runs that have been kept as long as they may.
func (r *Robot) oldEvidence() error {
	entries, err := os.ReadDir(r.settings.Reports)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	last := review.MonthOf(r.today()) - review.Month(r.settings.Policy.Keep)
	for _, e := range entries {
		day, err := schedules.ParseDate(e.Name() + "-01")
		if err == nil && e.IsDir() && review.MonthOf(day) < last {
			if err := os.RemoveAll(filepath.Join(r.settings.Reports, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
