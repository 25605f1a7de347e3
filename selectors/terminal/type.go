package terminal

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"byskriver/selectors"
)

// Type writes text into the field that begins at a place, in the place of what was
// there, and reads it back. It sends nothing to the host. No error holds the text.
func (t *Terminal) Type(ctx context.Context, p selectors.Place, text string) error {
	what := fmt.Sprintf("type into row %d column %d", p.Row, p.Column)
	screen, err := t.Read(ctx)
	if err != nil {
		return err
	}
	f, ok := screen.input(p)
	switch {
	case !ok:
		return &Refused{what, "no field to type in begins there"}
	case f.Hidden != p.Hidden:
		return &Refused{what, "the field hides what is typed where it should not, or shows it where it should not"}
	case len([]rune(text)) > f.Length || f.Length > p.Length:
		return &Refused{what, fmt.Sprintf("the field takes %d characters", f.Length)}
	case strings.ContainsFunc(text, unicode.IsControl) || strings.TrimSpace(text) != text:
		return &Refused{what, "a text with controls in it or blanks around it"}
	}
	for _, command := range []string{
		fmt.Sprintf("MoveCursor(%d,%d)", p.Row-1, p.Column-1), "EraseEOF()", `String("` + escaped(text) + `")`,
	} {
		if text == "" && strings.HasPrefix(command, "String") {
			continue
		}
		if _, err := t.do(ctx, what, command, t.cfg.Answer); err != nil {
			return hush(err)
		}
	}
	return t.check(ctx, what, p, text)
}

// check reads what was typed.
func (t *Terminal) check(ctx context.Context, what string, p selectors.Place, text string) error {
	screen, err := t.Read(ctx)
	if err != nil {
		return err
	}
	f, ok := screen.input(p)
	if !ok {
		return &Refused{what, "the screen changed while it was typed on"}
	}
	at := offset(p.Row, p.Column)
	if got := string(screen.cells[at : at+f.Length]); strings.TrimRight(got, " ") != text {
		return &Refused{what, "it does not show what was typed; the host's code page may not have it"}
	}
	return nil
}

// input is the field to type in that begins at a place.
func (b *Buffer) input(p selectors.Place) (Field, bool) {
	for _, f := range b.fields {
		if !f.Protected && f.Row == p.Row && f.Column == p.Column {
			return f, true
		}
	}
	return Field{}, false
}

// escaped is a text as String() takes it between quotation marks. By number, since
// s3270 4.1 does not read a mark after a backslash.
func escaped(text string) string {
	return strings.NewReplacer(`\`, `\u005c`, `"`, `\u0022`).Replace(text)
}

// hush takes s3270's words out of an error: they may repeat what was typed.
func hush(err error) error {
	if r, ok := err.(*Refused); ok { //nolint:errorlint // do gives it bare
		return &Refused{r.What, "s3270 does not take it"}
	}
	return err
}
