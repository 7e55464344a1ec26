// Package phone reads telephone numbers as people type them, and decides when two spellings are the
// same person.
//
// A Number is E.164. Brazil's ninth digit, Mexico's 1 after 52 and Argentina's 9 after 54 may be present
// or absent in the typed number, the dialled one and WhatsApp's account id. So people are compared by a
// folded form (Fold), which is used for nothing else: no call uses it as an address.
package phone
