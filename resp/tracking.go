package resp

import "kvd/resp/command"

// track remembers which keys the client of a command may cache: those of a
// command that only reads, which are still locked.
func (s *Server) track(c *command.Ctx) {
	if c.Tx == nil || !c.Command.Flags.Has(command.ReadOnly) {
		return
	}
	most := s.config().TrackingTableMaxKeys
	if at := c.Command.OneKey(); at > 0 {
		s.services.Caches.Remember(c.Sess, c.Key(at), most)
		return
	}
	refs, _ := c.Command.KeyRefs(c.Args, nil) // of a line without keys there are none
	for _, ref := range refs {
		s.services.Caches.Remember(c.Sess, c.Key(ref.Pos), most)
	}
}

// endCaching ends what CLIENT CACHING has said, which is for one command or
// transaction.
func (c *client) endCaching() {
	if c.Caching && !c.Multi.Open && c.ctx.Command.Parent != "client" {
		c.Caching = false
	}
}
