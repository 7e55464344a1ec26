// Package lane runs the tasks of each instance at the instance's own pace. It and internal/queue
// are the only rooms that know asynq.
//
// Every instance has two lanes, each an asynq.Server of its own on one shared go-redis client:
//
//	create lane   create:<instance> and create:pool:<pool>, each :high before plain before :low
//	              one at a time; paced
//	invite lane   read:<instance>    looks and roll calls; not paced
//	              invite:<instance>  one at a time; paced
//
// What makes a lane more than a server is the gate before its dequeue. A task that may not run now
// is not fetched: it stays pending, in its place, a more urgent one can overtake it, and a pool's
// task goes to whichever instance is free first.
//
//	asynq.Server ── EVALSHA ──► client ── dequeue? ──► gate ── work? open? slot? ──► Redis
//	                                  │                  ▲ ▲
//	                                  │   board (watch ──┘ └── bell)      what lies in the queues
//	                                  ├── retry? ──► back to the head of the queue, if so decided
//	                                  └── forward? recover? ──► no: forward.go and reaper.go do that
//
// asynq has no such hook, so client wraps the go-redis client it is given and knows its scripts by
// the shape of their keys (script.go). A self-test at the start proves that the shapes still fit;
// if they do not, lanes take their slots in the handler and everything else goes on as asynq does it.
package lane
