package cache

import (
	"bytes"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

func invalidateSpecs() []command.Spec {
	const flags = command.RW | command.Delete
	named := command.Keys(
		command.KeysAfter("KEY", 1, 0, flags|command.Incomplete),
		command.KeyAfter("PREFIX", 1, flags), command.KeyAfter("PATTERN", 1, flags),
	)
	named[1].Notes = "The prefix stands for the keys that begin with it"
	named[2].Notes = "The pattern stands for the keys that fit it"
	return []command.Spec{{
		Name: "cache.invalidate", Arity: -1, Flags: command.Write,
		Syntax: "[TAG tag [tag ...]] [KEY key{#0} [key ...]] [PREFIX prefix] [PATTERN pattern] [SOFT]",
		Keys:   command.KeysBy(invalidatedKeys, named), Reaches: reachesMany, Since: since,
		Complexity: "O(N) for N words and leases, whatever number of values they are about",
		Summary:    "Makes cached values old or has them go, by key, tag, prefix and pattern, and revokes their leases.",
		Handler:    invalidate,
	}}
}

// selection is what CACHE.INVALIDATE is about: words of its line.
type selection struct {
	tags, keys, prefixes, patterns []int
	soft                           bool
}

// broad reports whether keys are selected that the line does not name.
func (s *selection) broad() bool { return len(s.tags)+len(s.prefixes)+len(s.patterns) > 0 }

// selected reads the line. After TAG and KEY come any number of words up to the next
// option; the first may look like one.
func selected(args [][]byte) (s selection, err error) {
	for i := 1; i < len(args); {
		option := args[i]
		i++
		if bytes.EqualFold(option, []byte("SOFT")) {
			s.soft = true
			continue
		}
		list, many := s.list(option)
		if list == nil {
			return s, errNear(string(option[:min(len(option), maxName)]))
		}
		if i == len(args) {
			return s, rediserr.Syntax
		}
		*list = append(*list, i)
		for i++; many && i < len(args) && !s.option(args[i]); i++ {
			*list = append(*list, i)
		}
	}
	if !s.broad() && len(s.keys) == 0 {
		return s, rediserr.Syntax
	}
	return s, nil
}

// list returns where the words of an option go, nil if it is none, and whether it
// takes many.
func (s *selection) list(option []byte) (list *[]int, many bool) {
	switch {
	case bytes.EqualFold(option, []byte("TAG")):
		return &s.tags, true
	case bytes.EqualFold(option, []byte("KEY")):
		return &s.keys, true
	case bytes.EqualFold(option, []byte("PREFIX")):
		return &s.prefixes, false
	case bytes.EqualFold(option, []byte("PATTERN")):
		return &s.patterns, false
	}
	return nil, false
}

func (s *selection) option(word []byte) bool {
	list, _ := s.list(word)
	return list != nil || bytes.EqualFold(word, []byte("SOFT"))
}

func reachesMany(args [][]byte) bool {
	s, err := selected(args)
	return err == nil && s.broad()
}

// invalidatedKeys finds the keys of a line. A prefix and a pattern count as keys,
// so that users need permission for what looks like them.
func invalidatedKeys(args [][]byte, dst []command.KeyRef) ([]command.KeyRef, error) {
	s, err := selected(args)
	for _, list := range [][]int{s.keys, s.prefixes, s.patterns} {
		for _, at := range list {
			dst = append(dst, command.KeyRef{Pos: at, Flags: command.RW | command.Delete})
		}
	}
	return dst, err
}

// invalidate implements CACHE.INVALIDATE.
func invalidate(c *command.Ctx) error {
	s, err := selected(c.Args)
	if err != nil {
		return err
	}
	if err := s.check(c.Args); err != nil {
		return err
	}
	how := engine.Hard
	if s.soft {
		how = engine.Soft
	}
	known := 0
	for _, at := range s.keys {
		if c.Tx.InvalidateKey(c.Args[at], how) {
			known++
		}
	}
	for _, at := range s.tags {
		known += c.Tx.InvalidateTag(c.Args[at], how)
	}
	for _, at := range s.prefixes {
		c.Tx.InvalidatePrefix(c.Args[at], how)
		known = -1
	}
	for _, at := range s.patterns {
		c.Tx.InvalidatePattern(c.Args[at], how)
		known = -1
	}
	c.Out.Int(int64(known))
	return nil
}

// check says what is wrong with the words; nil: nothing.
func (s *selection) check(args [][]byte) error {
	for _, at := range s.tags {
		if err := checkTag(args[at]); err != nil {
			return err
		}
	}
	for _, list := range [][]int{s.prefixes, s.patterns} {
		for _, at := range list {
			if len(args[at]) > maxName {
				return errName
			}
		}
	}
	return nil
}
