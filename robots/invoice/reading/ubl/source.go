package ubl

import (
	"bytes"
	"io"
)

// source hands out bytes, counts lines, and stops any token that would grow
// without bound.
type source struct {
	r     io.Reader
	buf   []byte
	at    int
	n     int
	err   error
	line  int32
	signs [kinds]int64 // what was passed over, by kind of sign
	quota int          // bytes that may still be taken before the token must end
	long  bool
}

const bufferSize = 32 << 10

// peek is the next byte, which is left; false at the end, or when the token is too
// long.
func (s *source) peek() (byte, bool) {
	if s.at == s.n && !s.fill() {
		return 0, false
	}
	return s.buf[s.at], true
}

// next takes the next byte.
func (s *source) next() (byte, bool) {
	if s.at == s.n && !s.fill() {
		return 0, false
	}
	if s.quota--; s.quota < 0 {
		s.long = true
		return 0, false
	}
	c := s.buf[s.at]
	s.at++
	if c == '\n' {
		s.line++
	}
	return c, true
}

// chunk is what is at hand, at least one byte, or nothing at the end.
func (s *source) chunk() []byte {
	if s.at == s.n && !s.fill() {
		return nil
	}
	return s.buf[s.at:s.n]
}

// take passes over bytes of the chunk, which has so many lines.
func (s *source) take(n int, lines int32) bool {
	if s.quota -= n; s.quota < 0 {
		s.long = true
		return false
	}
	s.at += n
	s.line += lines
	return true
}

// fill makes at least one byte available, or keeps the error.
func (s *source) fill() bool {
	for s.err == nil {
		s.at = 0
		if s.n, s.err = s.r.Read(s.buf); s.n > 0 {
			return true
		}
	}
	s.at, s.n = 0, 0
	return false
}

// skipText passes over text up to the next '<', which it leaves, and says how
// many bytes that were, and whether they can be base64. A character section of its
// own (CDATA) is passed over with it.
func (s *source) skipText() (left int64, base64 bool) {
	s.signs = [kinds]int64{}
	for {
		left += s.skipTo('<')
		if !s.hasPrefix("<![CDATA[") {
			return left, s.base64()
		}
		s.advance(len("<![CDATA["))
		for {
			left += s.skipTo(']')
			if s.hasPrefix("]]>") {
				s.advance(len("]]>"))
				break
			}
			if s.at == s.n && !s.fill() {
				return left, s.base64()
			}
			s.signs[other]++
			s.advance(1)
			left++
		}
	}
}

// skipTo passes over bytes up to the next c, which it leaves.
func (s *source) skipTo(c byte) int64 {
	var left int64
	for s.at < s.n || s.fill() {
		chunk := s.buf[s.at:s.n]
		i := bytes.IndexByte(chunk, c)
		if i < 0 {
			i = len(chunk)
		}
		s.line += int32(bytes.Count(chunk[:i], []byte{'\n'}))
		for _, b := range chunk[:i] {
			s.signs[kindOf[b]]++
		}
		s.at += i
		left += int64(i)
		if i < len(chunk) {
			break
		}
	}
	return left
}

// The kinds of signs in base64 (RFC 4648).
const (
	other = iota
	space
	digit
	padding
	ampersand // & begins a character reference; what it stands for is not looked at
	kinds
)

// kindOf is the kind of each byte; an immutable table.
var kindOf = func() (kind [256]byte) {
	for b := range kind {
		switch {
		case b >= 'A' && b <= 'Z', b >= 'a' && b <= 'z', b >= '0' && b <= '9', b == '+', b == '/':
			kind[b] = digit
		case b == '=':
			kind[b] = padding
		case b == ' ', b == '\t', b == '\r', b == '\n':
			kind[b] = space
		case b == '&':
			kind[b] = ampersand
		}
	}
	return kind
}()

// base64 reports whether what was counted can be base64: no other signs, groups of
// four, and at most two to fill the last group up. What has character references in
// it is not judged.
func (s *source) base64() bool {
	n := s.signs
	return n[ampersand] > 0 || n[other] == 0 && (n[digit]+n[padding])%4 == 0 && n[padding] <= 2
}

// hasPrefix reports whether the bytes to come begin with p, which is far shorter
// than the buffer.
func (s *source) hasPrefix(p string) bool {
	for s.n-s.at < len(p) && s.err == nil {
		copy(s.buf, s.buf[s.at:s.n])
		s.n -= s.at
		s.at = 0
		var k int
		k, s.err = s.r.Read(s.buf[s.n:])
		s.n += k
	}
	return s.n-s.at >= len(p) && string(s.buf[s.at:s.at+len(p)]) == p
}

func (s *source) advance(n int) { s.at = min(s.at+n, s.n) }
