// Package agent lets a language model use the API by the Model Context Protocol. Each tool is one or two
// requests to the API of the same process, so that rules, roles, audit and sentences are the API's. Two things are
// added: what is created must have been planned, and what concerns many groups must be confirmed by a person.
package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/rollcallhq/rollcall/docs"
	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
)

// Config is what a Server works with.
type Config struct {
	API *api.API // Required.
	// Actor is the user for whom the model acts, for the audit log.
	Actor audit.Actor
	// ReadOnly leaves out all tools that change something.
	ReadOnly bool
	// ShowPhones shows phone numbers and invitation links to the model. Defaults to masking them.
	ShowPhones bool
	// Version is the program's.
	Version string
}

// Server answers one client of the protocol.
type Server struct {
	Config

	mcp     *mcp.Server
	schemas schemas
	read    door // for requests that change nothing
	change  door
	plans   kept[plan]
	asked   kept[string] // the calls that a person was asked to confirm, with the question, by the state of the request
}

const instructions = `rollcall creates WhatsApp groups through connected WhatsApp numbers ("instances"), each at its own pace: minutes to hours for a group are normal. A group is a request and its result in one record, with a status and, for each person, a member status.

To create: plan_groups first, show the plan to the person you work for, then create_groups with the plan's id. rollcall cannot remove a group from WhatsApp. Sending the same plan again never makes a second group.
When a group does not move: explain_group says why, until when, and what can be done.
Errors have "detail", which says what is wrong and what to do.
The resources are the product's documents; rollcall:///llms.txt lists them.`

// New makes a Server.
func New(c Config) (*Server, error) {
	who := auth.Who{Name: c.Actor.Name, Role: auth.Operator}
	reader := who
	if !c.ShowPhones {
		reader.Role = auth.Viewer
	}
	s := &Server{
		Config: c,
		read:   door{c.API.Inside(reader, c.Actor)}, change: door{c.API.Inside(who, c.Actor)},
		mcp: mcp.NewServer(&mcp.Implementation{Name: "rollcall", Title: "rollcall", Version: c.Version}, &mcp.ServerOptions{
			Instructions: instructions, Capabilities: &mcp.ServerCapabilities{},
		}),
	}
	var err error
	if s.schemas, err = s.read.schemas(); err != nil {
		return nil, err
	}
	for _, t := range tools {
		if t.changes && c.ReadOnly {
			continue
		}
		s.mcp.AddTool(&mcp.Tool{
			Name: t.name, Title: t.title, Description: t.about, InputSchema: t.input(s.schemas),
			Annotations: &mcp.ToolAnnotations{ReadOnlyHint: !t.changes, DestructiveHint: &t.destroys, IdempotentHint: t.idempotent, OpenWorldHint: &t.changes},
		}, s.handler(t))
	}
	s.addDocuments()
	return s, nil
}

// addDocuments lets the client read the product's documents.
func (s *Server) addDocuments() {
	add := func(name, kind, text string) {
		uri := "rollcall:///" + name
		s.mcp.AddResource(&mcp.Resource{Name: name, URI: uri, MIMEType: kind, Size: int64(len(text))}, func(context.Context, *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
			return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: uri, MIMEType: kind, Text: text}}}, nil
		})
	}
	add("llms.txt", "text/plain", docs.LLMs)
	for name, text := range docs.All() {
		add("docs/"+name, "text/markdown", string(text))
	}
}

// Serve answers the client at the other end of two streams until it leaves or the context ends.
func (s *Server) Serve(ctx context.Context, in io.ReadCloser, out io.WriteCloser) error {
	err := s.mcp.Run(ctx, &mcp.IOTransport{Reader: in, Writer: out})
	if ctx.Err() != nil || errors.Is(err, io.EOF) {
		return nil //nolint:nilerr // told to end, or the client has left
	}
	return err
}

// handler answers calls of a tool. It reports errors in the result, where the model sees them.
func (s *Server) handler(t tool) mcp.ToolHandler {
	return func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		doc, err := t.do(ctx, s, &call{CallToolRequest: r})
		if ask, ok := errors.AsType[*question](err); ok {
			return s.ask(r, ask), nil
		}
		if p, ok := errors.AsType[*problem](err); ok {
			return s.result(p.doc, true)
		}
		if err != nil {
			return nil, err
		}
		return s.result(doc, false)
	}
}

// result returns a document as the protocol gives it to the model: as text, and as it is.
func (s *Server) result(doc object, failed bool) (*mcp.CallToolResult, error) {
	text, err := json.Marshal(doc)
	if err == nil && !s.ShowPhones {
		text, err = api.VeilJSON(text)
	}
	if err != nil {
		return nil, fmt.Errorf("write the result: %w", err)
	}
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: string(text)}}, StructuredContent: json.RawMessage(text), IsError: failed}, nil
}
