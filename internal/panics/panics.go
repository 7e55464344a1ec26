// Package panics turns panics into errors, in goroutines whose panic would end the process.
package panics

import (
	"fmt"
	"path"
	"runtime"
	"strings"
)

// Catch turns a panic of the function that defers it into err: one line with the panic's value and where it came from.
func Catch(err *error) {
	p := recover()
	if p == nil {
		return
	}
	*err = fmt.Errorf("panic: %v (%s)", p, strings.Join(callers(), " < "))
}

// callers returns the innermost functions of the panic, each as "workbook.(*xlsx).put xlsx.go:173".
func callers() []string {
	const maxCallers = 8
	var all []string
	counters := make([]uintptr, 64)
	frames := runtime.CallersFrames(counters[:runtime.Callers(3, counters)]) // without Callers, callers and Catch
	for frame, more := frames.Next(); more && len(all) < maxCallers; frame, more = frames.Next() {
		if !strings.HasPrefix(frame.Function, "runtime.") {
			all = append(all, fmt.Sprintf("%s %s:%d", path.Base(frame.Function), path.Base(frame.File), frame.Line))
		}
	}
	return all
}
