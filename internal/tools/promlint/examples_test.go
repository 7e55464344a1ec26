// Package promlint holds the examples for Prometheus and Grafana against Prometheus' own readers. It
// is a module of its own: a program that uses rollcall shall not have to carry Prometheus.
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

func TestPrometheusTakesTheAlertRules(t *testing.T) {
	t.Parallel()
	groups, errs := rulefmt.ParseFile(examples+"prometheus/alerts.yml", false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.NewTextHandler(io.Discard, nil)))
	for _, err := range errs {
		t.Error(err)
	}
	if len(errs) == 0 && (len(groups.Groups) == 0 || len(groups.Groups[0].Rules) == 0) {
		t.Error("there is no rule")
	}
}

func TestPrometheusCanReadEveryQueryOfTheDashboard(t *testing.T) {
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
			// Grafana puts the chosen instances in first.
			if _, err := p.ParseExpr(strings.ReplaceAll(target.Expr, "$instance", ".*")); err != nil {
				t.Errorf("%s: %v", panel.Title, err)
			}
			n++
		}
	}
	if n < 20 {
		t.Errorf("there are %d queries only", n)
	}
}
