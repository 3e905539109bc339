package acl

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"kvd/internal/glob"
)

// keyRule is a pattern of keys and what may be done with those that fit it.
type keyRule struct {
	pattern []byte
	access  Access
}

// selector is one set of rules: a user has one of its own and any number more.
type selector struct {
	commands commandSet
	// future is set where commands that later versions add are allowed: the
	// rules began with +@all.
	future bool
	// first has, for commands that are not allowed as a whole, the words that
	// may follow their name.
	first       map[int][]string
	allKeys     bool
	keys        []keyRule
	allChannels bool
	channels    [][]byte
}

func newSelector(cat *Catalog, def Channels) *selector {
	return &selector{commands: cat.none(), allChannels: def == AllChannels}
}

func (s *selector) clone() *selector {
	c := *s
	c.commands = slices.Clone(s.commands)
	c.keys, c.channels = slices.Clone(s.keys), slices.Clone(s.channels)
	c.first = maps.Clone(s.first)
	for id, words := range c.first {
		c.first[id] = slices.Clone(words)
	}
	return &c
}

// unrestricted reports whether the selector allows everything.
func (s *selector) unrestricted(cat *Catalog) bool {
	return s.allKeys && s.allChannels && s.commands.len() == len(cat.commands)
}

// check decides on a line.
func (s *selector) check(r *Request) Verdict {
	if !r.Open && !s.allowsCommand(r) {
		return Verdict{DeniedCommand, 0}
	}
	if !s.allKeys {
		for _, key := range r.Keys {
			if !s.allowsKey(r.Args[key.Pos], key.Access) {
				return Verdict{DeniedKey, key.Pos}
			}
		}
	}
	if !s.allChannels {
		for at := r.First; at < r.End; at++ {
			if !s.allowsChannel(r.Args[at], r.Kind) {
				return Verdict{DeniedChannel, at}
			}
		}
	}
	return Verdict{}
}

func (s *selector) allowsCommand(r *Request) bool {
	if s.commands.has(r.Command) {
		return true
	}
	words := s.first[r.Command]
	if len(words) == 0 || len(r.Args) < 2 {
		return false
	}
	next := string(r.Args[1])
	return slices.ContainsFunc(words, func(word string) bool { return strings.EqualFold(word, next) })
}

func (s *selector) allowsKey(key []byte, access Access) bool {
	for i := range s.keys {
		if s.keys[i].access&access == access && glob.Match(s.keys[i].pattern, key) {
			return true
		}
	}
	return false
}

func (s *selector) allowsChannel(name []byte, kind ChannelKind) bool {
	if s.allChannels {
		return true
	}
	for _, rule := range s.channels {
		if kind == ChannelPattern && bytes.Equal(rule, name) || kind == Channel && glob.Match(rule, name) {
			return true
		}
	}
	return false
}

// allowsEveryKey reports whether no key is kept from the selector.
func (s *selector) allowsEveryKey(access Access) bool {
	return s.allKeys || slices.ContainsFunc(s.keys, func(k keyRule) bool {
		return string(k.pattern) == "*" && k.access&access == access
	})
}

// permit allows or forbids a command with its subcommands, whatever may follow.
func (s *selector) permit(cat *Catalog, id int, allow bool) {
	s.commands.put(id, allow)
	delete(s.first, id)
	for _, sub := range cat.subs[id] {
		s.commands.put(sub, allow)
	}
}

// permitCategory does it for the commands of a category.
func (s *selector) permitCategory(cat *Catalog, category int, allow bool) {
	for _, id := range cat.top {
		if cat.in(id, category) {
			s.permit(cat, id, allow)
		}
		for _, sub := range cat.subs[id] {
			if cat.in(sub, category) {
				s.permit(cat, sub, allow)
			}
		}
	}
}

// permitFirst allows a command for lines whose next word is word.
func (s *selector) permitFirst(id int, word string) {
	same := func(known string) bool { return strings.EqualFold(known, word) }
	if slices.ContainsFunc(s.first[id], same) {
		return
	}
	if s.first == nil {
		s.first = map[int][]string{}
	}
	s.first[id] = append(s.first[id], word)
}

// permitAll allows or forbids all commands.
func (s *selector) permitAll(cat *Catalog, allow bool) {
	s.commands, s.future, s.first = cat.none(), allow, nil
	if allow {
		s.commands = cat.all()
	}
}

// addKey adds a pattern of keys.
func (s *selector) addKey(pattern string, access Access) {
	for i := range s.keys {
		if string(s.keys[i].pattern) == pattern {
			s.keys[i].access |= access
			return
		}
	}
	s.keys = append(s.keys, keyRule{[]byte(pattern), access})
}

// addChannel adds a pattern of channels.
func (s *selector) addChannel(pattern string) {
	same := func(known []byte) bool { return string(known) == pattern }
	if !slices.ContainsFunc(s.channels, same) {
		s.channels = append(s.channels, []byte(pattern))
	}
}

// hasSpace reports whether a word has a byte that a line of rules can't hold.
func hasSpace(word string) bool { return strings.ContainsAny(word, " \t\n\v\f\r\x00") }
