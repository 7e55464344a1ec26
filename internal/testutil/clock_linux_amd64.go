package testutil

import (
	"bufio"
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Clock is the wall clock of one process. A test can step it as an administrator or NTP does. The process' monotonic
// clock and the clocks of other processes do not change, and the program needs no special build.
//
// Go programs read the clock from the vDSO, code that the kernel maps into each process, so libfaketime does not affect
// them. Before the program's first instruction, StartWithClock replaces the vDSO's clock_gettime with code that asks the
// kernel and adds an offset.
type Clock struct {
	memory *os.File
	offset int64 // address of the offset in the process
}

// StartWithClock starts a program and returns its clock, with no offset yet. The caller closes the clock.
func StartWithClock(cmd *exec.Cmd) (*Clock, error) {
	// A traced child stops once its program is loaded, and only the thread that started it may detach from it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Ptrace = true
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	pid := cmd.Process.Pid
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &status, 0, nil); err != nil {
		return nil, fmt.Errorf("wait for the program to be loaded: %w", err)
	}
	c, err := takeClock(pid)
	if err := errors.Join(err, syscall.PtraceDetach(pid)); err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return nil, err
	}
	return c, nil
}

// Set sets the clock's offset from the machine's clock, in whole seconds.
func (c *Clock) Set(off time.Duration) error {
	if _, err := c.memory.WriteAt(binary.LittleEndian.AppendUint64(nil, uint64(off/time.Second)), c.offset); err != nil { //nolint:gosec // a negative offset is written in two's complement
		return fmt.Errorf("set the clock: %w", err)
	}
	return nil
}

// Close closes the process' memory. The process keeps the offset.
func (c *Clock) Close() error { return c.memory.Close() }

// clockCode calls the kernel's clock_gettime(2) and adds an offset in seconds for CLOCK_REALTIME. The last eight bytes
// are the offset.
var clockCode = []byte{
	0xb8, 0xe4, 0x00, 0x00, 0x00, // mov eax, 228
	0x0f, 0x05, // syscall
	0x85, 0xff, // test edi, edi
	0x75, 0x0a, // jnz past the add: not CLOCK_REALTIME
	0x48, 0x8b, 0x0d, 0x0e, 0x00, 0x00, 0x00, // mov rcx, [rip+14]
	0x48, 0x01, 0x0e, // add [rsi], rcx
	0xc3,                                                       // ret
	0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, // nops that align the offset
	0, 0, 0, 0, 0, 0, 0, 0,
}

// takeClock replaces clock_gettime in the vDSO of a stopped process with clockCode.
func takeClock(pid int) (*Clock, error) {
	memory, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", pid), os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	c := &Clock{memory: memory}
	at, room, err := clockFunction(pid, memory)
	if err == nil && room < uint64(len(clockCode)) {
		err = fmt.Errorf("clock_gettime has %d bytes in the vDSO, and %d are needed", room, len(clockCode))
	}
	if err == nil {
		_, err = memory.WriteAt(clockCode, at)
	}
	if err != nil {
		_ = memory.Close()
		return nil, fmt.Errorf("take over the clock of process %d: %w", pid, err)
	}
	c.offset = at + int64(len(clockCode)) - 8
	return c, nil
}

// clockFunction returns the address of clock_gettime in a process' vDSO, and its size in bytes.
func clockFunction(pid int, memory *os.File) (at int64, room uint64, err error) {
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return 0, 0, err
	}
	for lines := bufio.NewScanner(bytes.NewReader(maps)); lines.Scan(); {
		var from, to int64
		if !strings.HasSuffix(lines.Text(), "[vdso]") {
			continue
		}
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x", &from, &to); err != nil {
			return 0, 0, err
		}
		image := make([]byte, to-from)
		if _, err := memory.ReadAt(image, from); err != nil {
			return 0, 0, err
		}
		file, err := elf.NewFile(bytes.NewReader(image))
		if err != nil {
			return 0, 0, err
		}
		symbols, err := file.DynamicSymbols()
		if err != nil {
			return 0, 0, err
		}
		for _, s := range symbols {
			if s.Name == "__vdso_clock_gettime" {
				return from + int64(s.Value), s.Size, nil //nolint:gosec // an offset into a few pages
			}
		}
	}
	return 0, 0, errors.New("its vDSO has no clock_gettime")
}
