package ops

// Index is an index of a collection that an operation makes or drops.
type Index struct {
	Name, Path, Type string
	Unique           bool
	// Drop is set in the inverse.
	Drop bool
}

func (x *Index) flipped() *Index {
	back := *x
	back.Drop = !x.Drop
	return &back
}
