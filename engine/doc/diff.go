package doc

import "strconv"

// Tests says whether a diff guards what it takes away.
type Tests uint8

const (
	// WithoutTests makes the shortest diff.
	WithoutTests Tests = iota
	// WithTests puts a test of the old value before each remove and replace, so
	// that the diff applies to nothing else and can be inverted.
	WithTests
)

// AppendDiff appends the patch (RFC 6902) that makes a document Equal to b from
// one that is Equal to a: an array of operations, empty if they are Equal. It
// goes into objects by name and into arrays by position, after the elements that
// are equal at both ends.
func AppendDiff(dst []byte, a, b Value, tests Tests) []byte {
	d := differ{out: NewBuilder(dst), tests: tests}
	d.out.BeginArray()
	d.values(a, b)
	d.out.End()
	return d.out.Bytes()
}

type differ struct {
	out   *Builder
	tests Tests
	path  []byte // pointer to what is compared
}

// values writes how b differs from a, both at d.path.
func (d *differ) values(a, b Value) {
	switch kind := a.Kind(); {
	case kind == Object && b.Kind() == Object:
		d.objects(a, b)
	case kind == Array && b.Kind() == Array:
		d.arrays(a, b)
	case !Equal(a, b):
		d.test(a)
		d.operation("replace", b)
	}
}

// objects writes removals first, then changes and additions, in their order.
func (d *differ) objects(a, b Value) {
	was, is := newLookup(a), newLookup(b)
	for it := a.Items(); it.Next(); {
		if is.member(it.Name()) == nil {
			d.at(it.Name(), func() { d.remove(it.Value()) })
		}
	}
	for it := b.Items(); it.Next(); {
		old := was.member(it.Name())
		d.at(it.Name(), func() {
			if old == nil {
				d.operation("add", it.Value())
			} else {
				d.values(old, it.Value())
			}
		})
	}
}

func (d *differ) arrays(a, b Value) {
	was, is := elements(a), elements(b)
	head := 0
	for head < len(was) && head < len(is) && Equal(was[head], is[head]) {
		head++
	}
	was, is = was[head:], is[head:]
	for len(was) > 0 && len(is) > 0 && Equal(was[len(was)-1], is[len(is)-1]) {
		was, is = was[:len(was)-1], is[:len(is)-1]
	}
	for i := len(was) - 1; i >= len(is); i-- {
		d.element(head+i, func() { d.remove(was[i]) })
	}
	for i, v := range is {
		d.element(head+i, func() {
			if i < len(was) {
				d.values(was[i], v)
			} else {
				d.operation("add", v)
			}
		})
	}
}

// elements returns the elements of an array.
func elements(v Value) []Value {
	all := make([]Value, 0, v.Len())
	for it := v.Items(); it.Next(); {
		all = append(all, it.Value())
	}
	return all
}

func (d *differ) element(i int, do func()) {
	var buf [20]byte
	d.at(strconv.AppendInt(buf[:0], int64(i), 10), do)
}

// at does something with the name added to the path.
func (d *differ) at(name []byte, do func()) {
	n := len(d.path)
	d.path = AppendPointerName(d.path, name)
	do()
	d.path = d.path[:n]
}

func (d *differ) remove(old Value) {
	d.test(old)
	d.operation("remove", nil)
}

func (d *differ) test(old Value) {
	if d.tests == WithTests {
		d.operation("test", old)
	}
}

// operation writes one operation at the path, with a value if there is one.
func (d *differ) operation(op string, v Value) {
	d.out.BeginObject()
	d.out.Name("op")
	d.out.String(op)
	d.out.Name("path")
	d.out.String(string(d.path))
	if v != nil {
		d.out.Name("value")
		d.out.Value(v)
	}
	d.out.End()
}
