package engine

// CreateGroup makes a consumer group that has read up to last, and read entries
// in all (or StreamUnknown), and reports whether there was none of that name. A
// missing stream is made. Events: new, xgroup-create.
func (s *Stream) CreateGroup(name []byte, last StreamID, read int64) bool {
	if s.Group(name) != nil {
		return false
	}
	s.Create()
	g := s.log().AddGroup(name)
	g.Last, g.Read = last, read
	s.putGroup(g)
	s.c.resized()
	s.event("xgroup-create")
	return true
}

// SetGroup sets what a group has read. Event: xgroup-setid.
func (s *Stream) SetGroup(g *StreamGroup, last StreamID, read int64) {
	g.Last, g.Read = last, read
	s.putGroup(g)
	s.event("xgroup-setid")
}

// DestroyGroup removes a group. Event: xgroup-destroy.
func (s *Stream) DestroyGroup(g *StreamGroup) {
	renew := s.mostGoesWith(g)
	if !renew {
		s.c.deleteRow(s.c.tx.groupSub(g))
		for _, who := range g.Consumers() {
			s.c.deleteRow(s.c.tx.consumerSub(g, who))
		}
		s.deletePending(g, nil)
	}
	s.log().RemoveGroup([]byte(g.Name))
	if renew {
		s.renew()
	}
	s.c.resized()
	s.event("xgroup-destroy")
	s.c.wake()
}

// mostGoesWith reports whether recording all that stays costs less than recording
// what goes with a group.
func (s *Stream) mostGoesWith(g *StreamGroup) bool {
	goes := g.PendingLen() + len(g.Consumers())
	stays := s.Len()
	for _, other := range s.Groups() {
		if other != g {
			stays += other.PendingLen() + len(other.Consumers()) + 1
		}
	}
	return goes > renewFrom && stays < goes
}

// deletePending records that the pending entries of a group, or of one of its
// consumers if who is not nil, are gone.
func (s *Stream) deletePending(g *StreamGroup, who *StreamConsumer) {
	for p, ok := g.NextPending(who, StreamID{}); ok; p, ok = g.AfterPending(who, p.ID) {
		s.c.deleteRow(s.c.tx.pendingSub(g, p.ID))
	}
}

// CreateConsumer makes a consumer and reports whether there was none of that
// name. Event: xgroup-createconsumer.
func (s *Stream) CreateConsumer(g *StreamGroup, name []byte) bool {
	if g.Consumer(name) != nil {
		return false
	}
	s.consumer(g, name)
	s.c.resized()
	return true
}

// consumer returns the consumer of a name, seen now; it is made if missing.
func (s *Stream) consumer(g *StreamGroup, name []byte) *StreamConsumer {
	who := g.Consumer(name)
	made := who == nil
	if made {
		who = g.AddConsumer(name)
	}
	who.Seen = s.c.tx.now
	if made {
		s.putConsumer(g, who)
		s.event("xgroup-createconsumer")
	}
	return who
}

// DeleteConsumer removes a consumer of a group with its pending entries. Event:
// xgroup-delconsumer.
func (s *Stream) DeleteConsumer(g *StreamGroup, who *StreamConsumer) {
	s.c.deleteRow(s.c.tx.consumerSub(g, who))
	s.deletePending(g, who)
	g.RemoveConsumer(who)
	s.c.resized()
	s.event("xgroup-delconsumer")
}

func (s *Stream) putGroup(g *StreamGroup) {
	s.c.putRow(s.c.tx.groupSub(g), s.c.tx.groupValue(g), 0)
}

func (s *Stream) putConsumer(g *StreamGroup, who *StreamConsumer) {
	s.c.putRow(s.c.tx.consumerSub(g, who), s.c.tx.consumerValue(who), 0)
}

// setPending makes an entry pending, or changes it, with its row.
func (s *Stream) setPending(g *StreamGroup, p StreamPending) {
	g.SetPending(p)
	s.c.putRow(s.c.tx.pendingSub(g, p.ID), s.c.tx.pendingValue(p), 0)
}
