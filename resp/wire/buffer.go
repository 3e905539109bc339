package wire

import "sync"

// Space is where the transport reads the next bytes: into the big argument that
// is being received, else behind what is left over. That is in shared if the
// rest is small (it is copied there), so that an ordinary connection needs no
// memory of its own, and each read can be a large one.
func (in *Input) Space(shared []byte) []byte {
	in.recycle()
	if in.opened() {
		return in.openRoom()
	}
	kept := in.end - in.keep()
	switch {
	case kept <= len(shared)/2:
		in.moveTo(shared, nil)
	case in.own == nil || len(in.buf)-in.end < len(in.buf)/4:
		b := in.pool.get(2 * kept)
		in.moveTo(b.bytes, b)
	}
	return in.buf[in.end:]
}

// Got says that n bytes were read into the start of the last Space.
func (in *Input) Got(n int) {
	switch {
	case in.err != nil:
		return
	case in.opened():
		in.open = in.open[:len(in.open)+n]
	default:
		in.end += n
	}
	in.starved = false
}

// Release ends a round: what is left over moves to memory of its own size, and
// the borrowed buffer is free for other connections. A connection between two
// commands holds no buffer at all.
func (in *Input) Release() {
	in.recycle()
	kept := in.end - in.keep()
	switch {
	case kept == 0:
		in.moveTo(nil, nil)
	case in.own == nil, len(in.buf) > blockSizes[2] && len(in.buf) >= 8*kept:
		b := in.pool.get(kept)
		in.moveTo(b.bytes, b)
	}
	if in.left == 0 && cap(in.args) > idleArgs {
		in.args = nil
	}
}

// drop gives all memory back. The input is of no use after it.
func (in *Input) drop() {
	if in.own != nil {
		in.pool.put(in.own)
	}
	*in = Input{err: ErrBuffer}
}

// idleArgs is how many arguments an idle connection keeps room for.
const idleArgs = 32

// keep is the place in buf before which nothing is needed any more.
func (in *Input) keep() int {
	if in.left > 0 {
		return in.start
	}
	return in.pos
}

// moveTo makes dst, which lies in b or is borrowed, the buffer, and copies what
// is needed to its start. dst may overlap the present buffer.
func (in *Input) moveTo(dst []byte, b *block) {
	from := in.keep()
	if in.left > 0 {
		in.rebase(dst, from)
	}
	n := copy(dst, in.buf[from:in.end])
	in.start, in.pos, in.end = 0, in.pos-from, n
	if in.own != nil {
		in.pool.put(in.own)
	}
	in.own, in.buf = b, dst
}

// rebase makes the arguments of the open command slices of dst, to whose start
// the bytes of buf from from on are about to move. Each reaches to the end of
// buf's capacity, which tells where it starts.
func (in *Input) rebase(dst []byte, from int) {
	big := in.big
	for i, a := range in.args {
		if len(big) > 0 && big[0] == i {
			big = big[1:]
			continue
		}
		at := cap(in.buf) - cap(a) - from
		in.args[i] = dst[at : at+len(a)]
	}
}

// blockSizes are the sizes in bytes of the blocks that are reused.
var blockSizes = [...]int{256, 1 << 10, 4 << 10, 16 << 10, 64 << 10}

// block is a buffer from blocks.
type block struct {
	bytes []byte
	class int // of blockSizes; beyond it: not reused
}

// blocks hands out buffers and takes them back. A nil *blocks allocates each.
type blocks struct {
	free [len(blockSizes)]sync.Pool
}

// get returns a block of at least n bytes.
func (p *blocks) get(n int) *block {
	class, size := len(blockSizes), n
	for i, s := range blockSizes {
		if n <= s {
			class, size = i, s
			break
		}
	}
	if p != nil && class < len(blockSizes) {
		if b, ok := p.free[class].Get().(*block); ok {
			return b
		}
	}
	return &block{bytes: make([]byte, size), class: class}
}

// put takes a block back. Nobody may use its bytes any more.
func (p *blocks) put(b *block) {
	if p != nil && b.class < len(blockSizes) {
		p.free[b.class].Put(b)
	}
}
