package hll

import "slices"

const (
	zeroMax   = 64 // registers that one byte of zeros stands for
	rankMax   = 32 // the greatest rank of a sparse register
	runMax    = 4  // registers of one rank that one byte stands for
	mergeLook = 5  // runs that are looked at to join equal ones
)

// run is one run of sparse registers.
type run struct {
	n    int  // registers
	rank byte // of each; 0 is none
	size int  // bytes it takes
}

// runAt reads the run at the beginning of b. ok is false if its second byte is
// missing.
func runAt(b []byte) (r run, ok bool) {
	switch c := b[0]; {
	case c&0x80 != 0:
		return run{n: int(c&3) + 1, rank: c>>2&31 + 1, size: 1}, true
	case c&0x40 == 0:
		return run{n: int(c) + 1, size: 1}, true
	case len(b) > 1:
		return run{n: int(c&0x3f)<<8 + int(b[1]) + 1, size: 2}, true
	}
	return run{}, false
}

// appendZeros appends a run of n registers of 0; none for n = 0.
func appendZeros(dst []byte, n int) []byte {
	switch {
	case n == 0:
		return dst
	case n <= zeroMax:
		return append(dst, byte(n-1))
	}
	return append(dst, 0x40|byte((n-1)>>8), byte(n-1))
}

// appendRank appends a run of n registers of a rank, none for n = 0; n is at most
// runMax.
func appendRank(dst []byte, rank byte, n int) []byte {
	if n == 0 {
		return dst
	}
	return append(dst, 0x80|(rank-1)<<2|byte(n-1))
}

// eachRun calls fn for each run. It fails unless the runs cover all registers and
// none beyond.
func eachRun(r []byte, fn func(first, n int, rank byte)) error {
	first := 0
	for len(r) > 0 {
		run, ok := runAt(r)
		if !ok || first+run.n > Registers {
			return ErrCorrupt
		}
		fn(first, run.n, run.rank)
		first += run.n
		r = r[run.size:]
	}
	if first != Registers {
		return ErrCorrupt
	}
	return nil
}

// spot is the run of a register.
type spot struct {
	run
	at       int // where it stands
	previous int // where the run before it stands, or at if there is none
	first    int // its first register
}

// find returns the run of a register.
func find(b []byte, index int) (spot, error) {
	s := spot{at: headerSize, previous: headerSize}
	for s.at < len(b) {
		run, ok := runAt(b[s.at:])
		if !ok {
			break
		}
		s.run = run
		if index < s.first+s.n {
			return s, nil
		}
		s.first += s.n
		s.previous = s.at
		s.at += s.size
	}
	return spot{}, ErrCorrupt
}

// raiseSparse is raise for a sparse b.
func raiseSparse(b []byte, index int, rank byte, most int64) (after []byte, changed bool, err error) {
	if rank > rankMax {
		return promote(b, index, rank)
	}
	s, err := find(b, index)
	if err != nil || s.rank >= rank {
		return b, false, err
	}
	if s.n == 1 && s.size == 1 {
		appendRank(b[:s.at], rank, 1)
	} else {
		var room [8]byte
		parts := split(room[:0], s, index, rank)
		if grow := len(parts) - s.size; grow > 0 && int64(len(b)+grow) > most {
			return promote(b, index, rank)
		}
		b = slices.Replace(b, s.at, s.at+s.size, parts...)
	}
	b = join(b, s.previous)
	Outdate(b)
	return b, true, nil
}

// split appends what a run becomes when one of its registers gets another rank.
func split(dst []byte, s spot, index int, rank byte) []byte {
	before, behind := index-s.first, s.first+s.n-index-1
	if s.rank > 0 {
		dst = appendRank(dst, s.rank, before)
		dst = appendRank(dst, rank, 1)
		return appendRank(dst, s.rank, behind)
	}
	dst = appendZeros(dst, before)
	dst = appendRank(dst, rank, 1)
	return appendZeros(dst, behind)
}

// join makes one run of neighbours of the same rank, from the run at on: a
// change can make only these few fit together.
func join(b []byte, at int) []byte {
	for looks := mergeLook; looks > 0 && at < len(b); looks-- {
		run, ok := runAt(b[at:])
		if !ok {
			break
		}
		if run.rank > 0 && at+1 < len(b) {
			next, _ := runAt(b[at+1:])
			if next.rank == run.rank && run.n+next.n <= runMax {
				appendRank(b[:at], run.rank, run.n+next.n)
				b = slices.Delete(b, at+1, at+2)
				continue // the new run may fit the next one too
			}
		}
		at += run.size
	}
	return b
}

// promote makes b dense and raises a register.
func promote(b []byte, index int, rank byte) (after []byte, changed bool, err error) {
	d, err := Densify(b)
	if err != nil {
		return b, false, err
	}
	return raise(d, index, rank, 0)
}
