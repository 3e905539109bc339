package transfer

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"kvd/snapshot/rdb"
)

// A line of JSON is one key:
//
//	{"k": key, "db": 0, "t": type, "v": value, "px": unix time in milliseconds}
//
// db is left out where it is 0, and px for a key that stays. Text that is not
// UTF-8 is in base64: of a key as k64, of a string as v64, elsewhere as
// {"b64": …} in place of the text. Values:
//
//	string  text
//	list    [text, …]
//	set     [text, …]
//	hash    [[field, value], …], or [field, value, px]
//	zset    [[member, score], …]; the score is a number, or "inf" or "-inf"
//	stream  {"entries": [[id, [field, value, …]], …], "last": id, "added": n,
//	        "deleted": id, "groups": [{"name", "last", "read", "consumers":
//	        [[name, seen], …], "pending": [[id, consumer, time, count], …]}, …]}
//	json    the document itself
//
// A function library is {"function": code}.
type jsonLine struct {
	Function *text           `json:"function,omitempty"`
	Key      *string         `json:"k,omitempty"`
	Key64    []byte          `json:"k64,omitempty"`
	DB       int             `json:"db,omitempty"`
	Type     string          `json:"t,omitempty"`
	Value    json.RawMessage `json:"v,omitempty"`
	Value64  *[]byte         `json:"v64,omitempty"`
	Expire   int64           `json:"px,omitempty"`
}

// text is bytes that are JSON text if they are UTF-8 and {"b64": …} else.
type text []byte

type base struct {
	B64 []byte `json:"b64"`
}

// MarshalJSON implements json.Marshaler.
func (t text) MarshalJSON() ([]byte, error) {
	if utf8.Valid(t) {
		return json.Marshal(string(t))
	}
	return json.Marshal(base{t})
}

var errText = errors.New(`there should be a string or {"b64": ...}`)

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(b []byte) error {
	switch {
	case len(b) > 0 && b[0] == '"':
		var s string
		err := json.Unmarshal(b, &s)
		*t = text(s)
		return err
	case len(b) > 0 && b[0] == '{':
		var v struct {
			B64 *[]byte `json:"b64"`
		}
		if err := json.Unmarshal(b, &v); err != nil || v.B64 == nil {
			return errText
		}
		*t = *v.B64
		return nil
	}
	return errText
}

// number is a score, which may be infinite.
type number float64

// MarshalJSON implements json.Marshaler.
func (n number) MarshalJSON() ([]byte, error) {
	if math.IsInf(float64(n), 0) || n == 0 && math.Signbit(float64(n)) {
		return json.Marshal(string(score(float64(n))))
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case `"inf"`:
		*n = number(math.Inf(1))
	case `"-inf"`:
		*n = number(math.Inf(-1))
	case `"-0"`:
		*n = number(math.Copysign(0, -1))
	default:
		return json.Unmarshal(b, (*float64)(n))
	}
	return nil
}

// tuple is a JSON list of things of different types.
type tuple []any

type jsonStream struct {
	Entries []json.RawMessage `json:"entries"`
	Last    string            `json:"last"`
	Added   uint64            `json:"added"`
	Deleted string            `json:"deleted"`
	Groups  []jsonGroup       `json:"groups,omitempty"`
}

type jsonGroup struct {
	Name      text              `json:"name"`
	Last      string            `json:"last"`
	Read      int64             `json:"read"`
	Consumers []json.RawMessage `json:"consumers"`
	Pending   []json.RawMessage `json:"pending,omitempty"`
}

// AppendJSON appends a record as a line of JSON to dst.
func AppendJSON(dst []byte, rec *rdb.Record) ([]byte, error) {
	line := jsonLine{DB: rec.DB, Expire: rec.Expire}
	if rec.Kind == rdb.Function {
		code := text(rec.Code)
		line = jsonLine{Function: &code}
	} else {
		if utf8.Valid(rec.Key) {
			key := string(rec.Key)
			line.Key = &key
		} else {
			line.Key64 = rec.Key
		}
		if err := line.setValue(rec.Value); err != nil {
			return nil, keyError(rec, err)
		}
	}
	b, err := json.Marshal(line)
	if err != nil {
		return nil, keyError(rec, err)
	}
	return append(append(dst, b...), '\n'), nil
}

// typeNames are the names of the types.
var typeNames = map[rdb.Type]string{
	rdb.String: "string", rdb.List: "list", rdb.Set: "set", rdb.ZSet: "zset", rdb.Hash: "hash", rdb.Stream: "stream",
	rdb.JSON: "json",
}

func (l *jsonLine) setValue(v *rdb.Value) (err error) {
	l.Type = typeNames[v.Type]
	var value any
	switch v.Type {
	case rdb.String:
		if !utf8.Valid(v.String) {
			l.Value64 = &v.String
			return nil
		}
		value = string(v.String)
	case rdb.List:
		value = texts(v.List)
	case rdb.Set:
		value = texts(v.Set)
	case rdb.Hash:
		value = hashTuples(v.Hash)
	case rdb.ZSet:
		list := make([]tuple, len(v.ZSet))
		for i, s := range v.ZSet {
			list[i] = tuple{text(s.Member), number(s.Score)}
		}
		value = list
	case rdb.Stream:
		if value, err = streamJSON(v.Stream); err != nil {
			return err
		}
	case rdb.JSON:
		value = json.RawMessage(v.String)
	default:
		return errNoJSON
	}
	l.Value, err = json.Marshal(value)
	return err
}

var errNoJSON = errors.New("its type is not known to the format")

func texts(list [][]byte) []text {
	out := make([]text, len(list))
	for i := range list {
		out[i] = list[i]
	}
	return out
}

func hashTuples(fields []rdb.Field) []tuple {
	list := make([]tuple, len(fields))
	for i, f := range fields {
		list[i] = tuple{text(f.Name), text(f.Value)}
		if f.Expire != 0 {
			list[i] = append(list[i], f.Expire)
		}
	}
	return list
}

func streamJSON(s *rdb.StreamValue) (*jsonStream, error) {
	out := &jsonStream{Entries: []json.RawMessage{}, Last: streamID(s.Last), Added: s.EntriesAdded, Deleted: streamID(s.MaxDeleted)}
	var err error
	add := func(list *[]json.RawMessage, items ...any) {
		b, fault := json.Marshal(items)
		*list, err = append(*list, b), errors.Join(err, fault)
	}
	for _, e := range s.Entries {
		add(&out.Entries, streamID(e.ID), texts(e.Fields))
	}
	for i := range s.Groups {
		g := &s.Groups[i]
		to := jsonGroup{Name: g.Name, Last: streamID(g.Last), Read: g.EntriesRead, Consumers: []json.RawMessage{}}
		for _, c := range g.Consumers {
			add(&to.Consumers, text(c.Name), c.Seen)
		}
		for _, p := range g.Pending {
			add(&to.Pending, streamID(p.ID), p.Consumer, p.Delivered, p.Deliveries)
		}
		out.Groups = append(out.Groups, to)
	}
	return out, err
}

// LineError says which line of a file of JSON lines is wrong.
type LineError struct {
	Line int
	Err  error
}

// Error implements error.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap returns the cause.
func (e *LineError) Unwrap() error { return e.Err }
