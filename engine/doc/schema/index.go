package schema

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"kvd/engine/doc"
)

// Index is an index that a schema asks for with x-kvd-index or x-kvd-unique.
type Index struct {
	// Name is that of the property, with those around it before it and points
	// between, unless the schema gives another.
	Name string
	// Path is a JSONPath.
	Path string
	// Type is string, number, bool, time or decimal; empty: what the values are.
	Type   string
	Unique bool
	Sparse bool
}

// maxIndexes is how many indexes one schema may ask for.
const maxIndexes = 64

var (
	errIndexes = fmt.Errorf("the schema asks for more than %d indexes", maxIndexes)
	errIndex   = errors.New(`x-kvd-index is true, a name, or {"name": …, "type": …, "sparse": …}; x-kvd-unique is true or false`)
)

// Indexes returns the indexes that the schema asks for.
func (s *Schema) Indexes() []Index { return s.indexes }

// indexFinder goes through the properties of a schema.
type indexFinder struct {
	b     *builder
	on    map[*jsonschema.Schema]bool // the way to here
	found []Index
	err   error
}

func (b *builder) findIndexes(s *jsonschema.Schema) ([]Index, error) {
	f := indexFinder{b: b, on: make(map[*jsonschema.Schema]bool)}
	f.visit(s, "$", nil)
	return f.found, f.err
}

func (f *indexFinder) visit(s *jsonschema.Schema, path string, names []string) {
	const deepest = 16
	if s == nil || f.on[s] || f.err != nil || len(names) > deepest {
		return
	}
	f.on[s] = true
	defer delete(f.on, s)
	raw := f.b.loader.raw(s.Location)
	f.add(s, raw, path, names)
	f.visit(s.Ref, path, names)
	for _, sub := range s.AllOf {
		f.visit(sub, path, names)
	}
	for it := raw.Member([]byte("properties")).Items(); it.Next(); {
		name := string(it.Name())
		f.visit(s.Properties[name], path+pathName(name), append(slices.Clone(names), name))
	}
	f.visit(s.Items2020, path+"[*]", names)
	if items, ok := s.Items.(*jsonschema.Schema); ok {
		f.visit(items, path+"[*]", names)
	}
}

// pathName is a step of a JSONPath to a member.
func pathName(name string) string {
	for i, r := range name {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			return "['" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(name) + "']"
		}
	}
	if name == "" {
		return "['']"
	}
	return "." + name
}

// add takes the index that a schema asks for.
func (f *indexFinder) add(s *jsonschema.Schema, raw doc.Value, path string, names []string) {
	want, unique := raw.Member([]byte("x-kvd-index")), raw.Member([]byte("x-kvd-unique"))
	if len(names) == 0 || want == nil && unique == nil {
		return
	}
	x := Index{Name: strings.Join(names, "."), Path: path, Type: indexType(s, raw), Unique: unique.Kind() == doc.True}
	switch want.Kind() {
	case doc.Absent, doc.True:
	case doc.False:
		return
	case doc.String:
		x.Name = string(want.Text())
	case doc.Object:
		x.options(want)
	default:
		f.err = errIndex
		return
	}
	if want == nil && !x.Unique {
		return
	}
	if slices.ContainsFunc(f.found, func(o Index) bool { return o.Name == x.Name }) {
		return // the same schema under another way, such as a list of itself
	}
	if f.found = append(f.found, x); len(f.found) > maxIndexes {
		f.err = errIndexes
	}
}

func (x *Index) options(want doc.Value) {
	if v := want.Member([]byte("name")); v.Kind() == doc.String {
		x.Name = string(v.Text())
	}
	if v := want.Member([]byte("type")); v.Kind() == doc.String {
		x.Type = string(v.Text())
	}
	x.Sparse = want.Member([]byte("sparse")).Kind() == doc.True
}

// indexType is how values of a schema are to be compared in an index.
func indexType(s *jsonschema.Schema, raw doc.Value) string {
	switch string(raw.Member([]byte("format")).Text()) {
	case "date-time":
		return "time"
	case "decimal":
		return "decimal"
	}
	if s.Types == nil {
		return ""
	}
	switch kinds := s.Types.ToStrings(); {
	case len(kinds) != 1:
	case kinds[0] == "string":
		return "string"
	case kinds[0] == "number", kinds[0] == "integer":
		return "number"
	case kinds[0] == "boolean":
		return "bool"
	}
	return ""
}
