package ops

import (
	"context"
	"errors"
	"runtime/metrics"
	"strings"
	"time"

	"github.com/itchyny/gojq"

	"kvd/engine/doc"
	"kvd/internal/clock"
)

const (
	// jqTime is how long a program may work on one document.
	jqTime = time.Second
	// jqHeap is by how many bytes the heap of the process may grow meanwhile, and
	// jqWatch how often that is looked at. One huge allocation is not stopped.
	jqHeap  = 64 << 20
	jqWatch = 5 * time.Millisecond
)

var (
	errJQTime = &Error{Kind: Timeout, Why: "the program needs more than a second for a document"}
	errJQHeap = &Error{Kind: Limit, Why: "the program needs more than 64 MiB for a document"}
)

// jq runs a jq program, inside its fence: it sees the document and nothing else.
type jq struct{ code *gojq.Code }

func (*jq) name() string    { return "jq" }
func (*jq) inverse() action { return nil }

// jq reads a program and refuses what could reach out of it.
func (f *fields) jq() action {
	if f.v.Kind() != doc.String {
		f.fail("", errors.New("must be a string, the program"))
		return nil
	}
	query, err := gojq.Parse(string(f.v.Text()))
	if err != nil {
		f.fail("", err)
		return nil
	}
	if err := fence(query); err != nil {
		f.fail("", err)
		return nil
	}
	code, err := gojq.Compile(query, gojq.WithEnvironLoader(func() []string { return nil }))
	if err != nil {
		f.fail("", err)
		return nil
	}
	return &jq{code}
}

// apply runs the program, which has to have exactly one result.
func (o *jq) apply(_ *Env, root doc.Value) (doc.Value, error) {
	ctx, stop := guarded()
	defer stop(nil)
	results := o.code.RunWithContext(ctx, plain(root))
	first, ok := results.Next()
	if !ok {
		return nil, fault(Invalid, "the program has no result")
	}
	if err := jqError(ctx, first); err != nil {
		return nil, err
	}
	second, more := results.Next()
	if more {
		if err := jqError(ctx, second); err != nil {
			return nil, err
		}
		return nil, fault(Invalid, "the program has more than one result")
	}
	return appendPlain(nil, first, root, 0)
}

// jqError returns the error that a result is, if it is one.
func jqError(ctx context.Context, result any) error {
	err, failed := result.(error)
	if !failed {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return fault(Invalid, "%.200s", strings.TrimSpace(err.Error()))
}

// guarded returns a context that ends when a program has had its time or its
// memory. The clock is the real one: this is about the machine.
func guarded() (context.Context, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(context.Background())
	g := &guard{cancel: cancel, ctx: ctx}
	timer := g.clock.AfterFunc(jqWatch, g.look)
	return ctx, func(cause error) { timer.Stop(); cancel(cause) }
}

// guard watches over one run of a program.
type guard struct {
	clock  clock.System
	ctx    context.Context
	cancel context.CancelCauseFunc
	looks  time.Duration
	heap   uint64
}

// look is called every so often until the run has ended.
func (g *guard) look() {
	if g.ctx.Err() != nil {
		return
	}
	used := heapBytes()
	if g.heap == 0 {
		g.heap = used
	}
	if g.looks += jqWatch; g.looks >= jqTime {
		g.cancel(errJQTime)
		return
	}
	if used > g.heap+jqHeap {
		g.cancel(errJQHeap)
		return
	}
	g.clock.AfterFunc(jqWatch, g.look)
}

// heapBytes is what objects take on the heap of the process.
func heapBytes() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
