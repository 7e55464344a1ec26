package outside

import (
	"net"
	"syscall"
	"time"
	"unsafe"
)

// jiffy is the step of the kernel's clock for what it tells of a connection, where it ticks slowest
// of the usual (250 Hz).
const jiffy = 4 * time.Millisecond

// late asks the kernel how long ago the last data of a connection came in, which is how late this
// process is when it reads it: on a busy machine a reader waits for its turn, and the sender is not
// to blame for that. Zero when it came just now.
func late(conn net.Conn) time.Duration {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return 0
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return 0
	}
	var info syscall.TCPInfo
	size := uint32(unsafe.Sizeof(info))
	_ = raw.Control(func(fd uintptr) {
		// The standard library has the structure but no call that fills it.
		_, _, errno := syscall.Syscall6(syscall.SYS_GETSOCKOPT, fd, syscall.IPPROTO_TCP, syscall.TCP_INFO,
			uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0) //nolint:gosec // see above
		if errno != 0 {
			info.Last_data_recv = 0
		}
	})
	if info.Last_data_recv == 0 {
		return 0
	}
	return time.Duration(info.Last_data_recv)*time.Millisecond + jiffy
}
