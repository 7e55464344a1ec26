// Package rooms holds the import rules of the tree in one table, and the test that enforces them.
package rooms

// room is a directory of the tree. Its subdirectories belong to it unless they have a row of their own.
type room struct {
	path string
	// only lists the rooms that this one may import. Empty: every room on a lower row.
	only []string
	// leaf is true for a room that imports no other room.
	leaf bool
	// tests is true if the rule also holds for the room's tests.
	tests bool
	why   string
}

// floors lists the rooms from the ground up: a room imports only rooms on lower rows.
var floors = []room{
	{path: "tasks", leaf: true, why: "the public wire contract costs its importers nothing beside the standard library"},
	{path: "docs", leaf: true, why: "docs holds documents; it does not know who serves them"},
	{path: "internal/event", leaf: true, why: "event names the lines of the log; it does not know who writes them"},
	{path: "internal/markup", leaf: true, why: "markup writes elements; it does not know of which page"},
	{path: "internal/template", leaf: true, why: "template fills in texts; it does not know what they are for"},
	{path: "internal/say", only: []string{"internal/template"}, why: "say turns codes into sentences; it does not know the state"},
	{path: "internal/phone", only: []string{"internal/say"}, why: "phone knows numbers and nothing else, so that every room can use it"},
	{path: "internal/clock", leaf: true, why: "clock writes moments for people; it does not know of what"},
	{path: "internal/pacing", only: []string{"internal/say"}, why: "pacing is arithmetic and scripts; it does not know what it paces"},
	{path: "internal/sealed", leaf: true, why: "sealed encrypts bytes; it does not know which"},
	{path: "internal/tracing", leaf: true, why: "tracing receives ids and words; it does not know what they mean"},
	{path: "internal/panics", leaf: true, why: "panics makes an error of a panic; it does not know whose"},
	{path: "internal/devfile", leaf: true, why: "devfile is a file that programs share, the public client among them"},
	{path: "internal/redisconn/child", leaf: true, why: "child starts a redis-server and stops it"},
	{path: "internal/redisconn/memory", leaf: true, why: "memory is a Redis without a process"},
	{path: "internal/redisconn", only: []string{"internal/event", "internal/say", "internal/redisconn/child", "internal/redisconn/memory"}, why: "redisconn opens and judges a Redis; it does not know what is kept in it"},
	{path: "internal/provider/simulator", leaf: true, tests: true, why: "the simulator shares nothing with the clients, so that both cannot make the same mistake"},
	{path: "internal/testutil", only: []string{"internal/redisconn", "internal/redisconn/child", "internal/redisconn/memory"}, why: "testutil starts what tests need; it tests nothing"},
	{path: "internal/serving", leaf: true, why: "serving bounds connections; it does not know what is served"},
	{path: "internal/outbound", only: []string{"internal/say"}, why: "outbound makes requests to addresses that users name; it does not know what it sends"},
	{path: "internal/group", only: []string{"internal/phone", "tasks", "internal/say"}, why: "group is the pure domain that all others stand on"},
	{path: "internal/queue", only: []string{"tasks"}, why: "queue puts tasks for producers and workers alike, so it knows neither, nor what a task does"},
	{path: "internal/intake/workbook", only: []string{"internal/say"}, why: "workbook turns a file into rows of texts; it does not know what they mean"},
	{path: "internal/intake", only: []string{"internal/intake/workbook", "internal/phone", "internal/say", "internal/template", "tasks"}, why: "intake turns bytes into requests; what handles them stands above"},
	{path: "internal/provider", only: []string{"internal/phone", "internal/say", "tasks"}, why: "a provider makes calls; queues, records and files stand above"},
	{path: "internal/provider/wire", only: []string{"internal/phone", "internal/provider", "internal/say"}, why: "wire makes one HTTP call for a provider"},
	{path: "internal/provider/layers", only: []string{"internal/provider", "internal/provider/wire", "internal/say"}, why: "layers wraps the provider contract"},
	{path: "internal/provider/spec", only: []string{"internal/phone", "internal/provider", "internal/provider/wire", "internal/say", "tasks"}, why: "spec describes a provider; what uses the description stands above"},
	{path: "internal/provider/evolution", only: []string{"internal/phone", "internal/provider", "internal/provider/spec", "internal/provider/wire", "internal/say", "tasks"}, why: "a client that shared code with the simulator would agree with it, and not with the provider"},
	{path: "internal/provider/gowa", only: []string{"internal/phone", "internal/provider", "internal/provider/spec", "internal/provider/wire", "internal/say", "tasks"}, why: "a client that shared code with the simulator would agree with it, and not with the provider"},
	{path: "internal/provider/greenapi", only: []string{"internal/phone", "internal/provider", "internal/provider/spec", "internal/provider/wire", "internal/say", "tasks"}, why: "a client that shared code with the simulator would agree with it, and not with the provider"},
	{path: "internal/provider/zapi", only: []string{"internal/phone", "internal/provider", "internal/provider/spec", "internal/provider/wire", "internal/say", "tasks"}, why: "a client that shared code with the simulator would agree with it, and not with the provider"},
	{path: "internal/provider/all", only: []string{"internal/provider", "internal/provider/evolution", "internal/provider/gowa", "internal/provider/greenapi", "internal/provider/layers", "internal/provider/spec", "internal/provider/wire", "internal/provider/zapi"}, why: "all registers the providers"},
	{path: "internal/config", only: []string{"internal/phone", "tasks", "internal/provider/all", "internal/provider/spec", "internal/sealed", "internal/template"}, why: "config reads a file into values, whose keys and checks the providers bring; the wiring gives each room what it needs of them"},
	{path: "internal/provider/providertest", only: []string{"internal/phone", "internal/provider", "internal/provider/simulator", "internal/provider/spec", "tasks"}, why: "providertest holds every client against the contract"},
	{path: "internal/faults", only: []string{"internal/group", "internal/provider/all", "internal/provider/spec", "internal/say"}, why: "faults explains what groups report, in the words that the providers bring; it reads and asks nothing"},
	{path: "internal/store", only: []string{"internal/faults", "internal/group", "internal/pacing", "internal/phone", "internal/provider", "internal/sealed", "tasks", "internal/say"}, why: "the store is the truth; what reads and moves it stands above"},
	{path: "internal/photo", only: []string{"internal/panics", "internal/outbound", "internal/say", "tasks"}, why: "photo fetches one picture; what it is for stands above"},
	{path: "internal/steps", only: []string{"internal/event", "internal/group", "internal/store", "internal/pacing", "internal/phone", "internal/photo", "internal/provider", "tasks", "internal/say", "internal/template"}, why: "steps says what a task does; what queues, drives and wires it stands above"},
	{path: "internal/dispatch", only: []string{"internal/panics", "internal/say", "internal/event", "internal/pacing", "internal/queue", "internal/redisconn", "internal/steps", "internal/store", "tasks"}, why: "dispatch lets tasks go and serves them; it knows nothing of WhatsApp, steps says what a task does"},
	{path: "internal/sweep", only: []string{"internal/panics", "internal/event", "internal/group", "internal/store", "internal/queue", "tasks"}, why: "sweep reads the records from beside the dispatcher"},
	{path: "internal/health", only: []string{"internal/event", "internal/store", "internal/pacing", "internal/phone", "internal/provider", "internal/say"}, why: "health reads the instances and their numbers, from beside the dispatcher"},
	{path: "internal/view", only: []string{"internal/faults", "internal/group", "internal/intake", "internal/store", "internal/pacing", "internal/phone", "internal/provider", "internal/provider/spec", "internal/queue", "tasks", "internal/say"}, why: "view reads the records from beside the dispatcher"},
	{path: "internal/metrics", only: []string{"internal/provider", "internal/queue", "internal/view", "tasks"}, why: "metrics counts what it is told and what status reads; it moves nothing"},
	{path: "internal/audit", only: []string{"internal/group", "internal/store", "internal/phone", "internal/say"}, why: "audit writes down what it is told"},
	{path: "internal/auth", only: []string{"internal/audit", "internal/event", "internal/phone", "internal/serving", "internal/store"}, why: "auth says who sends a request; what is asked and answered stands above"},
	{path: "internal/numbers", only: []string{"internal/store", "internal/phone", "internal/provider", "tasks"}, why: "numbers asks the providers that it receives and remembers their answers"},
	{path: "internal/operate", only: []string{"internal/panics", "internal/audit", "internal/group", "internal/intake", "internal/store", "internal/pacing", "internal/phone", "internal/queue", "internal/view", "tasks", "internal/say"}, why: "operate records and queues a request; the worker may run on another machine"},
	{path: "internal/callback", only: []string{"internal/event", "internal/group", "internal/store", "internal/outbound", "internal/pacing", "internal/phone", "internal/provider", "internal/provider/spec", "tasks", "internal/say"}, why: "callback turns a provider's webhook into a reading; the worker may run on another machine"},
	{path: "internal/notify", only: []string{"internal/panics", "internal/event", "internal/group", "internal/store", "internal/outbound", "internal/provider", "internal/view", "internal/steps", "tasks", "internal/say"}, why: "notify sends what the records say"},
	{path: "producer/enqueue", only: []string{"internal/panics", "internal/operate", "internal/devfile", "internal/group", "internal/intake", "internal/store", "internal/pacing", "internal/phone", "internal/queue", "internal/view", "tasks", "internal/say"}, why: "a program that only puts work in must not carry the worker and its file"},
	{path: "producer/enqueue/enqueuetest", only: []string{"internal/phone", "internal/redisconn/memory", "producer/enqueue"}, why: "a test imports only what enqueue needs"},
	{path: "internal/admission", only: []string{"internal/group", "internal/intake", "internal/photo", "internal/say", "internal/view", "producer/enqueue", "tasks"}, why: "admission is what all ways to send requests have in common; those ways stand above"},
	{path: "internal/api", only: []string{"internal/panics", "docs", "internal/admission", "internal/say", "internal/event", "internal/audit", "internal/auth", "internal/operate", "internal/group", "internal/callback", "internal/intake", "internal/store", "internal/numbers", "internal/pacing", "internal/phone", "internal/photo", "internal/provider", "internal/provider/all", "internal/redisconn", "internal/serving", "internal/view", "internal/notify", "producer/enqueue", "tasks", "internal/markup"}, why: "api receives what it needs; the wiring, the configuration and the dispatcher stand elsewhere"},
	{path: "internal/agent", only: []string{"docs", "internal/api", "internal/audit", "internal/auth"}, why: "agent asks the API, as a program elsewhere does"},
	{path: "internal/admin", only: []string{"internal/panics", "internal/admission", "internal/photo", "producer/enqueue", "internal/event", "internal/api", "internal/audit", "internal/auth", "internal/clock", "internal/operate", "internal/faults", "internal/group", "internal/intake", "internal/store", "internal/pacing", "internal/phone", "internal/provider", "internal/provider/spec", "internal/provider/all", "internal/redisconn", "internal/view", "internal/notify", "tasks", "internal/say", "internal/markup"}, why: "the page receives what it needs and decides nothing"},
	{path: "internal/app", why: "app wires the rooms for whatever starts it"},
	{path: "internal/bench", why: "bench measures the wired program"},
	{path: "internal/cli", why: "a command is one way of starting the program"},
	{path: "internal/cli/producercmd", why: "the commands of producer"},
	{path: "internal/cli/workercmd", why: "the commands of worker"},
	{path: "internal/cli/man", why: "man writes the manual pages of both programs"},
	{path: "producer", only: []string{"internal/cli", "internal/cli/producercmd"}, why: "a program is a shim, so that a test can call all it does"},
	{path: "worker", only: []string{"internal/cli", "internal/cli/workercmd"}, why: "a program is a shim, so that a test can call all it does"},
	{path: "e2e", only: []string{"internal/group", "internal/provider/simulator", "internal/store"}, why: "the end-to-end tests use the programs from outside, and hold their store against the simulator's ledger"},
	{path: "internal/rooms", leaf: true, why: "rooms reads the source, not the program"},
	{path: "examples", only: []string{"producer/enqueue", "producer/enqueue/enqueuetest", "tasks"}, why: "an example shows what a program elsewhere can use"},
}

// module is a package from elsewhere that only some rooms may import.
type module struct {
	// path covers the package and everything below it; with "$" at its end, that package alone.
	path string
	// in lists the rooms that may import it. Empty: none.
	in []string
	// tests is true if the rule also holds for tests.
	tests bool
	why   string
}

// testsOnly lists the rooms outside _test.go files that may import what tests need.
var testsOnly = []string{"internal/testutil", "internal/provider/providertest", "producer/enqueue/enqueuetest"}

// modules lists packages that only a few rooms may import, or none.
var modules = []module{
	{path: "github.com/hibiken/asynq", in: []string{"internal/dispatch", "internal/queue", "internal/bench"}, why: "asynq moves and leases work; the store holds the state"},
	{path: "github.com/redis/go-redis", in: []string{"internal/redisconn", "internal/store", "internal/pacing", "internal/dispatch", "internal/queue", "internal/testutil", "internal/bench", "examples", "producer/enqueue"}, why: "redisconn opens the connection, and one room writes each key"},
	{path: "go.opentelemetry.io/otel", in: []string{"internal/tracing"}, why: "a program that only puts work in need not carry it"},
	{path: "text/template$", tests: true, why: "it finds methods by their names, for which the linker keeps every exported method: 10 MB; internal/template reads what sentences and messages need"},
	{path: "html/template$", tests: true, why: "it carries text/template; internal/markup writes pages"},
	{path: "github.com/modelcontextprotocol/go-sdk", in: []string{"internal/agent"}, why: "one room speaks the protocol of language models"},
	{path: "github.com/nyaruka/phonenumbers", in: []string{"internal/phone"}, tests: true, why: "its tables weigh 6 MB and differ from WhatsApp at times; phone knows where"},
	{path: "testing", in: testsOnly, why: "what only tests need stays out of the programs"},
	{path: "github.com/google/go-cmp", in: testsOnly, why: "what only tests need stays out of the programs"},
	{path: "github.com/rogpeppe/go-internal", in: testsOnly, why: "what only tests need stays out of the programs"},
	{path: "github.com/chromedp", in: testsOnly, why: "what only tests need stays out of the programs"},
	{path: "go.uber.org/goleak", in: testsOnly, why: "what only tests need stays out of the programs"},
	{path: "pgregory.net/rapid", in: testsOnly, why: "what only tests need stays out of the programs"},
	{path: "github.com/rs/zerolog/log", tests: true, why: "a logger is handed in; the global one knows neither level nor format"},
	{path: "github.com/stretchr/testify", tests: true, why: "tests use the standard library and go-cmp"},
	{path: "gopkg.in/yaml", tests: true, why: "go.yaml.in/yaml/v3 is the maintained one"},
	{path: "math/rand$", tests: true, why: "use math/rand/v2"},
}
