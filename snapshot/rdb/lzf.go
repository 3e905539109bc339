package rdb

import "encoding/binary"

// The format of LZF. A control byte below 32 is followed by that many bytes and
// one more as they are. Any other one is a reference: its upper three bits are
// the length less 2, where 7 says that a byte with the rest follows; the lower
// five and the next byte are the distance less 1.
const (
	lzfRun       = 1 << 5           // most bytes as they are
	lzfDistance  = 1 << 13          // furthest reference
	lzfReference = 1<<8 + 1<<3      // longest reference
	lzfRatio     = lzfReference / 3 // most bytes that a byte can become
	lzfLogTable  = 16               // bits of a place in the table of the compressor
)

// compressor remembers where three bytes were seen last. Its table is large, so
// that one is used for all strings of a payload.
type compressor struct {
	seen [1 << lzfLogTable]uint32 // base and place and 1; what is not above base is of strings before
	base uint32
}

func (c *compressor) slot(b []byte) *uint32 {
	v := uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2])
	return &c.seen[(v>>(24-lzfLogTable)-v*5)&(1<<lzfLogTable-1)]
}

// put remembers what is at a place, and returns where it was seen before;
// below 0: nowhere.
func (c *compressor) put(src []byte, at int) (before int) {
	slot := c.slot(src[at:])
	before = int(*slot) - int(c.base) - 1
	*slot = c.base + uint32(at) + 1
	return before
}

// begin forgets the string before.
func (c *compressor) begin(size int) {
	if uint64(c.base)+2*uint64(size) > 1<<32-1 {
		clear(c.seen[:])
		c.base = 0
	}
}

// compress appends src, of less than 1 GiB, to dst in LZF and reports whether it
// became at least four bytes shorter; if not, nothing is appended. The
// references are those that redis-server finds.
func (c *compressor) compress(dst, src []byte) ([]byte, bool) {
	c.begin(len(src))
	defer func() { c.base += uint32(len(src)) }()
	out := run{dst: append(dst, 0), at: len(dst), limit: len(dst) + len(src) - 4}
	at := 0
	for at < len(src)-2 {
		ref := c.put(src, at)
		if distance := at - ref - 1; ref <= 0 || distance >= lzfDistance || !sameThree(src[ref:], src[at:]) {
			if !out.literal(src[at]) {
				return dst, false
			}
			at++
			continue
		}
		n := matchLen(src, ref, at)
		if !out.reference(at-ref-1, n) {
			return dst, false
		}
		if at += n; at >= len(src)-2 {
			break
		}
		// The last two places of the match are remembered, the others are not.
		c.put(src, at-2)
		c.put(src, at-1)
	}
	return out.end(src[at:], dst)
}

func sameThree(a, b []byte) bool { return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] }

// matchLen is how long the bytes at ref and at are the same, at least 3. The
// last two bytes of src are looked at only while the match is short.
func matchLen(src []byte, ref, at int) int {
	const short = 16
	most := min(len(src)-at-2, lzfReference)
	n := 3
	for n < most && src[ref+n] == src[at+n] {
		n++
	}
	if n == most && most > short {
		for n < short+3 && src[ref+n] == src[at+n] {
			n++
		}
	}
	return n
}

// run is the output of a compressor, whose last part is bytes as they are behind
// a control byte that is filled in at the end.
type run struct {
	dst   []byte
	at    int // of the control byte
	limit int // most bytes
}

func (r *run) literal(b byte) bool {
	if len(r.dst) >= r.limit {
		return false
	}
	r.dst = append(r.dst, b)
	if len(r.dst)-r.at-1 == lzfRun {
		r.stop()
		r.start()
	}
	return true
}

func (r *run) start() {
	r.at = len(r.dst)
	r.dst = append(r.dst, 0)
}

// stop writes the control byte, or takes it back if nothing follows it.
func (r *run) stop() {
	if n := len(r.dst) - r.at - 1; n > 0 {
		r.dst[r.at] = byte(n - 1)
	} else {
		r.dst = r.dst[:r.at]
	}
}

// reference writes n bytes that are the same as those at a distance less 1.
func (r *run) reference(distance, n int) bool {
	r.stop()
	if len(r.dst)+4 >= r.limit {
		return false
	}
	n -= 2
	if n < 7 {
		r.dst = append(r.dst, byte(distance>>8|n<<5))
	} else {
		r.dst = append(r.dst, byte(distance>>8|7<<5), byte(n-7))
	}
	r.dst = append(r.dst, byte(distance))
	r.start()
	return true
}

// end writes the last bytes as they are, at most three of them.
func (r *run) end(rest, dst []byte) ([]byte, bool) {
	if len(r.dst)+3 > r.limit {
		return dst, false
	}
	for _, b := range rest {
		r.literal(b)
	}
	r.stop()
	return r.dst, true
}

// decompress fills dst from src and reports whether it fits exactly.
func decompress(dst, src []byte) bool {
	at := 0
	for len(src) > 0 {
		control := int(src[0])
		src = src[1:]
		if control < lzfRun {
			n := control + 1
			if n > len(src) || n > len(dst)-at {
				return false
			}
			at += copy(dst[at:], src[:n])
			src = src[n:]
			continue
		}
		n, distance, size := reference(control, src)
		if size > len(src) || distance > at || n > len(dst)-at {
			return false
		}
		src = src[size:]
		for end := at + n; at < end; at++ { // what is copied may be part of the copy
			dst[at] = dst[at-distance]
		}
	}
	return at == len(dst)
}

// reference reads the rest of a reference, whose size is more than src if it is
// cut off.
func reference(control int, src []byte) (n, distance, size int) {
	n, size = control>>5+2, 1
	if n == 7+2 && len(src) > 0 {
		n, size = n+int(src[0]), 2
	}
	if size > len(src) {
		return 0, 0, size
	}
	var low [2]byte
	low[0], low[1] = byte(control&(lzfRun-1)), src[size-1]
	return n, int(binary.BigEndian.Uint16(low[:])) + 1, size
}
