package serving

import (
	"net"
	"net/netip"
)

// SourceOf returns what counts as one source: an IPv4 address, or the network of an IPv6 one, because a
// machine there has 2^64 addresses to choose from. It is invalid without an address.
func SourceOf(addr netip.Addr) netip.Prefix {
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	p, err := addr.Prefix(bits)
	if err != nil { // no address: a test's recorder, or a unix socket
		return netip.Prefix{}
	}
	return p
}

func addressOf(a net.Addr) netip.Addr {
	if tcp, ok := a.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}
