package stream

import (
	"bytes"
	"math"
	"strconv"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/reply"
)

var (
	errBadID    = rediserr.New("Invalid stream ID specified as stream command argument")
	errBadStart = rediserr.New("invalid start ID for the interval")
	errBadEnd   = rediserr.New("invalid end ID for the interval")
)

// maxID is the length of the longest text that is taken for an ID, in bytes.
const maxID = 127

// parseID reads an ID such as 5-1, in which the number may be missing. It does
// not take "-" nor "+".
func parseID(b []byte, missing uint64) (engine.StreamID, error) {
	ms, seq, found := bytes.Cut(text(b), []byte{'-'})
	id := engine.StreamID{Seq: missing}
	var ok bool
	if id.MS, ok = parseNumber(ms); !ok || len(b) > maxID {
		return engine.StreamID{}, errBadID
	}
	if found {
		if id.Seq, ok = parseNumber(seq); !ok {
			return engine.StreamID{}, errBadID
		}
	}
	return id, nil
}

// text returns b up to its first zero byte, which ends a text in redis-server.
func text(b []byte) []byte {
	b, _, _ = bytes.Cut(b, []byte{0})
	return b
}

// parseBound is parseID for an end of a range, which may also be "-", the least
// ID, or "+", the greatest.
func parseBound(b []byte, missing uint64) (engine.StreamID, error) {
	switch string(text(b)) {
	case "-":
		return engine.StreamID{}, nil
	case "+":
		return engine.MaxStreamID, nil
	}
	return parseID(b, missing)
}

// parseStart reads the lower end of a range; "(" before it excludes it.
func parseStart(b []byte) (engine.StreamID, error) {
	if len(b) < 2 || b[0] != '(' {
		return parseBound(b, 0)
	}
	id, err := parseID(b[1:], 0)
	if err != nil {
		return id, err
	}
	id, ok := id.Next()
	if !ok {
		return id, errBadStart
	}
	return id, nil
}

// parseEnd reads the upper end of a range; "(" before it excludes it.
func parseEnd(b []byte) (engine.StreamID, error) {
	if len(b) < 2 || b[0] != '(' {
		return parseBound(b, math.MaxUint64)
	}
	id, err := parseID(b[1:], math.MaxUint64)
	if err != nil {
		return id, err
	}
	id, ok := id.Prev()
	if !ok {
		return id, errBadEnd
	}
	return id, nil
}

// parseNumber reads a number as redis-server reads those of IDs: as an integer,
// else as strtoull does, which takes spaces, signs and zeros before it.
func parseNumber(b []byte) (uint64, bool) {
	if n, err := command.ParseInt(b); err == nil {
		return uint64(n), n >= 0
	}
	digits := bytes.TrimLeft(b, " \t\n\v\f\r")
	negative := false
	if len(digits) > 0 && (digits[0] == '-' || digits[0] == '+') {
		negative = digits[0] == '-'
		digits = digits[1:]
	}
	for len(digits) > 1 && digits[0] == '0' {
		digits = digits[1:]
	}
	n, err := command.ParseUint(digits)
	if negative {
		n = -n
	}
	return n, err == nil
}

// parseIDs reads the arguments from one on as IDs.
func parseIDs(args [][]byte) ([]engine.StreamID, error) {
	ids := make([]engine.StreamID, len(args))
	for i, arg := range args {
		var err error
		if ids[i], err = parseID(arg, 0); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// appendID appends an ID as clients see it.
func appendID(dst []byte, id engine.StreamID) []byte {
	dst = strconv.AppendUint(dst, id.MS, 10)
	return strconv.AppendUint(append(dst, '-'), id.Seq, 10)
}

// writeID writes an ID.
func writeID(out *reply.Writer, id engine.StreamID) {
	var buf [48]byte
	out.Bulk(appendID(buf[:0], id))
}

// is reports whether an argument is a word, in any case. word is in capital
// letters.
func is(arg []byte, word string) bool {
	if len(arg) != len(word) {
		return false
	}
	for i, c := range arg {
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}
