// Package tasks is rollcall's public wire contract: the group request, the asynq tasks, their payloads
// and their queues. It imports only the standard library. It decodes every payload that an earlier
// version wrote (testdata holds golden files).
package tasks
