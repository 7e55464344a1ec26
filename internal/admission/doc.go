// Package admission is shared by the command line, the HTTP API and the admin's page: it fills in the defaults of rows
// and estimates when a plan would end.
package admission
