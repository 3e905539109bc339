package bitmap

import (
	"bytes"
	"math"

	"kvd/engine/ds/bits"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

var (
	errFieldType  = rediserr.New("Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.")
	errOverflow   = rediserr.New("Invalid OVERFLOW type specified")
	errOnlyGet    = rediserr.New("BITFIELD_RO only supports the GET subcommand")
	wordGet       = []byte("GET")
	wordSet       = []byte("SET")
	wordIncrby    = []byte("INCRBY")
	wordOverflow  = []byte("OVERFLOW")
	overflowWords = [...]struct {
		word []byte
		how  bits.Overflow
	}{{[]byte("WRAP"), bits.Wrap}, {[]byte("SAT"), bits.Saturate}, {[]byte("FAIL"), bits.Fail}}
)

// verb is what one step of BITFIELD does.
type verb uint8

const (
	get verb = iota
	set
	incrby
)

// step is one step of BITFIELD.
type step struct {
	verb     verb
	field    bits.Field
	at       uint64
	operand  int64
	overflow bits.Overflow
}

// end is the first bit behind the field.
func (s *step) end() uint64 { return s.at + uint64(s.field.Width) }

// steps reads the steps of a line. It keeps nothing between them, so that a line
// is read twice, to check it and to run it, without memory for its steps.
type steps struct {
	c        *command.Ctx
	next     int
	overflow bits.Overflow
	err      error
}

func stepsOf(c *command.Ctx) steps { return steps{c: c, next: 2} }

// read moves to the next step and reports whether there is one.
func (s *steps) read() (step, bool) {
	for s.err == nil && s.next < len(s.c.Args) {
		word, left := s.c.Args[s.next], len(s.c.Args)-s.next-1
		at := s.next + 1
		switch {
		case bytes.EqualFold(word, wordGet) && left >= 2:
			s.next += 3
			return s.finish(step{verb: get}, at)
		case bytes.EqualFold(word, wordSet) && left >= 3:
			s.next += 4
			return s.finish(step{verb: set}, at)
		case bytes.EqualFold(word, wordIncrby) && left >= 3:
			s.next += 4
			return s.finish(step{verb: incrby}, at)
		case bytes.EqualFold(word, wordOverflow) && left >= 1:
			s.next += 2
			s.err = s.setOverflow(s.c.Args[at])
		default:
			s.err = rediserr.Syntax
		}
	}
	return step{}, false
}

func (s *steps) setOverflow(word []byte) error {
	for _, o := range overflowWords {
		if bytes.EqualFold(word, o.word) {
			s.overflow = o.how
			return nil
		}
	}
	return errOverflow
}

// finish reads the arguments of a step, the first of which is argument i.
func (s *steps) finish(st step, i int) (step, bool) {
	st.overflow = s.overflow
	if st.field, s.err = fieldType(s.c.Args[i]); s.err != nil {
		return st, false
	}
	if st.at, s.err = fieldOffset(s.c, i+1, st.field.Width); s.err != nil {
		return st, false
	}
	if st.verb != get {
		st.operand, s.err = s.c.Int(i + 2)
	}
	return st, s.err == nil
}

// fieldType reads a type such as i16.
func fieldType(word []byte) (bits.Field, error) {
	if len(word) == 0 || word[0] != 'i' && word[0] != 'u' {
		return bits.Field{}, errFieldType
	}
	f, most := bits.Field{Signed: word[0] == 'i'}, int64(64)
	if !f.Signed {
		most = 63
	}
	n, err := command.ParseInt(word[1:])
	if err != nil || n < 1 || n > most {
		return bits.Field{}, errFieldType
	}
	f.Width = uint(n)
	return f, nil
}

// fieldOffset reads argument i as the place of a field: a bit, or with # before
// it how many fields of this width come before.
func fieldOffset(c *command.Ctx, i int, width uint) (uint64, error) {
	word, times := c.Args[i], int64(1)
	if len(word) > 0 && word[0] == '#' {
		word, times = word[1:], int64(width)
	}
	n, err := command.ParseInt(word)
	if err != nil || n > math.MaxInt64/times || !allowed(c, n*times) {
		return 0, errOffset
	}
	return uint64(n * times), nil
}
