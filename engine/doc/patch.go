package doc

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// PatchFault says which kind of fault a patch has.
type PatchFault uint8

// The faults of a patch.
const (
	// PatchInvalid is a patch that RFC 6902 does not allow.
	PatchInvalid PatchFault = iota
	// PatchNotFound is a place that the document does not have.
	PatchNotFound
	// PatchTest is a test that found another value.
	PatchTest
)

// PatchError says why a patch was not applied.
type PatchError struct {
	Fault PatchFault
	// Index is the operation, from 0; -1 is the patch as a whole.
	Index int
	Why   string
}

// Error returns the reason with the operation.
func (e *PatchError) Error() string {
	if e.Index < 0 {
		return "invalid patch: " + e.Why
	}
	return "patch operation " + strconv.Itoa(e.Index) + ": " + e.Why
}

// patchWork is how much a patch may move and copy, in bytes, as a multiple of
// the greatest size of a document.
const patchWork = 16

// patcher applies the operations of one patch.
type patcher struct {
	limits Limits
	root   *node
	work   int // bytes that may still be moved
}

// AppendPatched appends what the patch (RFC 6902) makes of v. All operations are
// applied or none: on an error dst is as it was. It fails with a PatchError, or
// with ErrDepth or ErrTooLarge, the latter also for a patch that copies or moves
// sixteen times as much as a document may hold.
func AppendPatched(dst []byte, v, patch Value, limits Limits) ([]byte, error) {
	if patch.Kind() != Array {
		return dst, &PatchError{PatchInvalid, -1, "not an array"}
	}
	p := patcher{limits: limits, root: &node{raw: v}, work: patchWork * limits.bytes()}
	i := 0
	for it := patch.Items(); it.Next(); i++ {
		err := p.operation(it.Value())
		if fault := (*PatchError)(nil); errors.As(err, &fault) {
			fault.Index = i
		}
		if err != nil {
			return dst, err
		}
	}
	out, err := p.written(dst, p.root)
	if err != nil {
		return dst, err
	}
	return out, nil
}

// written appends what the node is now, unless it is too large or too deep.
func (p *patcher) written(dst []byte, n *node) ([]byte, error) {
	if err := p.limits.fits(n.size()); err != nil {
		return dst, err
	}
	out, err := n.append(dst, p.limits.depth())
	if err == nil {
		err = p.limits.fits(len(out) - len(dst))
	}
	return out, err
}

func invalid(why string) error { return &PatchError{Fault: PatchInvalid, Why: why} }

func notFound(p Pointer) error {
	var text []byte
	for _, name := range p {
		text = AppendPointerName(text, name)
	}
	return &PatchError{Fault: PatchNotFound, Why: fmt.Sprintf("path %q does not exist", text)}
}

// operation applies one operation.
func (p *patcher) operation(op Value) error {
	if op.Kind() != Object {
		return invalid("not an object")
	}
	path, err := pointerOf(op, "path")
	if err != nil {
		return err
	}
	switch string(op.Member([]byte("op")).Text()) {
	case "remove":
		return p.remove(path)
	case "move", "copy":
		return p.transfer(op, path)
	case "add", "replace", "test":
		return p.withValue(op, path)
	}
	return invalid("unknown op")
}

// pointerOf reads the member of an operation that is a pointer.
func pointerOf(op Value, name string) (Pointer, error) {
	text := op.Member([]byte(name))
	if text.Kind() != String {
		return nil, invalid("'" + name + "' is missing")
	}
	p, err := ParsePointer(text.Text())
	if err != nil {
		return nil, invalid("'" + name + "' is no JSON pointer")
	}
	return p, nil
}

// withValue applies the operations that have a value.
func (p *patcher) withValue(op Value, path Pointer) error {
	v := op.Member([]byte("value"))
	if v == nil {
		return invalid("'value' is missing")
	}
	switch string(op.Member([]byte("op")).Text()) {
	case "add":
		return p.add(path, v)
	case "replace":
		return p.replace(path, v)
	}
	n, err := p.find(path)
	if err != nil {
		return err
	}
	now, err := p.value(n)
	if err == nil && !Equal(now, v) {
		err = &PatchError{Fault: PatchTest, Why: "test failed"}
	}
	return err
}

// transfer applies move and copy.
func (p *patcher) transfer(op Value, to Pointer) error {
	from, err := pointerOf(op, "from")
	if err != nil {
		return err
	}
	n, err := p.find(from)
	if err != nil {
		return err
	}
	v, err := p.value(n)
	if err != nil {
		return err
	}
	if string(op.Member([]byte("op")).Text()) == "move" {
		if len(from) <= len(to) && equalPointers(from, to[:len(from)]) {
			if len(from) == len(to) {
				return nil
			}
			return invalid("a value cannot move into itself")
		}
		if err := p.remove(from); err != nil {
			return err
		}
	}
	return p.add(to, v)
}

func equalPointers(a, b Pointer) bool {
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// value returns what the node is now, in one piece.
func (p *patcher) value(n *node) (Value, error) {
	if n.opened {
		raw, err := p.written(nil, n)
		if err != nil {
			return nil, err
		}
		n.raw, n.opened, n.kids, n.index = raw, false, nil, nil
	}
	return n.raw, p.spend(len(n.raw))
}

// spend takes bytes from what the patch may move.
func (p *patcher) spend(bytes int) error {
	p.work -= bytes
	if p.work < 0 {
		return ErrTooLarge
	}
	return nil
}

// find returns the node at the path, each container on the way to it opened.
func (p *patcher) find(path Pointer) (*node, error) {
	n := p.root
	for i := range path {
		at, err := p.place(n, path[:i+1])
		if err != nil {
			return nil, err
		}
		n = n.child(at)
	}
	return n, nil
}

// place opens n and returns where in it the last name of the path is.
func (p *patcher) place(n *node, path Pointer) (int, error) {
	name := path[len(path)-1]
	at := -1
	switch n.kind() {
	case Object:
		n.open()
		at = n.find(name)
	case Array:
		n.open()
		if i, ok := pointerIndex(name); ok && i < len(n.kids) {
			at = i
		}
	}
	if at < 0 {
		return 0, notFound(path)
	}
	return at, nil
}

func (p *patcher) add(path Pointer, v Value) error {
	if len(path) == 0 {
		p.root = &node{raw: v}
		return nil
	}
	parent, err := p.find(path[:len(path)-1])
	if err != nil {
		return err
	}
	name := path[len(path)-1]
	switch parent.kind() {
	case Object:
		parent.open()
		parent.set(name, v)
		return nil
	case Array:
		parent.open()
		i, ok := pointerIndex(name)
		if string(name) == "-" {
			i, ok = len(parent.kids), true
		}
		if ok && i <= len(parent.kids) {
			parent.insert(i, v)
			return p.spend((len(parent.kids) - i) * kidBytes)
		}
	}
	return notFound(path)
}

// kidBytes is the size of a kid in memory.
const kidBytes = 16

func (p *patcher) replace(path Pointer, v Value) error {
	n, err := p.find(path)
	if err == nil {
		*n = node{name: n.name, raw: v}
	}
	return err
}

func (p *patcher) remove(path Pointer) error {
	if len(path) == 0 {
		return invalid("the root cannot be removed")
	}
	parent, err := p.find(path[:len(path)-1])
	if err != nil {
		return err
	}
	at, err := p.place(parent, path)
	if err != nil {
		return err
	}
	moved := len(parent.kids) - at
	parent.remove(at)
	if parent.tag == tagObject {
		return nil
	}
	return p.spend(moved * kidBytes)
}
