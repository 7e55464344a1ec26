// Command serve runs the outside provider as a process of its own, with two instances of each
// provider, for whoever wants to try rollcall, or anything else, against it by hand.
//
//	go run -C e2e ./outside/serve --share 0.2
//	curl -s 127.0.0.1:8099/ledger
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/rollcallhq/rollcall/e2e/outside"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8099", "address to listen on")
	seed := flag.Uint64("seed", 1, "seed of people and faults")
	share := flag.Float64("share", 0, "share of creates that are answered by a fault")
	lag := flag.Duration("lag", 2*time.Second, "time until lists show a new group")
	flag.Parse()

	instances := []outside.Instance{
		{Provider: outside.ZAPI, ID: "Z1", Token: "token-z1", ClientToken: "client", Own: "5511900000001"},
		{Provider: outside.ZAPI, ID: "Z2", Token: "token-z2", ClientToken: "client", Own: "5511900000002", Old: true},
		{Provider: outside.GreenAPI, ID: "7105000001", Token: "token-g1", Own: "79000000001"},
		{Provider: outside.GreenAPI, ID: "7105000002", Token: "token-g2", Own: "79000000002"},
	}
	p := outside.New(outside.Config{
		Instances: instances,
		Census:    &outside.Census{Seed: *seed, BlocksShare: 0.2, NoWhatsAppShare: 0.05},
		Faults:    &outside.Faults{Seed: *seed, Share: *share, Kinds: outside.AllFaults()},
		ListLag:   *lag,
	})
	mux := http.NewServeMux()
	mux.Handle("/", p)
	mux.HandleFunc("GET /ledger", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(p.Ledger())
	})
	fmt.Printf("base_url: http://%s\nseed %d, share of faults %.2f; the truth is at /ledger\n", *listen, *seed, *share)
	for _, i := range instances {
		fmt.Printf("  - {provider: %s, base_url: http://%s, instance_id: %q, token: %s, client_token: %q}\n", i.Provider, *listen, i.ID, i.Token, i.ClientToken)
	}
	server := &http.Server{Addr: *listen, Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	if err := server.ListenAndServe(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
