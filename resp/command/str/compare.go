package str

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"

	"github.com/zeebo/xxh3"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// Errors of the commands that compare.
var (
	errDigest    = rediserr.New("must be exactly 16 hexadecimal characters")
	errCondition = rediserr.New("Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE")
	errNotString = rediserr.New("Key should be of string type if conditions are specified")
)

func compareSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "digest", Syntax: "key", Arity: 2, Flags: command.ReadOnly | command.Fast,
			Keys: command.Key(1, command.RO|command.Access), Since: "8.4.0",
			Complexity: "O(N) for a string of N bytes",
			Summary:    "Returns a hash of the string at a key, for IFDEQ and IFDNE.", Handler: digest,
		},
		{
			Name:   "delex",
			Syntax: "key [IFEQ ifeq-value | IFNE ifne-value | IFDEQ ifdeq-digest | IFDNE ifdne-digest]{condition}", Arity: -2,
			Flags: command.Write | command.Fast, Keys: command.Key(1, command.RW|command.Delete), Since: "8.4.0",
			Complexity: "O(1), and O(N) for the digest of a string of N bytes",
			Summary:    "Deletes a key if its string fits a condition.", Handler: delex,
		},
	}
}

// condition is what a key must be for a SET or DELEX to happen: one of NX, XX,
// IFEQ, IFNE, IFDEQ and IFDNE, or no word for always.
type condition struct {
	word string
	arg  []byte
}

// compares reports whether the condition is about the value of the key.
func (q *condition) compares() bool { return len(q.word) > len("NX") }

// check returns the error for a digest that is none. Like redis-server it looks
// at the length only; a digest with other letters equals none.
func (q *condition) check() error {
	if (q.word == "IFDEQ" || q.word == "IFDNE") && len(q.arg) != 2*digestSize {
		return errDigest
	}
	return nil
}

// holds reports whether the condition is true of a value. A missing key is
// equal to nothing.
func (q *condition) holds(s engine.String) bool {
	switch q.word {
	case "NX":
		return !s.Exists()
	case "XX":
		return s.Exists()
	case "IFEQ":
		return s.Exists() && bytes.Equal(s.Bytes(), q.arg)
	case "IFNE":
		return !s.Exists() || !bytes.Equal(s.Bytes(), q.arg)
	case "IFDEQ":
		return s.Exists() && hasDigest(s.Bytes(), q.arg)
	case "IFDNE":
		return !s.Exists() || !hasDigest(s.Bytes(), q.arg)
	default:
		return true
	}
}

// digestSize is the length of a digest in bytes; it is shown in hexadecimal.
const digestSize = 8

// appendDigest appends the digest of a value: the 64 bits of XXH3, highest
// first, in small hexadecimal digits.
func appendDigest(dst, value []byte) []byte {
	var sum [digestSize]byte
	binary.BigEndian.PutUint64(sum[:], xxh3.Hash(value))
	return hex.AppendEncode(dst, sum[:])
}

// hasDigest reports whether a value has a digest, in any case.
func hasDigest(value, digest []byte) bool {
	var space [2 * digestSize]byte
	return bytes.EqualFold(appendDigest(space[:0], value), digest)
}

func digest(c *command.Ctx) error {
	s, err := c.Tx.String(c.Args[1])
	if err != nil {
		return err
	}
	if !s.Exists() {
		c.Out.Null()
		return nil
	}
	var space [2 * digestSize]byte
	c.Out.Bulk(appendDigest(space[:0], s.Bytes()))
	return nil
}

// delex implements DELEX. Without a condition it is DEL, of a key of any type.
func delex(c *command.Ctx) error {
	key := c.Args[1]
	switch len(c.Args) {
	case 2:
		c.Out.Int(number(c.Tx.Delete(key)))
		return nil
	case 4:
	default:
		return rediserr.WrongArgs(c.Command.FullName)
	}
	s, err := c.Tx.String(key)
	switch {
	case errors.Is(err, rediserr.WrongType):
		return errNotString
	case err != nil:
		return err
	case !s.Exists():
		c.Out.Int(0)
		return nil
	}
	when, err := parseCondition(c)
	if err != nil {
		return err
	}

	ok := when.holds(s)
	if ok {
		c.Tx.Delete(key)
	}
	c.Out.Int(number(ok))
	return nil
}

// parseCondition reads the condition of DELEX.
func parseCondition(c *command.Ctx) (condition, error) {
	s := c.Options(2)
	s.Next()
	when := condition{word: s.Option(), arg: c.Args[3]}
	switch when.word {
	case "IFEQ", "IFNE", "IFDEQ", "IFDNE":
		return when, when.check()
	}
	return when, errCondition
}
