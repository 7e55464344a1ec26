//go:build !unix

package redisconn

import "os"

func tryLock(*os.File) bool { return true }

func installHint() string {
	return "there is none for this system: run Redis in WSL or a container and give redis.url its address"
}
