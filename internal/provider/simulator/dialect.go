package simulator

import (
	"net/http"
	"slices"
	"time"
)

// dialect is the wire of one provider: its routes, and everything in which it differs from the others.
type dialect interface {
	// name is the word of Instance.Provider.
	name() string
	// routes are the methods by the names under which mount finds them.
	routes(s *Simulator) map[string]route
	// mount serves the paths of the provider.
	mount(s *Simulator, mux *http.ServeMux)
	// refuse is an error in the provider's own envelope.
	refuse(x *exchange, status int, text string) reply
	// sayNo is the answer of a call that sets something and did not.
	sayNo(x *exchange) reply
	// stateRefusal is what the instance's state answers instead of the handler.
	stateRefusal(x *exchange) (reply, bool)
	// groupSuffix ends the id of a group.
	groupSuffix() string
	// pushHeader goes with a webhook of the instance.
	pushHeader(i *instance, body []byte) map[string]string
	// pushAgain says how long after a failed try the webhook is sent again; ok is false for never.
	pushAgain(tries, status int, age Duration) (after Duration, ok bool)
	// announceSend tells what became of a message.
	announceSend(w *world, m *message, at time.Time)
	// announceState tells a change of the instance's state.
	announceState(w *world, i *instance, before string, at time.Time)
	// announceJoin tells that a person followed the link of a group.
	announceJoin(w *world, i *instance, g *group, p *person, at time.Time)
	// announceRequest tells that a person asks to join a group, or no longer asks.
	announceRequest(w *world, i *instance, g *group, p *person, asks bool, at time.Time)
	// sample is the k-th invented instance.
	sample(k int) Sample
	// curl is a command that creates a group by hand.
	curl(in Instance, base string) string
}

// dialects are the wires of all providers, in the order in which samples take turns.
var dialects = []dialect{zapiWire{}, greenWire{}, evolutionWire{}, gowaWire{}}

// Providers are the words of Instance.Provider.
func Providers() []string {
	names := make([]string, len(dialects))
	for i, d := range dialects {
		names[i] = d.name()
	}
	return names
}

// dialectOf finds the wire of a provider that validate has let pass.
func dialectOf(provider string) dialect {
	i := slices.IndexFunc(dialects, func(d dialect) bool { return d.name() == provider })
	return dialects[max(i, 0)]
}

func (i *instance) dialect() dialect { return dialectOf(i.Provider) }

// refuse is an error in the provider's own envelope.
func (x *exchange) refuse(status int, text string) reply {
	return x.inst.dialect().refuse(x, status, text)
}

// stateRefusal is what the instance's state answers instead of the handler.
func (x *exchange) stateRefusal() (reply, bool) { return x.inst.dialect().stateRefusal(x) }
