package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// healthWait is how long a running program may take to answer.
const healthWait = 4 * time.Second

// Health is what a running program answered.
type Health struct {
	URL string `json:"url"`
	OK  bool   `json:"ok"`
	// Answer is the text of its answer: "ok", or what is wrong.
	Answer string `json:"answer"`
}

// NewHealthCommand returns the command health. Images without a shell have no other way to ask.
func NewHealthCommand(o *IO, common *Common) *cobra.Command {
	var ready bool
	cmd := &cobra.Command{
		Use: "health [ADDR]", Short: "Ask a running program whether it works", Args: cobra.MaximumNArgs(1),
		Long: `Ask the program that runs at ADDR (default 127.0.0.1:9090) whether it works: its /healthz, or with --ready
its /readyz, which asks Redis too. For health checks of containers.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := common.Open(o, cmd.Root().Name())
			if err != nil {
				return err
			}
			address := "127.0.0.1:9090"
			if len(args) > 0 {
				address = args[0]
			}
			if _, _, err := net.SplitHostPort(address); err != nil {
				return Usage("%q is not an address; write host:port, for example 127.0.0.1:9090", address)
			}
			h := askHealth(cmd.Context(), address, ready)
			err = Print[Health](s, h, nil, func(p *Page) { p.Printf("%s\n", h.Answer) })
			if err == nil && !h.OK {
				return Exit(Failed, nil)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&ready, "ready", false, "ask whether it can work: whether Redis answers it, too")
	cmd.Example = programWord + " health\n" + programWord + " health --ready 127.0.0.1:8080"
	return WithExit(cmd, "0    it works", "1    it does not, or does not answer", "2    the command line is wrong")
}

func askHealth(ctx context.Context, address string, ready bool) Health {
	h := Health{URL: "http://" + address + "/healthz"}
	if ready {
		h.URL = "http://" + address + "/readyz"
	}
	ctx, cancel := context.WithTimeout(ctx, healthWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.URL, http.NoBody)
	if err != nil {
		h.Answer = err.Error()
		return h
	}
	// A proxy set in the environment is for calls to the providers.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		h.Answer = fmt.Sprintf("connection refused: nothing is listening at %s; start the program, or give the address of its --listen (or --health)", address)
		return h
	case err != nil:
		h.Answer = err.Error()
		return h
	}
	defer resp.Body.Close() //nolint:errcheck // only read
	body, err := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	h.OK = err == nil && resp.StatusCode == http.StatusOK
	h.Answer = strings.TrimSpace(string(body))
	if !h.OK {
		h.Answer = fmt.Sprintf("HTTP %d: %s", resp.StatusCode, h.Answer)
	}
	return h
}
