//go:build !unix

package bench

// ownCPU returns 0: it is not measured on this system.
func ownCPU() float64 { return 0 }
