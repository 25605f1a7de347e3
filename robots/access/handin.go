package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"byskriver/robots/access/review"
	"byskriver/robots/access/sheet"
	"byskriver/runner"
)

// inSheetKey is the drawer's entry with the key of the sheets' codes.
const inSheetKey = "arknoegle"

// sheetKey is the key of the sheets' codes, drawn once.
func (r *Robot) sheetKey(ctx context.Context) ([]byte, error) {
	key, ok, err := get[[]byte](ctx, r.books, inSheetKey)
	if err != nil || ok {
		return key, err
	}
	key = make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("draw the key of the sheets: %w", err)
	}
	return key, r.books.put(ctx, inSheetKey, key)
}

// sheets lays each open package whose reviewer cannot use the page ready as a workbook,
// in a folder of his own name; one that is there stays. What is not open goes.
func (r *Robot) sheets(ctx context.Context, _ runner.Finder) error {
	if r.settings.Sheets == "" || len(r.settings.BySheet) == 0 {
		return nil
	}
	key, err := r.sheetKey(ctx)
	if err != nil {
		return err
	}
	heads, err := all[head](ctx, r.books, inHeads)
	if err != nil {
		return err
	}
	for id, h := range heads {
		for _, login := range r.settings.BySheet {
			for _, v := range h.Reviewers {
				if !review.SameLogin(v.Login, login) {
					continue
				}
				if err := r.laySheet(ctx, id, filepath.Join(r.settings.Sheets, fileName(login), "pakke-"+id+".xlsx"), h.State == review.Open, key); err != nil {
					return fmt.Errorf("lay the sheet of package %s: %w", id, err)
				}
			}
		}
	}
	return nil
}

func (r *Robot) laySheet(ctx context.Context, id, path string, open bool, key []byte) error {
	_, err := os.Stat(path)
	switch {
	case err == nil && !open:
		return os.Remove(path)
	case err == nil || !open:
		return nil
	case !errors.Is(err, os.ErrNotExist):
		return err
	}
	h, ok, err := r.books.pack(ctx, id)
	if err != nil || !ok {
		return err
	}
	answers, _, err := get[review.Answers](ctx, r.books, inAnswers+id)
	if err != nil {
		return err
	}
	h.Due = h.due()
	data, err := sheet.Write(h.Package, answers, key)
	if err != nil {
		return err
	}
	return replace(path, data)
}

// handed is a workbook as it was handed in.
type handed struct {
	Login  string       `json:"login"`
	Person string       `json:"person"`
	Sheet  sheet.Filled `json:"sheet"`
}

// HandIn receives a package's workbook from a person, as the configuration names him.
// The answers are taken at the next run, by the one program that has the desk. The lines
// are for the person; the error is about the program, not about what was handed in.
func (r *Robot) HandIn(ctx context.Context, person string, data []byte) (lines []string, err error) {
	login, ok := r.settings.BySheet[person]
	if !ok {
		return []string{person + " er ikke blandt dem, der svarer i ark (robots.access.by_sheet)."}, nil
	}
	key, err := r.sheetKey(ctx)
	if err != nil {
		return nil, err
	}
	filled, err := sheet.Read(data, key)
	var bad sheet.Bad
	if errors.As(err, &bad) {
		return []string{string(bad)}, nil
	}
	if err != nil {
		return nil, err
	}
	if _, ok, err := get[head](ctx, r.books, inHeads+filled.Package); err != nil || !ok {
		return []string{"Pakken " + filled.Package + " findes ikke, eller den er slettet."}, err
	}
	sum := sha256.Sum256(data)
	name := inSheets + filled.Package + "/" + hex.EncodeToString(sum[:8])
	if err := r.books.put(ctx, name, handed{login, person, filled}); err != nil {
		return nil, err
	}
	return append(rows(filled.Refused), fmt.Sprintf("pakke %s: %d svar modtaget. De tages ved robottens næste kørsel; hvad der blev taget, står i mappen med arket.", filled.Package, len(filled.Answers))), nil
}

func rows(refused []sheet.Refused) (lines []string) {
	for _, x := range refused {
		lines = append(lines, fmt.Sprintf("ikke taget: række %d: %s", x.Row, x.Text))
	}
	return lines
}

// takeSheets takes the workbooks that were handed in, each row by itself, and lays what
// came of them beside the workbook. While the municipality names no folder they wait:
// whoever filled them in would not learn which rows were refused.
func (r *Robot) takeSheets(ctx context.Context, _ runner.Finder) error {
	if r.settings.Sheets == "" {
		return nil
	}
	list, err := all[handed](ctx, r.books, inSheets)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(list)) {
		in := list[name]
		lines, err := r.takeSheet(ctx, in)
		if err != nil {
			return fmt.Errorf("take the sheet of package %s: %w", in.Sheet.Package, err)
		}
		path := filepath.Join(r.settings.Sheets, fileName(in.Login), "pakke-"+fileName(in.Sheet.Package)+"-svar.txt")
		text := strings.Join(append([]string{"Taget " + r.clock.Now().In(r.zone).Format("02-01-2006 15.04")}, lines...), "\r\n") + "\r\n"
		if err := replace(path, []byte(text)); err != nil {
			return err
		}
		if err := r.books.clear(ctx, inSheets+name, "arket er taget"); err != nil {
			return err
		}
	}
	return nil
}

func (r *Robot) takeSheet(ctx context.Context, in handed) (lines []string, err error) {
	desk := r.Desk()
	me, _, ok, err := desk.Employee(ctx, in.Login)
	if err != nil || !ok {
		return []string{fmt.Sprintf("%s (%s) findes ikke i kataloget over ansatte. Intet er taget.", in.Person, in.Login)}, err
	}
	refused, taken := in.Sheet.Refused, 0
	for _, a := range in.Sheet.Answers {
		text, err := told(desk.Save(ctx, me.ID, in.Sheet.Package, []review.Answer{a.Answer}))
		if err != nil {
			return nil, err
		}
		if text == "" {
			taken++
			continue
		}
		refused = append(refused, sheet.Refused{Row: a.Row, Text: text})
	}
	lines = append(rows(refused), fmt.Sprintf("pakke %s: %d svar taget, %d rækker ikke taget", in.Sheet.Package, taken, len(refused)))
	if !in.Sheet.Send || len(refused) > 0 {
		return lines, nil
	}
	text, err := told(desk.Send(ctx, me.ID, in.Sheet.Package))
	if text == "" {
		text = "Pakken er sendt ind."
	}
	return append(lines, text), err
}

// told is what the desk tells the person; any other error is returned.
func told(err error) (string, error) {
	var text review.Said
	switch {
	case errors.As(err, &text):
		return string(text), nil
	case errors.Is(err, review.ErrNotYours):
		return "Pakken er ikke din at besvare, eller den findes ikke.", nil
	}
	return "", err
}
