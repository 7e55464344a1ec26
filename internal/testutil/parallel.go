package testutil

import (
	"flag"
	"runtime"
	"strconv"
)

// Waiting runs some tests in parallel for each processor, for a package whose tests mostly wait for servers, processes and
// clocks. Call it in TestMain before the tests run. An explicit -parallel takes precedence.
func Waiting(some int) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", strconv.Itoa(some*runtime.GOMAXPROCS(0))) // a flag of every test, and a number
	}
}
