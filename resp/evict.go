package resp

// clientMemory is what all clients may take together where the limit is a share
// of maxmemory, however small that is, in bytes.
const clientMemory = 16 << 20

// limitClients closes the clients that take most when all together take more
// than maxmemory-clients.
func (s *Server) limitClients() {
	limit := s.clientLimit()
	if limit == 0 || s.services.Clients.Memory() <= limit {
		return
	}
	s.evictClients(limit)
}

// clientLimit is how many bytes all clients may take together; 0: any number.
func (s *Server) clientLimit() int64 {
	cfg := s.config()
	limit := cfg.MaxMemoryClients.Of(cfg.MaxMemory)
	if cfg.MaxMemoryClients.Percent > 0 && limit > 0 {
		return max(limit, clientMemory)
	}
	return limit
}

func (s *Server) evictClients(limit int64) {
	if n := s.services.Clients.Evict(limit); n > 0 {
		s.services.Stats.ClientsEvicted.Add(int64(n))
	}
}
