// Package crm holds what the clients have in common.
package crm

import (
	"encoding/json"
	"os"
)

// Report holds the answers that a client got. Each client prints one report.
type Report struct {
	First    string   `json:"first"`    // outcome of the first request for a group
	Again    string   `json:"again"`    // outcome of the same request sent again
	Same     bool     `json:"same"`     // both requests got the same group
	Uploaded int64    `json:"uploaded"` // groups of a file
	Row      string   `json:"row"`      // error code of the file's bad row
	Pages    int      `json:"pages"`
	Listed   []string `json:"listed"`   // names of the file's groups, in the order of the pages
	Got      string   `json:"got"`      // name of a group asked for by its id
	Status   int      `json:"status"`   // of the answer to an invalid request
	Field    string   `json:"field"`    // field of that answer's first error
	Code     string   `json:"code"`     // code of that error
	Exported string   `json:"exported"` // first cells of the exported rows
}

// Print writes the report to standard output.
func (r Report) Print() error { return json.NewEncoder(os.Stdout).Encode(r) }

// File is the content of the file that the clients upload.
const File = "groupName,phones\nFrom a file 1,+5544999990001\nFrom a file 2,+5544999990002\nWithout people,\n"
