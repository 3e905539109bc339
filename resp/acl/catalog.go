package acl

import (
	"math/bits"
	"slices"
	"strings"
)

// Command is a command or subcommand as rules see it.
type Command struct {
	// Name is the full name, "get" or "config|get".
	Name string
	// Categories has bit i set for a command of the i-th category.
	Categories uint32
}

// Catalog is all commands, by number, and the categories. It does not change.
type Catalog struct {
	commands   []Command
	categories []string
	byName     map[string]int
	parent     []int // of a subcommand, else -1
	subs       [][]int
	top        []int // commands that are no subcommands, by name
}

// NewCatalog makes a Catalog; the number of a command is its index. Categories
// are named without the leading @.
func NewCatalog(commands []Command, categories []string) *Catalog {
	c := &Catalog{
		commands: commands, categories: categories, byName: make(map[string]int, len(commands)),
		parent: make([]int, len(commands)), subs: make([][]int, len(commands)),
	}
	for id, cmd := range commands {
		c.byName[cmd.Name] = id
	}
	for id, cmd := range commands {
		c.parent[id] = -1
		if container, _, sub := strings.Cut(cmd.Name, "|"); sub {
			at := c.byName[container]
			c.parent[id] = at
			c.subs[at] = append(c.subs[at], id)
		} else {
			c.top = append(c.top, id)
		}
	}
	byName := func(a, b int) int { return strings.Compare(commands[a].Name, commands[b].Name) }
	slices.SortFunc(c.top, byName)
	for _, list := range c.subs {
		slices.SortFunc(list, byName)
	}
	return c
}

// lookup returns the number of the command with this full name, in any case.
func (c *Catalog) lookup(name string) (id int, ok bool) {
	id, ok = c.byName[strings.ToLower(name)]
	return id, ok
}

// category returns the place of the category with this name, in any case.
func (c *Catalog) category(name string) (at int, ok bool) {
	at = slices.IndexFunc(c.categories, func(known string) bool { return strings.EqualFold(known, name) })
	return at, at >= 0
}

// in reports whether a command is in a category.
func (c *Catalog) in(id, category int) bool { return c.commands[id].Categories>>category&1 != 0 }

// all is the set of all commands.
func (c *Catalog) all() commandSet {
	s := c.none()
	for id := range c.commands {
		s.put(id, true)
	}
	return s
}

// none is the empty set of commands.
func (c *Catalog) none() commandSet { return make(commandSet, (len(c.commands)+63)/64) }

// commandSet is a set of commands, one bit for each number.
type commandSet []uint64

func (s commandSet) has(id int) bool { return s[id/64]>>(id%64)&1 != 0 }

func (s commandSet) put(id int, allow bool) {
	if allow {
		s[id/64] |= 1 << (id % 64)
	} else {
		s[id/64] &^= 1 << (id % 64)
	}
}

// len returns how many commands are in the set.
func (s commandSet) len() (n int) {
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}
