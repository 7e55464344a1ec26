package cli

import (
	"maps"

	"github.com/rs/zerolog"
)

// NameEvents gives every line of the log the stable name of its event, by its message: the code says
// what happened in words, and here alone is how programs call it. A message that is not here came
// from elsewhere.
var NameEvents zerolog.Hook = zerolog.HookFunc(func(e *zerolog.Event, _ zerolog.Level, message string) {
	if name := events[message]; name != "" {
		e.Str("event", name)
	}
})

// Events are the stable names by message.
func Events() map[string]string { return maps.Clone(events) }

var events = map[string]string{
	"installation not compared":                      "installation_unread",
	"creates and invitations go on":                  "installation_released",
	"new installation":                               "installation_new",
	"Redis lost this installation":                   "installation_lost",
	"Redis may lack recent calls":                    "installation_doubted",
	"state not told":                                 "state_not_told",
	"lists not read before create":                   "recall_skipped",
	"group existed before its create":                "group_recalled",
	"group created, its record is lost":              "group_forgotten",
	"somebody did something":                         "audit",
	"Redis did not take this entry of the audit log": "audit_lost",
	"a job on many groups ended":                     "bulk_job_ended",
	"a job's progress could not be kept":             "bulk_job_progress_lost",
	"this machine's clock differs from Redis's; rollcall allows for it, other tools may not": "clock_differs",
	"fault in the configuration":                                                                "config_fault",
	"the Redis settings have changed: that takes a restart":                                     "config_needs_restart",
	"the new configuration is refused; the old one stays":                                       "config_refused",
	"configuration read again":                                                                  "config_reloaded",
	"the configuration works, but may not be what is meant":                                     "config_warning",
	"create without success":                                                                    "create_failed",
	"the index did not take these moves of groups; the sweeper finds those that have not ended": "moves_not_indexed",
	"unknown create settled":                                                                    "create_settled",
	"trace of a cut acceptance removed; nobody was told that it succeeded":                      "cut_acceptance_removed",
	"no use of the worker dev's file":                                                           "dev_file_unusable",
	"embedded redis ended; starting it again":                                                   "embedded_redis_ended",
	"embedded redis started":                                                                    "embedded_redis_started",
	"the stream of events cannot be read":                                                       "event_stream_unreadable",
	"the event stream does not go back that far; looking at all groups that moved since":        "events_caught_up",
	"group created":                     "group_created",
	"group read again":                  "group_read",
	"the health checks' listener ended": "health_listener_ended",
	"a request made the server panic":   "http_panic",
	"request":                           "http_request",
	"error not kept":                    "instance_error_lost",
	"rest not recorded":                 "instance_rest_lost",
	"instance state changed":            "instance_state",
	"state not recorded":                "instance_state_lost",
	"the instances' states could not be looked at; the last ones hold": "instance_states_unreadable",
	"invitation without success":                                       "invite_failed",
	"this version of asynq is not known: tasks wait for their pace in a handler instead of in their queue, so order, priority and pools suffer; use the asynq version that rollcall was released with": "lanes_blind",
	"Redis cannot be read; lanes go on when it can":                                                "lanes_redis_unreadable",
	"a message's webhooks will not be understood":                                                  "message_not_remembered",
	"a name stays reserved until another group of the name comes":                                  "name_release_failed",
	"number check failed; the group goes on without it":                                            "number_check_failed",
	"numbers will be asked about again":                                                            "number_checks_lost",
	"orphaned tasks cannot be given back":                                                          "orphans_failed",
	"the page could not answer":                                                                    "page_failed",
	"a parked task was removed; what its group needs is put again":                                 "parked_task_removed",
	"a webhook was not understood or could not be followed up":                                     "provider_webhook_failed",
	"dead workers' tasks cannot be given back":                                                     "reaping_failed",
	"a record cannot be read and is left as it is; if a newer version wrote it, finish the deploy": "record_unreadable",
	"Redis was not closed in order":                                                                "redis_close_failed",
	"Redis takes work again":                                                                       "redis_recovered",
	"Redis takes no work: nothing is begun, calls under way are written down as soon as it does, and then all goes on by itself": "redis_refuses",
	"the rest could not be recorded": "rest_not_recorded",
	"roll called":                    "roll_called",
	"a slot could not be closed; it lapses with its lease":                        "slot_close_failed",
	"an unused slot could not be given back":                                      "slot_give_back_failed",
	"slot not settled":                                                            "slot_not_settled",
	"no slot can be asked for":                                                    "slot_unavailable",
	"sweep cut short; the next pass goes on":                                      "sweep_cut_short",
	"a worker died while working on this task; it is not tried again":             "task_abandoned",
	"back to its place":                                                           "task_back",
	"shutting down while a call was under way; its journal tells the next worker": "task_cut",
	"a task failed unexpectedly and is tried again":                               "task_failed",
	"a worker died while working on this task; it was given back":                 "task_given_back",
	"again later": "task_later",
	"a task is left for a newer worker; finish the deploy, or nobody does it": "task_left_for_newer",
	"a task cannot be read and is parked in asynq's archive":                  "task_parked",
	"a worker died with this task; it goes on here":                           "task_taken_over",
	"a task was active without a lease; it was given back":                    "task_without_lease",
	"task without a record dropped":                                           "task_without_record",
	"the totals could not be read":                                            "totals_unreadable",
	"the receiver of the traces did not take the last of them":                "last_traces_lost",
	"traces are lost": "traces_lost",
	"event delivered": "webhook_delivered",
	"a webhook answered 410 and is disabled until it is enabled or its configuration changes":    "webhook_disabled",
	"events could not be told; nothing is lost, the next pass goes on":                           "webhook_dispatch_failed",
	"a delivery was dropped: the retention of its event is over":                                 "webhook_dropped",
	"event not delivered; again later":                                                           "webhook_retry",
	"event not sent":                                                                             "webhook_skipped",
	"an event was not delivered; `webhooks failures` lists it, `webhooks replay` sends it again": "webhook_undelivered",
	"requests refused":      "requests_refused",
	"refusals not recorded": "refusals_lost",
	"drained":               "worker_drained",
	"the instances are divided among the workers that have room for them":                                                                    "instances_divided",
	"what this worker runs could not be brought up to date; that is tried again with each sign of life":                                      "settling_failed",
	"there is a worker for every instance again, as far as this one knows":                                                                   "instances_have_room_again",
	"the other workers are not told that this one comes or goes; they notice it by themselves":                                               "workers_not_told",
	"no worker has room for these instances, so nothing happens there: raise lanes_max, or start another worker with the same configuration": "instances_without_room",
	"draining: nothing new is taken, calls under way finish; a second signal aborts them":                                                    "worker_draining",
	"worker started": "worker_started",
}
