package doc

// Items passes over the elements of an array or the members of an object:
//
//	for it := v.Items(); it.Next(); {
//		use(it.Name(), it.Value())
//	}
type Items struct {
	in    []byte
	next  int // where the next element or name begins
	at    int // where the current value begins
	name  []byte
	named bool
}

// Items returns the elements of v, before the first; a scalar has none.
func (v Value) Items() Items {
	if !v.IsContainer() {
		return Items{}
	}
	return Items{in: v, next: v.first(), named: v[0] >= tagObject}
}

// Next moves to the next element and says whether there is one.
func (it *Items) Next() bool {
	if it.next >= len(it.in) {
		return false
	}
	if it.named {
		at, n := header(it.in[it.next:])
		from := it.next + at
		it.next = from + n
		it.name = it.in[from:it.next:it.next]
	}
	it.at = it.next
	it.next += extent(it.in[it.at:])
	return true
}

// Name returns the name of the current member of an object.
func (it *Items) Name() []byte { return it.name }

// Value returns the current element or the value of the current member.
func (it *Items) Value() Value { return it.in[it.at:it.next:it.next] }

// Offset returns where the current value begins in the container, in bytes.
func (it *Items) Offset() int { return it.at }
