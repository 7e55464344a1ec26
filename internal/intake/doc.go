// Package intake reads group requests row by row from a spreadsheet, a CRM's NDJSON or a provider's
// JSON body, and checks each request by the same rules for the command line, the HTTP API and Go programs.
//
//	bytes ─ decode (BOM, UTF-16, Windows-1252) ─┬─ csv ─┬─ one row a group ────────┬─ Row ─ Check
//	                                            │       └─ one line a person, gathered ┤
//	                                            └─ json: lines, array, document ───┘
//
// There are two kinds of errors. An input that cannot be what the user meant (binary, no known header,
// no row) is an *Unusable, and none of its rows is used. A wrong row is a Row with Err, and reading goes on.
// Messages say what is wrong and how to fix it, and never show a phone number in clear.
package intake
