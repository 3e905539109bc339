package session

import (
	"bytes"
	"slices"
	"strings"
	"sync"

	"kvd/engine"
)

// prefixes are the clients that are told of all keys with a certain beginning.
type prefixes struct {
	mu      sync.RWMutex
	clients map[string]map[*Session]struct{}
	lengths []int // of the prefixes, each once
}

// replace gives a session the prefixes of now instead of those of was; either
// may be nil.
func (p *prefixes) replace(s *Session, was, now *Tracking) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if was != nil {
		for _, prefix := range was.Prefixes {
			delete(p.clients[prefix], s)
			if len(p.clients[prefix]) == 0 {
				delete(p.clients, prefix)
			}
		}
	}
	if now != nil {
		for _, prefix := range now.Prefixes {
			p.add(s, prefix)
		}
	}
	p.lengths = p.lengths[:0]
	for prefix := range p.clients {
		if !slices.Contains(p.lengths, len(prefix)) {
			p.lengths = append(p.lengths, len(prefix))
		}
	}
}

func (p *prefixes) add(s *Session, prefix string) {
	if p.clients == nil {
		p.clients = make(map[string]map[*Session]struct{})
	}
	if p.clients[prefix] == nil {
		p.clients[prefix] = make(map[*Session]struct{})
	}
	p.clients[prefix][s] = struct{}{}
}

func (p *prefixes) len() int64 {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return int64(len(p.clients))
}

// broadcast tells the clients of each prefix which of its keys were written, in
// one message.
func (c *Caches) broadcast(w *engine.Writes) {
	p := &c.prefixes
	p.mu.RLock()
	defer p.mu.RUnlock()
	if len(p.clients) == 0 || len(w.Keys) == 0 {
		return
	}
	keys := slices.Clone(w.Keys)
	slices.SortFunc(keys, bytes.Compare)
	keys = slices.CompactFunc(keys, bytes.Equal)
	for _, g := range p.group(keys) {
		news := newsOf(g.keys)
		for s := range p.clients[g.prefix] {
			if t := s.Tracking(); t != nil && (!t.NoLoop || s.ID != w.By) {
				c.tell(s, t, news)
			}
		}
	}
}

// group is the keys that begin with a prefix.
type group struct {
	prefix string
	keys   [][]byte
}

// group returns the prefixes of keys, in their order.
func (p *prefixes) group(keys [][]byte) []group {
	var groups []group
	at := map[string]int{}
	for _, key := range keys {
		for _, n := range p.lengths {
			if n > len(key) || p.clients[string(key[:n])] == nil {
				continue
			}
			prefix := string(key[:n])
			i, known := at[prefix]
			if !known {
				i = len(groups)
				at[prefix] = i
				groups = append(groups, group{prefix: prefix})
			}
			groups[i].keys = append(groups[i].keys, key)
		}
	}
	slices.SortFunc(groups, func(a, b group) int { return strings.Compare(a.prefix, b.prefix) })
	return groups
}
