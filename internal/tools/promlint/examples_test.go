// Package promlint checks the examples for Prometheus and Grafana with Prometheus' own parsers. It is
// a module of its own, so that a program that uses rollcall does not depend on Prometheus.
package promlint

import (
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

const examples = "../../../examples/"

func TestAlertRules_LoadInPrometheus(t *testing.T) {
	t.Parallel()
	groups, errs := rulefmt.ParseFile(examples+"prometheus/alerts.yml", false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.NewTextHandler(io.Discard, nil)))
	for _, err := range errs {
		t.Error(err)
	}
	if len(errs) == 0 && (len(groups.Groups) == 0 || len(groups.Groups[0].Rules) == 0) {
		t.Error("the first group has no rule")
	}
}

func TestDashboard_EveryQueryParsesInPrometheus(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(examples + "grafana/rollcall.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(data, &board); err != nil {
		t.Fatal(err)
	}
	p, n := parser.NewParser(parser.Options{}), 0
	for _, panel := range board.Panels {
		for _, target := range panel.Targets {
			// Grafana replaces $instance before it sends a query.
			if _, err := p.ParseExpr(strings.ReplaceAll(target.Expr, "$instance", ".*")); err != nil {
				t.Errorf("%s: %v", panel.Title, err)
			}
			n++
		}
	}
	if n < 20 {
		t.Errorf("found only %d queries, want at least 20", n)
	}
}
