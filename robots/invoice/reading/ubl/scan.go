package ubl

import (
	"bytes"
	"io"
	"strconv"
	"unicode/utf8"
)

// atEnd is true where the reader came to its end, and did not fail.
func (p *parser) atEnd() bool { return p.src.err == io.EOF }

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// nameByte is true for what a name may hold; of letters outside ASCII the rules of
// XML are not asked, since UBL has none.
func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == ':' || c == '_' || c == '-' || c == '.' || c >= utf8.RuneSelf
}

func nameStart(c byte) bool { return nameByte(c) && c != '-' && c != '.' && (c < '0' || c > '9') }

// spaces passes over white space and reports whether there was any.
func (p *parser) spaces() bool {
	any := false
	for {
		if c, ok := p.src.peek(); !ok || !isSpace(c) {
			return any
		}
		if _, ok := p.src.next(); !ok {
			return any
		}
		any = true
	}
}

// nameBytes is nameByte as a table.
var nameBytes = func() (t [256]bool) {
	for c := range t {
		t[c] = nameByte(byte(c))
	}
	return t
}()

// name takes a name into p.raw.
func (p *parser) name() error {
	p.raw = p.raw[:0]
	high, colons := false, 0
	for {
		chunk := p.src.chunk()
		if chunk == nil {
			return p.ended()
		}
		i := 0
		for i < len(chunk) && nameBytes[chunk[i]] {
			high = high || chunk[i] >= utf8.RuneSelf
			if chunk[i] == ':' {
				colons++
			}
			i++
		}
		if !p.src.take(i, 0) {
			return p.ended()
		}
		p.raw = append(p.raw, chunk[:i]...)
		if i < len(chunk) {
			break
		}
	}
	if len(p.raw) == 0 || !nameStart(p.raw[0]) || colons > 1 || p.raw[0] == ':' || p.raw[len(p.raw)-1] == ':' {
		return p.broken("a name")
	}
	if high && !utf8.Valid(p.raw) {
		return p.fault(Encoding, nil)
	}
	return nil
}

// want takes the byte c.
func (p *parser) want(c byte) error {
	got, ok := p.src.next()
	if !ok {
		return p.ended()
	}
	if got != c {
		return p.broken(strconv.QuoteRune(rune(c)))
	}
	return nil
}

// through takes everything up to and with the mark, and gives what was before it.
func (p *parser) through(mark string) ([]byte, error) {
	p.raw = p.raw[:0]
	for {
		c, ok := p.src.next()
		if !ok {
			return nil, p.ended()
		}
		p.raw = append(p.raw, c)
		if c == mark[len(mark)-1] && bytes.HasSuffix(p.raw, []byte(mark)) {
			return p.raw[:len(p.raw)-len(mark)], nil
		}
	}
}

// plain is true for bytes of text that need no thought.
func plain(c byte) bool {
	return c >= ' ' && c != '<' && c != '&' && c != '>' || c == '\t' || c == '\n'
}

// chars takes text up to the next '<' into p.text.
func (p *parser) chars() error {
	run := len(p.text)
	for {
		chunk := p.src.chunk()
		if chunk == nil {
			return nil
		}
		i, lines := 0, int32(0)
		for i < len(chunk) && plain(chunk[i]) {
			if chunk[i] == '\n' {
				lines++
			}
			i++
		}
		if len(p.text)+i > p.lim.Token || !p.src.take(i, lines) {
			return p.fault(TooLong, nil)
		}
		p.text = append(p.text, chunk[:i]...)
		if i == len(chunk) {
			continue
		}
		if chunk[i] == '<' {
			return nil
		}
		if err := p.special(run); err != nil {
			return err
		}
	}
}

// special takes one byte of text that is not plain; the text's run began at the
// given place.
func (p *parser) special(run int) error {
	c, ok := p.src.next()
	switch {
	case !ok:
		return p.ended()
	case c == '&':
		return p.entity(&p.text)
	case c == '\r':
		p.lineEnd(&p.text)
	case c == '>' && len(p.text)-run >= 2 && bytes.HasSuffix(p.text, []byte("]]")):
		return p.broken("no ]]> in a text")
	case c < ' ':
		return p.broken("no control character")
	default:
		p.text = append(p.text, c)
	}
	return nil
}

// lineEnd writes "\r\n" and "\r" as one line end.
func (p *parser) lineEnd(to *[]byte) {
	if c, ok := p.src.peek(); ok && c == '\n' {
		p.src.next()
	}
	*to = append(*to, '\n')
}

// entities are the five that XML knows without a document type.
var entities = map[string]byte{"amp": '&', "lt": '<', "gt": '>', "quot": '"', "apos": '\''}

// entity takes what comes after '&' and writes what it stands for.
func (p *parser) entity(to *[]byte) error {
	var name [12]byte
	n := 0
	for {
		c, ok := p.src.next()
		if !ok {
			return p.ended()
		}
		if c == ';' {
			break
		}
		if n == len(name) || !nameByte(c) && c != '#' {
			return p.broken("an entity")
		}
		name[n] = c
		n++
	}
	s := string(name[:n])
	if c, ok := entities[s]; ok {
		*to = append(*to, c)
		return nil
	}
	if len(s) < 2 || s[0] != '#' {
		return p.broken("an entity that XML knows")
	}
	base, digits := 10, s[1:]
	if digits[0] == 'x' {
		base, digits = 16, digits[1:]
	}
	r, err := strconv.ParseUint(digits, base, 32)
	if err != nil || !character(rune(r)) {
		return p.broken("a character")
	}
	*to = utf8.AppendRune(*to, rune(r))
	return nil
}

// character is true for what XML allows.
func character(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= utf8.MaxRune
}

// valid is true for bytes that are UTF-8 and hold no character that XML forbids.
// Control characters below the blank were seen before.
func (p *parser) valid(b []byte) error {
	high := false
	for _, c := range b {
		high = high || c >= utf8.RuneSelf
	}
	switch {
	case !high:
		return nil
	case !utf8.Valid(b):
		return p.fault(Encoding, nil)
	case bytes.Contains(b, []byte("\uFFFE")) || bytes.Contains(b, []byte("\uFFFF")):
		return p.broken("no such character")
	}
	return nil
}

// quoted takes an attribute's value into p.value.
func (p *parser) quoted() error {
	p.value = p.value[:0]
	quote, ok := p.src.next()
	if !ok {
		return p.ended()
	}
	if quote != '"' && quote != '\'' {
		return p.broken("a quote")
	}
	for {
		c, ok := p.src.next()
		switch {
		case !ok:
			return p.ended()
		case c == quote:
			return p.valid(p.value)
		case c == '&':
			if err := p.entity(&p.value); err != nil {
				return err
			}
		case c == '\r':
			p.lineEnd(&p.value)
			p.value[len(p.value)-1] = ' '
		case c == '\n' || c == '\t':
			p.value = append(p.value, ' ')
		case c < ' ' || c == '<':
			return p.broken("a value without < and control characters")
		default:
			p.value = append(p.value, c)
		}
	}
}
