package sandbox

import (
	"context"
	"errors"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

// Budget is what one run of a script may take. gopher-lua asks the context of a
// machine before each instruction whether it is done; a Budget is a context that
// counts these questions.
//
// Memory is bounded in two ways. What is taken at once (by a library function, by
// a concatenation, by an index far beyond the end of an array) is charged before
// it is taken. What is taken little by little is found by looking at what the
// process has allocated since the last look: if that is much, the memory that the
// script can reach is measured. So a check costs as much as what led to it.
type Budget struct {
	// Memory is the limit in bytes.
	Memory int

	vm       *VM
	steps    uint32
	stop     atomic.Pointer[stopped]
	closed   <-chan struct{}
	err      error
	charged  int // since the last measurement
	lastSeen uint64
	sample   [1]metrics.Sample
}

// stopped says why a script is to end.
type stopped struct{ reason error }

const (
	// stepsPerLook is the number of instructions between two looks at the
	// clock of the world; a power of two.
	stepsPerLook = 1 << 10
	// slack is how much a script may take between two measurements, in bytes.
	slack = 16 << 20
	// allocated is what all goroutines have allocated since the start.
	allocated = "/gc/heap/allocs:bytes"
)

// errMemory is what a script gets that takes too much.
var errMemory = errors.New("not enough memory")

// forever is the channel of a script that has been stopped.
func closedChannel() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

// Stop ends the script with an error that it can't catch. It may be called from
// any goroutine, before or after the script.
func (b *Budget) Stop(reason error) { b.stop.Store(&stopped{reason}) }

// Stopped returns the reason given to Stop, or nil.
func (b *Budget) Stopped() error {
	if s := b.stop.Load(); s != nil {
		return s.reason
	}
	return nil
}

func (b *Budget) begin(vm *VM) {
	b.vm = vm
	b.sample[0].Name = allocated
}

// Done implements context.Context. It is called before each instruction.
func (b *Budget) Done() <-chan struct{} {
	b.steps++
	if b.steps&(stepsPerLook-1) == 0 {
		b.look()
	}
	return b.closed
}

// Err implements context.Context: the text of the error that is raised.
func (b *Budget) Err() error { return b.err }

// Deadline implements context.Context.
func (b *Budget) Deadline() (time.Time, bool) { return time.Time{}, false }

// Value implements context.Context.
func (b *Budget) Value(any) any { return nil }

// look notices a Stop and measures memory when that is due.
func (b *Budget) look() {
	if reason := b.Stopped(); reason != nil {
		b.end(reason)
		return
	}
	seen := b.allocated()
	if b.lastSeen == 0 { // only a script that takes a while is looked at at all
		b.lastSeen = seen
	}
	if seen-b.lastSeen < slack {
		return
	}
	if b.measure() > b.Memory {
		b.end(errMemory)
	}
}

// end makes every instruction from now on raise err, so that no pcall helps.
func (b *Budget) end(err error) {
	b.err, b.closed = err, closedChannel()
}

// poll is for library functions that take long: it raises the error of a script
// that is to end.
func (b *Budget) poll() {
	if b.closed == nil {
		b.look()
	}
	if b.closed != nil {
		b.vm.state.RaiseError("%s", b.err.Error())
	}
}

// charge notes that n bytes are about to be taken at once.
func (b *Budget) charge(n int) {
	b.charged += n
	if b.charged < slack {
		return
	}
	if n > b.Memory || b.measure()+n > b.Memory {
		b.end(errMemory)
		b.vm.state.RaiseError("%s", errMemory.Error())
	}
	b.charged = n
}

// measure returns how many bytes the script can reach.
func (b *Budget) measure() int {
	total := measure(b.vm, b.Memory)
	b.lastSeen, b.charged = b.allocated(), 0 // what measuring takes does not count
	return total
}

func (b *Budget) allocated() uint64 {
	metrics.Read(b.sample[:])
	return b.sample[0].Value.Uint64()
}

var _ context.Context = (*Budget)(nil)

// largest is the greatest amount that may be charged.
func (vm *VM) largest() int {
	if vm.budget == nil {
		return 1 << 30
	}
	return vm.budget.Memory
}

// exhausted ends the running script for want of memory.
func (vm *VM) exhausted() {
	if vm.budget != nil {
		vm.budget.end(errMemory)
	}
	vm.state.RaiseError("%s", errMemory.Error())
}

// Poll raises the error of a script that is to end. Library functions that may
// take long call it now and then.
func (vm *VM) Poll() {
	if vm.budget != nil {
		vm.budget.poll()
	}
}
