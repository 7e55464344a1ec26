package say

import "fmt"

// catalogue holds the texts by code.
var catalogue = map[Code]Texts{}

// Verbatim is the code of words from outside, which stay as they are.
const Verbatim Code = "words"

// Define adds a sentence to the catalogue, with fields (see line.value) as package template reads them.
func Define(code Code, english, portuguese, spanish string) Code {
	if _, twice := catalogue[code]; twice || code == "" || code == Verbatim {
		panic(fmt.Sprintf("say: %q is defined twice", code)) // when the program starts
	}
	catalogue[code] = In(english, portuguese, spanish)
	return code
}

// Codes lists the codes of all sentences.
func Codes() []Code {
	codes := make([]Code, 0, len(catalogue))
	for code := range catalogue {
		codes = append(codes, code)
	}
	return codes
}

// Has reports whether there is a sentence of a code.
func Has(code Code) bool {
	_, ok := catalogue[code]
	return ok
}

// defineAll adds sentences that only the page names.
func defineAll(all map[Code]Texts) bool {
	for code, t := range all {
		Define(code, t.english, t.portuguese, t.spanish)
	}
	return true
}
