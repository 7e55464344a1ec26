// Package event names the lines of the log. Alerts and scripts match on a name; the message is for people.
package event

import "github.com/rs/zerolog"

// Name is the stable name of the event that a line of the log reports.
type Name string

// MarshalZerologObject writes the name as the field "event" of a line.
func (n Name) MarshalZerologObject(e *zerolog.Event) { e.Str("event", string(n)) }

// The comments become the meanings in docs/events.md.
const (
	// InstallationNew is written when a worker finds a Redis without an installation and begins one.
	InstallationNew Name = "installation_new"
	// InstallationLost is written when Redis has lost the installation that the worker knows; creates and invitations are held.
	InstallationLost Name = "installation_lost"
	// InstallationDoubted is written when Redis may lack recent calls, after a restart, a crash or a restore; creates look for their group first.
	InstallationDoubted Name = "installation_doubted"
	// InstallationReleased is written when creates and invitations go on after a hold.
	InstallationReleased Name = "installation_released"
	// InstallationUnread is written when a worker cannot compare the installation in Redis with the one it knows.
	InstallationUnread Name = "installation_unread"
	// StateNotTold is written when the event that an instance is held, or is no longer held, cannot be written.
	StateNotTold Name = "state_not_told"
	// WorkerStarted is written when the worker serves its instances.
	WorkerStarted Name = "worker_started"
	// WorkerDraining is written when a signal ends the worker: calls in flight finish, no new ones start; a second signal aborts them.
	WorkerDraining Name = "worker_draining"
	// WorkerDrained is written when the last call in flight has finished and the worker exits.
	WorkerDrained Name = "worker_drained"
	// WorkersNotTold is written when the other workers are not notified that this one comes or goes; their next heartbeats show it.
	WorkersNotTold Name = "workers_not_told"
	// LeavingNotTold is written when the last heartbeat of a leaving worker cannot be written.
	LeavingNotTold Name = "leaving_not_told"
	// InstancesUnknown is written when a worker does not know some instances, so they make no calls; give all workers one configuration.
	InstancesUnknown Name = "instances_unknown"
	// InstancesKnownAgain is written when every worker knows every instance again.
	InstancesKnownAgain Name = "instances_known_again"
	// InstancesNotCompared is written when a worker's heartbeat, or the comparison of known instances, fails; the next heartbeat retries.
	InstancesNotCompared Name = "instances_not_compared"
	// RedisWarning is written when the worker starts on a Redis that could lose or evict work, once for each finding.
	RedisWarning Name = "redis_warning"
	// RedisRefuses is written when Redis is not writable: no new work starts; results in flight are kept and written when it recovers.
	RedisRefuses Name = "redis_refuses"
	// RedisRecovered is written when Redis is writable again.
	RedisRecovered Name = "redis_recovered"
	// RedisCloseFailed is written when the connection to Redis does not close cleanly.
	RedisCloseFailed Name = "redis_close_failed"
	// RedisClientLog is written when the Redis client library writes a line of its own log.
	RedisClientLog Name = "redis_client_log"
	// EmbeddedRedisStarted is written when the embedded redis-server runs.
	EmbeddedRedisStarted Name = "embedded_redis_started"
	// EmbeddedRedisEnded is written when the embedded redis-server has exited and is started again.
	EmbeddedRedisEnded Name = "embedded_redis_ended"
	// ConfigFault is written when a reload finds a fault in the configuration, once for each.
	ConfigFault Name = "config_fault"
	// ConfigRefused is written when a reload fails and the old configuration stays.
	ConfigRefused Name = "config_refused"
	// ConfigReloaded is written when a new configuration is in use.
	ConfigReloaded Name = "config_reloaded"
	// ConfigNeedsRestart is written when a reload changes settings that take a restart, or when rollcall-producer serve gets a SIGHUP: there all settings take one.
	ConfigNeedsRestart Name = "config_needs_restart"
	// ConfigWarning is written when the configuration works but may not be what is meant, once for each finding.
	ConfigWarning Name = "config_warning"
	// FilesFew is written when the limit of open files is low.
	FilesFew Name = "files_few"
	// DevFileUnusable is written when the file that names the running `rollcall-worker dev` cannot be used.
	DevFileUnusable Name = "dev_file_unusable"
	// TotalsUnreadable is written when `rollcall-worker dev` cannot read its totals.
	TotalsUnreadable Name = "totals_unreadable"
	// TracesLost is written when traces are lost, with the reason and how many spans were lost so far.
	TracesLost Name = "traces_lost"
	// LastTracesLost is written when the last traces are not sent before the program exits.
	LastTracesLost Name = "last_traces_lost"
	// Audit is written when an action is recorded in the audit log.
	Audit Name = "audit"
	// AuditLost is written when Redis does not store an entry of the audit log, which this line then replaces.
	AuditLost Name = "audit_lost"
	// GroupCreated is written when a provider has created a group and its record holds it.
	GroupCreated Name = "group_created"
	// GroupForgotten is written when a create succeeds after Redis has lost the group's record.
	GroupForgotten Name = "group_forgotten"
	// GroupRecalled is written when a group of a request turns out to exist before its create, and is adopted.
	GroupRecalled Name = "group_recalled"
	// GroupRead is written when the members of a group are read after its invitations.
	GroupRead Name = "group_read"
	// JoinsNotRead is written when the provider's list of requests to join could not be read.
	JoinsNotRead Name = "joins_not_read"
	// JoinsNotAnswered is written when the provider did not take the answer to requests to join.
	JoinsNotAnswered Name = "joins_not_answered"
	// CreateFailed is written when a create ends as refused, limited, not sent or unknown.
	CreateFailed Name = "create_failed"
	// CreateSettled is written when the readings after an unknown create have decided whether the group exists.
	CreateSettled Name = "create_settled"
	// RecallSkipped is written when the provider's lists cannot be read before a create and the create goes on.
	RecallSkipped Name = "recall_skipped"
	// SearchSkipped is written when the lists of an instance cannot be read before a roll call ends, so that a second group of the request stays unnoticed.
	SearchSkipped Name = "search_skipped"
	// RollCalled is written when the roll call of a new group is complete.
	RollCalled Name = "roll_called"
	// SetupStepEnded is written when a step of a group's set-up has ended, with its status.
	SetupStepEnded Name = "setup_step_ended"
	// SetupStepFailed is written when a call of a set-up step ends as refused, limited, not sent or unknown.
	SetupStepFailed Name = "setup_step_failed"
	// WelcomeFailed is written when a welcome message ends as refused, limited, not sent or unknown.
	WelcomeFailed Name = "welcome_failed"
	// OwnNumberDemoted is written when the instance's own number is no longer an admin of a group.
	OwnNumberDemoted Name = "own_number_demoted"
	// InviteLinkUnread is written when the invite link of a group cannot be read.
	InviteLinkUnread Name = "invite_link_unread"
	// InviteFailed is written when an invitation ends as refused, limited, not sent or unknown.
	InviteFailed Name = "invite_failed"
	// MessageNotRemembered is written when the id of an invitation's message is not stored; delivery receipts for it will be ignored.
	MessageNotRemembered Name = "message_not_remembered"
	// PersonAdded is written when a provider confirms that it added a person to a group that exists.
	PersonAdded Name = "person_added"
	// AddUnconfirmed is written when a call that adds a person ends without a confirmation.
	AddUnconfirmed Name = "add_unconfirmed"
	// NumberCheckFailed is written when a provider cannot say who is on WhatsApp and the group goes on without the answer.
	NumberCheckFailed Name = "number_check_failed"
	// NameReleaseFailed is written when a group's name cannot be released; it stays reserved until another group asks for it.
	NameReleaseFailed Name = "name_release_failed"
	// RestNotRecorded is written when the rest of an instance after a provider's answer cannot be stored, even after all retries.
	RestNotRecorded Name = "rest_not_recorded"
	// IndexNotWritten is written when a record is written and its index entry is not; the sweeper repairs it.
	IndexNotWritten Name = "index_not_written"
	// FollowUpFailed is written when a person's decision about a group is recorded and its index entry or its tasks are not; the sweeper writes them.
	FollowUpFailed Name = "follow_up_failed"
	// PaceUnreadable is written when a stored pace cannot be read: a call counts as just made, the day cap as used up.
	PaceUnreadable Name = "pace_unreadable"
	// SlotNotSettled is written when the time of a call cannot be written to its slot; the interval counts from the lease's end.
	SlotNotSettled Name = "slot_not_settled"
	// CallNotCounted is written when a call cannot be counted for the history; the day then shows one call less.
	CallNotCounted Name = "call_not_counted"
	// SlotCloseFailed is written when a used slot cannot be closed; it expires with its lease.
	SlotCloseFailed Name = "slot_close_failed"
	// SlotGiveBackFailed is written when a worker cannot give an unused slot back; it expires with its lease.
	SlotGiveBackFailed Name = "slot_give_back_failed"
	// SlotNotReturned is written when the dispatcher cannot return an unused slot; it expires with its lease.
	SlotNotReturned Name = "slot_not_returned"
	// Dispatching is written when this worker becomes the one that dispatches.
	Dispatching Name = "dispatching"
	// DispatchingEnded is written when another worker takes over the dispatching.
	DispatchingEnded Name = "dispatching_ended"
	// DispatchFailing is written when no task of an instance can be dispatched, once until it works; the dispatcher retries each second.
	DispatchFailing Name = "dispatch_failing"
	// CallEndNotTold is written when the dispatcher is not notified that a call has ended; it polls soon.
	CallEndNotTold Name = "call_end_not_told"
	// TaskIntoLine is written when a task is put into the line of its instance or pool.
	TaskIntoLine Name = "task_into_line"
	// TaskBack is written when a task goes back into its line, with the reason.
	TaskBack Name = "task_back"
	// TaskLater is written when a task without a line is snoozed, with the reason.
	TaskLater Name = "task_later"
	// LineFailed is written when a task cannot be put into its line; its delivery is repeated.
	LineFailed Name = "line_failed"
	// TaskLeftOut is written when the dispatcher takes back the permit of a task that asynq cannot run.
	TaskLeftOut Name = "task_left_out"
	// TaskFailed is written when a task returns an unexpected error and is retried.
	TaskFailed Name = "task_failed"
	// TaskParked is written when a task cannot be read and is parked in asynq's archive.
	TaskParked Name = "task_parked"
	// TaskLeftForNewer is written when a task of a newer version is left for a newer worker; finish the deploy.
	TaskLeftForNewer Name = "task_left_for_newer"
	// TaskCut is written when a shutdown cuts a call in flight; its journal tells the next worker.
	TaskCut Name = "task_cut"
	// TaskTakenOver is written when a group's record has counted a worker that died with its task.
	TaskTakenOver Name = "task_taken_over"
	// TaskDeliveredAgain is written when the task of a dead worker is delivered again.
	TaskDeliveredAgain Name = "task_delivered_again"
	// TaskAbandoned is written when the task of a dead worker is not retried.
	TaskAbandoned Name = "task_abandoned"
	// TaskNotTakenOver is written when the task of a dead worker cannot be taken over; the next pass retries.
	TaskNotTakenOver Name = "task_not_taken_over"
	// TaskWithoutRecord is written when a task of a group without a record is dropped.
	TaskWithoutRecord Name = "task_without_record"
	// ReapingFailed is written when the search for dead workers' tasks fails.
	ReapingFailed Name = "reaping_failed"
	// QueuePaused is written when a queue is found paused with asynq's own tools.
	QueuePaused Name = "queue_paused"
	// QueueUnpaused is written when a queue is no longer paused with asynq's own tools.
	QueueUnpaused Name = "queue_unpaused"
	// QueueBlocked is written when a key of asynq's holds another type of value, so that nothing is created or invited; find out which program wrote it, stop the workers, delete the key and start them again.
	QueueBlocked Name = "queue_blocked"
	// QueueUnblocked is written when each key of asynq's holds its own type of value again.
	QueueUnblocked Name = "queue_unblocked"
	// PauseEnded is written when the end of a pause has come and the instance goes on.
	PauseEnded Name = "pause_ended"
	// PaceEnded is written when the end of a slower pace has come and the configured pace holds again.
	PaceEnded Name = "pace_ended"
	// PauseForgotten is written when a pause without an end is a day old; resume the instance, or pause it with an end.
	PauseForgotten Name = "pause_forgotten"
	// QueueRemoved is written when a queue is found removed with asynq's own tools and is listed again.
	QueueRemoved Name = "queue_removed"
	// AsynqLog is written when asynq writes a line of its own log.
	AsynqLog Name = "asynq_log"
	// SweepCutShort is written when a pass of the sweeper ends with an error; the next pass goes on.
	SweepCutShort Name = "sweep_cut_short"
	// WebhookQueuedAgain is written when asynq has lost the task of a webhook delivery, or cannot run it, and it is queued again.
	WebhookQueuedAgain Name = "webhook_queued_again"
	// MissingTaskPut is written when the sweeper queues a task that a group needs and asynq has lost.
	MissingTaskPut Name = "missing_task_put"
	// NeedlessTaskRemoved is written when the sweeper removes a waiting task that no group needs, as after a cancel that was cut off.
	NeedlessTaskRemoved Name = "needless_task_removed"
	// ParkedTaskRemoved is written when the sweeper removes a task from asynq's archive; what its group needs is queued again.
	ParkedTaskRemoved Name = "parked_task_removed"
	// BrokenTaskReplaced is written when asynq has a task and cannot run it; what its group needs is queued under another id. asynq keeps the broken task.
	BrokenTaskReplaced Name = "broken_task_replaced"
	// CutAcceptanceRemoved is written when the sweeper removes a group whose producer was cut off before it was told of success.
	CutAcceptanceRemoved Name = "cut_acceptance_removed"
	// CutEditMended is written when the sweeper finishes edits of groups that were cut off.
	CutEditMended Name = "cut_edit_mended"
	// UnreadableFound is written when a stored entry cannot be read.
	UnreadableFound Name = "unreadable_found"
	// UnreadableRebuilt is written when the sweeper has rebuilt an unreadable entry from the records.
	UnreadableRebuilt Name = "unreadable_rebuilt"
	// InstanceState is written when the state of an instance has changed.
	InstanceState Name = "instance_state"
	// InstanceStateLost is written when a new state of an instance cannot be stored.
	InstanceStateLost Name = "instance_state_lost"
	// InstanceStatesUnreadable is written when the states of the instances cannot be read; the last known ones hold.
	InstanceStatesUnreadable Name = "instance_states_unreadable"
	// InstanceRestLost is written when the rest of a restricted instance cannot be stored.
	InstanceRestLost Name = "instance_rest_lost"
	// InstanceErrorLost is written when the latest error of an instance cannot be stored.
	InstanceErrorLost Name = "instance_error_lost"
	// NumberChanged is written when another number is found behind an instance.
	NumberChanged Name = "number_changed"
	// ProviderWebhookFailed is written when a provider's webhook cannot be understood or followed up.
	ProviderWebhookFailed Name = "provider_webhook_failed"
	// ForwardFailed is written when a provider webhook is not forwarded, once until it works.
	ForwardFailed Name = "forward_failed"
	// ForwardDropped is written when a receiver of forwarded webhooks is too slow and some are dropped.
	ForwardDropped Name = "forward_dropped"
	// ForwardResumed is written when a receiver takes forwarded webhooks again.
	ForwardResumed Name = "forward_resumed"
	// WebhookDelivered is written when a receiver has accepted an event.
	WebhookDelivered Name = "webhook_delivered"
	// WebhookRetry is written when a delivery has failed and is retried.
	WebhookRetry Name = "webhook_retry"
	// WebhookUndelivered is written when the last attempt has failed: `webhooks failures` lists the event, `webhooks replay` sends it again.
	WebhookUndelivered Name = "webhook_undelivered"
	// WebhookDisabled is written when a receiver answers 410: its webhook is disabled until it is enabled or its configuration changes.
	WebhookDisabled Name = "webhook_disabled"
	// WebhookSkipped is written when an event is not sent to a receiver, with the reason.
	WebhookSkipped Name = "webhook_skipped"
	// WebhookDropped is written when a delivery is dropped because the retention of its event is over.
	WebhookDropped Name = "webhook_dropped"
	// WebhookDispatchFailed is written when events cannot be dispatched to webhooks; the next pass goes on and none is lost.
	WebhookDispatchFailed Name = "webhook_dispatch_failed"
	// EventsCaughtUp is written when the event stream no longer holds what webhooks must be told; all groups that moved since are read.
	EventsCaughtUp Name = "events_caught_up"
	// EventStreamUnreadable is written when the API cannot read the event stream, once until it can.
	EventStreamUnreadable Name = "event_stream_unreadable"
	// EventStreamRecovered is written when the API reads the event stream again.
	EventStreamRecovered Name = "event_stream_recovered"
	// HTTPRequest is written when the API or the page has answered a request.
	HTTPRequest Name = "http_request"
	// HTTPPanic is written when a request makes its handler panic.
	HTTPPanic Name = "http_panic"
	// HTTPLimited is written when requests or connections meet a limit of `api.limits`, at most once a minute for each limit.
	HTTPLimited Name = "http_limited"
	// HTTPServerLog is written when Go's HTTP server writes a line of its own log.
	HTTPServerLog Name = "http_server_log"
	// HealthListenerEnded is written when the listener of the health checks fails.
	HealthListenerEnded Name = "health_listener_ended"
	// RequestsRefused is written when refused requests of one source and reason are stored, once a minute.
	RequestsRefused Name = "requests_refused"
	// RefusalsLost is written when refused requests cannot be stored.
	RefusalsLost Name = "refusals_lost"
	// PageFailed is written when the admin page answers with an internal error.
	PageFailed Name = "page_failed"
	// BulkJobEnded is written when an action on many groups has ended.
	BulkJobEnded Name = "bulk_job_ended"
	// BulkJobCut is written when work on bulk jobs begins to fail, once until it goes on; it is tried again every second.
	BulkJobCut Name = "bulk_job_cut"
)
