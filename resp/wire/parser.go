package wire

import (
	"bytes"
	"slices"

	"kvd/internal/rediserr"
)

// Input turns the bytes of one connection into commands. It is a state machine
// that goes on where the bytes ended: it never reads a byte twice to find the
// end of something, never calls itself, and compares each declared length with
// its limit before it does arithmetic with it. The arguments it returns lie in
// the buffer that was read into.
//
// A transport calls Space, Got and Release; a handler calls Next. The zero
// value needs SetLimits. It is not safe for concurrent use.
//
// Differences from redis-server 7.0, all on input that no client sends: what
// follows a bulk must be CRLF (redis-server skips two bytes unseen); a zero byte
// is a byte like others (redis-server looks no further and waits); an array
// above 1,048,576 is refused (there above 2^31-1); a header has at most 18
// digits.
type Input struct {
	limits Limits
	err    *rediserr.Error // final, once set

	buf      []byte // buf[pos:end] has not been parsed
	pos, end int
	start    int     // where the open command begins in buf
	scan     int     // bytes from pos on that hold no end of line
	own      *block  // what buf lies in; nil if buf is borrowed
	pool     *blocks // nil: allocate

	left int      // arguments that the open command still lacks; 0: none is open
	bulk int      // length of the argument being received; -1: its header is next
	args [][]byte // what the open command has so far

	open []byte // the big argument being received, len of it has come
	big  []int  // indices of the big arguments in args, ascending
	held int64  // bytes in them

	done    bool // args was handed out
	starved bool // Next has seen all bytes and needs more
}

// SetLimits sets the limits from the next header on.
func (in *Input) SetLimits(l Limits) { in.limits = l }

// Next returns the next command, or nil when more bytes are needed. The
// arguments are valid until the next call of Next, Space or Release. An error is
// a *rediserr.Error worded as redis-server words it, comes after every command
// that was complete before it, and is final: it is returned from then on, and
// further bytes are dropped.
func (in *Input) Next() ([][]byte, error) {
	in.recycle()
	for in.err == nil {
		if in.left > 0 {
			if in.arguments() {
				return in.args, nil
			}
			break
		}
		in.start = in.pos
		if in.pos == in.end {
			break
		}
		if in.buf[in.pos] == '*' {
			if !in.array() {
				break
			}
		} else if ok := in.inline(); !ok {
			break
		} else if len(in.args) > 0 {
			in.done = true
			return in.args, nil
		}
	}
	in.starved = true
	return nil, in.failure()
}

// failure is the error to return when there is no command.
func (in *Input) failure() error {
	if in.err == nil && int64(in.Buffered()) > in.limits.Buffer {
		in.err = ErrBuffer
	}
	if in.err == nil {
		return nil // not a nil *Error in an interface
	}
	in.pos = in.end
	in.left, in.open, in.args, in.big, in.held = 0, nil, nil, nil, 0
	return in.err
}

// Owned says whether argument i of the command that Next returned last is a
// slice of its own, which the receiver may keep and need not copy.
func (in *Input) Owned(i int) bool {
	_, found := slices.BinarySearch(in.big, i)
	return found
}

// Buffered is the number of bytes that are held and were not handed out.
func (in *Input) Buffered() int {
	return in.end - in.keep() + int(in.held) + len(in.open)
}

// pending says that Next has not yet seen all bytes.
func (in *Input) pending() bool { return !in.starved && in.err == nil && in.pos < in.end }

// recycle ends the life of the arguments that were handed out.
func (in *Input) recycle() {
	if !in.done {
		return
	}
	in.done = false
	if len(in.big) > 0 {
		clear(in.args) // else they would be kept from the collector
		in.big, in.held = in.big[:0], 0
	}
	in.args = in.args[:0]
}

// array opens the command whose header is at pos. It reports false if the
// header is incomplete or wrong.
func (in *Input) array() bool {
	n, next := number(in.buf[:in.end], in.pos)
	if next == 0 {
		var ok bool
		if n, next, ok = in.header(errLongArray, errArrayLength); !ok {
			return false
		}
	}
	if in.err = in.limits.checkArray(n); in.err != nil {
		return false
	}
	in.pos, in.scan = next, 0
	if n > 0 { // others are skipped
		in.left, in.bulk = int(n), -1
	}
	return true
}

// arguments receives arguments until the open command is complete, and reports
// whether it is.
func (in *Input) arguments() bool {
	b := in.buf[:in.end]
	for in.left > 0 {
		if in.bulk < 0 && !in.bulkHeader(b) {
			return false
		}
		p := in.pos
		if in.open != nil {
			if !in.fill(b[p:]) {
				return false
			}
			p = in.pos
		} else if len(b)-p-2 < in.bulk {
			return false
		} else {
			// The capacity reaches to the end of buf: moveTo finds the
			// argument's place by it.
			in.args = append(in.args, b[p:p+in.bulk])
			p += in.bulk
		}
		if b[p] != '\r' || b[p+1] != '\n' {
			in.err = errBulkEnd
			return false
		}
		in.pos = p + 2
		in.left--
		in.bulk = -1
		if in.open != nil {
			in.keepOpen()
		}
	}
	for i, a := range in.args {
		in.args[i] = a[:len(a):len(a)] // so that append copies
	}
	in.done = true
	return true
}

// bulkHeader reads the header of the next argument. It reports false if it is
// incomplete or wrong.
func (in *Input) bulkHeader(b []byte) bool {
	var n int64
	var next int
	if in.pos < len(b) && b[in.pos] == '$' {
		n, next = number(b, in.pos)
	}
	if next == 0 {
		var ok bool
		if n, next, ok = in.header(errLongBulk, errBulkLength); !ok {
			return false
		}
	}
	if in.err = in.limits.checkBulk(n); in.err != nil {
		return false
	}
	in.pos, in.scan, in.bulk = next, 0, int(n)
	if n >= BigBulk {
		in.openBig(len(b) - next)
	}
	return true
}

// number reads the count of the header whose mark is at b[p]. Next is where the
// following line starts, and 0 for a header that is incomplete or not just
// digits, which header then judges.
func number(b []byte, p int) (n int64, next int) {
	i := p + 1
	for ; i < len(b) && i < p+11; i++ {
		d := b[i] - '0'
		if d > 9 {
			break
		}
		n = n*10 + int64(d)
	}
	if len(b)-i < 2 || b[i] != '\r' || b[i+1] != '\n' || i == p+1 || b[p+1] == '0' && i > p+2 {
		return 0, 0
	}
	return n, i + 2
}

// header reads any header at pos, as far as it has come. tooLong and invalid
// are the errors for its kind of header.
func (in *Input) header(tooLong, invalid *rediserr.Error) (n int64, next int, ok bool) {
	length := in.line('\r')
	if length < 0 {
		if in.end-in.pos > in.limits.Inline {
			in.err = tooLong
		}
		return 0, 0, false
	}
	if in.end-in.pos < length+2 {
		return 0, 0, false
	}
	line := in.buf[in.pos : in.pos+length]
	if invalid == errBulkLength && (length == 0 || line[0] != '$') {
		in.err = errMark(in.buf[in.pos])
		return 0, 0, false
	}
	n, ok = strictInt(line[1:])
	next = in.pos + length + 2
	if !ok || in.buf[next-1] != '\n' {
		in.err = invalid
		return 0, 0, false
	}
	return n, next, true
}

// line is the distance from pos to the next end, or -1. It looks only at bytes
// that it has not seen, and only as far as a line may reach.
func (in *Input) line(end byte) int {
	stop := min(in.end, in.pos+in.limits.Inline+1)
	from := min(in.pos+in.scan, stop)
	i := bytes.IndexByte(in.buf[from:stop], end)
	if i < 0 {
		in.scan = stop - in.pos
		return -1
	}
	in.scan += i
	return in.scan
}

// strictInt parses a decimal number the way redis-server does in headers: no
// plus, no leading zero, no minus zero, no blanks.
func strictInt(b []byte) (n int64, ok bool) {
	digits := b
	if len(b) > 0 && b[0] == '-' {
		digits = b[1:]
	}
	if len(digits) == 0 || len(digits) > 18 {
		return 0, false
	}
	if digits[0] == '0' {
		return 0, len(b) == 1
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if len(digits) < len(b) {
		n = -n
	}
	return n, true
}
