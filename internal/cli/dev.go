package cli

import (
	"context"

	"github.com/rollcallhq/rollcall/internal/devfile"
)

// devPlace returns the directory in which a `rollcall-worker dev` writes how to reach it, and where others look for it.
func (o *IO) devPlace() devfile.Place {
	return devfile.Place{File: o.env(devfile.Variable), Dir: o.CacheDir}
}

// LeaveDev writes the file that tells other processes where this one's Redis is.
func (o *IO) LeaveDev(d devfile.Dev) error { return o.devPlace().Leave(d) }

// RemoveDev removes the file that LeaveDev wrote.
func (o *IO) RemoveDev(pid int) error { return o.devPlace().Remove(pid) }

// FindDev finds the `rollcall-worker dev` that runs here.
func (o *IO) FindDev(ctx context.Context) (devfile.Dev, error) { return o.devPlace().Find(ctx) }
