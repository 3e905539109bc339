package pubsub

import "kvd/resp/session"

// Each calls visit with every subscription: a channel or pattern and one of its
// subscribers. Visit must not wait, nor subscribe anybody.
func (h *Hub) Each(visit func(kind session.ChannelKind, name []byte, s *session.Session)) {
	for _, kind := range [...]session.ChannelKind{session.Channels, session.Shards} {
		for i := range uint64(parts) {
			p := h.part(kind, i)
			p.mu.Lock()
			for _, a := range p.names {
				a.each(kind, visit)
			}
			p.mu.Unlock()
		}
	}
	h.patterns.RLock()
	defer h.patterns.RUnlock()
	for _, a := range h.pattern {
		a.each(session.Patterns, visit)
	}
}

func (a *audience) each(kind session.ChannelKind, visit func(session.ChannelKind, []byte, *session.Session)) {
	for s := range a.who {
		visit(kind, a.name, s)
	}
}
