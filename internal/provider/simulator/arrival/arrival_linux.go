package arrival

import (
	"encoding/binary"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"time"
)

// stamped is a connection that notes when the kernel received the data it reads.
type stamped struct {
	*net.TCPConn

	raw  syscall.RawConn
	came atomic.Int64 // Unix time in ns; 0 before the first timestamp
}

func stamp(c net.Conn) net.Conn {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return c
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return c
	}
	var refused error
	if err := raw.Control(func(fd uintptr) {
		refused = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_TIMESTAMPNS, 1)
	}); err != nil || refused != nil {
		return c
	}
	return &stamped{TCPConn: tcp, raw: raw}
}

// Read implements net.Conn.
func (s *stamped) Read(p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	var oob [128]byte
	told := 0
	waiting := s.raw.Read(func(fd uintptr) bool {
		n, told, _, _, err = syscall.Recvmsg(int(fd), p, oob[:], 0)
		return err != syscall.EAGAIN && err != syscall.EINTR
	})
	switch {
	case waiting != nil:
		return 0, waiting
	case err != nil:
		return 0, err
	case n == 0:
		return 0, io.EOF
	}
	if messages, err := syscall.ParseSocketControlMessage(oob[:told]); err == nil {
		for _, m := range messages {
			if m.Header.Level == syscall.SOL_SOCKET && m.Header.Type == syscall.SO_TIMESTAMPNS && len(m.Data) >= 16 {
				seconds, ns := binary.NativeEndian.Uint64(m.Data), binary.NativeEndian.Uint64(m.Data[8:])
				s.came.Store(int64(seconds)*int64(time.Second) + int64(ns)) //nolint:gosec // a moment of ours
			}
		}
	}
	return n, nil
}

func came(c net.Conn) (time.Time, bool) {
	s, ok := c.(*stamped)
	if !ok || s.came.Load() == 0 {
		return time.Time{}, false
	}
	return time.Unix(0, s.came.Load()), true
}
