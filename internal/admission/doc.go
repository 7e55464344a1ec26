// Package admission is what all ways in have in common: the command line, the HTTP API and the admin's page fill rows by
// one function and foresee a plan by another.
package admission
