// Package crm is what the clients have in common.
package crm

import (
	"encoding/json"
	"os"
)

// Report is what a client got for its requests; each prints one.
type Report struct {
	First    string   `json:"first"`    // outcome of the first request for a group
	Again    string   `json:"again"`    // and of the same request again
	Same     bool     `json:"same"`     // both are the same group
	Uploaded int64    `json:"uploaded"` // groups of a file
	Row      string   `json:"row"`      // code of its bad row
	Pages    int      `json:"pages"`
	Listed   []string `json:"listed"` // names of the file's groups, in the order of the pages
	Got      string   `json:"got"`    // name of a group asked for by its id
	Status   int      `json:"status"` // of the answer to a request that cannot be meant
	Field    string   `json:"field"`  // first of its errors
	Code     string   `json:"code"`
	Exported string   `json:"exported"` // first cells of the exported rows
}

// Print writes the report to standard output.
func (r Report) Print() error { return json.NewEncoder(os.Stdout).Encode(r) }

// File is the file that the clients upload, as a program that made it has it.
const File = "groupName,phones\nFrom a file 1,+5544999990001\nFrom a file 2,+5544999990002\nWithout people,\n"
