// Package digitalpost takes what comes to the municipality as Digital Post: messages
// in the form MeMo (digitaliser.dk, "MeMo"), which the municipality's post distributor
// hands to one system each (SF1606, PostModtag), or which lie in a folder.
package digitalpost

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
)

// namespace is MeMo's, the same for versions 1.1 and 1.2.
const namespace = "https://DigitalPost.dk/MeMo-1"

// Message is what is read of a message.
type Message struct {
	ID      string // messageUUID, in small letters
	Subject string // the header's label
	Sender  string // the sender's id, such as a CVR number
	Created time.Time
	Files   []File // of the main document, those beside it, and whatever else has some
}

// File is one file of a message.
type File struct {
	Name string
	Type string // encodingFormat, such as application/pdf
	Data []byte
}

// ErrMessage says that something is no message that can be read.
var ErrMessage = errors.New("no MeMo message that can be read")

type memo struct {
	XMLName xml.Name `xml:"https://DigitalPost.dk/MeMo-1 Message"`
	Header  struct {
		UUID   string `xml:"messageUUID"`
		Label  string `xml:"label"`
		Sender struct {
			ID string `xml:"senderID"`
		} `xml:"Sender"`
	} `xml:"MessageHeader"`
	Body struct {
		Created string     `xml:"createdDateTime"`
		Main    []document `xml:"MainDocument"`
		More    []document `xml:"AdditionalDocument"`
		Else    []document `xml:",any"` // whatever else there is, for the files in it: none may go unseen
	} `xml:"MessageBody"`
}

type document struct {
	Files []struct {
		Type    string `xml:"encodingFormat"`
		Name    string `xml:"filename"`
		Content string `xml:"content"`
	} `xml:"File"`
}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// IsID reports whether a text is a message's id.
func IsID(text string) bool { return uuid.MatchString(text) }

// Parse reads a message. Its error, which joins ErrMessage, holds nothing of what
// the message says.
func Parse(data []byte) (Message, error) {
	var m memo
	d := xml.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&m); err != nil {
		return Message{}, fmt.Errorf("%w: it is not XML in the namespace %s", ErrMessage, namespace)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) && !blank(d) {
		return Message{}, fmt.Errorf("%w: something follows after its end", ErrMessage)
	}
	out := Message{ID: strings.ToLower(strings.TrimSpace(m.Header.UUID)), Subject: strings.TrimSpace(m.Header.Label), Sender: strings.TrimSpace(m.Header.Sender.ID)}
	if !uuid.MatchString(out.ID) {
		return Message{}, fmt.Errorf("%w: messageUUID is missing or is none", ErrMessage)
	}
	// A message without a time is still a message: nothing is decided by it.
	out.Created, _ = time.Parse(time.RFC3339, strings.TrimSpace(m.Body.Created))
	for _, doc := range slices.Concat(m.Body.Main, m.Body.More, m.Body.Else) {
		for _, f := range doc.Files {
			content, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(f.Content), ""))
			if err != nil {
				return Message{}, fmt.Errorf("%w: a file's content is not base64", ErrMessage)
			}
			out.Files = append(out.Files, File{Name: strings.TrimSpace(f.Name), Type: strings.TrimSpace(f.Type), Data: content})
		}
	}
	return out, nil
}

// blank reports whether nothing but blanks and comments is left.
func blank(d *xml.Decoder) bool {
	for {
		switch t, err := d.Token(); v := t.(type) {
		case xml.CharData:
			if len(bytes.TrimSpace(v)) > 0 {
				return false
			}
		case xml.Comment:
		default:
			return errors.Is(err, io.EOF)
		}
	}
}

// PDFs are the message's files that say they are PDF, or begin as one.
func (m Message) PDFs() []File {
	var all []File
	for _, f := range m.Files {
		if strings.EqualFold(f.Type, "application/pdf") || strings.HasSuffix(strings.ToLower(f.Name), ".pdf") || bytes.HasPrefix(f.Data, []byte("%PDF-")) {
			all = append(all, f)
		}
	}
	return all
}
