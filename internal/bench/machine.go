package bench

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Machine describes where a bench ran, without which its figures say nothing.
type Machine struct {
	CPU   string `json:"cpu"`
	Cores int    `json:"cores"`
	OS    string `json:"os"`
	Go    string `json:"go"`
	Redis string `json:"redis"`
	AOF   string `json:"aof"`  // Redis' appendfsync, or "off"
	Load  string `json:"load"` // the system's load when it began; "" if unknown
}

// String returns the line above the figures.
func (m Machine) String() string {
	line := fmt.Sprintf("%s, %d cores, %s, %s, Redis %s, AOF %s", m.CPU, m.Cores, m.OS, m.Go, m.Redis, m.AOF)
	if m.Load != "" {
		line += ", load " + m.Load
	}
	return line
}

// ReadMachine describes this machine and a Redis.
func ReadMachine(ctx context.Context, rdb redis.UniversalClient) (Machine, error) {
	m := Machine{CPU: "unknown processor", Cores: runtime.GOMAXPROCS(0), OS: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), AOF: "off"}
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				m.CPU = strings.TrimSpace(value)
				break
			}
		}
	}
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.Load, _, _ = strings.Cut(string(text), " ")
	}
	server, err := infoOf(ctx, rdb, "server", "redis_version")
	if err != nil {
		return m, err
	}
	m.Redis = server
	if on, err := infoOf(ctx, rdb, "persistence", "aof_enabled"); err == nil && on == "1" {
		if sync, err := rdb.ConfigGet(ctx, "appendfsync").Result(); err == nil {
			m.AOF = sync["appendfsync"]
		}
	}
	return m, nil
}

// infoOf returns a field of Redis' INFO, "" if it is absent.
func infoOf(ctx context.Context, rdb redis.UniversalClient, section, field string) (string, error) {
	info, err := rdb.Info(ctx, section).Result()
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(info) {
		if v, ok := strings.CutPrefix(line, field+":"); ok {
			return strings.TrimSpace(v), nil
		}
	}
	return "", nil
}

// usedMemory returns what Redis holds, in bytes.
func usedMemory(ctx context.Context, rdb redis.UniversalClient) (float64, error) {
	text, err := infoOf(ctx, rdb, "memory", "used_memory")
	if err != nil || text == "" {
		return 0, err
	}
	return strconv.ParseFloat(text, 64)
}

// redisCPU returns the processor time that Redis has taken so far, in seconds.
func redisCPU(ctx context.Context, rdb redis.UniversalClient) (sum float64, err error) {
	for _, field := range []string{"used_cpu_sys", "used_cpu_user"} {
		text, err := infoOf(ctx, rdb, "cpu", field)
		if err != nil {
			return 0, err
		}
		seconds, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return 0, fmt.Errorf("redis reports %s as %q", field, text)
		}
		sum += seconds
	}
	return sum, nil
}

// Side is one side of a comparison, in which n things were done.
type Side struct {
	Rate     float64 // a second
	CPU      float64 // µs of processor time for each, ours and Redis'
	Redis    float64 // Redis' part of it
	Commands float64 // that Redis ran for each
}

// side measures do, which does n things.
func side(ctx context.Context, rdb redis.UniversalClient, n int, do func() error) (Side, error) {
	before, err := takeUse(ctx, rdb)
	if err != nil {
		return Side{}, err
	}
	begun := time.Now()
	if err := do(); err != nil {
		return Side{}, err
	}
	s := Side{Rate: float64(n) / time.Since(begun).Seconds()}
	after, err := takeUse(ctx, rdb)
	each := 1e6 / float64(n)
	s.Redis = (after.redis - before.redis) * each
	s.CPU = (after.own-before.own)*each + s.Redis
	s.Commands = (after.commands - before.commands) / float64(n)
	return s, err
}

// use is what was used so far: processor time of this process and of Redis, in seconds, and commands.
type use struct{ own, redis, commands float64 }

func takeUse(ctx context.Context, rdb redis.UniversalClient) (u use, err error) {
	u.own = ownCPU()
	if u.redis, err = redisCPU(ctx, rdb); err != nil {
		return u, err
	}
	text, err := infoOf(ctx, rdb, "stats", "total_commands_processed")
	if err != nil {
		return u, err
	}
	u.commands, err = strconv.ParseFloat(text, 64)
	return u, err
}

// versus returns a row that compares two sides.
func versus(ours, bare Side, more ...Measurement) Row {
	return Row{
		Ours: ours.Rate, Baseline: bare.Rate, Ratio: ours.Rate / bare.Rate,
		Detail: append([]Measurement{
			{"processor time for each, ours", ours.CPU, "µs"}, {"the baseline's", bare.CPU, "µs"},
		}, more...),
	}
}
