package group

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
)

// ToGreet reports whether the welcome can be sent now.
func (g *Group) ToGreet() bool {
	_, err := g.stepOpen(StepWelcome)
	return err == nil && !g.Held()
}

// BeginWelcome writes the intent of the welcome, before the call. It never writes a second one: the call
// of the first may have been made.
func (g *Group) BeginWelcome(owner string, budget time.Duration, alive func(owner string) bool, now time.Time) Begun {
	step, err := g.stepOpen(StepWelcome)
	if err != nil {
		return Past
	}
	if step.Intent != nil {
		if now.Before(step.Intent.Until) && alive(step.Intent.Owner) {
			return Busy
		}
		return Doubt
	}
	step.Intent = &Intent{Owner: owner, At: now, Until: now.Add(budget)}
	g.UpdatedAt = now
	return Go
}

// begunWelcome returns the step if the welcome can be sent now, or if a worker has begun it: its result is recorded
// whatever state the group has by then.
func (g *Group) begunWelcome() (*SetupStep, error) {
	if step := g.Step(StepWelcome); step != nil && step.Status == StepWanted && step.Intent != nil {
		return step, nil
	}
	return g.stepOpen(StepWelcome)
}

// Welcomed records that the provider accepted the welcome.
func (g *Group) Welcomed(messageID string, now time.Time) error {
	step, err := g.begunWelcome()
	if err != nil {
		return err
	}
	step.MessageID = messageID
	step.end(StepDone, say.Phrase{}, now)
	g.UpdatedAt = now
	return nil
}

// WelcomeDoubted keeps the provider's answer to the welcome, when that answer does not prove whether it was sent.
func (g *Group) WelcomeDoubted(answer say.Phrase, now time.Time) error {
	step, err := g.begunWelcome()
	if err != nil {
		return err
	}
	if step.Intent == nil {
		return g.refuse("doubt its welcome")
	}
	step.Intent.Answer, step.Called = answer, true
	g.UpdatedAt = now
	return nil
}

// WelcomeNotSent records that the welcome was not sent. It is tried again until giveUp has passed since the first
// failure. With a giveUp of 0 no try is counted: the instance cannot send now.
func (g *Group) WelcomeNotSent(why say.Phrase, giveUp time.Duration, now time.Time) error {
	step, err := g.begunWelcome()
	if err != nil {
		return err
	}
	step.Intent, step.Reason = nil, why
	g.UpdatedAt = now
	if giveUp == 0 {
		return nil
	}
	if step.Tries++; step.Since.IsZero() {
		step.Since = now
	}
	if now.Sub(step.Since) >= giveUp {
		step.end(StepRefused, say.Phrase{Code: say.SetupGaveUp, Why: []say.Phrase{why}}, now)
	}
	return nil
}

// WelcomeEnded ends the welcome with the status and reason given.
func (g *Group) WelcomeEnded(s StepStatus, reason say.Phrase, now time.Time) error {
	step, err := g.begunWelcome()
	if err != nil {
		return err
	}
	step.Intent = nil
	step.end(s, reason, now)
	g.UpdatedAt = now
	return nil
}
