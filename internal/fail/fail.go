// Package fail holds failpoints: named places in the code at which a test can
// make an error happen, stop the process, or watch it pass.
//
// A point that no test has armed costs one atomic load.
package fail

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
)

// Point is one place that can fail. Declare it as a package variable, and call
// Err where the failure would come from.
type Point struct {
	name string
	hook atomic.Pointer[func() error]
}

// New declares the point called name, such as "journal.sync". A process that
// was started with KVD_FAILPOINTS="name=kill:3" kills itself, as by kill -9,
// the third time it gets there: the crash tests use that.
func New(name string) *Point {
	p := &Point{name: name}
	if n, ok := killAt(os.Getenv("KVD_FAILPOINTS"), name); ok {
		p.Set(killAfter(n))
	}
	return p
}

// Name returns the name that New was given.
func (p *Point) Name() string { return p.name }

// Err returns the error that a test has asked for, or nil.
func (p *Point) Err() error {
	if hook := p.hook.Load(); hook != nil {
		return (*hook)()
	}
	return nil
}

// Set makes Err call hook; nil disarms the point.
func (p *Point) Set(hook func() error) {
	if hook == nil {
		p.hook.Store(nil)
		return
	}
	p.hook.Store(&hook)
}

// killAt finds "name=kill:N" in a list separated by commas.
func killAt(list, name string) (int64, bool) {
	for item := range strings.SplitSeq(list, ",") {
		point, action, _ := strings.Cut(item, "=")
		count, isKill := strings.CutPrefix(action, "kill:")
		if point != name || !isKill {
			continue
		}
		n, err := strconv.ParseInt(count, 10, 64)
		return n, err == nil && n > 0
	}
	return 0, false
}

func killAfter(n int64) func() error {
	var passed atomic.Int64
	return func() error {
		if passed.Add(1) == n {
			self, _ := os.FindProcess(os.Getpid()) // it is there
			_ = self.Kill()
		}
		return nil
	}
}
