package snapshot

import (
	"cmp"
	"slices"

	"kvd/engine"
	"kvd/snapshot/archive"
)

// Shapes are the limits of the compact encodings, as the settings have them.
type Shapes struct {
	Hash   engine.HashLimits
	ZSet   engine.ZLimits
	Intset engine.IntsetMax
	Stream engine.StreamLimits
}

// fill makes the value of an entry at its key, which there is none of.
func (s *Service) fill(tx *engine.Tx, en *entry) {
	shapes := s.opt.Settings().Shapes
	names := func() [][]byte {
		list := make([][]byte, len(en.Items))
		for i := range en.Items {
			list[i] = en.Items[i].Name
		}
		return list
	}
	switch en.Type {
	case archive.String:
		tx.SetString(en.Key, en.Value, engine.NoExpiry)
	case archive.List:
		l, _ := tx.PeekList(en.Key) // there is nothing that could have another type
		l.Push(engine.Right, names()...)
	case archive.Set:
		set, _ := tx.PeekSet(en.Key)
		set.Add(names(), shapes.Intset)
	case archive.ZSet:
		entries := make([]engine.ZEntry, len(en.Items))
		for i, it := range en.Items {
			entries[i] = engine.ZEntry{Member: it.Name, Score: it.Score}
		}
		z, _ := tx.PeekZSet(en.Key)
		z.Fill(entries, shapes.ZSet)
	case archive.Hash:
		fillHash(tx, en, shapes.Hash)
	case archive.Stream:
		fillStream(tx, en, shapes.Stream)
	}
}

// fillHash sets the fields that stay at once, and then those that expire.
func fillHash(tx *engine.Tx, en *entry, limits engine.HashLimits) {
	h, _ := tx.PeekHash(en.Key)
	var pairs [][]byte
	for _, it := range en.Items {
		if it.Expire == 0 {
			pairs = append(pairs, it.Name, it.Value)
		}
	}
	if len(pairs) > 0 {
		h.Set(pairs, limits)
	}
	for _, it := range en.Items {
		if it.Expire != 0 {
			h.SetUntil([][]byte{it.Name, it.Value}, engine.Expiry(it.Expire), limits)
		}
	}
}

// fillStream makes a stream of its rows, which come in any order.
func fillStream(tx *engine.Tx, en *entry, limits engine.StreamLimits) {
	st, _ := tx.PeekStream(en.Key)
	st.Create()
	slices.SortStableFunc(en.Rows, func(a, b engine.StreamRow) int {
		return cmp.Or(cmp.Compare(rank(a.Kind), rank(b.Kind)), a.ID.Compare(b.ID))
	})
	var groups groupStates
	var last, gone engine.StreamID
	added := uint64(0)
	for i := range en.Rows {
		switch r := &en.Rows[i]; r.Kind {
		case engine.StreamEntryRow:
			if !last.Less(r.ID) {
				continue
			}
			st.Add(r.ID, r.Fields, limits)
			last, added = r.ID, max(added+1, r.Added)
		case engine.StreamStateRow:
			if last.Less(r.ID) {
				last = r.ID
			}
			added, gone = max(added, r.Added), r.MaxDeleted
		default:
			groups.add(r)
		}
	}
	st.Set(last, added, gone)
	for i := range groups.list {
		st.RestoreGroup(&groups.list[i])
	}
}

// rank orders the rows of a stream: what others refer to comes first.
func rank(k engine.StreamRowKind) int {
	return slices.Index([]engine.StreamRowKind{
		engine.StreamEntryRow, engine.StreamStateRow, engine.StreamGroupRow, engine.StreamConsumerRow, engine.StreamPendingRow,
	}, k)
}

// groupStates collects consumer groups from their rows.
type groupStates struct{ list []engine.StreamGroupState }

func (g *groupStates) of(name []byte) *engine.StreamGroupState {
	for i := range g.list {
		if string(g.list[i].Name) == string(name) {
			return &g.list[i]
		}
	}
	g.list = append(g.list, engine.StreamGroupState{Name: name, Read: engine.StreamUnknown})
	return &g.list[len(g.list)-1]
}

func (g *groupStates) add(r *engine.StreamRow) {
	group := g.of(r.Group)
	switch r.Kind {
	case engine.StreamGroupRow:
		group.Last, group.Read = r.ID, r.Read
	case engine.StreamConsumerRow:
		group.Consumers = append(group.Consumers, engine.StreamConsumerState{Name: r.Consumer, Seen: r.Seen})
	case engine.StreamPendingRow:
		i := slices.IndexFunc(group.Consumers, func(c engine.StreamConsumerState) bool { return string(c.Name) == string(r.Consumer) })
		if i < 0 {
			i = len(group.Consumers)
			group.Consumers = append(group.Consumers, engine.StreamConsumerState{Name: r.Consumer})
		}
		group.Pending = append(group.Pending, engine.StreamPendingState{
			ID: r.ID, Delivered: r.Delivered, Count: r.Count, Consumer: i,
		})
	}
}
