package browser

import (
	"context"
	"fmt"

	"byskriver/selectors"

	"github.com/go-rod/rod/lib/proto"
)

// place is the document that scripts are called in: the outermost, from which
// all frames of the same site are reached, or a frame of another site.
type place struct {
	frame string // "" for the outermost
	skip  int    // how many steps of the way through frames lead there
	outer *place // the place around it
	steps []selectors.Frame
}

// rest is what is left of a way through frames from this place.
func (at *place) rest(steps []selectors.Frame) []selectors.Frame {
	return steps[min(at.skip, len(steps)):]
}

// here are specs as they are seen from this place.
func (at *place) here(specs []spec) []spec {
	out := make([]spec, len(specs))
	for i, s := range specs {
		s.Frame = at.rest(s.Frame)
		out[i] = s
	}
	return out
}

// enter goes into a frame of another site, at the end of the given steps.
func (p *Page) enter(ctx context.Context, from *place, steps []selectors.Frame) (*place, error) {
	frame, err := p.tab.handle(ctx, from.frame, "foreignFrame", steps)
	if err != nil {
		return nil, err
	}
	var node proto.DOMDescribeNodeResult
	if err := p.tab.do(ctx, proto.DOMDescribeNode{ObjectID: frame}, &node); err != nil {
		return nil, err
	}
	if node.Node == nil || node.Node.FrameID == "" {
		return nil, fmt.Errorf("enter frame %v: Chromium knows no frame there", steps)
	}
	return &place{frame: string(node.Node.FrameID), skip: from.skip + len(steps), outer: from, steps: steps}, nil
}

// outermost turns a point of a place into one of the window, and tells what lies
// over it on the way.
func (p *Page) outermost(ctx context.Context, at *place, x, y float64) (wx, wy float64, over string, err error) {
	for ; at.outer != nil; at = at.outer {
		var out struct {
			X    float64 `json:"x"`
			Y    float64 `json:"y"`
			Over string  `json:"over"`
		}
		req := map[string]any{"steps": at.steps, "x": x, "y": y}
		if err := p.tab.call(ctx, at.outer.frame, "outer", req, &out); err != nil {
			return 0, 0, "", err
		}
		if x, y = out.X, out.Y; over == "" {
			over = out.Over
		}
	}
	return x, y, over, nil
}
