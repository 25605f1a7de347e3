package access

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"byskriver/robots/access/review"
	"byskriver/robots/internal/mail"
	"byskriver/runner"
)

// actionTold is a person's word that the leader was told in another way.
const actionTold = "told"

// letter is what a step of a package says, in a mail with a link and nothing personal:
// no name, no unit, no right.
func (r *Robot) letter(step review.Step, h head) (subject, text string) {
	last := danish(h.due())
	var first string
	switch step.Kind {
	case review.StepInvite:
		subject, first = "Gennemgang af adgange, senest "+last, "Der ligger en gennemgang af medarbejderes adgange klar til dig. Den skal være sendt ind senest "+last+"."
		if h.Kind == review.Move {
			subject, first = "Adgange efter flytning, senest "+last, "En medarbejder har skiftet enhed, og adgangene skal ses igennem af både den nye og den tidligere leder. Den nye leder sender ind senest "+last+". Intet bliver taget fra medarbejderen imens."
		}
	case review.StepRemind:
		subject, first = "Påmindelse: gennemgang af adgange, senest "+last, "En gennemgang af medarbejderes adgange venter på dig. Den skal være sendt ind senest "+last+"."
	default:
		subject, first = "Overskredet: gennemgang af adgange", "Fristen for en gennemgang af medarbejderes adgange var "+last+". Mailen går også til lederens leder, som kan svare i stedet."
	}
	lines := []string{first, "", "Åbn den her, og log ind med dit sædvanlige login:", r.settings.Link + h.Token, "",
		"Du kan gemme undervejs og fortsætte senere. Linket virker kun for dig, der skal svare."}
	if r.settings.Office != "" {
		lines = append(lines, "", "Spørgsmål: "+r.settings.Office)
	}
	return subject, strings.Join(lines, "\n") + "\n"
}

// tell mails a step to the package's reviewers, each once. A mail twice does no harm,
// and one that never came does: after a stop in which nobody can tell whether it was
// sent it is sent again, with the same Message-ID.
func (r *Robot) tell(ctx context.Context, c runner.Case, h head, step review.Step) error {
	for i, v := range h.Reviewers {
		if step.Kind == review.StepRemind && !v.Sends {
			continue
		}
		if err := r.mailTo(ctx, c, h, step, i, v); err != nil {
			return err
		}
	}
	return nil
}

func (r *Robot) mailTo(ctx context.Context, c runner.Case, h head, step review.Step, i int, to review.Reviewer) error {
	name := fmt.Sprintf("mail-%s-%s-%d", step.Name, h.due(), i+1)
	subject, text := r.letter(step, h)
	sent := false
	find := func(context.Context) (runner.Sight, error) {
		if sent {
			return runner.Sight{Certainty: runner.Present, Receipt: map[string]string{"step": step.Name}}, nil
		}
		return runner.Sight{Certainty: runner.Absent}, nil
	}
	do := func(ctx context.Context) error {
		err := r.systems.Mail.Send(ctx, mail.Message{ID: c.Item().Number + "-" + name, To: to.Mail, Subject: subject, Text: text, At: c.Now()})
		sent = err == nil
		return err
	}
	_, err := c.Once(ctx, runner.Step{Name: name, System: mail.Name, Plan: map[string]string{"package": h.ID, "step": step.Name, "to": to.ID}}, find, do)
	var refused *mail.Refused
	if errors.As(err, &refused) && !refused.Temporary || to.Mail == "" && err != nil && !errors.Is(err, runner.ErrShadow) {
		return runner.Refuse("LEDER-FIK-INGEN-MAIL", fmt.Sprintf("Mailen om pakke %s kan ikke afleveres til %s. Ret adressen i kataloget, eller giv lederen besked og vælg Lederen har fået besked.", h.ID, to.Name), "",
			runner.Choice{Action: actionTold, Label: "Lederen har fået besked"}, runner.Retry())
	}
	return err
}
