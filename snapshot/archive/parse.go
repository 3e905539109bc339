package archive

import (
	"bytes"
	"errors"
	"math"
	"strconv"

	"kvd/engine"
	"kvd/engine/doc"
)

// Parser reads the lines of data members. What it returns is valid until the next
// line.
type Parser struct {
	r    Record
	docs doc.Parser
	room []byte // of documents
	s    scanner
}

// Parse reads one line, with or without its line break.
func (p *Parser) Parse(line []byte) (*Record, error) {
	p.r = Record{Items: p.r.Items[:0], Rows: p.r.Rows[:0]}
	p.s = scanner{b: line}
	p.room = p.room[:0]
	hasKey, hasValue := false, false
	s := &p.s
	s.each('{', '}', func() {
		name := s.text()
		s.expect(':')
		switch string(name) {
		case "k":
			p.r.Key, hasKey = s.text(), true
		case "k64":
			p.r.Key, hasKey = s.base64(), true
		case "v", "v64":
			if hasValue {
				s.fail()
				return
			}
			hasValue = true
			p.value(string(name))
		default:
			p.property(string(name))
		}
	})
	s.peek()
	switch {
	case s.deep:
		return nil, unsafe("a record is nested more than %d deep", MaxDepth)
	case s.bad || s.at != len(s.b) || !hasKey || !hasValue || !p.r.sound():
		return nil, errRecord
	}
	return &p.r, nil
}

// property reads a member of a record that is neither key nor value.
func (p *Parser) property(name string) {
	s, r := &p.s, &p.r
	switch name {
	case "db":
		n := s.int()
		if n < 0 || n > math.MaxInt32 {
			s.fail()
		}
		r.DB = int(n)
	case "t":
		r.Type = Type(s.text())
	case "px":
		r.Expire = s.int()
	case "more":
		if r.More = s.word("true"); !r.More && !s.word("false") {
			s.fail()
		}
	default:
		p.info(name)
	}
}

func (p *Parser) info(name string) {
	s, i := &p.s, &p.r.Info
	switch name {
	case "rev":
		i.Rev = s.uint()
	case "crev":
		i.CreatedRev = s.uint()
	case "ver":
		i.Version = s.uint()
	case "ctime":
		i.Created = s.int()
	case "mtime":
		i.Changed = s.int()
	case "version":
		n := s.uint()
		if n > math.MaxUint32 {
			s.fail()
		}
		i.Schema = uint32(n)
	case "sv":
		i.Migration = string(s.bytes())
	case "author":
		i.Author = string(s.bytes())
	case "meta":
		i.Meta = p.document()
	default:
		s.fail()
	}
}

// document reads a JSON value into room.
func (p *Parser) document() doc.Value {
	from := len(p.room)
	text := p.s.value()
	if p.s.bad {
		return nil
	}
	out, err := p.docs.Append(p.room, text)
	if err != nil {
		p.s.deep = p.s.deep || errors.Is(err, doc.ErrDepth)
		p.s.fail()
		return nil
	}
	p.room = out
	return doc.Value(out[from:])
}

// value reads the value, whose type is known.
func (p *Parser) value(name string) {
	s, r := &p.s, &p.r
	if name == "v64" {
		if r.Type != String {
			s.fail()
		}
		r.Value = s.base64()
		return
	}
	switch r.Type {
	case String:
		r.Value = s.text()
	case JSON:
		r.Doc = p.document()
	case Stream:
		s.each('[', ']', p.row)
	case List, Set:
		s.each('[', ']', func() { r.Items = append(r.Items, Item{Name: s.bytes()}) })
	case ZSet:
		s.each('[', ']', func() {
			s.expect('[')
			it := Item{Name: s.bytes()}
			s.expect(',')
			it.Score = s.score()
			s.expect(']')
			r.Items = append(r.Items, it)
		})
	case Hash:
		s.each('[', ']', p.field)
	default:
		s.fail()
	}
}

func (p *Parser) field() {
	s := &p.s
	s.expect('[')
	it := Item{Name: s.bytes()}
	s.expect(',')
	it.Value = s.bytes()
	if s.take(',') {
		it.Expire = s.int()
	}
	s.expect(']')
	p.r.Items = append(p.r.Items, it)
}

// row reads a row of a stream.
func (p *Parser) row() {
	s := &p.s
	s.expect('[')
	kind := s.text()
	if len(kind) != 1 {
		s.fail()
		return
	}
	r := engine.StreamRow{Kind: engine.StreamRowKind(kind[0])}
	switch r.Kind {
	case engine.StreamEntryRow:
		r.ID = p.id()
		s.expect(',')
		s.each('[', ']', func() { r.Fields = append(r.Fields, s.bytes()) })
		if s.take(',') {
			r.Added = s.uint()
		}
		if len(r.Fields) == 0 || len(r.Fields)%2 != 0 {
			s.fail()
		}
	case engine.StreamStateRow:
		r.ID = p.id()
		r.MaxDeleted = p.id()
		r.Added = p.uint()
	case engine.StreamGroupRow:
		r.Group, r.ID = p.next(), p.id()
		s.expect(',')
		if r.Read = engine.StreamUnknown; !s.word("null") {
			r.Read = s.int()
		}
	case engine.StreamConsumerRow:
		r.Group, r.Consumer, r.Seen = p.next(), p.next(), p.int()
	case engine.StreamPendingRow:
		r.Group, r.ID = p.next(), p.id()
		r.Delivered, r.Count = p.int(), p.int()
		r.Consumer = p.next()
	default:
		s.fail()
	}
	s.expect(']')
	p.r.Rows = append(p.r.Rows, r)
}

// next reads the next item of a row, after its comma; the methods below do so too.
func (p *Parser) next() []byte {
	p.s.expect(',')
	return p.s.bytes()
}

func (p *Parser) uint() uint64 {
	p.s.expect(',')
	return p.s.uint()
}

func (p *Parser) int() int64 {
	p.s.expect(',')
	return p.s.int()
}

func (p *Parser) id() engine.StreamID {
	ms, seq, ok := bytes.Cut(p.next(), []byte("-"))
	a, err := strconv.ParseUint(string(ms), 10, 64)
	b, err2 := strconv.ParseUint(string(seq), 10, 64)
	if !ok || err != nil || err2 != nil {
		p.s.fail()
	}
	return engine.StreamID{MS: a, Seq: b}
}

// sound reports whether a record is one that a key can have.
func (r *Record) sound() bool {
	if r.Expire < 0 {
		return false
	}
	switch r.Type {
	case String:
		return true
	case JSON:
		return !r.More
	case Stream:
		return len(r.Rows) > 0
	}
	for i := range r.Items {
		if r.Items[i].Expire < 0 {
			return false
		}
	}
	return len(r.Items) > 0
}
