// Package outside is a provider that is not ours: Z-API and GREEN-API over HTTP, written from the
// documented wire facts alone. It imports nothing of rollcall and copies nothing from its clients
// or its simulator, so that a misreading of the documents in one of them shows here as a
// disagreement instead of being repeated.
//
// It is small on purpose. It is strict where the documents are (verbs, content types, fields,
// digits, the own number), it notes every request the documents would forbid as a complaint, and it
// keeps its own truth: who has WhatsApp, who lets strangers add them, which groups exist, who is in
// them, and when each create and each invite arrived by its own clock. Tests compare what rollcall
// says with that truth.
//
//	/instances/{id}/token/{token}/{endpoint}   Z-API
//	/waInstance{id}/{method}/{token}           GREEN-API
package outside
