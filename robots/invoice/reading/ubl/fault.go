package ubl

import (
	"errors"
	"fmt"
)

// Fault is why a document could not be read.
type Fault struct {
	Kind FaultKind
	Line int   // where it was seen, from 1
	Err  error // what was expected, or nil
}

// FaultKind tells faults apart.
type FaultKind string

// The faults of a document.
const (
	NotXML    FaultKind = "not-xml"   // no element at all, or text before the first
	Broken    FaultKind = "broken"    // XML that is not well-formed
	CutShort  FaultKind = "cut-short" // ends before its elements do
	DTD       FaultKind = "dtd"       // declares a document type; refused, for entities can be bombs
	TooDeep   FaultKind = "too-deep"
	TooMany   FaultKind = "too-many"
	TooLong   FaultKind = "too-long"
	Trailing  FaultKind = "trailing"  // content after the document's end
	Namespace FaultKind = "namespace" // a prefix that is declared nowhere
	Twice     FaultKind = "twice"     // an attribute given twice
	Encoding  FaultKind = "encoding"  // bytes that are not UTF-8
)

// Error names the fault and the line.
func (f *Fault) Error() string {
	if f.Err != nil {
		return fmt.Sprintf("line %d: %s: %v", f.Line, f.Kind, f.Err)
	}
	return fmt.Sprintf("line %d: %s", f.Line, f.Kind)
}

// Unwrap gives what was expected.
func (f *Fault) Unwrap() error { return f.Err }

func (p *parser) fault(kind FaultKind, err error) error {
	return &Fault{Kind: kind, Line: int(p.src.line), Err: err}
}

// broken is the fault of a document that is not well-formed. What it is besides
// depends on where it is.
func (p *parser) broken(what string) error {
	switch err := errors.New(what); {
	case p.root == nil:
		return p.fault(NotXML, err)
	case p.cur == nil && p.depth == 0:
		return p.fault(Trailing, err)
	default:
		return p.fault(Broken, err)
	}
}

// ended is why the bytes ended inside a token.
func (p *parser) ended() error {
	switch {
	case p.src.long:
		return p.fault(TooLong, nil)
	case p.src.err != nil && !p.atEnd():
		return p.src.err
	case p.root == nil:
		return p.fault(NotXML, nil)
	default:
		return p.fault(CutShort, nil)
	}
}
