package testutil

import (
	"flag"
	"runtime"
	"strconv"
)

// Waiting says that the tests of a package wait for servers, processes and clocks rather than
// compute, so that more of them run at a time than there are processors. It is for TestMain, before
// the tests run. An explicit -parallel wins.
func Waiting() {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", strconv.Itoa(4*runtime.GOMAXPROCS(0))) // a flag of every test, and a number
	}
}
