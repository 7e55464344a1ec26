// Package config reads rollcall.yaml, which docs/configuration.md describes.
//
// Every key stands in one table: its name, its default as YAML, its environment variable, its
// meaning and the function that reads it. The defaults are read by the same functions as the
// file, and docs/configuration.md is generated from the same table, so neither can drift:
//
//	file ─ yaml nodes ─┐
//	environment, flags ┼─ table of fields ─ Config
//	defaults ──────────┘        └─ docs/configuration.md
//
// Reading never stops at the first fault: Load reports all of them, each with its line and what
// to do about it.
package config
