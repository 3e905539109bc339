package history

import (
	"bytes"
	"fmt"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// noteOptions are what the writing commands have in common.
type noteOptions struct {
	note  engine.SaveNote
	ifRev int64 // or -1
}

// option reads an option, if it is one of these.
func (o *noteOptions) option(s *command.Options) (known bool) {
	switch s.Option() {
	case "MSG":
		o.note.Message = s.Note("message")
	case "AUTHOR":
		o.note.Author = s.Note("author")
	case "IFREV":
		o.ifRev = s.Count()
	default:
		return false
	}
	return true
}

// check compares the revision of the key with the one that the client expects. A
// key that is no document has that of its newest version.
func (o *noteOptions) check(c *command.Ctx, h *engine.History) error {
	if o.ifRev < 0 {
		return nil
	}
	rev, err := revision(c, h)
	if err == nil && rev != uint64(o.ifRev) {
		err = rediserr.Coded("CONFLICT", fmt.Sprintf("expected rev %d, current %d", o.ifRev, rev))
	}
	return err
}

// revision returns the revision of the key; 0: it is missing.
func revision(c *command.Ctx, h *engine.History) (uint64, error) {
	d, err := document(c, c.Args[1])
	if err != nil || !c.Tx.Peek(c.Args[1]) {
		return 0, err
	}
	if d.Exists() {
		return d.Info().Rev, nil
	}
	state, _ := h.State()
	return state.Rev, nil
}

// selector says which keys a command is about.
type selector struct {
	word string // KEY, MATCH, COLL, PREFIX, or empty: all
	name []byte
}

// selectKeys reads the words at argument 1 that say which keys.
func selectKeys(c *command.Ctx) (s selector, next int) {
	if len(c.Args) < 3 {
		return s, 1
	}
	for _, word := range [...]string{"KEY", "MATCH", "COLL", "PREFIX"} {
		if bytes.EqualFold(c.Args[1], []byte(word)) {
			return selector{word, c.Args[2]}, 3
		}
	}
	return s, 1
}

// keys returns the keys that have versions.
func (s *selector) keys(c *command.Ctx) ([][]byte, error) {
	switch s.word {
	case "KEY":
		return [][]byte{s.name}, nil
	case "MATCH":
		return c.Tx.HistoryKeys(s.name), nil
	case "COLL":
		prefix, err := prefixOf(c, s.name)
		if err != nil {
			return nil, err
		}
		all := c.Tx.HistoryKeys([]byte("*"))
		below := all[:0]
		for _, key := range all {
			if bytes.HasPrefix(key, []byte(prefix)) {
				below = append(below, key)
			}
		}
		return below, nil
	}
	return c.Tx.HistoryKeys([]byte("*")), nil
}

// namesSeveral tells of a line that names more than one key.
func namesSeveral(args [][]byte) bool {
	return len(args) < 2 || !bytes.EqualFold(args[1], []byte("KEY"))
}

// keyAfterWord is the key that follows the word KEY; a line with another word has
// none.
func keyAfterWord(flags command.KeyFlags) []command.KeySpec {
	return command.KeysBy(func(args [][]byte, dst []command.KeyRef) ([]command.KeyRef, error) {
		if len(args) > 2 && !namesSeveral(args) {
			dst = append(dst, command.KeyRef{Pos: 2, Flags: flags})
		}
		return dst, nil
	}, command.KeyAfter("KEY", 1, flags))
}
