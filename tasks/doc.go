// Package tasks is rollcall's public wire contract: what a group request looks like, which asynq
// tasks exist, what their payloads and queues are called. It needs only the standard library, and
// what it once decoded it decodes for ever (testdata holds golden files).
package tasks
