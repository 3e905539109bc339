package doc

import "slices"

// node is a value that can be changed in place: as it lies in a document, or
// opened into its elements. A patch opens only the containers that it reaches
// into, so that the rest is copied once, at the end.
type node struct {
	name   []byte // in an object
	raw    Value  // the value; what an opened one was
	opened bool
	tag    byte // of an opened one
	kids   []kid
	index  map[string]int // where an opened object has its members, if they are many
}

// kid is an element of an opened node: a range of the raw bytes, with the name
// in an object, or a node of its own. Both empty is a member that was removed,
// so that others keep their places in the index.
type kid struct {
	from, to uint32
	node     *node
}

func (k kid) removed() bool { return k.node == nil && k.to == 0 }

func (n *node) kind() Kind {
	if n.opened {
		return kinds[n.tag>>5]
	}
	return n.raw.Kind()
}

// open takes a container apart.
func (n *node) open() {
	if n.opened {
		return
	}
	n.opened, n.tag = true, n.raw[0]&kindMask
	n.kids = make([]kid, 0, n.raw.Len()+1)
	it := n.raw.Items()
	for from := it.next; it.Next(); from = it.next {
		n.kids = append(n.kids, kid{from: uint32(from), to: uint32(it.next)})
	}
}

// child returns the element at i of an opened node as a node of its own.
func (n *node) child(i int) *node {
	k := &n.kids[i]
	if k.node == nil {
		k.node = &node{raw: n.raw[k.from:k.to:k.to]}
		if n.tag == tagObject {
			at, size := header(k.node.raw)
			k.node.name, k.node.raw = k.node.raw[at:at+size], k.node.raw[at+size:]
		}
	}
	return k.node
}

// nameAt returns the name of the member at i of an opened object.
func (n *node) nameAt(i int) []byte {
	k := n.kids[i]
	if k.node != nil {
		return k.node.name
	}
	return Value(n.raw[k.from:k.to]).Text()
}

// find returns where an opened object has the member with the name, or -1.
func (n *node) find(name []byte) int {
	if len(n.kids) <= fewNames {
		for i, k := range n.kids {
			if !k.removed() && string(n.nameAt(i)) == string(name) {
				return i
			}
		}
		return -1
	}
	if n.index == nil {
		n.index = make(map[string]int, len(n.kids))
		for i, k := range n.kids {
			if !k.removed() {
				n.index[string(n.nameAt(i))] = i
			}
		}
	}
	if i, ok := n.index[string(name)]; ok {
		return i
	}
	return -1
}

// set gives an opened object a member.
func (n *node) set(name []byte, v Value) {
	k := kid{node: &node{name: name, raw: v}}
	if i := n.find(name); i >= 0 {
		n.kids[i] = k
		return
	}
	if n.index != nil {
		n.index[string(name)] = len(n.kids)
	}
	n.kids = append(n.kids, k)
}

// insert puts an element before index i of an opened array.
func (n *node) insert(i int, v Value) {
	n.kids = slices.Insert(n.kids, i, kid{node: &node{raw: v}})
}

// remove takes the element or member at i out of an opened container.
func (n *node) remove(i int) {
	if n.tag == tagArray {
		n.kids = slices.Delete(n.kids, i, i+1)
		return
	}
	if n.index != nil {
		delete(n.index, string(n.nameAt(i)))
	}
	n.kids[i] = kid{}
}

// size returns about how many bytes the value takes that the node has become:
// not less than its scalars do.
func (n *node) size() int {
	if !n.opened {
		return len(n.raw)
	}
	size := 0
	for _, k := range n.kids {
		if k.node != nil {
			size += k.node.size()
		} else {
			size += int(k.to - k.from)
		}
	}
	return size
}

// append adds the value that the node has become. Containers may be nested in
// it less than depth times.
func (n *node) append(dst []byte, depth int) ([]byte, error) {
	if !n.opened {
		if n.raw.Depth() >= depth {
			return dst, ErrDepth
		}
		return append(dst, n.raw...), nil
	}
	if depth <= 1 {
		return dst, ErrDepth
	}
	dst, c := begin(dst, n.tag)
	for _, k := range n.kids {
		if k.removed() {
			continue
		}
		c.count++
		var err error
		if dst, err = n.appendKid(dst, k, depth-1); err != nil {
			return dst, err
		}
	}
	return c.end(dst), nil
}

// appendKid adds an element, with its name in an object.
func (n *node) appendKid(dst []byte, k kid, depth int) ([]byte, error) {
	if k.node == nil {
		v := n.raw[k.from:k.to]
		if n.tag == tagObject {
			v = v[extent(v):]
		}
		if v.Depth() >= depth {
			return dst, ErrDepth
		}
		return append(dst, n.raw[k.from:k.to]...), nil
	}
	if n.tag == tagObject {
		dst = AppendString(dst, k.node.name)
	}
	return k.node.append(dst, depth)
}
