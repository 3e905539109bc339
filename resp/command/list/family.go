// Package list implements the list commands.
//
// Invariant: a handler has found everything that can be wrong with its line,
// and with the types of its keys, before it changes the first key.
package list

import (
	"slices"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// Family is the list commands.
var Family = command.Family{
	Group: "list", Categories: command.CatList,
	Commands: slices.Concat(pushSpecs(), popSpecs(), rangeSpecs(), searchSpecs(), editSpecs(), moveSpecs(), blockSpecs()),
}

const (
	constant = "O(1)"
	// slowElements is the number of words from which a command that pushes leaves
	// the event loop.
	slowElements = 5000
	// sides is the syntax of an end of a list.
	sides = "<LEFT | RIGHT>"
)

// side reads the next word, which must be LEFT or RIGHT.
func side(s *command.Options) engine.Side {
	if s.Next() {
		switch s.Option() {
		case "LEFT":
			return engine.Left
		case "RIGHT":
			return engine.Right
		}
	}
	s.Fail(rediserr.Syntax)
	return engine.Left
}

// bulks writes n elements, element i the first and then away from a side.
func bulks(c *command.Ctx, l *engine.List, i, n int, from engine.Side) {
	c.Out.Array(n)
	l.Range(i, n, from, func(v []byte) bool {
		c.Out.Bulk(v)
		return true
	})
}

// end is the index of the element at a side of a list that has some.
func end(l *engine.List, s engine.Side) int {
	if s == engine.Left {
		return 0
	}
	return l.Len() - 1
}
