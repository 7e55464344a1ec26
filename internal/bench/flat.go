package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/metrics"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/producer/enqueue"
)

// flatRow measures the peak memory of `rollcall-producer create` with few rows and with many.
func flatRow(ctx context.Context, o Options) (Row, error) {
	many := o.scaled(100_000, 1000)
	few := min(10_000, many/10)
	dir, err := os.MkdirTemp("", "rollcall-bench-")
	if err != nil {
		return Row{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	peak, how := o.peakHere, "all of this process, with the same code (no rollcall-producer beside this program nor on PATH)"
	if program := o.producer(); program != "" {
		how = "peak resident memory of rollcall-producer create"
		peak = func(ctx context.Context, file string) (float64, error) { return o.peakOf(ctx, program, file) }
	}
	var took [2]float64
	for i, n := range []int{few, many} {
		file := filepath.Join(dir, fmt.Sprintf("%d.csv", n))
		if err := writeRows(file, o.Seed, n); err != nil {
			return Row{}, err
		}
		if took[i], err = peak(ctx, file); err != nil {
			return Row{}, err
		}
		if err := clean(ctx, o.Redis.Client()); err != nil {
			return Row{}, err
		}
	}
	return Row{
		Unit: fmt.Sprintf("MB with %d rows: %s", many, how), Ours: took[1] / 1e6, Baseline: took[0] / 1e6,
		Against: fmt.Sprintf("itself with %d rows", few), Ratio: took[0] / took[1], Least: "flat, ≤ 150 MB", Aim: "64 MB",
	}, nil
}

// producer returns the path of rollcall-producer, "" if there is none.
func (o Options) producer() string {
	if o.Producer != "" {
		return o.Producer
	}
	const name = "rollcall-producer"
	if self, err := os.Executable(); err == nil {
		if path, err := exec.LookPath(filepath.Join(filepath.Dir(self), name)); err == nil {
			return path
		}
	}
	path, _ := exec.LookPath(name) // "" if there is none
	return path
}

// writeRows writes a CSV file of n groups. Its cells are separated by semicolons, as by Excel in Brazil.
func writeRows(file string, seed uint64, n int) (err error) {
	f, err := os.Create(file) //nolint:gosec // in a directory of our own
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	_, err = w.WriteString("groupName;phones\n")
	for i := 0; i < n && err == nil; i++ {
		r := Request(seed, i)
		_, err = w.WriteString(r.GroupName)
		for k, phone := range r.Phones {
			_, err = w.WriteString(string(";,"[min(k, 1)]) + string(phone))
		}
		err = errors.Join(err, w.WriteByte('\n'))
	}
	return errors.Join(err, w.Flush(), f.Close())
}

// peakOf has the program accept a file and returns its peak resident memory, in bytes.
func (o Options) peakOf(ctx context.Context, program, file string) (float64, error) {
	var said strings.Builder
	cmd := exec.CommandContext(ctx, program, "create", file, "--quiet", "--output", "json") //nolint:gosec // ours
	cmd.Env = settings(cmd.Environ(), o.Redis)
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	// The process is polled because getrusage's figure for an ended child includes memory of its parent.
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for peak := 0.0; ; {
		select {
		case err := <-ended:
			if err != nil {
				return 0, fmt.Errorf("%s create: %w: %s", program, err, strings.TrimSpace(said.String()))
			}
			if peak == 0 {
				return 0, errNoProc
			}
			return peak, nil
		case <-tick.C:
			if u, err := usedBy(cmd.Process.Pid); err == nil { // fails if it has just ended
				peak = max(peak, u.peak)
			}
		}
	}
}

// peakHere accepts a file in this process, as the program does, and returns the peak of the memory that the Go runtime
// held meanwhile, in bytes.
func (o Options) peakHere(ctx context.Context, file string) (float64, error) {
	client, err := enqueue.New(ctx, o.Redis.Client(), enqueue.Options{})
	if err != nil {
		return 0, err
	}
	f, err := os.Open(file) //nolint:gosec // we wrote it
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	peak := heldByGo()
	sum, err := client.CreateBatch(ctx, filepath.Base(file), enqueue.Rules{}, enqueue.Read(ctx, f, enqueue.ReadOptions{Name: file}), func(r enqueue.Result) error {
		if r.Row%500 == 0 {
			peak = max(peak, heldByGo())
		}
		return nil
	})
	if err == nil && sum.Created == 0 {
		err = fmt.Errorf("no row of %s was accepted", file)
	}
	return peak, err
}

// heldByGo returns the memory that the Go runtime has taken from the system and not returned, in bytes.
func heldByGo() float64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return float64(samples[0].Value.Uint64()) - float64(samples[1].Value.Uint64())
}
