// Package clients generates clients of the HTTP API from the document that a running `rollcall-worker dev`
// serves, compiles them, and lets each do the main job: oapi-codegen and ogen for Go,
// openapi-typescript with openapi-fetch and @hey-api/openapi-ts for TypeScript. The programs that use
// them, and the versions of the generators, are in testdata; docs/api.md shows two of them.
//
// `make e2e` runs the tests.
package clients
