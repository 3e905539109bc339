package archive

import (
	"encoding/base64"
	"math"
	"strconv"
	"unicode/utf8"

	"kvd/engine"
	"kvd/engine/doc"
)

// Type is the type of a value, as a record names it.
type Type string

// The types.
const (
	String Type = "string"
	List   Type = "list"
	Set    Type = "set"
	ZSet   Type = "zset"
	Hash   Type = "hash"
	Stream Type = "stream"
	JSON   Type = "json"
)

// Record is one key, or a part of one. Which fields count depends on the type.
type Record struct {
	DB     int
	Key    []byte
	Type   Type
	Expire int64 // unix milliseconds; 0: never
	// More says that the value goes on in the next record.
	More  bool
	Value []byte // of a string
	Items []Item // of a list, set, sorted set or hash
	Rows  []engine.StreamRow
	// Doc is a document, in the form of package doc, and Info what is stored with
	// it.
	Doc  doc.Value
	Info engine.DocumentInfo
}

// Item is an element: of a list or set its Name alone, of a hash a field, of a
// sorted set a member.
type Item struct {
	Name, Value []byte
	Score       float64
	Expire      int64 // of a field, in unix milliseconds; 0: never
}

// AppendRecord appends r as a line, with its line break.
func AppendRecord(dst []byte, r *Record) []byte {
	dst = append(dst, '{')
	if r.DB != 0 {
		dst = append(strconv.AppendInt(append(dst, `"db":`...), int64(r.DB), 10), ',')
	}
	dst = appendNamed(dst, "k", r.Key)
	dst = append(append(append(dst, `,"t":"`...), r.Type...), '"')
	dst = appendNumber(dst, "px", r.Expire)
	if r.Type == JSON {
		dst = appendInfo(dst, &r.Info)
	}
	if r.More {
		dst = append(dst, `,"more":true`...)
	}
	dst = append(dst, ',')
	switch r.Type {
	case String:
		dst = appendNamed(dst, "v", r.Value)
	case JSON:
		dst = doc.AppendText(append(dst, `"v":`...), r.Doc)
	case Stream:
		dst = appendRows(append(dst, `"v":`...), r.Rows)
	default:
		dst = appendItems(append(dst, `"v":`...), r.Type, r.Items)
	}
	return append(dst, "}\n"...)
}

// appendNamed appends a member of an object: text under its name, other bytes in
// base64 under the name and 64.
func appendNamed(dst []byte, name string, b []byte) []byte {
	dst = append(append(dst, '"'), name...)
	if utf8.Valid(b) {
		return appendText(append(dst, `":`...), b)
	}
	dst = append(dst, `64":"`...)
	return append(base64.StdEncoding.AppendEncode(dst, b), '"')
}

// appendBytes appends any bytes as a value.
func appendBytes(dst, b []byte) []byte {
	if utf8.Valid(b) {
		return appendText(dst, b)
	}
	dst = base64.StdEncoding.AppendEncode(append(dst, `{"b":"`...), b)
	return append(dst, `"}`...)
}

func appendNumber(dst []byte, name string, n int64) []byte {
	if n == 0 {
		return dst
	}
	dst = append(append(append(dst, `,"`...), name...), `":`...)
	return strconv.AppendInt(dst, n, 10)
}

func appendString(dst []byte, name, text string) []byte {
	if text == "" {
		return dst
	}
	dst = append(append(append(dst, `,"`...), name...), `":`...)
	return appendBytes(dst, []byte(text))
}

func appendInfo(dst []byte, i *engine.DocumentInfo) []byte {
	for _, n := range [...]struct {
		name  string
		value int64
	}{
		{"rev", int64(i.Rev)},
		{"crev", int64(i.CreatedRev)},
		{"ver", int64(i.Version)},
		{"ctime", i.Created},
		{"mtime", i.Changed},
		{"version", int64(i.Schema)},
	} {
		dst = appendNumber(dst, n.name, n.value)
	}
	dst = appendString(dst, "sv", i.Migration)
	dst = appendString(dst, "author", i.Author)
	if len(i.Meta) > 0 {
		dst = doc.AppendText(append(dst, `,"meta":`...), i.Meta)
	}
	return dst
}

func appendItems(dst []byte, t Type, items []Item) []byte {
	dst = append(dst, '[')
	for i := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		it := &items[i]
		switch t {
		case ZSet:
			dst = appendBytes(append(dst, '['), it.Name)
			dst = append(appendScore(append(dst, ','), it.Score), ']')
		case Hash:
			dst = appendBytes(append(dst, '['), it.Name)
			dst = appendBytes(append(dst, ','), it.Value)
			if it.Expire != 0 {
				dst = strconv.AppendInt(append(dst, ','), it.Expire, 10)
			}
			dst = append(dst, ']')
		default:
			dst = appendBytes(dst, it.Name)
		}
	}
	return append(dst, ']')
}

// appendScore appends the shortest text that is read back as the same number.
func appendScore(dst []byte, score float64) []byte {
	switch {
	case math.IsInf(score, 1):
		return append(dst, `"inf"`...)
	case math.IsInf(score, -1):
		return append(dst, `"-inf"`...)
	}
	return strconv.AppendFloat(dst, score, 'g', -1, 64)
}

func appendRows(dst []byte, rows []engine.StreamRow) []byte {
	dst = append(dst, '[')
	for i := range rows {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendRow(dst, &rows[i]), ']')
	}
	return append(dst, ']')
}

func appendRow(dst []byte, r *engine.StreamRow) []byte {
	dst = append(dst, '[', '"', byte(r.Kind), '"', ',')
	switch r.Kind {
	case engine.StreamEntryRow:
		dst = append(appendID(dst, r.ID), ',', '[')
		for i, f := range r.Fields {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendBytes(dst, f)
		}
		dst = append(dst, ']')
		if r.Added != 0 {
			dst = strconv.AppendUint(append(dst, ','), r.Added, 10)
		}
		return dst
	case engine.StreamStateRow:
		dst = append(appendID(append(appendID(dst, r.ID), ','), r.MaxDeleted), ',')
		return strconv.AppendUint(dst, r.Added, 10)
	case engine.StreamGroupRow:
		dst = append(appendID(append(appendBytes(dst, r.Group), ','), r.ID), ',')
		if r.Read == engine.StreamUnknown {
			return append(dst, "null"...)
		}
		return strconv.AppendInt(dst, r.Read, 10)
	case engine.StreamConsumerRow:
		dst = append(appendBytes(append(appendBytes(dst, r.Group), ','), r.Consumer), ',')
		return strconv.AppendInt(dst, r.Seen, 10)
	}
	dst = append(appendID(append(appendBytes(dst, r.Group), ','), r.ID), ',')
	dst = strconv.AppendInt(append(strconv.AppendInt(dst, r.Delivered, 10), ','), r.Count, 10)
	return appendBytes(append(dst, ','), r.Consumer)
}

func appendID(dst []byte, id engine.StreamID) []byte {
	dst = strconv.AppendUint(append(dst, '"'), id.MS, 10)
	return append(strconv.AppendUint(append(dst, '-'), id.Seq, 10), '"')
}
