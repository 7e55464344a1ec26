package simulator

import (
	"net/http"
	"slices"
	"time"
)

// dialect is one provider's API: its routes, and everything in which it differs from the others.
type dialect interface {
	// name returns the provider's name, as in Instance.Provider.
	name() string
	// routes returns the provider's methods by the keys under which the handler of mount looks them up.
	routes(s *Simulator) map[string]route
	// mount registers the provider's paths.
	mount(s *Simulator, mux *http.ServeMux)
	// refuse returns an error in the provider's own envelope.
	refuse(x *exchange, status int, text string) reply
	// sayNo returns the provider's refusal of a change, such as of a group's description.
	sayNo(x *exchange) reply
	// stateRefusal returns the error of a call that the instance's state does not allow; ok is false for a call that
	// it allows.
	stateRefusal(x *exchange) (r reply, ok bool)
	// groupSuffix returns the end of every group id.
	groupSuffix() string
	// pushHeader returns the headers of a webhook of the instance.
	pushHeader(i *instance, body []byte) map[string]string
	// pushAgain returns how long after a failed try the webhook is sent again; ok is false for never.
	pushAgain(tries, status int, age Duration) (after Duration, ok bool)
	// announceSend sends the webhook of a message's status.
	announceSend(w *world, m *message, at time.Time)
	// announceState sends the webhook of a change of the instance's state.
	announceState(w *world, i *instance, before string, at time.Time)
	// announceJoin sends the webhook of a person who followed the link of a group.
	announceJoin(w *world, i *instance, g *group, p *person, at time.Time)
	// announceRequest sends the webhook of a person who asks to join a group, or no longer asks.
	announceRequest(w *world, i *instance, g *group, p *person, asks bool, at time.Time)
	// sample returns the k-th invented instance.
	sample(k int) Sample
	// curl returns a command that creates a group by hand.
	curl(in Instance, base string) string
}

// dialects has one dialect for each provider. Samples take turns in this order.
var dialects = []dialect{zapiWire{}, greenWire{}, evolutionWire{}, gowaWire{}}

// Providers returns the values that Instance.Provider can have.
func Providers() []string {
	names := make([]string, len(dialects))
	for i, d := range dialects {
		names[i] = d.name()
	}
	return names
}

// dialectOf returns the dialect of a provider, whose name validate has checked.
func dialectOf(provider string) dialect {
	i := slices.IndexFunc(dialects, func(d dialect) bool { return d.name() == provider })
	return dialects[max(i, 0)]
}

func (i *instance) dialect() dialect { return dialectOf(i.Provider) }

// refuse returns an error in the envelope of the instance's provider.
func (x *exchange) refuse(status int, text string) reply {
	return x.inst.dialect().refuse(x, status, text)
}

// stateRefusal returns what stateRefusal of the instance's dialect returns.
func (x *exchange) stateRefusal() (reply, bool) { return x.inst.dialect().stateRefusal(x) }
