package transfer

import (
	"fmt"
	"strconv"

	"kvd/internal/link"
	"kvd/snapshot/rdb"
)

// readValue reads a value by the command of its type, which gives all of it at
// once, and returns nil for a key that is not there.
func readValue(from *link.Conn, key []byte) (*rdb.Value, error) {
	kind, err := from.Do("TYPE", string(key))
	if err != nil {
		return nil, err
	}
	words, known := map[string][]string{
		"none": {}, "string": {"GET", ""}, "list": {"LRANGE", "", "0", "-1"}, "set": {"SMEMBERS", ""},
		"zset": {"ZRANGE", "", "0", "-1", "WITHSCORES"}, "hash": {"HGETALL", ""},
		"stream": {"XINFO", "STREAM", "", "FULL", "COUNT", "0"}, "ReJSON-RL": {"JSON.GET", ""},
	}[string(kind.Text)]
	if !known {
		return nil, fmt.Errorf("the type %q can't be read", kind.Text)
	}
	if len(words) == 0 {
		return nil, nil
	}
	for i := range words {
		if words[i] == "" {
			words[i] = string(key)
			break
		}
	}
	reply, err := from.Do(words...)
	if err != nil {
		return nil, err
	}
	v, err := valueOf(string(kind.Text), reply)
	if err != nil || reply.Null || reply.Kind == '*' && len(reply.List) == 0 {
		return nil, err // it has gone meanwhile
	}
	return v, nil
}

// valueOf makes a value of the reply to the command that reads a type.
func valueOf(kind string, reply link.Reply) (*rdb.Value, error) {
	list := reply.Strings()
	switch kind {
	case "string":
		return &rdb.Value{Type: rdb.String, String: reply.Text}, nil
	case "ReJSON-RL":
		return &rdb.Value{Type: rdb.JSON, String: reply.Text}, nil
	case "list":
		return &rdb.Value{Type: rdb.List, List: list}, nil
	case "set":
		return &rdb.Value{Type: rdb.Set, Set: list}, nil
	case "stream":
		s, err := streamOf(fieldsOf(reply))
		return &rdb.Value{Type: rdb.Stream, Stream: s}, err
	}
	if len(list)%2 != 0 {
		return nil, errTuple
	}
	v := &rdb.Value{Type: rdb.Hash}
	for i := 0; i < len(list); i += 2 {
		if kind == "hash" {
			v.Hash = append(v.Hash, rdb.Field{Name: list[i], Value: list[i+1]})
			continue
		}
		score, err := strconv.ParseFloat(string(list[i+1]), 64)
		if err != nil {
			return nil, err
		}
		v.Type, v.ZSet = rdb.ZSet, append(v.ZSet, rdb.Scored{Member: list[i], Score: score})
	}
	return v, nil
}

// fieldsOf returns a reply that is names and values in turn by its names.
func fieldsOf(r link.Reply) map[string]link.Reply {
	fields := make(map[string]link.Reply, len(r.List)/2)
	for i := 0; i+1 < len(r.List); i += 2 {
		fields[string(r.List[i].Text)] = r.List[i+1]
	}
	return fields
}

// streamOf reads the reply of XINFO STREAM FULL. Servers before 7.0 leave some
// fields out.
func streamOf(f map[string]link.Reply) (*rdb.StreamValue, error) {
	s := &rdb.StreamValue{}
	var err error
	if s.Last, err = parseID(string(f["last-generated-id"].Text)); err != nil {
		return nil, err
	}
	for _, e := range f["entries"].List {
		if len(e.List) != 2 {
			return nil, errTuple
		}
		id, err := parseID(string(e.List[0].Text))
		if err != nil {
			return nil, err
		}
		s.Entries = append(s.Entries, rdb.Entry{ID: id, Fields: e.List[1].Strings()})
	}
	s.EntriesAdded = uint64(len(s.Entries))
	if added, ok := f["entries-added"]; ok {
		s.EntriesAdded = uint64(added.Int)
		if s.MaxDeleted, err = parseID(string(f["max-deleted-entry-id"].Text)); err != nil {
			return nil, err
		}
	}
	for _, reply := range f["groups"].List {
		g, err := groupOf(fieldsOf(reply))
		if err != nil {
			return nil, err
		}
		s.Groups = append(s.Groups, g)
	}
	return s, nil
}

func groupOf(f map[string]link.Reply) (g rdb.Group, err error) {
	g.Name, g.EntriesRead = f["name"].Text, rdb.UnknownRead
	if g.Last, err = parseID(string(f["last-delivered-id"].Text)); err != nil {
		return g, err
	}
	if read, ok := f["entries-read"]; ok && !read.Null {
		g.EntriesRead = read.Int
	}
	index := map[string]int{}
	for i, reply := range f["consumers"].List {
		c := fieldsOf(reply)
		name := c["name"].Text
		index[string(name)] = i
		seen := c["seen-time"].Int
		g.Consumers = append(g.Consumers, rdb.Consumer{Name: name, Seen: seen, Active: seen})
	}
	for _, p := range f["pending"].List {
		if len(p.List) != 4 {
			return g, errTuple
		}
		who, ok := index[string(p.List[1].Text)]
		if !ok {
			return g, errConsumer
		}
		id, err := parseID(string(p.List[0].Text))
		if err != nil {
			return g, err
		}
		g.Pending = append(g.Pending, rdb.Pending{
			ID: id, Consumer: who, Delivered: p.List[2].Int, Deliveries: uint64(p.List[3].Int),
		})
	}
	return g, nil
}
