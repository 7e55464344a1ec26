package intake

import (
	"slices"
	"text/template/parse"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// checkMessage allows of Go's templates what a message needs: text, {{.Link}}, {{.GroupName}}, {{.Organisation}}
// and a choice between texts ({{if}}). The rest of the language could make one request cost
// minutes ({{range 1000000000}}), and requests come from outside.
func checkMessage(f field, text string) *tasks.RowError {
	if text == "" {
		return nil
	}
	tree := parse.New(string(f))
	set := make(map[string]*parse.Tree)
	if _, err := tree.Parse(text, "", "", set); err != nil || len(set) > 1 || !plainList(tree.Root) {
		return rowError(tasks.BadField, f, say.Phrase{Code: say.RowMessage, Name: string(f), Kind: "{{…}}", Place: "{{.Link}}, {{.GroupName}}, {{.Organisation}}"})
	}
	return nil
}

func plainList(list *parse.ListNode) bool {
	if list == nil {
		return true
	}
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.TextNode, *parse.CommentNode:
		case *parse.ActionNode:
			if !plainField(n.Pipe) {
				return false
			}
		case *parse.IfNode:
			if !plainField(n.Pipe) || !plainList(n.List) || !plainList(n.ElseList) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// messageFields are what stands for something in a message.
var messageFields = []string{"Link", "GroupName", "Organisation"}

// plainField is one of messageFields and nothing else.
func plainField(pipe *parse.PipeNode) bool {
	if len(pipe.Decl) != 0 || len(pipe.Cmds) != 1 || len(pipe.Cmds[0].Args) != 1 {
		return false
	}
	f, ok := pipe.Cmds[0].Args[0].(*parse.FieldNode)
	return ok && len(f.Ident) == 1 && slices.Contains(messageFields, f.Ident[0])
}
