//go:build !race && !invariants

package reply

// checker counts replies in test builds; here it does nothing.
type checker struct{}

func (*checker) item(int)    {}
func (*checker) outside(int) {}

// Complete reports whether exactly one reply was written since the mark and
// no aggregate is open. Only test builds know; others say true.
func (w *Writer) Complete(Mark) bool { return true }
