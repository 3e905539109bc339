package wire

import "kvd/internal/rediserr"

// BigBulk is the length in bytes from which an argument is read into a slice of
// its own, which the receiver may keep.
const BigBulk = 32 << 10

// Limits bound what one connection may ask for.
type Limits struct {
	// Bulk is the longest argument in bytes (proto-max-bulk-len).
	Bulk int64
	// Args is the largest number of arguments of one command.
	Args int
	// Inline is the longest inline command and the longest header in bytes.
	Inline int
	// Buffer is how many bytes may be held of a command that is not complete
	// (client-query-buffer-limit).
	Buffer int64
	// Unauthenticated narrows Args and Bulk to what a login needs.
	Unauthenticated bool
}

// What a client that has not logged in may send.
const (
	strangerArgs = 10
	strangerBulk = 16 << 10
)

// DefaultLimits are the limits of a server that nobody configured.
func DefaultLimits() Limits {
	return Limits{Bulk: 512 << 20, Args: 1 << 20, Inline: 64 << 10, Buffer: 1 << 30}
}

// ErrBuffer says that a command outgrew Limits.Buffer before it was complete.
// redis-server closes the connection without a reply in this case.
var ErrBuffer = rediserr.New("Protocol error: client query buffer limit exceeded")

// The errors of the framing. All are final for their connection.
var (
	errArrayLength   = rediserr.New("Protocol error: invalid multibulk length")
	errBulkLength    = rediserr.New("Protocol error: invalid bulk length")
	errStrangerArray = rediserr.New("Protocol error: unauthenticated multibulk length")
	errStrangerBulk  = rediserr.New("Protocol error: unauthenticated bulk length")
	errLongInline    = rediserr.New("Protocol error: too big inline request")
	errLongArray     = rediserr.New("Protocol error: too big mbulk count string")
	errLongBulk      = rediserr.New("Protocol error: too big bulk count string")
	errQuotes        = rediserr.New("Protocol error: unbalanced quotes in request")
	errBulkEnd       = rediserr.New("Protocol error: expected CRLF after bulk")
)

// errMark is the error for a header that starts with got instead of a dollar.
func errMark(got byte) *rediserr.Error {
	return rediserr.New(rediserr.OneLine("Protocol error: expected '$', got '" + string([]byte{got}) + "'"))
}

// checkArray returns the error for an array of n arguments, or nil.
func (l *Limits) checkArray(n int64) *rediserr.Error {
	switch {
	case n > int64(l.Args):
		return errArrayLength
	case l.Unauthenticated && n > strangerArgs:
		return errStrangerArray
	}
	return nil
}

// checkBulk returns the error for an argument of n bytes, or nil.
func (l *Limits) checkBulk(n int64) *rediserr.Error {
	switch {
	case n < 0 || n > l.Bulk:
		return errBulkLength
	case l.Unauthenticated && n > strangerBulk:
		return errStrangerBulk
	}
	return nil
}
