package group

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
)

// ToGreet says that the welcome is still to be sent.
func (g *Group) ToGreet() bool {
	_, err := g.stepOpen(StepWelcome)
	return err == nil && !g.Held()
}

// BeginWelcome writes the intent of the welcome, before the call. An intent that is there is never followed
// by another: its call may have been made.
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

// Welcomed records that the provider took the welcome.
func (g *Group) Welcomed(messageID string, now time.Time) error {
	step, err := g.stepOpen(StepWelcome)
	if err != nil {
		return err
	}
	step.MessageID = messageID
	step.end(StepDone, say.Phrase{}, now)
	g.UpdatedAt = now
	return nil
}

// WelcomeDoubted keeps what the provider said to the welcome where that proves nothing.
func (g *Group) WelcomeDoubted(answer say.Phrase, now time.Time) error {
	step, err := g.stepOpen(StepWelcome)
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

// WelcomeNotSent records that the welcome surely did not leave: it waits again, until giveUp is over. A giveUp of
// 0 has no end: the instance cannot send now.
func (g *Group) WelcomeNotSent(why say.Phrase, giveUp time.Duration, now time.Time) error {
	step, err := g.stepOpen(StepWelcome)
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

// WelcomeEnded ends the welcome without the call, or with what became of it.
func (g *Group) WelcomeEnded(s StepStatus, reason say.Phrase, now time.Time) error {
	step, err := g.stepOpen(StepWelcome)
	if err != nil {
		return err
	}
	step.Intent = nil
	step.end(s, reason, now)
	g.UpdatedAt = now
	return nil
}
