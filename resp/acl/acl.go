// Package acl decides who may do what: users, their passwords, and the rules on
// commands, keys and channels, as redis-server 7.0 words and applies them.
//
// A User never changes: rules make a new one out of an old one. An Account is
// the place where the current User of a name stands; sessions hold Accounts and
// so see a change at their next command. The package knows nothing of sessions
// or of how commands are described: it gets a Catalog of their names and
// categories, and the arguments of a line that are keys and channels.
//
// Invariants: a line is allowed only if one single selector allows its command
// and all its keys and channels; rules that are refused change nothing; and
// passwords are kept as SHA-256 and compared in constant time.
package acl

import "kvd/internal/rediserr"

// Access is what a command does with a key.
type Access uint8

// Read is for data that is returned, copied or used to decide; Write for data
// that is changed, added or removed. A command that asks for neither, such as
// EXISTS, needs some pattern that the key fits.
const (
	Read Access = 1 << iota
	Write

	readWrite = Read | Write
)

// ChannelKind is how a command uses the words that are channels.
type ChannelKind uint8

const (
	// Channel is the name of a channel, which has to fit a rule.
	Channel ChannelKind = iota
	// ChannelPattern is a pattern, which has to be a rule itself.
	ChannelPattern
)

// Channels is whether a new user may use every channel: the setting
// acl-pubsub-default.
type Channels uint8

// The values of acl-pubsub-default.
const (
	NoChannels Channels = iota
	AllChannels
)

// Key is an argument that is a key.
type Key struct {
	Pos    int
	Access Access
}

// Request is a command line as rules see it.
type Request struct {
	// Command is the number of the command in the Catalog.
	Command int
	// Open is set for commands that everybody may run, such as AUTH.
	Open bool
	Args [][]byte
	Keys []Key
	// Channels are the indexes, from First on and below End, of the arguments
	// that are channels, and Kind what they are.
	First, End int
	Kind       ChannelKind
}

// Reason says which rule refuses a line, in the order of what ACL LOG and the
// error prefer when several selectors refuse it.
type Reason uint8

// The reasons.
const (
	Allowed Reason = iota
	DeniedCommand
	DeniedKey
	DeniedAuth // a password; no rule refuses with it
	DeniedChannel
)

// String is the reason as ACL LOG names it.
func (r Reason) String() string {
	return [...]string{"allowed", "command", "key", "auth", "channel"}[r]
}

// Verdict is the answer to a Request: allowed, or why not and because of which
// argument.
type Verdict struct {
	Reason Reason
	Pos    int
}

// Denied reports whether the line is refused.
func (v Verdict) Denied() bool { return v.Reason != Allowed }

// Error is the reply to a client that may not run the command called name.
func (v Verdict) Error(name string) *rediserr.Error {
	switch v.Reason {
	case DeniedKey:
		return errKey
	case DeniedChannel:
		return errChannel
	default:
		return rediserr.Coded("NOPERM", "this user has no permissions to run the '"+name+"' command")
	}
}

var (
	errKey     = rediserr.Coded("NOPERM", "this user has no permissions to access one of the keys used as arguments")
	errChannel = rediserr.Coded("NOPERM", "this user has no permissions to access one of the channels used as arguments")
)

// QueuedError is the reply in EXEC for a command that was allowed when it was
// queued.
func (v Verdict) QueuedError() *rediserr.Error {
	const changed = "ACLs rules changed between the moment the transaction was accumulated and the EXEC call. " +
		"This command is no longer allowed for the following reason: "
	switch v.Reason {
	case DeniedKey:
		return rediserr.Coded("NOPERM", changed+"no permission to touch the specified keys")
	case DeniedChannel:
		return rediserr.Coded("NOPERM", changed+"no permission to access one of the channels used as arguments")
	default:
		return rediserr.Coded("NOPERM", changed+"no permission to execute the command or subcommand")
	}
}

// ScriptError is the error of a command that a script runs.
func (v Verdict) ScriptError() *rediserr.Error {
	switch v.Reason {
	case DeniedKey:
		return errScriptKey
	case DeniedChannel:
		return errScriptChannel
	default:
		return errScriptCommand
	}
}

var (
	errScriptCommand = rediserr.New("The user executing the script can't run this command or subcommand")
	errScriptKey     = rediserr.New("The user executing the script can't access at least one of the keys mentioned in the command arguments")
	errScriptChannel = rediserr.New("The user executing the script can't publish to the channel mentioned in the command")
)

// Text is what ACL DRYRUN says of the line, whose command is called name.
func (v Verdict) Text(name string, args [][]byte) string {
	switch v.Reason {
	case DeniedKey:
		return "This user has no permissions to access the '" + string(args[v.Pos]) + "' key"
	case DeniedChannel:
		return "This user has no permissions to access the '" + string(args[v.Pos]) + "' channel"
	default:
		return "This user has no permissions to run the '" + name + "' command"
	}
}
