package cli

import (
	"context"
	"fmt"
	"net"
	"strconv"
)

// DefaultListen is where `rollcall-producer serve` and `rollcall-worker dev` serve the API and the page.
const DefaultListen = "127.0.0.1:8080"

// ListenNear opens one of the twenty ports after that of an address, or any other free one. It is for
// programs that people try out side by side.
func ListenNear(ctx context.Context, address string) (net.Listener, error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, fmt.Errorf("%s: the port is not a number", address)
	}
	tcp := new(net.ListenConfig)
	for n := port + 1; n <= port+20; n++ {
		if l, err := tcp.Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(n))); err == nil {
			return l, nil
		}
	}
	return tcp.Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
}
