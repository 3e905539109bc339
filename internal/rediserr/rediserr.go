// Package rediserr holds the errors that clients see, byte for byte as
// redis-server words them.
//
// An Error is a code, which clients branch on and INFO errorstats counts, and a
// text. Handlers return these values; anything else a handler returns is a
// fault of ours and is shown as Internal.
package rediserr

import (
	"fmt"
	"strings"
)

// Error is an error reply: "-CODE text".
type Error struct {
	Code string
	Text string
}

// Error implements error. It is the reply without its leading minus.
func (e *Error) Error() string { return e.Code + " " + e.Text }

// New returns an ERR with this text.
func New(text string) *Error { return &Error{Code: "ERR", Text: text} }

// Newf returns an ERR with a formatted text. Line breaks become spaces, since
// an error is one line of the protocol.
func Newf(format string, args ...any) *Error {
	return New(OneLine(fmt.Sprintf(format, args...)))
}

// Coded returns an error with its own code.
func Coded(code, text string) *Error { return &Error{Code: code, Text: text} }

// OneLine replaces the line breaks of s by spaces.
func OneLine(s string) string {
	if !strings.ContainsAny(s, "\r\n") {
		return s
	}
	return strings.NewReplacer("\r", " ", "\n", " ").Replace(s)
}

// Errors with a code of their own.
var (
	WrongType   = Coded("WRONGTYPE", "Operation against a key holding the wrong kind of value")
	NoAuth      = Coded("NOAUTH", "Authentication required.")
	WrongPass   = Coded("WRONGPASS", "invalid username-password pair or user is disabled.")
	NoProto     = Coded("NOPROTO", "unsupported protocol version")
	OOM         = Coded("OOM", "command not allowed when used memory > 'maxmemory'.")
	ReadOnly    = Coded("READONLY", "You can't write against a read only replica.")
	Loading     = Coded("LOADING", "Redis is loading the dataset in memory")
	ExecAbort   = Coded("EXECABORT", "Transaction discarded because of previous errors.")
	Unblocked   = Coded("UNBLOCKED", "client unblocked via CLIENT UNBLOCK")
	HelloNoAuth = Coded("NOAUTH", "HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time")
)

// Plain errors.
var (
	Syntax          = New("syntax error")
	NotInteger      = New("value is not an integer or out of range")
	NotFloat        = New("value is not a valid float")
	NoSuchKey       = New("no such key")
	Overflow        = New("increment or decrement would overflow")
	NaNOrInf        = New("increment would produce NaN or Infinity")
	SameObject      = New("source and destination objects are the same")
	DBRange         = New("DB index is out of range")
	StringTooLong   = New("string exceeds maximum allowed size (proto-max-bulk-len)")
	InvalidCursor   = New("invalid cursor")
	Internal        = New("internal error")
	ClusterDisabled = New("This instance has cluster support disabled")
	BadTimeout      = New("timeout is not a float or out of range")
	NegativeTimeout = New("timeout is negative")
	OffsetRange     = New("offset is out of range")
	NoPasswordSet   = New("AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?")
)

// WrongArgs is the arity error of a command; a subcommand is named "parent|sub".
func WrongArgs(command string) *Error {
	return Newf("wrong number of arguments for '%s' command", command)
}

// InvalidExpire is the error for a time to live that is not above zero or
// overflows.
func InvalidExpire(command string) *Error {
	return Newf("invalid expire time in '%s' command", command)
}

// UnknownSubcommand is the error for a subcommand that a container command does
// not have.
func UnknownSubcommand(parent string, sub []byte) *Error {
	return Newf("unknown subcommand '%.128s'. Try %s HELP.", sub, strings.ToUpper(parent))
}

// UnknownCommand is the error for a name that no command has. Like redis-server
// it quotes the first 128 bytes of name and arguments.
func UnknownCommand(args [][]byte) *Error {
	const most = 128
	name := args[0][:min(len(args[0]), most)]
	var list strings.Builder
	for _, a := range args[1:] {
		room := most - list.Len()
		if room <= 0 {
			break
		}
		fmt.Fprintf(&list, "'%s' ", a[:min(len(a), room)])
	}
	return Newf("unknown command '%s', with args beginning with: %s", name, list.String())
}

// Misconf is the error for writes while the disk does not take them.
func Misconf(reason string) *Error {
	return Coded("MISCONF", OneLine("Errors writing to the journal: "+reason))
}
