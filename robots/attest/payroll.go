package attest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"byskriver/robots/internal/digitalpost"
	"byskriver/runner"
)

// CheckDecision makes sure, while a workbook is read, that Værdi names an order
// where it must.
func (r *Robot) CheckDecision(_ runner.Item, d runner.Decision) error {
	if d.Action != actionApprove && d.Action != actionReject || d.Value == "" {
		return nil
	}
	_, _, err := parseOrder(d.Value)
	return err
}

// parseOrder reads an order and type from Værdi, such as B-17 boerneattest.
func parseOrder(value string) (order, typ string, err error) {
	words := strings.Fields(value)
	if len(words) != 2 {
		return "", "", errors.New("skriv bestillingens nummer og attestens kode i Værdi, for eksempel: B-17 boerneattest")
	}
	return words[0], words[1], nil
}

// decidedAnswer carries out what the payroll office has decided about an answer.
func (r *Robot) decidedAnswer(ctx context.Context, c runner.Case, name string, rec record, d runner.Decision) error {
	switch d.Action {
	case actionHandOut:
		return r.handOut(ctx, c, name, rec)
	case actionApprove, actionReject:
	default:
		return fmt.Errorf("the decision %q about an answer is not known", d.Action)
	}
	how := endApproved
	if d.Action == actionReject {
		how = endRejected
	}
	if rec.Name == "" {
		order, typ, err := parseOrder(d.Value)
		if err != nil {
			return runner.Refuse("ATTEST-VÆRDI", "Værdi siger ikke, hvilken bestilling svaret hører til: "+err.Error()+".", "", choices(false)...)
		}
		var ok bool
		if rec, ok = r.register.get(recordName(order, typ)); !ok || rec.Phase != phaseSent {
			return runner.Refuse("ATTEST-VÆRDI", "Der er ingen bestilling »"+runner.Mask(order)+"« af »"+runner.Mask(typ)+"«, der venter på svar. Ret Værdi, eller vælg Behandlet manuelt.", "", choices(false)...)
		}
		if _, err := r.register.change(ctx, rec.Name, func(rec *record, _ map[string]record) bool {
			rec.Answer = name
			return true
		}); err != nil {
			return err
		}
	}
	c.Label(rec.Order.ID)
	if err := r.register.finish(ctx, rec.Name, how, r.today()); err != nil {
		return err
	}
	return r.forget(ctx, name, "afgjort af lønkontoret")
}

// handed is an answer that lies in the payroll office's folder.
type handed struct {
	File  string    `json:"file"`
	Until time.Time `json:"until"`
}

// handOut lays an answer into the payroll office's own folder for a short time. Who
// asked is in the decision, and whom it concerned is logged as a look-up.
func (r *Robot) handOut(ctx context.Context, c runner.Case, name string, rec record) error {
	l, ok, err := r.read(ctx, name)
	if err != nil {
		return err
	}
	if !ok {
		return runner.Refuse("ATTEST-SLETTET", "Svaret er slettet, da tiden for at gemme det er gået. Vælg, hvad lønkontoret har besluttet.", "", withManual(choices(rec.Name != ""))...)
	}
	if rec.Order.CPR != "" {
		if err := c.LookUp(ctx, runner.LookUp{Subject: rec.Order.CPR, System: "attest", Purpose: "Udlevering af svar til lønkontoret: " + runner.Mask(c.Item().Decision.Note)}); err != nil {
			return err
		}
	}
	file, data := c.Item().Number+".xml", l.Raw
	if m, err := digitalpost.Parse(l.Raw); err == nil && len(m.Files) == 1 && len(m.PDFs()) == 1 {
		file, data = c.Item().Number+".pdf", m.PDFs()[0].Data
	}
	until := r.clock.Now().Add(time.Duration(r.settings.Policy.HandedOut) * time.Hour)
	// Noted before it is there, so that it is taken away whatever happens.
	note, err := json.Marshal(handed{File: file, Until: until})
	if err != nil {
		return err
	}
	if err := r.drawer.Lay(ctx, inHandOut+strings.TrimPrefix(name, inPost), note); err != nil {
		return err
	}
	if err := r.write(filepath.Join(r.settings.HandOut, file), data); err != nil {
		return fmt.Errorf("hand an answer out: %w", err)
	}
	return runner.Refuse("ATTEST-UDLEVERET", fmt.Sprintf("Svaret ligger i lønkontorets mappe som %s indtil %s. Vælg derefter, hvad lønkontoret har besluttet.", file, until.In(r.zone).Format("02-01-2006 15:04")),
		"", choices(rec.Name != "")...)
}

// write puts a file into one of the robot's folders, whole or not at all, for its
// owner and group alone.
func (r *Robot) write(path string, data []byte) error {
	r.files.Lock()
	defer r.files.Unlock()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	temp := path + ".tmp"
	if err := os.WriteFile(temp, data, 0o640); err != nil {
		return err
	}
	return os.Rename(temp, path)
}
