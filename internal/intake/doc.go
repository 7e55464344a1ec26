// Package intake turns what people and programs hand in (a spreadsheet, a CRM's NDJSON, a
// provider's JSON body) into group requests, one row after the other, and checks one request the
// same way for all three ways in.
//
//	bytes ─ decode (BOM, UTF-16, Windows-1252) ─┬─ csv ─┬─ one row a group ────────┬─ Row ─ Check
//	                                            │       └─ one line a person, gathered ┤
//	                                            └─ json: lines, array, document ───┘
//
// Two kinds of trouble are kept apart. An input that cannot be meant (binary, no known header, no
// row) is an *Unusable and nothing of it counts. A row that is wrong is a Row with Err, and the
// rest goes on. Messages say what is wrong and how to mend it, and never hold a number in clear.
package intake
