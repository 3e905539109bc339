package rdb

import (
	"errors"
	"hash/crc64"
	"io"
)

// inputWindow is how many bytes are read from a file at once.
const inputWindow = 64 << 10

// mostElements is the most elements that a value of a file may say that it has:
// more than any server's memory holds.
const mostElements = 1 << 40

// input gives a reader the bytes of a file piece by piece. A piece stays as it is
// once it has been read, since values share its memory, and takes no more memory
// than twice what has come.
type input struct {
	from   io.Reader
	buf    []byte // the piece at hand; reader.src is its end
	before int64  // bytes of the file before buf
	keep   int    // what is to stay in buf begins here; -1: nothing
	summed int    // buf is in sum up to here
	sum    uint64 // as crc64 has it
	err    error  // why no more comes; io.EOF at the end of the file
}

func newInput(from io.Reader) *input { return &input{from: from, keep: -1, sum: ^uint64(0)} }

// more has the next n bytes of the file come into src, and reports whether they
// are there.
func (r *reader) more(n uint64) bool {
	in := r.in
	if in == nil {
		return false
	}
	for uint64(len(r.src)) < n {
		if in.err != nil {
			r.short = true
			return false
		}
		in.next(r, n)
	}
	return true
}

// next replaces the piece at hand by one that begins with what is still needed of
// it. A length that was only claimed gets no more memory than what has come.
func (in *input) next(r *reader, n uint64) {
	in.addSum(len(in.buf) - len(r.src))
	from := len(in.buf) - len(r.src)
	if in.keep >= 0 {
		from = in.keep
	}
	rest, unread := in.buf[from:], len(r.src)
	size := max(inputWindow, 2*len(rest))
	buf := make([]byte, size)
	have := copy(buf, rest)
	want := min(uint64(size-have), max(n-uint64(unread), 1))
	got, err := io.ReadAtLeast(in.from, buf[have:], int(want))
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	in.err = err
	in.before += int64(from)
	in.summed -= from
	if in.keep >= 0 {
		in.keep = 0
	}
	in.buf = buf[: have+got : have+got]
	r.src = in.buf[have-unread:]
	r.expanded += ratioExpanded * got
}

// addSum adds buf up to an offset to the checksum.
func (in *input) addSum(to int) {
	if to > in.summed {
		in.sum = crc64.Update(in.sum, jones, in.buf[in.summed:to])
		in.summed = to
	}
}

// offset is the place in the file up to which all has been taken.
func (r *reader) offset() int64 { return r.in.before + int64(len(r.in.buf)-len(r.src)) }

// mayHold reports whether a value may have n more elements, of a byte at least.
func (r *reader) mayHold(n uint64) bool {
	if r.in != nil {
		return n <= mostElements
	}
	return n <= uint64(len(r.src))
}
