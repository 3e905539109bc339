package schema

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"kvd/engine/doc"
)

var (
	errCycle = errors.New("the schema applies itself to the same value for ever")
	errMeta  = errors.New("$ref to a meta-schema is not supported")
	errKind  = errors.New("a schema is an object, true or false")
)

// Compile compiles a schema. Its name is what others write after kvd:schema/ to
// refer to it. The error says in one line what is wrong with the schema.
func Compile(name string, text []byte, resolve Resolver) (*Schema, error) {
	v, err := parse(text)
	if err != nil {
		return nil, err
	}
	if k := v.Kind(); k != doc.Object && k != doc.True && k != doc.False {
		return nil, errKind
	}
	l := &loader{resolve: resolve, docs: map[string]doc.Value{URL + name: v}}
	c := jsonschema.NewCompiler()
	c.UseLoader(l)
	c.AssertFormat()
	c.UseRegexpEngine(engine)
	if err := c.AddResource(URL+name, unpack(v)); err != nil {
		return nil, oneLine(err)
	}
	compiled, err := c.Compile(URL + name)
	if err != nil {
		return nil, oneLine(err)
	}
	return build(name, l, c, compiled)
}

// build turns what the compiler has made into nodes.
func build(name string, l *loader, c *jsonschema.Compiler, compiled *jsonschema.Schema) (*Schema, error) {
	b := builder{loader: l, nodes: make(map[*jsonschema.Schema]*node)}
	root := b.node(compiled)
	if b.dynamic {
		b.addResources(c)
	}
	switch {
	case b.err != nil:
		return nil, b.err
	case loops(b.nodes):
		return nil, errCycle
	}
	markFills(b.nodes)
	s := &Schema{name: name, root: root, refs: l.names(name), dynamic: b.dynamic}
	var err error
	s.indexes, err = b.findIndexes(compiled)
	return s, err
}

// engine compiles the regular expressions of schemas, as jsonschema.RegexpEngine.
func engine(text string) (jsonschema.Regexp, error) {
	p, err := compilePattern(text)
	if err != nil {
		return nil, err
	}
	return enginePattern{p}, nil
}

type enginePattern struct{ *pattern }

// MatchString implements jsonschema.Regexp.
func (p enginePattern) MatchString(s string) bool { return p.re.MatchString(s) }

// String implements jsonschema.Regexp.
func (p enginePattern) String() string { return p.re.String() }

// maxReason is how long the reason of an error may be, in bytes.
const maxReason = 300

// oneLine is an error of the compiler in one line: of what a meta-schema has
// against a schema, the first thing.
func oneLine(err error) error {
	var load *jsonschema.LoadURLError
	if errors.As(err, &load) {
		return fmt.Errorf("$ref '%s': %w", shown([]byte(load.URL)), load.Err)
	}
	var bad *jsonschema.InvalidRegexError
	if errors.As(err, &bad) {
		return fmt.Errorf("pattern '%s': %w", shown([]byte(bad.Regex)), bad.Err)
	}
	text := err.Error()
	var invalid *jsonschema.SchemaValidationError
	if errors.As(err, &invalid) {
		text = "not a valid schema" + firstReason(invalid.Err)
	}
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxReason {
		text = strings.ToValidUTF8(text[:maxReason], "") + "..."
	}
	return errors.New(text)
}

// firstReason is the first thing that a meta-schema has against a schema.
func firstReason(err error) string {
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return ""
	}
	for len(invalid.Causes) > 0 {
		invalid = invalid.Causes[0]
	}
	if format, ok := invalid.ErrorKind.(*kind.Format); ok {
		return fmt.Sprintf(": at '/%s': %v", strings.Join(invalid.InstanceLocation, "/"), format.Err)
	}
	for line := range strings.Lines(invalid.Error()) {
		if why, ok := strings.CutPrefix(strings.TrimSpace(line), "- at "); ok {
			return ": at " + why
		}
	}
	return ": " + invalid.Error()
}

// loops says whether a schema, by references, allOf and the like, comes back to
// itself without going into the value.
func loops(nodes map[*jsonschema.Schema]*node) bool {
	const open, closed = 1, 2
	state := make(map[*node]int, len(nodes))
	var visit func(n *node) bool
	visit = func(n *node) bool {
		switch state[n] {
		case open:
			return true
		case closed:
			return false
		}
		state[n] = open
		if slices.ContainsFunc(n.sameValue(), visit) {
			return true
		}
		state[n] = closed
		return false
	}
	for _, n := range nodes {
		if visit(n) {
			return true
		}
	}
	return false
}

// sameValue returns the schemas that a schema applies to the value that it is
// applied to.
func (n *node) sameValue() []*node {
	list := slices.Concat(n.allOf, n.anyOf, n.oneOf)
	for _, other := range []*node{n.ref, n.not, n.when, n.then, n.other} {
		if other != nil {
			list = append(list, other)
		}
	}
	if n.dynamic != nil && n.dynamic.target != nil {
		list = append(list, n.dynamic.target)
	}
	if n.object != nil {
		for _, d := range n.object.dependencies {
			if d.node != nil {
				list = append(list, d.node)
			}
		}
	}
	return list
}
