package notify

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// jitter lengthens a pause by up to this share, so that deliveries that failed together are not retried together.
	jitter = 0.1
	// maxRetryAfter is the maximum pause that a receiver can ask for: the longest one that Standard Webhooks suggests.
	maxRetryAfter = 24 * time.Hour
)

// pause returns the pause after the n-th try failed, and whether there is another try. A pause that the receiver asks
// for replaces the table's; it does not add tries.
func pause(table []time.Duration, n int, asked time.Duration, random float64) (time.Duration, bool) {
	if n > len(table) {
		return 0, false
	}
	if asked > 0 {
		return min(asked, maxRetryAfter), true
	}
	d := table[n-1]
	return d + time.Duration(random*jitter*float64(d)), true
}

// retryAfter returns the pause that a Retry-After header asks for, in seconds or by a date. It returns 0 for a date in
// the past, and without a readable header.
func retryAfter(text string, now time.Time) time.Duration {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Duration(min(max(n, 0), int64(maxRetryAfter/time.Second))) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return max(at.Sub(now), 0)
}
