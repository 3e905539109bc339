package history

import (
	"bytes"
	"strconv"

	"kvd/engine"
	"kvd/internal/change"
	"kvd/resp/command"
	"kvd/snapshot/rdb"
)

// encodable returns the value of a version as DUMP spells it.
func encodable(v *engine.Version) (*rdb.Value, error) {
	switch v.Type {
	case change.String:
		return &rdb.Value{Type: rdb.String, String: v.Content}, nil
	case change.JSON:
		return &rdb.Value{Type: rdb.JSON, String: v.Content}, nil
	case change.Stream:
		s, err := streamValue(v)
		return &rdb.Value{Type: rdb.Stream, Stream: s}, err
	}
	elements, err := v.Elements()
	if err != nil {
		return nil, err
	}
	out := &rdb.Value{}
	for _, e := range elements {
		switch v.Type {
		case change.List:
			out.Type, out.List = rdb.List, append(out.List, e.Value)
		case change.SetType:
			out.Type, out.Set = rdb.Set, append(out.Set, e.Sub)
		case change.Hash:
			out.Type, out.Hash = rdb.Hash, append(out.Hash, rdb.Field{Name: e.Sub, Value: e.Value, Expire: e.Expire})
		case change.ZSet:
			score, err := engine.ReadScore(e.Value)
			if err != nil {
				return nil, err
			}
			out.Type, out.ZSet = rdb.ZSet, append(out.ZSet, rdb.Scored{Member: e.Sub, Score: score})
		}
	}
	out.Compact = isCompact(v.Type, elements)
	return out, nil
}

// isCompact reports whether redis-server would spell elements as one piece with
// its default settings.
func isCompact(kind change.Type, elements []engine.VersionElement) bool {
	const most, longest, mostNumbers = 128, 64, 512
	if kind == change.SetType {
		for _, e := range elements {
			if _, err := command.ParseInt(e.Sub); err != nil {
				return false
			}
		}
		return len(elements) <= mostNumbers
	}
	for _, e := range elements {
		if len(e.Sub) > longest || len(e.Value) > longest {
			return false
		}
	}
	return len(elements) <= most
}

// streamValue makes a stream of its stored rows.
func streamValue(v *engine.Version) (*rdb.StreamValue, error) {
	elements, err := v.Elements()
	if err != nil {
		return nil, err
	}
	s := &streamReader{out: &rdb.StreamValue{}}
	// A group comes before its consumers and these before what they have pending.
	for _, kind := range [...]engine.StreamRowKind{
		engine.StreamEntryRow, engine.StreamStateRow, engine.StreamGroupRow, engine.StreamConsumerRow, engine.StreamPendingRow,
	} {
		for _, e := range elements {
			var row engine.StreamRow
			if err := engine.ReadStreamRow(e.Sub, e.Value, &row); err != nil {
				return nil, err
			}
			if row.Kind == kind {
				s.add(&row)
			}
		}
	}
	return s.out, nil
}

// entryID is the ID of an entry as clients see it.
func entryID(id rdb.StreamID) string {
	return strconv.FormatUint(id.MS, 10) + "-" + strconv.FormatUint(id.Seq, 10)
}

// streamReader puts the rows of a stream together.
type streamReader struct{ out *rdb.StreamValue }

func (s *streamReader) add(row *engine.StreamRow) {
	out := s.out
	switch row.Kind {
	case engine.StreamEntryRow:
		out.Entries = append(out.Entries, rdb.Entry{ID: rdb.StreamID(row.ID), Fields: row.Fields})
		out.Last, out.EntriesAdded = rdb.StreamID(row.ID), max(out.EntriesAdded, row.Added, uint64(len(out.Entries)))
	case engine.StreamStateRow:
		if !rdb.StreamID(row.ID).Less(out.Last) {
			out.Last, out.MaxDeleted = rdb.StreamID(row.ID), rdb.StreamID(row.MaxDeleted)
			out.EntriesAdded = max(out.EntriesAdded, row.Added)
		}
	case engine.StreamGroupRow:
		out.Groups = append(out.Groups, rdb.Group{Name: row.Group, Last: rdb.StreamID(row.ID), EntriesRead: row.Read})
	case engine.StreamConsumerRow:
		if g := s.group(row.Group); g != nil {
			g.Consumers = append(g.Consumers, rdb.Consumer{Name: row.Consumer, Seen: row.Seen, Active: row.Seen})
		}
	case engine.StreamPendingRow:
		if g := s.group(row.Group); g != nil {
			g.Pending = append(g.Pending, rdb.Pending{
				ID: rdb.StreamID(row.ID), Delivered: row.Delivered, Deliveries: uint64(row.Count), Consumer: consumer(g, row.Consumer),
			})
		}
	}
}

func (s *streamReader) group(name []byte) *rdb.Group {
	for i := range s.out.Groups {
		if bytes.Equal(s.out.Groups[i].Name, name) {
			return &s.out.Groups[i]
		}
	}
	return nil
}

func consumer(g *rdb.Group, name []byte) int {
	for i := range g.Consumers {
		if bytes.Equal(g.Consumers[i].Name, name) {
			return i
		}
	}
	return 0
}
