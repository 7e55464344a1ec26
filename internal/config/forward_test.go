package config

import (
	"strings"
	"testing"
)

const forwarding = "instances: [{name: alpha, provider: zapi, instance_id: I1, token: t0ken, hook_secret: 0123456789abcdef0123, forward: [%s]}]"

func TestForward_HasADefaultForEachKeyButTheAddress(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, strings.Replace(forwarding, "%s", "{url: https://bot.example/zapi}, {url: http://10.0.0.1/x, token: b0t, events: [received, 'mess*'], what: others, allow_private: true}", 1))
	f := c.Instances[0].Forward
	if len(f) != 2 || f[0].What != ForwardAll || len(f[0].Events) != 1 || f[0].Events[0] != "*" || f[0].Token.Given() || f[0].AllowPrivate || f[0].Host() != "bot.example" {
		t.Errorf("got %+v, want two, the first with the defaults", f)
	}
	if f[1].What != ForwardOthers || len(f[1].Events) != 2 || f[1].Token.Reveal() != "b0t" || !f[1].AllowPrivate {
		t.Errorf("got %+v, want what the file says", f[1])
	}
}

func TestForward_WhatCannotWorkIsRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"{token: x}":                                         "url is missing",
		"{url: ftp://bot.example}":                           "not an https:// address",
		"{url: http://bot.example}":                          "https://",
		"{url: https://10.0.0.1/planted}":                    "not public",
		"{url: https://r.example/hooks/alpha/planted}":       "this instance's own webhooks",
		"{url: https://b.example}, {url: https://b.example}": "another forward has this address",
		"{url: https://b.example, events: ['[']}":            "nor a pattern",
		"{url: https://b.example, events: []}":               "nothing is forwarded",
		"{url: https://b.example, what: some}":               "is not possible here",
	} {
		_, err := decode("f", []byte(strings.Replace(forwarding, "%s", text, 1)), env(nil), nil)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "planted") {
			t.Errorf("%s: got %v, want %q and no secret", text, err, want)
		}
	}
	_, err := decode("f", []byte("instances: [{name: alpha, provider: zapi, instance_id: I1, token: t0ken, forward: [{url: https://b.example}]}]"), env(nil), nil)
	if err == nil || !strings.Contains(err.Error(), "without a hook_secret") {
		t.Errorf("got %v, want a fault of the missing hook_secret", err)
	}
}
