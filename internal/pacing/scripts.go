package pacing

import (
	"context"
	"embed"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

//go:embed lua/*.lua
var lua embed.FS

// scripts are the Lua scripts of this package. The head of each file documents its arguments and answers.
type scripts struct {
	take, begin, hold, used *redis.Script // a slot
	rest, rate              *redis.Script
}

func loadScripts() scripts {
	load := func(files ...string) *redis.Script {
		var src string
		for _, name := range files {
			b, err := lua.ReadFile("lua/" + name + ".lua")
			if err != nil {
				panic(err) // impossible: the file is compiled in
			}
			src += string(b) + "\n"
		}
		return redis.NewScript(src)
	}
	return scripts{
		take:  load("state", "zone", "count", "take"),
		begin: load("state", "zone", "begin"),
		hold:  load("state", "hold"),
		used:  load("state", "zone", "count", "used"),
		rest:  load("rest"),
		rate:  load("rate"),
	}
}

// run runs a script whose second value is the server's clock, and updates the offset of tag from it. It returns the
// values and the local time before the script was sent.
func (p *Pacer) run(ctx context.Context, tag string, s *redis.Script, keys []string, args ...any) ([]string, time.Duration, error) {
	before := p.now()
	answer, err := s.Run(ctx, p.rdb, keys, args...).StringSlice()
	after := p.now()
	if err != nil {
		return nil, before, err
	}
	if len(answer) < 2 {
		return nil, before, fmt.Errorf("script answered %d values", len(answer))
	}
	reading, err := micros(answer[1])
	if err != nil {
		return nil, before, err
	}
	p.mu.Lock()
	p.offsets[tag] = p.offsets[tag].observe(before, after, time.Duration(reading)*time.Microsecond)
	p.mu.Unlock()
	return answer, before, nil
}

// offset returns the offset of the clock of the server that holds tag. In a cluster each server has its own clock.
func (p *Pacer) offset(tag string) offset {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.offsets[tag]
}

func micros(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("script answered %q for a number", s)
	}
	return n, nil
}

// wall converts a time on Redis's clock to a time.Time in UTC.
func wall(micros int64) time.Time { return time.UnixMicro(micros).UTC() }
