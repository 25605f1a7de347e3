package bypattern

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"byskriver/robots/invoice/coding"
	"byskriver/robots/invoice/patterns"
	"byskriver/robots/invoice/plans"
)

// historyFiles are the postings' files, by name.
func historyFiles(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("list the postings: %w", err)
	}
	var all []string
	for _, e := range entries {
		name := e.Name()
		end := strings.ToLower(filepath.Ext(name))
		if e.Type().IsRegular() && !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "~$") && (end == ".csv" || end == ".xlsx") {
			all = append(all, filepath.Join(folder, name))
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("there are no postings in %s: neither .csv nor .xlsx", folder)
	}
	return all, nil
}

// digestOf is the SHA-256, in hex, of files, one after another.
func digestOf(files []string) (string, error) {
	sum := sha256.New()
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s\n", filepath.Base(name))
		_, err = io.Copy(sum, f)
		if err = errors.Join(err, f.Close()); err != nil {
			return "", fmt.Errorf("read %s: %w", name, err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// bill tells one invoice from another.
type bill struct{ supplier, number string }

// history are the postings by invoice. An invoice that was coded in several places
// is one posting, of patterns.Split.
type history struct {
	settings Settings
	at       map[bill]int
	all      []patterns.Posting
	sums     map[int]map[string]int64 // of invoices with several lines, by place in all and coding: øre
	wrong    []error
}

// mostWrong is how many broken lines are told of.
const mostWrong = 20

// readHistory reads the postings. The error joins what is wrong, each with file and
// line; broken lines are not learnt from.
func readHistory(s Settings) ([]patterns.Posting, error) {
	files, err := historyFiles(s.History)
	if err != nil {
		return nil, err
	}
	h := &history{settings: s, at: map[bill]int{}, sums: map[int]map[string]int64{}}
	c := s.Columns
	for _, f := range files {
		must := []string{c.Supplier, c.Number, c.Amount, c.Account, c.VATCode, c.Posted}
		if err := readTable(f, must, h.add); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(h.all, func(a, b patterns.Posting) int {
		return cmp.Or(cmp.Compare(a.Known, b.Known), cmp.Compare(a.Supplier, b.Supplier), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Ore, b.Ore))
	})
	if len(h.wrong) > mostWrong {
		h.wrong = append(h.wrong[:mostWrong], fmt.Errorf("%d further lines cannot be read", len(h.wrong)-mostWrong))
	}
	return h.all, errors.Join(h.wrong...)
}

// add takes in one line of a posting.
func (h *history) add(r row) error {
	c := h.settings.Columns
	p := patterns.Posting{Facts: patterns.Facts{Supplier: r.get(c.Supplier), Name: r.get(c.Name), Origin: r.get(c.Unit), Number: r.get(c.Number),
		Order: r.get(c.Order), Contract: r.get(c.Contract), Reference: r.get(c.Reference), Accounting: r.get(c.Accounting)}}
	if t := r.get(c.Text); t != "" {
		p.Texts = []string{t}
	}
	var wrong [3]error
	p.Ore, wrong[0] = oreOf(r.get(c.Amount))
	p.Known, wrong[1] = dayOf(r.get(c.Posted))
	p.Arrived = p.Known - h.settings.Delay
	if day := r.get(c.Arrived); day != "" {
		p.Arrived, wrong[2] = dayOf(day)
	}
	coded := coding.Coding{Account: r.get(c.Account), PSP: r.get(c.PSP), CostCentre: r.get(c.CostCentre), VATCode: r.get(c.VATCode)}
	p.Label = labelOf(coded, h.settings.Basis)
	err := errors.Join(wrong[:]...)
	if _, bad := parseLabel(p.Label); err == nil && bad != nil {
		err = bad
	}
	if err == nil && (p.Supplier == "" || p.Number == "") {
		err = errors.New("the supplier's or the invoice's number is missing")
	}
	if err != nil {
		h.wrong = append(h.wrong, fmt.Errorf("%s: %s", r.at, strings.ReplaceAll(err.Error(), "\n", "; ")))
		return nil
	}
	p.Arrived = min(p.Arrived, p.Known)
	h.merge(p)
	return nil
}

// merge puts the lines of one invoice together. What was coded and taken back again
// does not count.
func (h *history) merge(p patterns.Posting) {
	key := bill{p.Supplier, p.Number}
	i, ok := h.at[key]
	if !ok {
		h.at[key] = len(h.all)
		h.all = append(h.all, p)
		return
	}
	was := &h.all[i]
	if h.sums[i] == nil {
		h.sums[i] = map[string]int64{was.Label: was.Ore}
	}
	h.sums[i][p.Label] += p.Ore
	was.Label = ""
	for label, ore := range h.sums[i] {
		switch {
		case ore == 0:
		case was.Label == "":
			was.Label = label
		default:
			was.Label = patterns.Split
		}
	}
	was.Ore += p.Ore
	was.Known = max(was.Known, p.Known)
	if was.Label == "" { // all of it taken back
		was.Label = patterns.Split
	}
	was.Texts = append(was.Texts, p.Texts...)
}

// Posted are the postings as payment plans are proposed from.
func (w *Way) Posted() ([]plans.Posted, error) {
	postings, err := readHistory(w.settings)
	if err != nil {
		return nil, err
	}
	all := make([]plans.Posted, 0, len(postings))
	for _, p := range postings {
		one := plans.Posted{Supplier: p.Name, CVR: p.Supplier, EAN: p.Origin, On: plans.DateOf(time.Unix(int64(p.Arrived)*86400, 0).UTC()),
			Amount: decimal.New(p.Ore, -2), Basis: w.settings.Basis}
		if c, err := parseLabel(p.Label); err == nil {
			one.Account = plans.Account{Account: c.Account, PSP: c.PSP, CostCentre: c.CostCentre, VATCode: c.VATCode}
		}
		all = append(all, one)
	}
	return all, nil
}
