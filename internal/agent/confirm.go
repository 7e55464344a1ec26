package agent

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// confirmation is the name of the one question, and of the one field of its answer.
const (
	confirmation = "confirmation"
	typed        = "groups"
)

// question is the error of a call that a person must confirm first, by typing how many groups it concerns. People
// would give a plain yes unread, and a client that answers for its user does not know the number.
type question struct {
	text   string
	groups int
	of     string // the call that is confirmed, and text
}

func (q *question) Error() string { return q.text }

// ask lets the client ask its user.
func (s *Server) ask(r *mcp.CallToolRequest, q *question) *mcp.CallToolResult {
	state := rand.Text()
	s.asked.put(state, q.of)
	return &mcp.CallToolResult{RequestState: state, InputRequests: mcp.InputRequestMap{confirmation: &mcp.ElicitParams{
		Mode: "form", Message: q.text,
		RequestedSchema: fields(object{typed: object{"type": "integer", "title": "Number of groups", "description": fmt.Sprintf("Type %d to confirm.", q.groups)}}, typed),
	}}}
}

// confirmed returns nil once a person has confirmed exactly this call. Before that, it returns the question, or a
// problem for a client that cannot ask its user.
func (s *Server) confirmed(c *call, groups int, format string, args ...any) error {
	call, err := c.named()
	if err != nil {
		return err
	}
	text := fmt.Sprintf(format, args...)
	q := &question{text, groups, call + " " + text}
	if !canAsk(c.Session) {
		return refuse("cannotConfirm", "Not confirmed",
			"This concerns %d groups, so a person must confirm it, and this client cannot ask its user (it lacks the capability elicitation). Nothing was done. Use a client that can, or do it on the page or by the command line.", groups)
	}
	if c.Params.InputResponses == nil {
		return q
	}
	asked, _ := s.asked.take(c.Params.RequestState)
	answer, ok := c.Params.InputResponses[confirmation].(*mcp.ElicitResult)
	switch {
	case !ok || answer.Action != "accept":
		return refuse("notConfirmed", "Not confirmed", "The person did not confirm this. Nothing was done. Ask them what they want instead.")
	case asked != q.of:
		return refuse("notConfirmed", "Not confirmed", "What was asked for has changed since the person was asked. Nothing was done. Call the tool again.")
	case number(answer.Content[typed]) != groups:
		return refuse("notConfirmed", "Not confirmed", "The person did not type the number of groups, %d. Nothing was done. Call the tool again to let them.", groups)
	}
	return nil
}

// canAsk reports whether a client has a way to ask its user.
func canAsk(session *mcp.ServerSession) bool {
	p := session.InitializeParams()
	if p == nil || p.Capabilities == nil || p.Capabilities.Elicitation == nil {
		return false
	}
	can := p.Capabilities.Elicitation
	return can.Form != nil || can.URL == nil // older clients mean form if they name neither
}

// number reads a whole number out of a document; -1 for anything else.
func number(v any) int {
	data, err := json.Marshal(v)
	n := 0
	if err != nil || json.Unmarshal(data, &n) != nil {
		return -1
	}
	return n
}

// call is one call of a tool.
type call struct{ *mcp.CallToolRequest }

// into reads the arguments. Keys that the tool does not have are refused.
func (c *call) into(args any) error { return decode(c.Params.Arguments, args) }

// named returns a name of the call's tool and arguments. The order of the arguments' keys does not matter.
func (c *call) named() (string, error) {
	var args any
	if err := c.into(&args); err != nil {
		return "", err
	}
	return hash([]any{c.Params.Name, args})
}

type doing func(ctx context.Context, s *Server, c *call) (object, error)
