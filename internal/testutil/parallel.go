package testutil

import (
	"flag"
	"runtime"
	"strconv"
)

// Waiting says that the tests of a package wait for servers, processes and clocks rather than
// compute, so that some of them run at a time for each processor. It is for TestMain, before the
// tests run. An explicit -parallel wins.
func Waiting(some int) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", strconv.Itoa(some*runtime.GOMAXPROCS(0))) // a flag of every test, and a number
	}
}
