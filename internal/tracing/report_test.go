package tracing

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"
)

// planted returns errors of OpenTelemetry's exporter, by name, whose texts hold secrets of the environment.
func planted() map[string]error {
	address := "https://user:planted@collector.example/v1/traces?key=planted"
	post := func(err error) error { return &url.Error{Op: "Post", URL: address, Err: err} }
	return map[string]error{
		"refused":       post(&net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 4318}, Err: syscall.ECONNREFUSED}),
		"no such host":  post(&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "collector.example", IsNotFound: true}}),
		"in time":       fmt.Errorf("traces export: %w: planted", context.DeadlineExceeded),
		"bad scheme":    post(errors.New("unsupported protocol scheme planted")),
		"its answer":    errors.New("traces export: failed to send to " + address + ": 401 Unauthorized (body: bad key planted)"),
		"wrapped twice": fmt.Errorf("traces export: %w", fmt.Errorf("planted: %w", post(errors.New("planted")))),
	}
}

func TestReporter_RepeatsNoTextThatMayHoldTheReceiversKey(t *testing.T) {
	t.Parallel()
	for name, err := range planted() {
		var told []string
		r := &reporter{failed: func(why string) { told = append(told, why) }}
		if r.ready() != nil {
			t.Fatal("ready reports a fault of the environment, want none")
		}
		r.tell(explain(err))
		if len(told) != 1 || strings.Contains(told[0], "planted") || told[0] == "" {
			t.Errorf("%s is reported as %q, want one text without the secret", name, told)
		}
	}
	for want, err := range map[string]error{"cannot be reached": planted()["refused"], "in time": planted()["in time"], "does not take": planted()["its answer"]} {
		if got := explain(err); !strings.Contains(got, want) {
			t.Errorf("%v is reported as %q, want %q in it", err, got, want)
		}
	}
}

func TestReporter_SaysWhichVariableIsWrongWithoutItsValue(t *testing.T) {
	t.Parallel()
	r := &reporter{failed: func(why string) { t.Errorf("reported before the start: %s", why) }}
	sink := r.WithName("planted").WithValues("key", "planted")
	sink.Error(errors.New("parse planted"), "parse headers", "input", "api-key=planted")
	sink.Info(0, "planted")
	if sink.Enabled(0) {
		t.Error("the reporter takes more than errors")
	}
	err := r.ready()
	if err == nil || !strings.Contains(err.Error(), "parse headers") || strings.Contains(err.Error(), "planted") {
		t.Errorf("got %v, want the message without its values", err)
	}
}

func TestReporter_AnErrorOfSendingIsNoFaultOfTheEnvironment(t *testing.T) {
	t.Parallel()
	var told []string
	r := &reporter{failed: func(why string) { told = append(told, why) }}
	r.handle(planted()["refused"])
	if err := r.ready(); err != nil || len(told) != 1 {
		t.Errorf("ready = %v, reported %q, want one failure to send", err, told)
	}
}

func TestReporter_ReportsTheSameFailureOnceAMinute(t *testing.T) {
	t.Parallel()
	var told []string
	r := &reporter{failed: func(why string) { told = append(told, why) }}
	_ = r.ready()
	for range 3 {
		r.tell("down")
	}
	r.tell("slow")
	r.tell("down")
	r.at = time.Now().Add(-again - time.Second)
	r.tell("down")
	if got := strings.Join(told, ","); got != "down,slow,down,down" {
		t.Errorf("reported %s, want down,slow,down,down", got)
	}
}
