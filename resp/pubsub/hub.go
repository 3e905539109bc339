// Package pubsub delivers messages to the clients that are subscribed to their
// channels.
//
// Invariants: what is published to a channel arrives in one order at all who get
// it; a publisher waits for no subscriber; and a session is in the hub under
// exactly the names of its Subscriptions.
package pubsub

import (
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"

	"kvd/internal/glob"
	"kvd/resp/session"
)

// parts is how many parts the channels are split into, a power of two, so that
// publishers on several loops seldom meet.
const parts = 64

// audience is the subscribers of one name.
type audience struct {
	name []byte
	who  map[*session.Session]struct{}
}

// part is the channels whose names hash alike.
type part struct {
	mu    sync.Mutex
	names map[string]*audience
}

// Hub is all subscriptions of a server. Its methods are safe for concurrent use.
// Its locks are leaves, but for patterns, which is locked within that of a part.
type Hub struct {
	seed     maphash.Seed
	channels [parts]part
	shards   [parts]part
	count    [session.ChannelKinds]atomic.Int64 // names with subscribers

	patterns sync.RWMutex
	pattern  map[string]*audience
}

// NewHub returns a hub without subscribers.
func NewHub() *Hub {
	return &Hub{seed: maphash.MakeSeed(), pattern: make(map[string]*audience)}
}

// Subscribe adds a session to those who listen to name, which is a pattern or a
// channel. The session's own goroutine calls it.
func (h *Hub) Subscribe(s *session.Session, kind session.ChannelKind, name []byte) {
	if s.Subs.Has(kind, name) {
		return
	}
	own := string(name)
	s.Subs.Add(kind, own)
	names, unlock := h.lock(kind, own)
	defer unlock()
	a := names[own]
	if a == nil {
		a = &audience{[]byte(own), make(map[*session.Session]struct{})}
		names[own] = a
		h.count[kind].Add(1)
	}
	a.who[s] = struct{}{}
}

// Leave ends the delivery of what is published to name. The session keeps the
// name among its Subscriptions until it has taken what came before.
func (h *Hub) Leave(s *session.Session, kind session.ChannelKind, name string) {
	names, unlock := h.lock(kind, name)
	defer unlock()
	a := names[name]
	if a == nil {
		return
	}
	delete(a.who, s)
	if len(a.who) == 0 {
		delete(names, name)
		h.count[kind].Add(-1)
	}
}

// Quit ends all subscriptions of a session, once it has taken the messages that
// came before. The session's own goroutine calls it, between two replies.
func (h *Hub) Quit(s *session.Session) {
	if !s.Subscribed() {
		return
	}
	for kind := range s.Subs {
		for name := range s.Subs[kind] {
			h.Leave(s, session.ChannelKind(kind), name)
		}
	}
	s.Deliver()
	s.Subs = session.Subscriptions{}
}

// lock returns the names of a kind among which name is, locked for a change.
func (h *Hub) lock(kind session.ChannelKind, name string) (names map[string]*audience, unlock func()) {
	if kind == session.Patterns {
		h.patterns.Lock()
		return h.pattern, h.patterns.Unlock
	}
	p := h.part(kind, maphash.String(h.seed, name))
	p.mu.Lock()
	if p.names == nil {
		p.names = make(map[string]*audience)
	}
	return p.names, p.mu.Unlock
}

func (h *Hub) part(kind session.ChannelKind, hash uint64) *part {
	if kind == session.Shards {
		return &h.shards[hash%parts]
	}
	return &h.channels[hash%parts]
}

// Publish sends a message to who is subscribed to channel or to a pattern that it
// fits, and returns how many times it was sent: a client may get it more than
// once.
func (h *Hub) Publish(channel, text []byte) int {
	if !h.Heard() {
		return 0
	}
	p := h.part(session.Channels, maphash.Bytes(h.seed, channel))
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.send("message", channel, text)
	if h.count[session.Patterns].Load() > 0 {
		n += h.sendMatching(channel, text)
	}
	return n
}

// PublishShard sends a message to who is subscribed to a shard channel and
// returns how many they are.
func (h *Hub) PublishShard(channel, text []byte) int {
	p := h.part(session.Shards, maphash.Bytes(h.seed, channel))
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.send("smessage", channel, text)
}

// Heard reports whether anybody is subscribed to a channel or pattern.
func (h *Hub) Heard() bool {
	return h.count[session.Channels].Load()+h.count[session.Patterns].Load() > 0
}

// send delivers to the subscribers of a channel; the part is locked.
func (p *part) send(kind string, channel, text []byte) int {
	a := p.names[string(channel)]
	if a == nil {
		return 0
	}
	return a.send(encode(kind, channel, text))
}

// sendMatching delivers to the patterns that fit a channel.
func (h *Hub) sendMatching(channel, text []byte) (n int) {
	h.patterns.RLock()
	defer h.patterns.RUnlock()
	for _, a := range h.pattern {
		if glob.Match(a.name, channel) {
			n += a.send(encode("pmessage", a.name, channel, text))
		}
	}
	return n
}

func (a *audience) send(m *session.Message) int {
	for s := range a.who {
		s.Push(m)
	}
	return len(a.who)
}

// Names returns the channels of a kind that have subscribers, those that fit
// pattern or, if it is nil, all.
func (h *Hub) Names(kind session.ChannelKind, pattern []byte) (names []string) {
	for i := range parts {
		p := h.part(kind, uint64(i))
		p.mu.Lock()
		for name, a := range p.names {
			if pattern == nil || glob.Match(pattern, a.name) {
				names = append(names, name)
			}
		}
		p.mu.Unlock()
	}
	slices.Sort(names)
	return names
}

// Listeners returns how many clients are subscribed to a channel by its name.
func (h *Hub) Listeners(kind session.ChannelKind, channel []byte) int {
	p := h.part(kind, maphash.Bytes(h.seed, channel))
	p.mu.Lock()
	defer p.mu.Unlock()
	if a := p.names[string(channel)]; a != nil {
		return len(a.who)
	}
	return 0
}

// Count returns how many names of a kind have subscribers.
func (h *Hub) Count(kind session.ChannelKind) int64 { return h.count[kind].Load() }
