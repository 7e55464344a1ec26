// Package phone turns what people type into telephone numbers, and tells when two spellings are
// the same person.
//
// A Number is E.164. Brazil's ninth digit, Mexico's 1 after 52 and Argentina's 9 after 54 come
// and go between what is typed, what is dialled and what WhatsApp calls the account, so equality
// is decided on a folded form (Fold) that is used for nothing else. No call uses it as an address.
package phone
