package intake

import (
	"text/template/parse"

	"github.com/rollcallhq/rollcall/tasks"
)

// checkMessage allows of Go's templates what an invitation needs: text, {{.Link}}, {{.GroupName}}
// and a choice between texts ({{if}}). The rest of the language could make one request cost
// minutes ({{range 1000000000}}), and requests come from outside.
func checkMessage(text string) *tasks.RowError {
	if text == "" {
		return nil
	}
	tree := parse.New(string(inviteMessage))
	set := make(map[string]*parse.Tree)
	if _, err := tree.Parse(text, "", "", set); err != nil || len(set) > 1 || !plainList(tree.Root) {
		return rowError(tasks.BadField, inviteMessage,
			"The invitation text has a {{…}} that means nothing. Only {{.Link}} and {{.GroupName}} stand for something; close each with two brackets.")
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

// plainField is .Link or .GroupName and nothing else.
func plainField(pipe *parse.PipeNode) bool {
	if len(pipe.Decl) != 0 || len(pipe.Cmds) != 1 || len(pipe.Cmds[0].Args) != 1 {
		return false
	}
	f, ok := pipe.Cmds[0].Args[0].(*parse.FieldNode)
	return ok && len(f.Ident) == 1 && (f.Ident[0] == "Link" || f.Ident[0] == "GroupName")
}
