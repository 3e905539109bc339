package ops

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"kvd/engine/doc"
	"kvd/engine/doc/path"
)

// most is how many operations a list may have, those inside of others included.
const most = 1000

// Compile reads a list of operations: an array of objects with one member each,
// whose name is the operation's. where is what the list is called in errors, such
// as "up". Errors name the place and the field.
func Compile(v doc.Value, where string) (List, error) {
	left := most
	return compileList(v, where, &left)
}

func compileList(v doc.Value, where string, left *int) (List, error) {
	if v.Kind() != doc.Array {
		return nil, fmt.Errorf("%s: must be an array of operations", where)
	}
	var list List
	for it := v.Items(); it.Next(); {
		if *left--; *left < 0 {
			return nil, fmt.Errorf("%s: more than %d operations", where, most)
		}
		o, err := compileOp(it.Value(), where, len(list), left)
		if err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, nil
}

func compileOp(v doc.Value, where string, i int, left *int) (Op, error) {
	if v.Kind() != doc.Object || v.Len() != 1 {
		return Op{}, fmt.Errorf("%s[%d]: must be an object with one member, the operation", where, i)
	}
	it := v.Items()
	it.Next()
	name := string(it.Name())
	f := fields{v: it.Value(), where: place(where, i, name), left: left}
	o := Op{Name: name, where: f.where}
	if name == "index" {
		o.Index = f.index()
	} else {
		o.act = f.action(name)
	}
	f.end()
	return o, f.err
}

// fields reads the fields of one operation. The first error sticks.
type fields struct {
	v     doc.Value
	where string
	seen  []string
	left  *int
	err   error
}

func (f *fields) fail(field string, err error) {
	if f.err != nil || err == nil {
		return
	}
	if field == "" {
		f.err = fmt.Errorf("%s: %w", f.where, err)
		return
	}
	f.err = fmt.Errorf("%s.%s: %w", f.where, field, err)
}

// action reads the fields that an operation has.
func (f *fields) action(name string) action {
	if name == "jq" {
		return f.jq()
	}
	if f.v.Kind() != doc.Object {
		f.fail("", errors.New("must be an object"))
		return nil
	}
	switch name {
	case "default":
		return &fill{f.member("path"), f.value("value")}
	case "set":
		return &set{f.target("path"), f.value("value")}
	case "merge":
		return &merge{f.target("path"), f.value("value")}
	case "remove":
		return f.remove()
	case "rename":
		return &rename{f.member("path"), []byte(f.text("to")), f.clash()}
	case "move", "copy":
		return f.move(name == "copy")
	case "cast":
		return f.cast()
	case "map":
		return f.table()
	case "split":
		return f.split()
	case "join":
		return f.join()
	case "wrap":
		return f.wrap()
	case "unwrap":
		return &unwrap{path: f.path()}
	case "each":
		return &each{f.path(), f.list("do")}
	case "assert":
		return f.assert()
	}
	f.err = fmt.Errorf("%s: there is no such operation", f.where)
	return nil
}

// end refuses fields that nobody has read.
func (f *fields) end() {
	if f.err != nil || f.v.Kind() != doc.Object {
		return
	}
	for it := f.v.Items(); it.Next(); {
		if !slices.Contains(f.seen, string(it.Name())) {
			f.fail(string(it.Name()), errors.New("there is no such field"))
		}
	}
}

// optional returns a field, or nothing.
func (f *fields) optional(name string) doc.Value {
	f.seen = append(f.seen, name)
	return f.v.Member([]byte(name))
}

// value returns a field that must be there.
func (f *fields) value(name string) doc.Value {
	v := f.optional(name)
	if len(v) == 0 {
		f.fail(name, errors.New("is missing"))
	}
	return append(doc.Value(nil), v...)
}

func (f *fields) text(name string) string {
	v := f.value(name)
	if f.err == nil && v.Kind() != doc.String {
		f.fail(name, errors.New("must be a string"))
	}
	return string(v.Text())
}

// choice returns a field that is one of a few words; the first is used where it is
// missing, unless it is empty.
func (f *fields) choice(name string, words ...string) int {
	v := f.optional(name)
	if len(v) == 0 {
		if words[0] == "" {
			f.fail(name, errors.New("is missing"))
		}
		return 0
	}
	if i := slices.Index(words, string(v.Text())); i >= 0 && v.Kind() == doc.String && words[i] != "" {
		return i
	}
	f.fail(name, fmt.Errorf("must be one of %s", strings.TrimPrefix(strings.Join(words, ", "), ", ")))
	return 0
}

func (f *fields) path() *path.Path {
	const name = "path"
	text := f.text(name)
	if f.err != nil {
		return nil
	}
	p, err := path.Compile([]byte(text), path.RFC9535)
	f.fail(name, err)
	return p
}

func (f *fields) target(name string) target { return f.parsed(name, parseTarget) }
func (f *fields) member(name string) target { return f.parsed(name, parseMember) }

func (f *fields) parsed(name string, parse func(string) (target, error)) target {
	text := f.text(name)
	if f.err != nil {
		return target{}
	}
	t, err := parse(text)
	f.fail(name, err)
	return t
}

func (f *fields) clash() clash { return clash(f.choice("onclash", "fail", "keep", "overwrite")) }

func (f *fields) list(name string) List {
	v := f.value(name)
	if f.err != nil {
		return nil
	}
	l, err := compileList(v, f.where+"."+name, f.left)
	if err != nil {
		f.err = err
	}
	for i := range l {
		if l[i].Index != nil {
			f.fail(name, errors.New("an index can't be made for each element"))
		}
	}
	return l
}

// below checks that two paths have the same base.
func (f *fields) below(name string, t, other *target) {
	if f.err == nil && t.under != other.under {
		f.fail(name, fmt.Errorf("must lie below '%s', as '%s' does", other.under, other.text))
	}
}

func (f *fields) remove() action {
	o := &remove{f.target("path")}
	if f.err == nil && o.at.base.IsRoot() && len(o.at.names) == 0 {
		f.fail("path", errors.New("the whole document can't be removed"))
	}
	return o
}

func (f *fields) move(copies bool) action {
	o := &move{from: f.member("from"), to: f.member("to"), clash: f.clash(), copies: copies}
	f.below("to", &o.to, &o.from)
	return o
}

func (f *fields) cast() action {
	types := []string{"", "string", "number", "integer", "boolean", "decimal", "date-time", "array"}
	o := &cast{path: f.path(), to: types[f.choice("to", types...)]}
	if from := append([]string{"any"}, types[1:]...); f.choice("from", from...) > 0 {
		o.from = from[f.choice("from", from...)]
	}
	o.bad = onError(f.choice("onerror", "fail", "null", "keep"))
	return o
}

func (f *fields) table() action {
	o := &table{path: f.path(), values: make(map[string]doc.Value)}
	values := f.value("values")
	if f.err == nil && values.Kind() != doc.Object {
		f.fail("values", errors.New("must be an object"))
	}
	for it := values.Items(); it.Next(); {
		o.values[string(it.Name())] = it.Value()
	}
	o.other = [...]onError{errorKeeps, errorNull, errorFails}[f.choice("else", "keep", "null", "fail")]
	return o
}

func (f *fields) split() action {
	o := &split{at: f.member("path"), by: []byte(f.text("by"))}
	for _, name := range f.texts("to") {
		if hasName(o.to, name) {
			f.fail("to", fmt.Errorf("'%s' is there twice", name))
		}
		o.to = append(o.to, []byte(name))
	}
	if f.err == nil && len(o.by) == 0 {
		f.fail("by", errors.New("must not be empty"))
	}
	return o
}

func hasName(names [][]byte, name string) bool {
	return slices.ContainsFunc(names, func(n []byte) bool { return string(n) == name })
}

// texts returns an array of strings with at least one.
func (f *fields) texts(name string) (list []string) {
	v := f.value(name)
	for it := v.Items(); v.Kind() == doc.Array && it.Next(); {
		if it.Value().Kind() != doc.String {
			list = nil
			break
		}
		list = append(list, string(it.Value().Text()))
	}
	if f.err == nil && len(list) == 0 {
		f.fail(name, errors.New("must be an array of strings"))
	}
	return list
}

// join takes as its target a path, or a name beside the first of the paths.
func (f *fields) join() action {
	o := &join{by: []byte(f.text("by"))}
	for _, text := range f.texts("paths") {
		t, err := parseMember(text)
		f.fail("paths", err)
		if len(o.from) > 0 {
			f.below("paths", &t, &o.from[0])
		}
		o.from = append(o.from, t)
	}
	to := f.text("to")
	if f.err != nil {
		return o
	}
	if !strings.HasPrefix(to, "$") {
		o.to = o.from[0].sibling([]byte(to))
		return o
	}
	var err error
	o.to, err = parseMember(to)
	f.fail("to", err)
	f.below("to", &o.to, &o.from[0])
	return o
}

func (f *fields) wrap() action {
	o := &wrap{path: f.path()}
	if as := f.text("as"); as != "array" {
		o.as = []byte(as)
	}
	return o
}

func (f *fields) assert() action {
	o := &assert{message: "the assertion does not hold"}
	expr := f.text("expr")
	if v := f.optional("message"); v.Kind() == doc.String {
		o.message = string(v.Text())
	} else if len(v) > 0 {
		f.fail("message", errors.New("must be a string"))
	}
	if f.err != nil {
		return o
	}
	var err error
	if o.expr, err = path.CompileExpression([]byte(expr)); err != nil {
		f.fail("expr", fmt.Errorf("is no expression: %w", err))
	}
	return o
}

func (f *fields) index() *Index {
	if f.v.Kind() != doc.Object {
		f.fail("", errors.New("must be an object"))
		return nil
	}
	kinds := []string{"any", "string", "number", "bool", "time", "decimal"}
	x := &Index{Name: f.text("name"), Path: f.text("path")}
	if kind := f.choice("type", kinds...); kind > 0 {
		x.Type = kinds[kind]
	}
	switch v := f.optional("unique"); v.Kind() {
	case doc.True:
		x.Unique = true
	case doc.False, doc.Absent:
	default:
		f.fail("unique", errors.New("must be true or false"))
	}
	if _, err := path.Compile([]byte(x.Path), path.RFC9535); f.err == nil && err != nil {
		f.fail("path", err)
	}
	return x
}
