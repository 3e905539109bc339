package doc

import (
	"errors"
	"strconv"
)

// Limits of a document that are used where Limits says nothing else.
const (
	// DefaultDepth is the nesting that is refused: 127 arrays in each other are
	// a document, 128 are not.
	DefaultDepth = 128
	// DefaultBytes is the greatest size of a document in bytes.
	DefaultBytes = 16 << 20
)

// What an edit or a parse may fail with, beside SyntaxError and PatchError.
var (
	// ErrDepth says that a value is or would be nested too deeply.
	ErrDepth = errors.New("recursion limit exceeded")
	// ErrTooLarge says that a document is or would be larger than Limits.Bytes.
	ErrTooLarge = errors.New("document is larger than the limit")
	// ErrOverflow says that a number would be infinite, or an integer would have
	// more than MaxDigits digits.
	ErrOverflow = errors.New("numeric overflow")
	// ErrIndex says that an index lies outside of an array.
	ErrIndex = errors.New("index out of bounds")
	// ErrCorrupt says that bytes are not a value in the form of this package.
	ErrCorrupt = errors.New("corrupt document")
)

// Limits bounds the documents that are made. A field of zero means its default.
type Limits struct {
	// Depth is the nesting that is refused.
	Depth int
	// Bytes is the greatest size of the encoded document, in bytes.
	Bytes int
}

func (l Limits) depth() int {
	if l.Depth == 0 {
		return DefaultDepth
	}
	return l.Depth
}

func (l Limits) bytes() int {
	if l.Bytes == 0 {
		return DefaultBytes
	}
	return l.Bytes
}

// fits returns ErrTooLarge for more than the greatest number of bytes.
func (l Limits) fits(size int) error {
	if size > l.bytes() {
		return ErrTooLarge
	}
	return nil
}

// SyntaxError says why a text is not JSON, and where.
type SyntaxError struct {
	Why string
	// Offset is the number of bytes of the text before the fault.
	Offset int
}

// Error returns the reason with its offset.
func (e *SyntaxError) Error() string {
	return "invalid JSON: " + e.Why + " at offset " + strconv.Itoa(e.Offset)
}
