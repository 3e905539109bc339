package transfer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"kvd/snapshot/rdb"
)

var (
	errNoKey     = errors.New(`there is no "k" or "k64"`)
	errNoValue   = errors.New(`there is no "v" or "v64"`)
	errEmpty     = errors.New("the value is empty")
	errTuple     = errors.New("an element has not the right number of parts")
	errStreamID  = errors.New("an ID should be like 1700000000000-0")
	errOrder     = errors.New("the IDs of entries do not grow")
	errConsumer  = errors.New("a pending entry has no consumer")
	errNegative  = errors.New("a number is below zero")
	errStream    = errors.New("the parts of the stream contradict each other")
	errDuplicate = errors.New("an element is there twice")
)

// ParseJSON reads a line that AppendJSON wrote, or one like it.
func ParseJSON(line []byte) (*rdb.Record, error) {
	var l jsonLine
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return nil, err
	}
	rec := &rdb.Record{Kind: rdb.Key, DB: l.DB, Expire: l.Expire, Idle: rdb.Unset, Freq: rdb.Unset, Key: l.Key64}
	switch {
	case l.Function != nil:
		return &rdb.Record{Kind: rdb.Function, Code: *l.Function}, nil
	case l.Key != nil:
		rec.Key = []byte(*l.Key)
	case l.Key64 == nil:
		return nil, errNoKey
	}
	if l.DB < 0 || l.Expire < 0 {
		return nil, errNegative
	}
	v, err := l.value()
	if err != nil {
		return nil, fmt.Errorf("key %.64q: %w", rec.Key, err)
	}
	rec.Value = v
	return rec, nil
}

// value reads the value of a line.
func (l *jsonLine) value() (*rdb.Value, error) {
	v := &rdb.Value{}
	if l.Value64 != nil && l.Type == "string" {
		v.Type, v.String = rdb.String, *l.Value64
		return v, nil
	}
	if l.Value == nil {
		return nil, errNoValue
	}
	n, err := 0, error(nil)
	switch l.Type {
	case "string":
		v.Type, n = rdb.String, 1
		err = json.Unmarshal(l.Value, (*text)(&v.String))
	case "list":
		v.Type = rdb.List
		v.List, err = parseTexts(l.Value)
		n = len(v.List)
	case "set":
		v.Type = rdb.Set
		v.Set, err = parseTexts(l.Value)
		n = len(v.Set)
	case "hash":
		v.Type = rdb.Hash
		v.Hash, err = parseHash(l.Value)
		n = len(v.Hash)
	case "zset":
		v.Type = rdb.ZSet
		v.ZSet, err = parseZSet(l.Value)
		n = len(v.ZSet)
	case "stream":
		v.Type, n = rdb.Stream, 1
		v.Stream, err = parseStream(l.Value)
	case "json":
		v.Type, n, v.String = rdb.JSON, 1, l.Value
	default:
		return nil, fmt.Errorf("%q is no type", l.Type)
	}
	switch {
	case err != nil:
		return nil, err
	case n == 0:
		return nil, errEmpty
	case !v.Sound():
		return nil, errDuplicate
	case v.Type == rdb.Stream && !readable(v):
		return nil, errStream
	}
	return v, nil
}

// readable reports whether servers would take a value: a stream has rules about IDs
// that are all in the reader of payloads.
func readable(v *rdb.Value) bool {
	_, err := rdb.Decode(rdb.Encode(nil, v))
	return err == nil
}

func parseTexts(b []byte) ([][]byte, error) {
	var list []text
	err := json.Unmarshal(b, &list)
	out := make([][]byte, len(list))
	for i := range list {
		out[i] = list[i]
	}
	return out, err
}

// parseTuples calls fn with the parts of each element of a list of lists.
func parseTuples(b []byte, fn func(parts []json.RawMessage) error) error {
	var list [][]json.RawMessage
	if err := json.Unmarshal(b, &list); err != nil {
		return err
	}
	for _, parts := range list {
		if err := fn(parts); err != nil {
			return err
		}
	}
	return nil
}

// parts reads the parts of an element into to, of which all after the first least
// may be missing.
func parts(from []json.RawMessage, least int, to ...any) error {
	if len(from) < least || len(from) > len(to) {
		return errTuple
	}
	for i := range from {
		if err := json.Unmarshal(from[i], to[i]); err != nil {
			return err
		}
	}
	return nil
}

func parseHash(b []byte) (fields []rdb.Field, err error) {
	err = parseTuples(b, func(from []json.RawMessage) error {
		var f rdb.Field
		if err := parts(from, 2, (*text)(&f.Name), (*text)(&f.Value), &f.Expire); err != nil {
			return err
		}
		if f.Expire < 0 {
			return errNegative
		}
		fields = append(fields, f)
		return nil
	})
	return fields, err
}

func parseZSet(b []byte) (list []rdb.Scored, err error) {
	err = parseTuples(b, func(from []json.RawMessage) error {
		var s rdb.Scored
		if err := parts(from, 2, (*text)(&s.Member), (*number)(&s.Score)); err != nil {
			return err
		}
		list = append(list, s)
		return nil
	})
	rdb.SortScored(list)
	return list, err
}

func parseStream(b []byte) (*rdb.StreamValue, error) {
	var from jsonStream
	if err := json.Unmarshal(b, &from); err != nil {
		return nil, err
	}
	s := &rdb.StreamValue{EntriesAdded: from.Added}
	var err error
	if s.Last, err = parseID(from.Last); err != nil {
		return nil, err
	}
	if from.Deleted != "" {
		if s.MaxDeleted, err = parseID(from.Deleted); err != nil {
			return nil, err
		}
	}
	for _, entry := range from.Entries {
		e, err := parseEntry(entry)
		if err != nil {
			return nil, err
		}
		if n := len(s.Entries); n > 0 && !s.Entries[n-1].ID.Less(e.ID) || s.Last.Less(e.ID) {
			return nil, errOrder
		}
		s.Entries = append(s.Entries, e)
	}
	for i := range from.Groups {
		g, err := parseGroup(&from.Groups[i])
		if err != nil {
			return nil, err
		}
		s.Groups = append(s.Groups, g)
	}
	return s, nil
}

func parseEntry(b []byte) (e rdb.Entry, err error) {
	var list []json.RawMessage
	if err := json.Unmarshal(b, &list); err != nil {
		return e, err
	}
	var id string
	var fields []text
	if err := parts(list, 2, &id, &fields); err != nil {
		return e, err
	}
	if len(fields) == 0 || len(fields)%2 != 0 {
		return e, errTuple
	}
	for _, f := range fields {
		e.Fields = append(e.Fields, f)
	}
	e.ID, err = parseID(id)
	return e, err
}

func parseGroup(from *jsonGroup) (g rdb.Group, err error) {
	g.Name, g.EntriesRead = from.Name, from.Read
	if g.Last, err = parseID(from.Last); err != nil {
		return g, err
	}
	for _, b := range from.Consumers {
		var list []json.RawMessage
		var c rdb.Consumer
		if err := json.Unmarshal(b, &list); err != nil {
			return g, err
		}
		if err := parts(list, 2, (*text)(&c.Name), &c.Seen); err != nil {
			return g, err
		}
		c.Active = c.Seen
		g.Consumers = append(g.Consumers, c)
	}
	for _, b := range from.Pending {
		var list []json.RawMessage
		var p rdb.Pending
		var id string
		if err := json.Unmarshal(b, &list); err != nil {
			return g, err
		}
		if err := parts(list, 4, &id, &p.Consumer, &p.Delivered, &p.Deliveries); err != nil {
			return g, err
		}
		if p.ID, err = parseID(id); err != nil {
			return g, err
		}
		if p.Consumer < 0 || p.Consumer >= len(g.Consumers) {
			return g, errConsumer
		}
		if n := len(g.Pending); n > 0 && !g.Pending[n-1].ID.Less(p.ID) {
			return g, errOrder
		}
		g.Pending = append(g.Pending, p)
	}
	return g, nil
}

func parseID(s string) (id rdb.StreamID, err error) {
	ms, seq, ok := strings.Cut(s, "-")
	if !ok {
		return id, errStreamID
	}
	var bad error
	id.MS, err = strconv.ParseUint(ms, 10, 64)
	id.Seq, bad = strconv.ParseUint(seq, 10, 64)
	if err != nil || bad != nil {
		return id, errStreamID
	}
	return id, nil
}
