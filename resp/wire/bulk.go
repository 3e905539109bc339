package wire

// Big arguments are received straight into the slice that they end in. That
// slice grows with the bytes that come, since a declared length costs its
// sender nothing: it doubles from firstBig on, and once an eighth has come it
// gets its final size. At most nine eighths of the argument are in use at once.

// firstBig is the size of the first allocation for a big argument, in bytes.
const firstBig = 64 << 10

// openBig starts a big argument of which some bytes are there already.
func (in *Input) openBig(there int) {
	in.open = make([]byte, 0, bigSize(there, in.bulk))
}

// bigSize is the size to allocate for an argument of want bytes, have of which
// have come. It is above have unless that is all.
func bigSize(have, want int) int {
	if have >= want/8 {
		return want
	}
	return min(max(2*have, firstBig), want)
}

// fill moves bytes from the buffer to the open argument, and reports whether it
// is complete and the line end behind it has come.
func (in *Input) fill(b []byte) bool {
	missing := in.bulk - len(in.open)
	take := min(missing, len(b))
	if have := len(in.open) + take; have > cap(in.open) {
		in.growOpen(have)
	}
	in.open = append(in.open, b[:take]...)
	in.pos += take
	return take == missing && len(b)-take >= 2
}

// growOpen gives the open argument a larger slice, with room for have bytes.
func (in *Input) growOpen(have int) {
	in.open = append(make([]byte, 0, bigSize(have, in.bulk)), in.open...)
}

// openRoom is where the next bytes of the open argument are to be read.
func (in *Input) openRoom() []byte {
	if len(in.open) == cap(in.open) {
		in.growOpen(len(in.open))
	}
	return in.open[len(in.open):min(cap(in.open), len(in.open)+readTurn)]
}

// keepOpen puts the complete open argument among the arguments.
func (in *Input) keepOpen() {
	in.big = append(in.big, len(in.args))
	in.args = append(in.args, in.open)
	in.held += int64(len(in.open))
	in.open = nil
}

// opened says whether a big argument still lacks bytes.
func (in *Input) opened() bool { return in.open != nil && len(in.open) < in.bulk }
