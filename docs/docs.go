// Package docs holds the documents of this directory, as they are written, for the server that shows them.
package docs

import (
	"embed"
	"iter"
)

//go:embed *.md
var files embed.FS

// LLMs is the index of the documents for language models, in the form of llmstxt.org. Its links are
// relative to where it is served, one level above the documents.
//
//go:embed llms.txt
var LLMs string

// All returns every document by its file's name, in the order of the names.
func All() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		entries, err := files.ReadDir(".")
		if err != nil {
			panic(err) // embedded
		}
		for _, e := range entries {
			text, err := files.ReadFile(e.Name())
			if err != nil {
				panic(err) // embedded
			}
			if !yield(e.Name(), text) {
				return
			}
		}
	}
}
