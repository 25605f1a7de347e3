package browser

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-rod/rod/lib/proto"
)

//go:embed js/*.js
var scripts embed.FS

// world is the name of the world of our own that the scripts run in.
const world = "byskriver"

// script is all of our scripts as one, to be run in every new document. A
// document that has it already keeps it.
func script() string {
	var b strings.Builder
	b.WriteString("if (!globalThis.by) globalThis.by = (() => {\n")
	for _, name := range []string{"find", "act", "type", "wait", "table", "mask", "record"} {
		data, err := scripts.ReadFile("js/" + name + ".js")
		if err != nil {
			panic("a script that is part of the program is missing: " + err.Error())
		}
		b.Write(data)
	}
	b.WriteString("return by;\n})();")
	return b.String()
}

// call calls one of our scripts in the document of a frame ("" for the
// outermost) and decodes its answer into out.
func (t *tab) call(ctx context.Context, frame, fn string, arg, out any) error {
	s, err := t.evaluate(ctx, frame, fn, arg, true)
	if err != nil {
		return err
	}
	return t.result(ctx, s, fn, out)
}

// answerLag is how much later than the events that it waits for the answer of a
// script may come before it is asked about it.
const answerLag = 50 * time.Millisecond

// together sends input events and calls a script that waits for them, all at
// once. If the events have been taken and the script still waits, some of them
// did not arrive where they should; it is told that no more will come.
func (t *tab) together(ctx context.Context, frame string, events []proto.Request, fn string, arg, out any) error {
	var under []*sent
	for _, e := range events {
		under = append(under, t.send(e))
	}
	s, err := t.evaluate(ctx, frame, fn, arg, true)
	if err != nil {
		return err
	}
	for _, e := range under {
		if _, err := t.answer(ctx, e); err != nil && !errors.Is(err, errNavigated) {
			t.conn.forget(s.id)
			return err
		}
	}
	lag := time.NewTimer(answerLag)
	defer lag.Stop()
	select {
	case r := <-s.answer:
		s.answer <- r // for result to take
	case <-lag.C:
		enough, err := t.evaluate(ctx, frame, "enough", nil, true)
		if err == nil {
			t.conn.forget(enough.id) // its answer tells nothing
		}
	}
	return t.result(ctx, s, fn, out)
}

// remote is a value of a script's, or a handle on one.
type remote struct {
	Value    json.RawMessage `json:"value"`
	ObjectID string          `json:"objectId"`
}

// evaluate sends a call of one of our scripts, as soon as the frame has a
// document that holds them.
func (t *tab) evaluate(ctx context.Context, frame, fn string, arg any, byValue bool) (*sent, error) {
	if frame == "" {
		frame = t.top
	}
	id := 0
	if err := t.until(ctx, func() bool { id = t.worlds[frame]; return id != 0 }); err != nil {
		return nil, err
	}
	s := t.conn.send(t.session, "Runtime.callFunctionOn", map[string]any{
		"functionDeclaration": "function(a) { return by." + fn + "(a); }", "executionContextId": id,
		"arguments": []any{map[string]any{"value": arg}}, "awaitPromise": true, "returnByValue": byValue,
	})
	return s, s.err
}

// result waits for the answer of a script and decodes it into out.
func (t *tab) result(ctx context.Context, s *sent, fn string, out any) error {
	r, err := t.remote(ctx, s, fn)
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(r.Value, out); err != nil {
		return fmt.Errorf("decode the answer of script %s: %w", fn, err)
	}
	return nil
}

func (t *tab) remote(ctx context.Context, s *sent, fn string) (*remote, error) {
	data, err := t.answer(ctx, s)
	if err != nil {
		return nil, err
	}
	var out struct {
		Result    remote `json:"result"`
		Exception *struct {
			Text      string `json:"text"`
			Exception struct {
				Description string `json:"description"`
			} `json:"exception"`
		} `json:"exceptionDetails"`
	}
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, fmt.Errorf("decode the answer of script %s: %w", fn, err)
	}
	if out.Exception != nil {
		return nil, fmt.Errorf("script %s failed: %s %s", fn, out.Exception.Text, out.Exception.Exception.Description)
	}
	return &out.Result, nil
}
