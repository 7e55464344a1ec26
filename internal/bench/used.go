package bench

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// used is what a running process uses, read from Linux' /proc (proc(5)).
type used struct {
	resident, peak float64 // memory in bytes: now, and the most so far
	cpu            float64 // processor time of all its threads so far, in seconds
}

// errNoProc is the error on a system without /proc, and for a process that has ended.
var errNoProc = errors.New("cannot read in /proc what a process uses (it needs Linux)")

// usedBy returns what a process uses.
func usedBy(pid int) (used, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return used{}, errors.Join(errNoProc, err)
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return used{}, errors.Join(errNoProc, err)
	}
	u := used{}
	for line := range strings.Lines(string(status)) {
		var err error
		switch name, value, _ := strings.Cut(line, ":"); name {
		case "VmRSS":
			u.resident, err = kilobytes(value)
		case "VmHWM":
			u.peak, err = kilobytes(value)
		}
		if err != nil {
			return used{}, fmt.Errorf("/proc/%d/status: %w", pid, err)
		}
	}
	if u.cpu, err = processorTime(string(stat)); err != nil {
		return used{}, fmt.Errorf("/proc/%d/stat: %w", pid, err)
	}
	return u, nil
}

// kilobytes reads a value of /proc/PID/status such as "  123 kB" as bytes.
func kilobytes(value string) (float64, error) {
	n, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 64)
	return n * 1024, err
}

// ticks is how many units of /proc/PID/stat a second has: USER_HZ, which is 100 wherever Go runs on Linux.
const ticks = 100

// processorTime returns the seconds in user and kernel mode that /proc/PID/stat tells.
func processorTime(stat string) (float64, error) {
	// The program's name stands in parentheses and may itself hold spaces and parentheses. The third field and
	// the ones after it follow; utime is the 14th, stime the 15th.
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0, fmt.Errorf("%d fields behind the program's name, want 13 or more", len(fields))
	}
	user, err := strconv.ParseUint(fields[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseUint(fields[12], 10, 64)
	return float64(user+system) / ticks, err
}
