package history

import (
	"bytes"
	"strconv"

	"kvd/engine"
	"kvd/engine/doc"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// pair is two versions to be compared.
type pair struct {
	c    *command.Ctx
	a, b engine.Version
}

// diff implements VER.DIFF.
func diff(c *command.Ctx) error {
	write := (*pair).keys
	s := c.Options(4)
	for s.Next() {
		if s.Option() != "FORMAT" {
			s.Fail(command.SyntaxNear([]byte(s.Option())))
			break
		}
		name := string(bytes.ToUpper(s.Arg()))
		known := false
		if write, known = formats[name]; !known {
			s.Fail(rediserr.Newf("unknown format '%.64s'", name))
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	h, a, err := command.LoadVersion(c.Tx, c.Args[1], c.Args[2])
	if err != nil {
		return err
	}
	number, err := command.VersionNumber(&h, c.Args[3])
	if err != nil {
		return err
	}
	b, err := h.Load(number)
	if err != nil {
		return err
	}
	return write(&pair{c, a, b})
}

// formats are the ways to show a difference.
var formats = map[string]func(*pair) error{
	"KEYS": (*pair).keys, "PATCH": (*pair).patch, "MERGE": (*pair).merge, "TEXT": (*pair).text, "SUMMARY": (*pair).summary,
}

func (p *pair) documents() (a, b doc.Value, err error) {
	if a, err = asDocument(&p.a); err != nil {
		return nil, nil, err
	}
	b, err = asDocument(&p.b)
	return a, b, err
}

// keys writes the names at the top of both values, and which of them came, went
// and changed; nil where a value has no names.
func (p *pair) keys() error {
	a, b, err := p.documents()
	if err != nil && !notComparable(err) {
		return err
	}
	out := p.c.Out
	out.Map(7)
	out.Text("version1")
	out.Int(int64(p.a.Number))
	out.Text("version2")
	out.Int(int64(p.b.Number))
	objects := a.Kind() == doc.Object && b.Kind() == doc.Object
	p.names("data1_keys", a, a.Kind() == doc.Object, func([]byte, doc.Value) bool { return true })
	p.names("data2_keys", b, b.Kind() == doc.Object, func([]byte, doc.Value) bool { return true })
	p.names("added", b, objects, func(name []byte, _ doc.Value) bool { return len(a.Member(name)) == 0 })
	p.names("removed", a, objects, func(name []byte, _ doc.Value) bool { return len(b.Member(name)) == 0 })
	p.names("changed", b, objects, func(name []byte, v doc.Value) bool {
		old := a.Member(name)
		return len(old) > 0 && !doc.Equal(old, v)
	})
	return nil
}

// names writes the names of an object that belong to a list, or nil.
func (p *pair) names(what string, v doc.Value, has bool, belongs func(name []byte, v doc.Value) bool) {
	out := p.c.Out
	out.Text(what)
	if !has {
		out.Null()
		return
	}
	var list [][]byte
	for it := v.Items(); it.Next(); {
		if belongs(it.Name(), it.Value()) {
			list = append(list, it.Name())
		}
	}
	out.Array(len(list))
	for _, name := range list {
		out.Bulk(name)
	}
}

func (p *pair) patch() error {
	a, b, err := p.documents()
	if err != nil {
		return err
	}
	p.c.Out.Bulk(doc.AppendText(nil, doc.AppendDiff(nil, a, b, doc.WithTests)))
	return nil
}

func (p *pair) merge() error {
	a, b, err := p.documents()
	if err != nil {
		return err
	}
	merge, err := appendMerge(nil, a, b)
	if err != nil {
		return err
	}
	p.c.Out.Bulk(doc.AppendText(nil, merge))
	return nil
}

func (p *pair) text() error {
	a, err := lines(&p.a)
	if err != nil {
		return err
	}
	b, err := lines(&p.b)
	if err != nil {
		return err
	}
	names := [2]string{strconv.FormatUint(p.a.Number, 10), strconv.FormatUint(p.b.Number, 10)}
	p.c.Out.Bulk(appendLineDiff(nil, names, a, b))
	return nil
}

// summary writes how much has changed: how many places of the value came, went or
// have another value.
func (p *pair) summary() error {
	a, b, err := p.documents()
	if err != nil {
		return err
	}
	count := map[string]int64{}
	for it := doc.Value(doc.AppendDiff(nil, a, b, doc.WithoutTests)).Items(); it.Next(); {
		count[string(it.Value().Member([]byte("op")).Text())]++
	}
	out := p.c.Out
	out.Map(9)
	for _, pair := range [...]struct {
		name  string
		value int64
	}{
		{"version1", int64(p.a.Number)},
		{"version2", int64(p.b.Number)},
		{"size1", int64(p.a.Size)},
		{"size2", int64(p.b.Size)},
		{"added", count["add"]},
		{"removed", count["remove"]},
		{"changed", count["replace"]},
	} {
		out.Text(pair.name)
		out.Int(pair.value)
	}
	out.Text("type1")
	out.Text(command.TypeName(p.a.Type))
	out.Text("type2")
	out.Text(command.TypeName(p.b.Type))
	return nil
}
