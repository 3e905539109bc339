// Package command says what a command is: one Spec per command holds its name,
// syntax, arity, flags, keys, documentation and handler, and everything that
// needs to know about commands (dispatch, locks, ACL, COMMAND, the manual, the
// fuzzers) reads it there. There is no second list of commands anywhere.
//
// Each sub-package holds one family and exports one name, Family.
package command

// Spec describes one command or, with Parent set, one subcommand.
type Spec struct {
	// Name is in lower case, without the parent's name.
	Name string
	// Parent is the name of the container command, such as "client".
	Parent string
	// Syntax is what a manual prints after the name: "key [NX|XX] seconds". Its
	// words without small letters are the options that handlers get without an
	// allocation. syntax.go has the notation.
	Syntax string
	// Arity counts all words, the names included; -n means n or more.
	Arity int
	Flags Flags
	// Categories are ACL categories beyond those that follow from Flags and
	// the family, which NoFamilyCategories leaves out.
	Categories Categories
	// Keys says which arguments are keys, and what is done with them.
	Keys []KeySpec
	// Reaches, if not nil, tells of a line that it looks at keys whose names are
	// not among its words: then all keys are locked, on a worker, not only Keys.
	Reaches func(args [][]byte) bool
	// Owns, if not nil, tells of a line that its handler begins its transactions
	// itself, as with the flag OwnTx.
	Owns func(args [][]byte) bool
	// Channels says which arguments are channels that a user needs permission for.
	Channels Channels
	// Since is the version of redis-server that first had the command, or of
	// kvd ("kvd 0.1.0") for one of our own.
	Since      string
	Complexity string
	// Summary is one sentence, in our own words.
	Summary string
	// History lists what later versions added.
	History []Change
	// Tips are hints for clients and proxies, such as "nondeterministic_output".
	Tips []string
	// Deprecated names what to use instead, and since when.
	Deprecated *Deprecation
	// SlowArgs is the number of arguments from which the command is run on a
	// worker instead of the event loop; 0: never for its arguments.
	SlowArgs int
	// Handler runs the command. It is nil for a container.
	Handler Handler
}

// Handler runs a command: it reads c.Args, uses c.Tx, and writes one reply to
// c.Out. After an error the reply is taken back and the error written instead,
// and nothing may have been changed.
type Handler func(c *Ctx) error

// Change is an entry of a command's history.
type Change struct{ Version, Text string }

// Deprecation says since when a command should no longer be used.
type Deprecation struct{ Since, ReplacedBy string }

// Family is the commands of one package.
type Family struct {
	// Group is the group in COMMAND DOCS, such as "string".
	Group string
	// Categories are the ACL categories of all its commands.
	Categories Categories
	Commands   []Spec
}
