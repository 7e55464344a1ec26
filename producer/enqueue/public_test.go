package enqueue_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A program in another module cannot name the types of internal packages, and `go doc` does not show their fields. So
// the exported types, functions, fields and constants of the client must not mention these types.
func TestClient_ExportsNoInternalType(t *testing.T) {
	t.Parallel()
	for _, room := range []string{".", "enqueuetest"} {
		files, err := filepath.Glob(filepath.Join(room, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%d files in %s: %v", len(files), room, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			set := token.NewFileSet()
			parsed, err := parser.ParseFile(set, file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, node := range exposed(parsed) {
				t.Errorf("%s: %s is exported and mentions an internal package", set.Position(node.Pos()), node.Name)
			}
		}
	}
}

// TestExposed_CatchesFaults runs the search on declarations in which it must find mentions.
func TestExposed_CatchesFaults(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]int{
		"type T = group.T": 1, "type T struct { F []group.T }": 1, "type T struct { group.T }": 1, "type T struct { f group.T }": 0,
		"type t struct { F group.T }": 0, "func F(x group.T) {}": 1, "func (t *T) F() group.T { return 0 }": 1, "func (t *t) F(x group.T) {}": 0,
		"const C = group.C": 1, "var V group.T": 1, "var ErrV = group.ErrV": 0, "var V error = group.V": 0, "var V = group.V": 1, "func F() { group.G() }": 0,
	} {
		parsed, err := parser.ParseFile(token.NewFileSet(), "", "package p\nimport \"github.com/rollcallhq/rollcall/internal/group\"\n"+source, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(exposed(parsed)); got != want {
			t.Errorf("%s: found %d mentions, want %d", source, got, want)
		}
	}
}

// exposed returns the mentions of internal packages in what a file exports.
func exposed(f *ast.File) []*ast.Ident {
	inside := map[string]bool{}
	for _, i := range f.Imports {
		path, _ := strconv.Unquote(i.Path.Value)
		if !strings.Contains(path, "/internal/") {
			continue
		}
		name := path[strings.LastIndexByte(path, '/')+1:]
		if i.Name != nil {
			name = i.Name.Name
		}
		inside[name] = true
	}
	var found []*ast.Ident
	look := func(node ast.Node) {
		ast.Inspect(node, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Field:
				if len(n.Names) == 1 && !n.Names[0].IsExported() { // an unexported field of a struct
					return false
				}
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && inside[x.Name] {
					found = append(found, n.Sel)
				}
			}
			return true
		})
	}
	for _, decl := range f.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && (d.Recv == nil || ast.IsExported(receiver(d))) {
				for _, list := range []*ast.FieldList{d.Type.TypeParams, d.Type.Params, d.Type.Results} {
					for _, field := range fields(list) {
						look(field.Type)
					}
				}
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					if s.Name.IsExported() {
						look(s.Type)
					}
				case *ast.ValueSpec:
					if !s.Names[0].IsExported() || strings.HasPrefix(s.Names[0].Name, "Err") { // its type is error
						continue
					}
					if s.Type != nil {
						look(s.Type) // the value has this type
						continue
					}
					for _, v := range s.Values {
						look(v)
					}
				}
			}
		}
	}
	return found
}

func fields(l *ast.FieldList) []*ast.Field {
	if l == nil {
		return nil
	}
	return l.List
}

// receiver returns the name of a method's type.
func receiver(d *ast.FuncDecl) string {
	of := d.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if name, ok := of.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}
