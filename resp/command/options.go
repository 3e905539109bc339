package command

import (
	"strings"

	"kvd/engine"
	"kvd/internal/rediserr"
)

// Options reads the options of a command line:
//
//	for s.Next() {
//		switch s.Option() {
//		case "NX", "XX":
//			s.Once(&opt.cond)
//		case "EX", "PX", "EXAT", "PXAT":
//			s.Once(&opt.ttl)
//			opt.expiry = s.Expiry(name)
//		default:
//			s.Fail(rediserr.Syntax)
//		}
//	}
//	return opt, s.Err()
//
// The first error sticks and ends the loop, so that a handler looks once, at
// the end.
type Options struct {
	c    *Ctx
	next int
	// word is the option that was read last, upper-cased.
	word string
	err  error
	// late is the error of an expiry. redis-server looks at its value only when
	// the rest of the line is known to be right, and then at the last one.
	late error
}

// Options begins to read options at argument from.
func (c *Ctx) Options(from int) Options { return Options{c: c, next: from} }

// Next moves to the next option and reports whether there is one.
func (s *Options) Next() bool {
	if s.err != nil || s.next >= len(s.c.Args) {
		return false
	}
	s.word = s.c.keyword(s.c.Args[s.next])
	s.next++
	return true
}

// Option returns the current option in capital letters. It does not allocate
// for the words of the command's Syntax.
func (s *Options) Option() string { return s.word }

// Once notes the current option in *dst, and fails if another one is there
// already: it is for options that exclude each other. The same option may be
// repeated.
func (s *Options) Once(dst *string) {
	if *dst != "" && *dst != s.word {
		s.Fail(rediserr.Syntax)
		return
	}
	*dst = s.word
}

// Arg returns the argument that the current option takes. If there is none, it
// fails with rediserr.Syntax and returns nil.
func (s *Options) Arg() []byte {
	if s.err != nil {
		return nil
	}
	if s.next >= len(s.c.Args) {
		s.Fail(rediserr.Syntax)
		return nil
	}
	s.next++
	return s.c.Args[s.next-1]
}

// Left returns how many arguments have not been read.
func (s *Options) Left() int { return len(s.c.Args) - s.next }

// Pos returns the index of the argument that will be read next.
func (s *Options) Pos() int { return s.next }

// Skip leaves out n arguments, which must be there.
func (s *Options) Skip(n int) {
	if s.Left() < n {
		s.Fail(rediserr.Syntax)
		return
	}
	s.next += n
}

// Int reads the option's argument as an integer.
func (s *Options) Int() int64 {
	arg := s.Arg()
	if s.err != nil {
		return 0
	}
	n, err := ParseInt(arg)
	s.Fail(err)
	return n
}

// Count reads the option's argument as an integer that is not negative.
func (s *Options) Count() int64 {
	arg := s.Arg()
	if s.err != nil {
		return 0
	}
	n, err := ParseInt(arg)
	if err != nil || n < 0 {
		s.Fail(errNotPositive)
		return 0
	}
	return n
}

// Uint reads the option's argument as an integer from 0 to 2^64-1.
func (s *Options) Uint() uint64 {
	arg := s.Arg()
	if s.err != nil {
		return 0
	}
	n, err := ParseUint(arg)
	s.Fail(err)
	return n
}

// Float reads the option's argument as a floating-point number.
func (s *Options) Float() float64 {
	arg := s.Arg()
	if s.err != nil {
		return 0
	}
	f, err := ParseFloat(arg)
	s.Fail(err)
	return f
}

// Expiry reads the argument of EX, PX, EXAT or PXAT, whichever the current
// option is, and returns the point in time. name is the command's, for the
// error.
func (s *Options) Expiry(name string) engine.Expiry {
	arg := s.Arg()
	if s.err != nil {
		return engine.NoExpiry
	}
	n, err := ParseInt(arg)
	if s.late = err; err != nil {
		return engine.NoExpiry
	}
	ms, ok := ExpiryAt(n, unitOf(s.word), s.c.Now)
	if !ok || n <= 0 {
		s.late = rediserr.InvalidExpire(name)
		return engine.NoExpiry
	}
	return engine.Expiry(ms)
}

func unitOf(option string) TimeUnit {
	switch option {
	case "EX":
		return Seconds
	case "EXAT":
		return UnixSeconds
	case "PXAT":
		return UnixMilliseconds
	default:
		return Milliseconds
	}
}

// Fail ends the loop with err, unless it is nil or there is an error already.
func (s *Options) Fail(err error) {
	if s.err == nil && err != nil {
		s.err = err
	}
}

// SyntaxErr is Err without the value of an expiry, for commands such as GETEX
// that look at the key before they look at that value.
func (s *Options) SyntaxErr() error { return s.err }

// Err returns the first error.
func (s *Options) Err() error {
	if s.err != nil {
		return s.err
	}
	return s.late
}

// maxOption is more than the length of any option: what is longer is none.
const maxOption = 64

// keyword returns word in capital letters: the command's own copy if its
// syntax has the word, else a new one.
func (c *Ctx) keyword(word []byte) string {
	if c.Command != nil {
		for _, known := range c.Command.keywords {
			if equalFold(word, known) {
				return known
			}
		}
	}
	return strings.ToUpper(string(word[:min(len(word), maxOption)]))
}
