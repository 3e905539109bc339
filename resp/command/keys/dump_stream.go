package keys

import (
	"kvd/engine"
	"kvd/resp/command"
	"kvd/snapshot/rdb"
)

func streamOf(s engine.Stream, err error) (*rdb.Value, error) {
	if err != nil || !s.Exists() {
		return nil, err
	}
	state := s.State()
	v := &rdb.StreamValue{
		Entries: make([]rdb.Entry, 0, s.Len()),
		Last:    rdb.StreamID(state.Last), MaxDeleted: rdb.StreamID(state.MaxDeleted), EntriesAdded: state.Added,
	}
	for at := s.Range(engine.StreamID{}, engine.MaxStreamID, engine.StreamForward); at.Next(); {
		e := rdb.Entry{ID: rdb.StreamID(at.ID()), Fields: make([][]byte, 0, 2*at.Fields())}
		for range at.Fields() {
			name, value := at.Field()
			e.Fields = append(e.Fields, name, value)
		}
		v.Entries = append(v.Entries, e)
	}
	for _, g := range s.Groups() {
		v.Groups = append(v.Groups, groupOf(s.GroupState(g)))
	}
	return &rdb.Value{Type: rdb.Stream, Stream: v}, nil
}

func groupOf(g engine.StreamGroupState) rdb.Group {
	out := rdb.Group{Name: g.Name, Last: rdb.StreamID(g.Last), EntriesRead: g.Read}
	for _, c := range g.Consumers {
		out.Consumers = append(out.Consumers, rdb.Consumer{Name: c.Name, Seen: c.Seen, Active: c.Seen})
	}
	for _, p := range g.Pending {
		out.Pending = append(out.Pending, rdb.Pending{
			ID: rdb.StreamID(p.ID), Delivered: p.Delivered, Deliveries: uint64(p.Count), Consumer: p.Consumer,
		})
	}
	return out
}

// fillStream makes a stream of a payload's.
func fillStream(c *command.Ctx, key []byte, v *rdb.StreamValue) {
	s, _ := c.Tx.PeekStream(key) // there is nothing that could have another type
	cfg := c.Config()
	limits := engine.StreamLimits{Entries: cfg.StreamNodeMaxEntries, Bytes: cfg.StreamNodeMaxBytes}
	s.Create()
	for _, e := range v.Entries {
		s.Add(engine.StreamID(e.ID), e.Fields, limits)
	}
	s.Set(engine.StreamID(v.Last), v.EntriesAdded, engine.StreamID(v.MaxDeleted))
	for i := range v.Groups {
		g := groupState(&v.Groups[i])
		s.RestoreGroup(&g)
	}
}

func groupState(g *rdb.Group) engine.StreamGroupState {
	out := engine.StreamGroupState{Name: g.Name, Last: engine.StreamID(g.Last), Read: g.EntriesRead}
	for _, c := range g.Consumers {
		out.Consumers = append(out.Consumers, engine.StreamConsumerState{Name: c.Name, Seen: c.Seen})
	}
	for _, p := range g.Pending {
		out.Pending = append(out.Pending, engine.StreamPendingState{
			ID: engine.StreamID(p.ID), Delivered: p.Delivered, Count: int64(p.Deliveries), Consumer: p.Consumer,
		})
	}
	return out
}
