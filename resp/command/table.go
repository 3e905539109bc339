package command

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"kvd/internal/rediserr"
)

// Command is a command or subcommand of a Table: its Spec and what follows
// from it. Flags and Categories are complete here: NewTable adds what they
// imply. A Command does not change, but for its Stats.
type Command struct {
	Spec
	// FullName is the name that clients see: "get", "client|getname".
	FullName string
	// Group is the group in COMMAND DOCS.
	Group string
	// Stats counts how the command was used.
	Stats Stats

	id       int
	parent   *Command
	subs     names
	args     []Argument
	keywords []string // the tokens of the syntax
	oneKey   int
	legacy   [3]int
}

// ID is a small number that no other command of the table has, from 0 to
// Table.Len-1, for arrays of one element per command.
func (c *Command) ID() int { return c.id }

// Container returns the command that a subcommand belongs to, or nil.
func (c *Command) Container() *Command { return c.parent }

// IsContainer reports whether the command has subcommands.
func (c *Command) IsContainer() bool { return len(c.subs.sorted) > 0 }

// Sub returns the subcommand with this name, in any case, or nil.
func (c *Command) Sub(name []byte) *Command { return c.subs.get(name) }

// Subcommands returns the subcommands, sorted by name.
func (c *Command) Subcommands() []*Command { return c.subs.sorted }

// Arguments returns the arguments as the syntax describes them.
func (c *Command) Arguments() []Argument { return c.args }

// AcceptsWords reports whether a line of n words has the right length.
func (c *Command) AcceptsWords(n int) bool {
	return n == c.Arity || c.Arity < 0 && n >= -c.Arity
}

// Table is all commands of a server. It does not change.
type Table struct {
	commands names
	byID     []*Command
}

// NewTable makes a table of the commands of all families. It returns an error
// that names every fault of their specs.
func NewTable(families ...Family) (*Table, error) {
	t := &Table{}
	b := builder{table: t, byName: map[string]*Command{}}
	for i := range families {
		b.addFamily(&families[i])
	}
	b.link()
	for _, c := range t.byID {
		b.complete(c)
		b.check(c)
	}
	if err := b.err(); err != nil {
		return nil, fmt.Errorf("command table: %w", err)
	}
	return t, nil
}

// Lookup returns the command with this name, in any case, or nil. It does not
// look for subcommands.
func (t *Table) Lookup(name []byte) *Command { return t.commands.get(name) }

// LookupFull returns the command with this full name, such as "get" or
// "client|getname", in any case, or nil.
func (t *Table) LookupFull(name []byte) *Command {
	container, sub, nested := bytes.Cut(name, []byte{'|'})
	c := t.commands.get(container)
	if nested && c != nil {
		return c.subs.get(sub)
	}
	return c
}

// Find returns the command that a line calls: the subcommand where the first
// word is a container and another one follows. It does not look at the number
// of words. The errors are rediserr.UnknownCommand and UnknownSubcommand.
func (t *Table) Find(args [][]byte) (*Command, error) {
	c := t.commands.get(args[0])
	if c == nil {
		return nil, rediserr.UnknownCommand(args)
	}
	if !c.IsContainer() || len(args) == 1 {
		return c, nil
	}
	if sub := c.subs.get(args[1]); sub != nil {
		return sub, nil
	}
	return nil, rediserr.UnknownSubcommand(c.Name, args[1])
}

// Commands returns the commands without subcommands, sorted by name.
func (t *Table) Commands() []*Command { return t.commands.sorted }

// All returns commands and subcommands, sorted by full name.
func (t *Table) All() []*Command {
	all := slices.Clone(t.byID)
	slices.SortFunc(all, func(a, b *Command) int { return strings.Compare(a.FullName, b.FullName) })
	return all
}

// ByID returns the command with this ID.
func (t *Table) ByID(id int) *Command { return t.byID[id] }

// Len returns the number of commands and subcommands.
func (t *Table) Len() int { return len(t.byID) }
