package reading

import (
	"bufio"
	"bytes"
	"io"
	"regexp"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// peeked is how many bytes are looked at to tell the encoding.
const peeked = 512

// single are the encodings with one byte a character that are read, by the names
// that an XML declaration gives them. UTF-8 and UTF-16 are read besides.
var single = map[string]encoding.Encoding{
	"iso-8859-1":   charmap.ISO8859_1,
	"iso8859-1":    charmap.ISO8859_1,
	"iso_8859-1":   charmap.ISO8859_1,
	"latin1":       charmap.ISO8859_1,
	"iso-8859-15":  charmap.ISO8859_15,
	"windows-1252": charmap.Windows1252,
	"cp1252":       charmap.Windows1252,
	"us-ascii":     charmap.ISO8859_1,
	"ascii":        charmap.ISO8859_1,
}

var declared = regexp.MustCompile(`^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)

// utf8Reader gives the bytes of a file as UTF-8. A byte order mark decides before
// the XML declaration. ok is false, with the encoding's name, if it is one that is
// not read.
func utf8Reader(in *bufio.Reader) (r io.Reader, name string, ok bool) {
	head, _ := in.Peek(peeked)
	switch {
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		in.Discard(3)
		return in, "UTF-8", true
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE, 0, 0}), bytes.HasPrefix(head, []byte{0, 0, 0xFE, 0xFF}):
		return nil, "UTF-32", false
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}), bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return decode(in, unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM)), "UTF-16", true
	case bytes.HasPrefix(head, []byte{'<', 0}):
		return decode(in, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)), "UTF-16", true
	case bytes.HasPrefix(head, []byte{0, '<'}):
		return decode(in, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)), "UTF-16", true
	}
	m := declared.FindSubmatch(head)
	if m == nil {
		return in, "UTF-8", true
	}
	name = string(m[1])
	switch lower := strings.ToLower(name); lower {
	case "utf-8", "utf8":
		return in, name, true
	default:
		enc, known := single[lower]
		if !known {
			return nil, name, false
		}
		return decode(in, enc), name, true
	}
}

func decode(in io.Reader, enc encoding.Encoding) io.Reader {
	return transform.NewReader(in, enc.NewDecoder())
}
