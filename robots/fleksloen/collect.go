package fleksloen

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"byskriver/robots/fleksloen/obsliste"
	"byskriver/robots/internal/eindkomst"
	"byskriver/runner"
)

// Collect reports the month's cases, but for those on the obsliste. Where the
// obsliste is damaged or the year lacks a rate the run stops before it begins:
// nobody is looked up and nothing is set.
func (r *Robot) Collect(ctx context.Context, found runner.Finder) error {
	month := r.subsidyMonth()
	if err := r.ready(month); err != nil {
		return err
	}
	watch, err := r.watch(month)
	if err != nil {
		return err
	}
	cases, err := r.benefits.Cases(ctx)
	if err != nil {
		return fmt.Errorf("list the cases: %w", err)
	}
	for _, l := range cases {
		if watch[l.CPR] != "" {
			continue
		}
		content, err := json.Marshal(Content{Case: l.Case, CPR: l.CPR, Month: month})
		if err != nil {
			return fmt.Errorf("record case %s: %w", l.Case, err)
		}
		_, err = found(runner.Found{Key: l.Case + "/" + month.String(), Content: content, Label: l.Case, Source: "Ydelsessystemet, " + month.String(), Area: "Fleksløn"})
		if err != nil {
			return err
		}
	}
	return nil
}

// subsidyMonth is the month that is worked on.
func (r *Robot) subsidyMonth() eindkomst.Month {
	if !r.settings.Month.IsZero() {
		return r.settings.Month
	}
	return eindkomst.MonthOf(r.today(r.clock.Now()))
}

// ready is an error where the municipality's own files do not let the run begin.
func (r *Robot) ready(month eindkomst.Month) error {
	_, rateErr := r.settings.Rates.For(month.Year)
	_, watchErr := r.watch(month)
	return errors.Join(rateErr, watchErr)
}

// watch is the obsliste of a month: why, by CPR number. It is read anew each time,
// so that a citizen who is put on it while the robot works is left alone.
func (r *Robot) watch(month eindkomst.Month) (map[string]string, error) {
	data, err := os.ReadFile(r.settings.Watch)
	if err != nil {
		return nil, fmt.Errorf("%s: obslisten kan ikke læses; intet er beregnet: %w", codeWatch, err)
	}
	list, err := obsliste.Read(r.settings.Watch, data)
	if err != nil {
		return nil, fmt.Errorf("%s: obslisten skal rettes, før robotten kan køre; intet er beregnet:\n%w", codeWatch, err)
	}
	return list.In(month.First(), month.Last()), nil
}

// codeWatch is the word for an obsliste that cannot be used.
const codeWatch = "OBSLISTE-FEJL"
