package sbsys

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/go-resty/resty/v2"
)

// Case is a personnel case (personalesag).
type Case struct {
	ID     int    `json:"Id"`
	Number string `json:"Nummer"`
}

// found is a case as the search shows it.
type found struct {
	Case
	Status struct {
		State string `json:"SagsTilstand"`
	} `json:"SagsStatus"`
	Primary struct {
		CPR string `json:"CPRnummer"`
	} `json:"PrimaryPart"`
}

// Cases are the active personnel cases whose primary person has the CPR number (ten
// digits). The number goes in the request's body, since addresses are logged. A case
// of somebody else in the answer is an error: the search was not understood.
func (s *System) Cases(ctx context.Context, cpr string) ([]Case, error) {
	if len(cpr) != 10 {
		return nil, fmt.Errorf("look for a personnel case: the CPR number has %d digits and not ten", len(cpr))
	}
	number := cpr[:6] + "-" + cpr[6:]
	var all struct {
		Results *[]found `json:"Results"`
	}
	err := s.do(ctx, call{method: http.MethodPost, path: "/api/sag/search", prepare: func(r *resty.Request) {
		r.SetBody(map[string]any{"PrimaerPerson": map[string]string{"CprNummer": number}, "SagsTyper": []string{"PersonaleSag"}})
	}}, &all)
	if err != nil {
		return nil, err
	}
	if all.Results == nil {
		return nil, outage("the search's answer has no results in it", nil)
	}
	var cases []Case
	for _, f := range *all.Results {
		if f.Primary.CPR != number && f.Primary.CPR != cpr {
			return nil, fmt.Errorf("look for a personnel case: case %s in the answer is another person's", f.Number)
		}
		if slices.Contains(s.settings.Active, f.Status.State) {
			cases = append(cases, f.Case)
		}
	}
	return cases, nil
}

// Part is a sub-case (delforløb).
type Part struct {
	ID    int    `json:"Id"`
	Title string `json:"Titel"`
}

// Parts are the sub-cases of a case.
func (s *System) Parts(ctx context.Context, id int) ([]Part, error) {
	var all []Part
	err := s.do(ctx, call{method: http.MethodGet, path: fmt.Sprintf("/api/sag/%d/delforloeb", id)}, &all)
	return all, err
}

// Note is a journal note (journalarknote).
type Note struct {
	ID      int    `json:"Id"`
	Heading string `json:"Overskrift"`
	Text    string `json:"Note"`
}

// Notes are the journal notes of a case.
func (s *System) Notes(ctx context.Context, id int) ([]Note, error) {
	var all []Note
	err := s.do(ctx, call{method: http.MethodGet, path: fmt.Sprintf("/api/sag/%d/journalarknotes", id)}, &all)
	return all, err
}

// NewNote is a journal note to be added. Text is shown as HTML: escape what comes
// from elsewhere.
type NewNote struct {
	Case, Part    int // Part 0 is the case itself
	Heading, Text string
	At            time.Time
}

// AddNote adds a journal note. After an error not marked with runner.NotDone it may
// be there.
func (s *System) AddNote(ctx context.Context, n NewNote) error {
	body := map[string]any{"SagID": n.Case, "Overskrift": n.Heading, "Note": n.Text, "KontaktTidspunkt": n.At.Format(time.RFC3339)}
	if n.Part != 0 {
		body["DelforloebID"] = n.Part
	}
	return s.do(ctx, call{method: http.MethodPost, path: "/api/journalarknote/create", write: true, prepare: func(r *resty.Request) { r.SetBody(body) }}, nil)
}

// Document is a document of a case.
type Document struct {
	ID   int    `json:"Id"`
	Name string `json:"Navn"`
}

// Documents are the documents of a case.
func (s *System) Documents(ctx context.Context, id int) ([]Document, error) {
	var all []Document
	err := s.do(ctx, call{method: http.MethodGet, path: fmt.Sprintf("/api/sag/%d/dokumenter", id)}, &all)
	return all, err
}

// NewDocument is a document to be added.
type NewDocument struct {
	Case, Part int // Part 0 is the case itself
	Name       string
	File       string // the file's name, with its ending
	Data       []byte
}

// AddDocument uploads a document. It is never sent twice: after an error not marked
// with runner.NotDone it may be there, and Documents tells.
func (s *System) AddDocument(ctx context.Context, d NewDocument) error {
	meta := map[string]any{"SagID": d.Case, "DokumentNavn": d.Name}
	path := "/api/dokument/journaliser"
	if d.Part != 0 {
		path += "/delforløb"
		meta["DelforloebID"] = d.Part
	}
	about, err := json.Marshal(meta)
	if err != nil {
		return err
	}
	return s.do(ctx, call{method: http.MethodPost, path: path, write: true, prepare: func(r *resty.Request) {
		r.SetMultipartField("file", d.File, "application/pdf", bytes.NewReader(d.Data)).SetMultipartFormData(map[string]string{"json": string(about)})
	}}, nil)
}
