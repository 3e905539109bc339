package stream

// Blocks returns the number of blocks.
func (s *Stream) Blocks() int { return s.blocks.n }

// RadixNodes returns how many nodes a radix tree with the binary IDs of all
// blocks has: one for each ID, one wherever IDs part, and one for each run of
// bytes that does not part. That is what Redis keeps blocks in, and shows.
func (s *Stream) RadixNodes() int {
	if s.blocks.n == 0 {
		return 1
	}
	var count radixCount
	var was, now [IDSize]byte
	for at, first := (spot{}), true; s.blocks.has(at); at, first = s.blocks.after(at), false {
		id, _ := s.blocks.record(&s.memory, at)
		id.AppendKey(now[:0])
		if first {
			count.key(-1)
		} else {
			count.key(shared(&was, &now))
		}
		was = now
	}
	count.finish()
	return count.nodes
}

// shared returns how many bytes two IDs have in common at their beginning.
func shared(a, b *[IDSize]byte) int {
	n := 0
	for n < IDSize && a[n] == b[n] {
		n++
	}
	return n
}

// radixCount counts nodes while keys come in their order.
type radixCount struct {
	nodes int
	// open are the depths, in bytes, of the nodes above the last key at which
	// keys part.
	open []int
	// last is the depth at which the last key parts from the one before it.
	last int
	any  bool
}

// key counts a key that has depth bytes in common with the one before; -1 for
// the first.
func (c *radixCount) key(depth int) {
	if c.any {
		c.leaf(max(c.last, depth))
	}
	c.any, c.last = true, depth
	c.close(depth)
	if depth >= 0 && (len(c.open) == 0 || c.open[len(c.open)-1] < depth) {
		c.open = append(c.open, depth)
	}
}

// leaf counts the end of a key below a node at a depth, or the root (-1).
func (c *radixCount) leaf(parent int) {
	c.nodes++
	c.run(parent, IDSize)
}

// close counts the nodes that are deeper than depth, which are complete.
func (c *radixCount) close(depth int) {
	for n := len(c.open); n > 0 && c.open[n-1] > depth; n = len(c.open) {
		at, parent := c.open[n-1], depth
		c.open = c.open[:n-1]
		if n > 1 {
			parent = max(parent, c.open[n-2])
		}
		c.nodes++
		c.run(parent, at)
	}
}

// run counts the node for the bytes between two nodes, if there are any.
func (c *radixCount) run(parent, child int) {
	if child > parent+1 {
		c.nodes++
	}
}

func (c *radixCount) finish() {
	c.leaf(c.last)
	c.close(-1)
}
