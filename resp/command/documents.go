package command

import (
	"errors"
	"hash/maphash"
	"sync"
	"sync/atomic"

	"kvd/engine/doc"
	"kvd/engine/doc/path"
	"kvd/internal/rediserr"
)

// DocumentCache is what the commands on JSON documents share: the paths that were
// compiled last, and scratch memory. It may be used by any number of goroutines;
// its zero value is ready.
type DocumentCache struct {
	seed    maphash.Seed
	seeded  sync.Once
	paths   [pathSlots]atomic.Pointer[path.Path]
	scratch sync.Pool
}

const (
	// pathSlots is how many compiled paths are kept at most.
	pathSlots = 1 << 10
	// longestKept is the length of the longest path that is kept, in bytes: a
	// compiled one takes many times as much.
	longestKept = 256
)

// Path returns a compiled path in the dialect of RedisJSON, from among those that
// were used lately if it is there. The errors are those that clients see.
//
// A path has two slots that it may be in, so paths that are used again and again
// seldom drive each other out, and nobody waits for a lock.
func (d *DocumentCache) Path(text []byte) (*path.Path, error) {
	if len(text) > longestKept {
		p, err := path.Compile(text, path.RedisJSON)
		return p, DocumentError(err)
	}
	d.seeded.Do(func() { d.seed = maphash.MakeSeed() })
	hash := maphash.Bytes(d.seed, text)
	first, second := &d.paths[hash%pathSlots], &d.paths[hash>>32%pathSlots]
	p := first.Load()
	if p != nil && p.String() == string(text) {
		return p, nil
	}
	if q := second.Load(); q != nil && q.String() == string(text) {
		return q, nil
	}

	compiled, err := path.Compile(text, path.RedisJSON)
	switch {
	case err != nil:
		return nil, DocumentError(err)
	case p == nil:
		first.Store(compiled)
	default:
		second.Store(compiled)
	}
	return compiled, nil
}

// DocumentScratch is memory that one command on documents works with.
type DocumentScratch struct {
	Paths  path.Evaluator
	Parser doc.Parser
	Editor doc.Editor
	// The others are buffers, to be used from their start on.
	Text, Value []byte
	Places      []int
	Values      []doc.Value
	Compiled    []*path.Path
}

// keptScratch is the size in bytes up to which a buffer is kept for the next
// command.
const keptScratch = 256 << 10

// Scratch returns memory for one command, with the whole budget of steps. The
// caller gives it back with Release.
func (d *DocumentCache) Scratch() *DocumentScratch {
	s, _ := d.scratch.Get().(*DocumentScratch)
	if s == nil {
		s = &DocumentScratch{}
	}
	s.Paths.Reset(0)
	return s
}

// Release takes back what Scratch returned.
func (d *DocumentCache) Release(s *DocumentScratch) {
	s.Text, s.Value, s.Places = s.Text[:0], s.Value[:0], s.Places[:0]
	clear(s.Values)
	clear(s.Compiled)
	s.Values, s.Compiled = s.Values[:0], s.Compiled[:0]
	if cap(s.Text)+cap(s.Value)+8*cap(s.Places)+24*cap(s.Values)+8*cap(s.Compiled) > keptScratch {
		s.Text, s.Value, s.Places, s.Values, s.Compiled = nil, nil, nil, nil, nil
	}
	d.scratch.Put(s)
}

// The errors of documents that have one text.
var (
	errDepth    = rediserr.New("recursion limit exceeded")
	errOverflow = rediserr.New("numeric overflow")
	errIndex    = rediserr.New("index out of bounds")
	errComputed = rediserr.New("computed/projection expressions are only supported by JSON.GET/JSON.MGET/JSON.RESP")
	errTooLarge = rediserr.Coded("LIMIT", "document is larger than 16777216 bytes")
	errSteps    = rediserr.Coded("LIMIT", "path needs more than 1000000 steps")
	errLongPath = rediserr.Coded("LIMIT", "path is longer than 4096 bytes")
	errPattern  = rediserr.Coded("LIMIT", "regular expression is longer than 1024 bytes")
)

// DocumentError returns what a client is told of an error of the packages doc and
// path; others stay as they are.
func DocumentError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, doc.ErrDepth):
		return errDepth
	case errors.Is(err, doc.ErrOverflow):
		return errOverflow
	case errors.Is(err, doc.ErrIndex):
		return errIndex
	case errors.Is(err, doc.ErrTooLarge):
		return errTooLarge
	case errors.Is(err, path.ErrComputed):
		return errComputed
	case errors.Is(err, path.ErrSteps):
		return errSteps
	case errors.Is(err, path.ErrTooLong):
		return errLongPath
	case errors.Is(err, path.ErrPattern):
		return errPattern
	}
	return syntaxOf(err)
}

// syntaxOf is DocumentError for what is wrong with a text or a patch.
func syntaxOf(err error) error {
	var text *doc.SyntaxError
	var where *path.SyntaxError
	var patch *doc.PatchError
	switch {
	case errors.As(err, &text):
		return rediserr.Newf("invalid JSON: %s at offset %d", text.Why, text.Offset)
	case errors.As(err, &where):
		return rediserr.Newf("invalid path: %s at offset %d", where.Why, where.Offset)
	case !errors.As(err, &patch):
		return err
	case patch.Fault == doc.PatchTest:
		return rediserr.Coded("CONFLICT", rediserr.OneLine(patch.Error()))
	case patch.Fault == doc.PatchNotFound:
		return rediserr.Coded("NOTFOUND", rediserr.OneLine(patch.Error()))
	}
	return rediserr.New(rediserr.OneLine(patch.Error()))
}
