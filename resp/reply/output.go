package reply

// keepBuffer is the size up to which an emptied buffer is kept for the next
// replies of a busy connection, in bytes.
const keepBuffer = 64 << 10

// Len returns how many bytes wait to be sent.
func (w *Writer) Len() int { return len(w.buf) + w.size - w.sent }

// Memory returns how many bytes of memory the writer itself holds.
func (w *Writer) Memory() int { return cap(w.buf) }

// Chunks appends what is to be sent, in order, to dst and returns it. The
// slices are valid until the next write or Sent.
func (w *Writer) Chunks(dst [][]byte) [][]byte {
	from, skip := 0, w.sent
	add := func(b []byte) {
		n := min(skip, len(b))
		skip -= n
		if len(b) > n {
			dst = append(dst, b[n:])
		}
	}
	for _, in := range w.large {
		add(w.buf[from:in.at])
		add(in.value.Bytes())
		from = in.at
	}
	add(w.buf[from:])
	return dst
}

// Sent says that the first n bytes of Chunks have left. Shared values that are
// out completely are released.
func (w *Writer) Sent(n int) {
	w.sent += n
	if w.Len() == 0 {
		w.Discard()
		return
	}
	for len(w.large) > 0 {
		first := w.large[0]
		end := first.at + len(first.value.Bytes())
		if w.sent < end {
			return
		}
		w.dropFirst(first)
	}
	// A client that reads slowly must not keep what it has read: move the rest
	// down once more than half is gone.
	if w.sent > len(w.buf)/2 && w.sent > keepBuffer {
		w.buf = w.buf[:copy(w.buf, w.buf[w.sent:])]
		w.sent = 0
	}
}

// dropFirst releases the first shared value and all before it.
func (w *Writer) dropFirst(first insert) {
	size := len(first.value.Bytes())
	w.buf = w.buf[:copy(w.buf, w.buf[first.at:])]
	w.sent -= first.at + size
	w.size -= size
	first.value.Release()
	w.large[0] = insert{}
	w.large = w.large[1:]
	for i := range w.large {
		w.large[i].at -= first.at
	}
}

// Discard drops everything that has not been sent.
func (w *Writer) Discard() {
	for _, in := range w.large {
		in.value.Release()
	}
	clear(w.large)
	w.large, w.size, w.sent = w.large[:0], 0, 0
	w.buf = w.buf[:0]
	if cap(w.buf) > keepBuffer {
		w.buf = nil
	}
}

// Shrink gives the buffer of an idle connection back when it is empty.
func (w *Writer) Shrink() {
	if w.Len() == 0 {
		w.buf, w.large = nil, nil
	}
}
