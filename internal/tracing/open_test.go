package tracing

import (
	"os"
	"strings"
	"testing"
)

// OpenTelemetry would send every trace instead, and say so only to its own error handler.
func TestOpen_RefusesASamplerThatOpenTelemetryCannotRead(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	for _, c := range []struct{ sampler, ratio, want string }{
		{"parentbased_traceidratio", "0.01", ""},
		{"always_off", "", ""},
		{"", "", ""},
		{"parentbased_traceidratio", "0,01", "OTEL_TRACES_SAMPLER"},
		{"traceidratio", "1", ""},
		{"traceidratio", "2", "OTEL_TRACES_SAMPLER"},
		{"traceidratio", "-1", "OTEL_TRACES_SAMPLER"},
		{"planted", "", "OTEL_TRACES_SAMPLER"},
	} {
		t.Setenv("OTEL_TRACES_SAMPLER", c.sampler)
		t.Setenv("OTEL_TRACES_SAMPLER_ARG", c.ratio)
		traces, err := Open(t.Context(), "rollcall-test", "v0", os.LookupEnv, func(why string, _ int64) { t.Errorf("%s %s: traces are lost: %s", c.sampler, c.ratio, why) })
		switch {
		case c.want == "" && (err != nil || traces == nil):
			t.Errorf("%s %s: got %v, want tracing", c.sampler, c.ratio, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "planted")):
			t.Errorf("%s %s: got %v, want the variable named without its value", c.sampler, c.ratio, err)
		}
		_ = traces.Close(t.Context())
	}
}
