// Package say holds the sentences for people, in every language, by code.
//
// Other rooms know a code and its parameters, which is what they store and hand on: a Phrase. It becomes a
// sentence at the edge, where the reader's language and clock are known: a Voice.
//
//	say.Phrase{Code: say.DayCap, Name: "alpha", N: 20}  ── Voice.Say ──►  "alpha has made its 20 creates of this day"
//
// A new sentence is one call of Define with its text in each language. A new language is one more field of
// Texts, which no text compiles without.
package say
