package serving

import (
	"errors"
	"fmt"
)

// minFiles is how many open files a program needs beside its clients: Redis, providers, spooled uploads.
const minFiles = 64

// howFiles says what raises the limit.
const howFiles = "raise the limit of open files: ulimit -n 65536, LimitNOFILE=65536 in a systemd unit, --ulimit nofile=65536 with Docker"

// ErrFewFiles means that this process may open too few files to work.
var ErrFewFiles = errors.New("too few files may be open")

// Affordable returns how many of the wanted connections a server takes: at most half of the files that its process
// may open, because Redis, providers and uploads need files too. 0 files are unlimited. The warning says that
// the connections are fewer than wanted; the error, that the files are too few to work.
func Affordable(wanted, files int) (connections int, warning string, err error) {
	switch {
	case files == 0 || files/2 >= wanted:
		return wanted, "", nil
	case files < minFiles:
		return 0, "", fmt.Errorf("%w: %d, and at least %d are needed; %s", ErrFewFiles, files, minFiles, howFiles)
	}
	return files / 2, fmt.Sprintf("%d files may be open, so the server takes %d connections at once and not %d; %s", files, files/2, wanted, howFiles), nil
}

// Enough warns if fewer files may be open than a program may need; 0 files are unlimited.
func Enough(needed, files int) (warning string) {
	if files == 0 || files >= needed {
		return ""
	}
	return fmt.Sprintf("%d files may be open, and this program may need %d; %s", files, needed, howFiles)
}
