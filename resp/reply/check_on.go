//go:build race || invariants

package reply

// checker counts replies and the items that open aggregates still lack. It is
// a value, so that a Mark can bring it back.
type checker struct {
	replies int
	missing int
}

// item notes one item that opens an aggregate of n more.
func (c *checker) item(n int) {
	if c.missing == 0 {
		c.replies++
	} else {
		c.missing--
	}
	c.missing += n
}

// outside notes n items that are part of no reply.
func (c *checker) outside(n int) { c.missing += n }

// Complete reports whether exactly one reply was written since the mark and
// no aggregate is open. Only test builds know; others say true.
func (w *Writer) Complete(m Mark) bool {
	return w.check.missing == 0 && w.check.replies == m.check.replies+1
}
