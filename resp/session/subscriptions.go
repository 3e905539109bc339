package session

import (
	"bytes"
	"slices"
)

// ChannelKind is what a client subscribes to.
type ChannelKind uint8

// The kinds.
const (
	Channels ChannelKind = iota
	Patterns             // of channels
	Shards               // channels of their own, that in a cluster stay within a shard

	ChannelKinds = iota
)

// Subscriptions are the names that a client is subscribed to, by kind. They
// belong to the session's goroutine.
type Subscriptions [ChannelKinds]map[string]struct{}

// Add adds a name and reports whether it was not there.
func (s *Subscriptions) Add(kind ChannelKind, name string) bool {
	if _, ok := s[kind][name]; ok {
		return false
	}
	if s[kind] == nil {
		s[kind] = make(map[string]struct{})
	}
	s[kind][name] = struct{}{}
	return true
}

// Remove takes a name out.
func (s *Subscriptions) Remove(kind ChannelKind, name string) {
	delete(s[kind], name)
}

// Has reports whether a name is there.
func (s *Subscriptions) Has(kind ChannelKind, name []byte) bool {
	_, ok := s[kind][string(name)]
	return ok
}

// Len returns how many names of a kind there are.
func (s *Subscriptions) Len(kind ChannelKind) int { return len(s[kind]) }

func (s *Subscriptions) counts() (n [ChannelKinds]int) {
	for kind := range s {
		n[kind] = len(s[kind])
	}
	return n
}

// Names returns the names of a kind, sorted.
func (s *Subscriptions) Names(kind ChannelKind) [][]byte {
	names := make([][]byte, 0, len(s[kind]))
	for name := range s[kind] {
		names = append(names, []byte(name))
	}
	slices.SortFunc(names, bytes.Compare)
	return names
}

// Subscribed reports whether the client is subscribed to anything.
func (s *Session) Subscribed() bool {
	return len(s.Subs[Channels])+len(s.Subs[Patterns])+len(s.Subs[Shards]) > 0
}

// Listening reports whether the client can do no more than wait for messages:
// one that speaks RESP2 and is subscribed.
func (s *Session) Listening() bool { return s.Out.Protocol() == 2 && s.Subscribed() }
