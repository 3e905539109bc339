package disk

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
)

// ErrFault is a panic or a memory fault while stored data were read or changed.
var ErrFault = errors.New("storage damaged")

// Guard calls fn and turns a panic in it, also one from a fault in mapped
// memory (a file cut short, a sector that can't be read), into an error that
// is ErrFault. It guards the goroutine it is called in, and no other.
func Guard(fn func() error) (err error) {
	old := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(old)
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v%s", ErrFault, r, origin())
		}
	}()
	return fn()
}

// origin names the function that panicked, which says more than the value.
func origin() string {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(4, pcs[:])])
	for {
		frame, more := frames.Next()
		if frame.Function != "" && frame.Function[:min(8, len(frame.Function))] != "runtime." {
			return fmt.Sprintf(" (in %s)", frame.Function)
		}
		if !more {
			return ""
		}
	}
}
