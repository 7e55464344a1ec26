// Package sealed protects data from a person who gets hold of Redis' files: envelope
// encryption by AES-256-GCM. Master keys come from the configuration and seal nothing but data keys;
// data keys lie in Redis, sealed, and seal everything else. So a master key is changed by sealing a
// few data keys again, and no master key ever is in Redis.
//
// A sealed text is bound to its place: moved elsewhere, it does not open.
package sealed
