package schema

import (
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"kvd/engine/doc"
)

// builder turns the schemas of the compiler into nodes.
type builder struct {
	loader  *loader
	nodes   map[*jsonschema.Schema]*node
	dynamic bool
	err     error
}

func (b *builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

// node returns the node of a schema, nil for none.
func (b *builder) node(s *jsonschema.Schema) *node {
	if s == nil {
		return nil
	}
	if n := b.nodes[s]; n != nil {
		return n
	}
	n := &node{where: s.Location, maxBytes: -1}
	b.nodes[s] = n
	raw := b.loader.raw(s.Location)
	if raw == nil {
		b.fail(errMeta)
		return n
	}
	if s.Bool != nil {
		n.never = !*s.Bool
		return n
	}
	b.values(n, s, raw)
	b.others(n, s)
	n.number = numberRulesOf(s, raw)
	n.text = b.textRules(s)
	n.object = b.objectRules(s)
	n.array = b.arrayRules(s)
	if err := n.defaultOf(raw); err != nil {
		b.fail(err)
	}
	return n
}

func (b *builder) list(schemas []*jsonschema.Schema) (nodes []*node) {
	for _, s := range schemas {
		nodes = append(nodes, b.node(s))
	}
	return nodes
}

// values fills in what a node says of any value.
func (b *builder) values(n *node, s *jsonschema.Schema, raw doc.Value) {
	if s.Types != nil {
		for _, name := range s.Types.ToStrings() {
			n.types |= 1 << slices.Index(typeNames[:], name)
		}
	}
	if s.Enum != nil {
		n.enum = elements(raw.Member([]byte("enum")))
		n.words = wordsOf(n.enum)
	}
	if s.Const != nil {
		n.constant = raw.Member([]byte("const"))
	}
	if name := raw.Member([]byte("format")); name.Kind() == doc.String {
		n.format = formatNamed(string(name.Text()))
	}
	if limit, ok := doc.Int(numberText(raw, "x-kvd-maxBytes")); ok && limit >= 0 && limit <= doc.DefaultBytes {
		n.maxBytes = int(limit)
	}
}

// numberText returns the text of a keyword that is a number, or none.
func numberText(raw doc.Value, keyword string) []byte {
	if v := raw.Member([]byte(keyword)); v.Kind() == doc.Number {
		return v.Text()
	}
	return nil
}

func elements(v doc.Value) (list []doc.Value) {
	list = []doc.Value{}
	for it := v.Items(); it.Next(); {
		list = append(list, it.Value())
	}
	return list
}

// manyWords is the size of an enum from which it is not gone through each time.
const manyWords = 8

// wordsOf returns the strings of an enum, nil if it has few values.
func wordsOf(enum []doc.Value) map[string]struct{} {
	if len(enum) < manyWords {
		return nil
	}
	words := make(map[string]struct{}, len(enum))
	for _, v := range enum {
		if v.Kind() == doc.String {
			words[string(v.Text())] = struct{}{}
		}
	}
	return words
}

// others fills in the schemas that a node applies to the same value.
func (b *builder) others(n *node, s *jsonschema.Schema) {
	n.ref = b.node(s.Ref)
	n.allOf, n.anyOf, n.oneOf = b.list(s.AllOf), b.list(s.AnyOf), b.list(s.OneOf)
	n.not, n.when, n.then, n.other = b.node(s.Not), b.node(s.If), b.node(s.Then), b.node(s.Else)
	n.restProperties, n.restItems = b.node(s.UnevaluatedProperties), b.node(s.UnevaluatedItems)
	if d := s.DynamicRef; d != nil {
		b.dynamic = true
		n.dynamic = &dynamicRef{
			target: b.node(d.Ref), anchor: d.Anchor, moves: d.Anchor != "" && d.Ref.DynamicAnchor == d.Anchor,
		}
	}
	if r := s.RecursiveRef; r != nil {
		b.dynamic = true
		n.dynamic = &dynamicRef{target: b.node(r), moves: r.RecursiveAnchor}
	}
}

func numberRulesOf(s *jsonschema.Schema, raw doc.Value) *numberRules {
	if s.Minimum == nil && s.Maximum == nil && s.ExclusiveMinimum == nil && s.ExclusiveMaximum == nil && s.MultipleOf == nil {
		return nil
	}
	r := &numberRules{}
	if s.Minimum != nil {
		r.minimum = numberText(raw, "minimum")
	}
	if s.Maximum != nil {
		r.maximum = numberText(raw, "maximum")
	}
	if s.ExclusiveMinimum != nil { // in draft 4 it says of minimum what it is
		r.above = firstText(numberText(raw, "exclusiveMinimum"), numberText(raw, "minimum"))
	}
	if s.ExclusiveMaximum != nil {
		r.below = firstText(numberText(raw, "exclusiveMaximum"), numberText(raw, "maximum"))
	}
	if s.MultipleOf != nil {
		r.multiple = numberText(raw, "multipleOf")
	}
	return r
}

func firstText(a, b []byte) []byte {
	if a != nil {
		return a
	}
	return b
}

// limit is a limit that may be missing.
func limit(n *int) int {
	if n == nil {
		return -1
	}
	return *n
}

func (b *builder) textRules(s *jsonschema.Schema) *textRules {
	if s.MinLength == nil && s.MaxLength == nil && s.Pattern == nil {
		return nil
	}
	r := &textRules{minimum: limit(s.MinLength), maximum: limit(s.MaxLength)}
	if p, ok := s.Pattern.(enginePattern); ok {
		r.pattern = p.pattern
	}
	return r
}

func (b *builder) arrayRules(s *jsonschema.Schema) *arrayRules {
	r := &arrayRules{
		minimum: limit(s.MinItems), maximum: limit(s.MaxItems), unique: s.UniqueItems,
		contains: b.node(s.Contains), minContains: limit(s.MinContains), maxContains: limit(s.MaxContains),
		containsCountsAsLooked: s.DraftVersion >= 2020, itemsKeyword: "items",
	}
	switch items := s.Items.(type) {
	case *jsonschema.Schema:
		r.items = b.node(items)
	case []*jsonschema.Schema:
		r.prefix = b.list(items)
		r.items, r.itemsKeyword = b.additional(s.AdditionalItems, s, "additionalItems"), "additionalItems"
	}
	if s.DraftVersion >= 2020 {
		r.prefix, r.items = b.list(s.PrefixItems), b.node(s.Items2020)
	}
	if r.minimum < 0 && r.maximum < 0 && !r.unique && r.contains == nil && r.items == nil && r.prefix == nil {
		return nil
	}
	return r
}

// additional returns the node of a schema that the compiler gives as bool or
// schema.
func (b *builder) additional(v any, s *jsonschema.Schema, keyword string) *node {
	switch v := v.(type) {
	case bool:
		return &node{where: s.Location + "/" + keyword, never: !v, maxBytes: -1}
	case *jsonschema.Schema:
		return b.node(v)
	}
	return nil
}

func (b *builder) objectRules(s *jsonschema.Schema) *objectRules {
	r := &objectRules{
		minimum: limit(s.MinProperties), maximum: limit(s.MaxProperties),
		additional: b.additional(s.AdditionalProperties, s, "additionalProperties"),
		names:      b.node(s.PropertyNames), properties: make(map[string]property, len(s.Properties)),
	}
	for name, sub := range s.Properties {
		r.properties[name] = property{b.node(sub), -1}
	}
	for _, name := range s.Required {
		p, ok := r.properties[name]
		if ok && p.required >= 0 {
			continue
		}
		r.properties[name] = property{p.node, len(r.required)}
		r.required = append(r.required, name)
	}
	for re, sub := range s.PatternProperties {
		r.patterns = append(r.patterns, patternProperty{re.(enginePattern).pattern, b.node(sub)})
	}
	slices.SortFunc(r.patterns, func(a, b patternProperty) int {
		return strings.Compare(a.pattern.re.String(), b.pattern.re.String())
	})
	r.dependencies = b.dependencies(s)
	if r.minimum < 0 && r.maximum < 0 && r.additional == nil && r.names == nil &&
		len(r.properties) == 0 && len(r.patterns) == 0 && len(r.dependencies) == 0 {
		return nil
	}
	return r
}

func (b *builder) dependencies(s *jsonschema.Schema) (list []dependency) {
	for name, needs := range s.DependentRequired {
		list = append(list, dependency{name: name, keyword: "dependentRequired", needs: needs})
	}
	for name, sub := range s.DependentSchemas {
		list = append(list, dependency{name: name, keyword: "dependentSchemas", node: b.node(sub)})
	}
	for name, what := range s.Dependencies {
		switch what := what.(type) {
		case []string:
			list = append(list, dependency{name: name, keyword: "dependencies", needs: what})
		case *jsonschema.Schema:
			list = append(list, dependency{name: name, keyword: "dependencies", node: b.node(what)})
		}
	}
	slices.SortFunc(list, func(a, b dependency) int {
		return strings.Compare(a.keyword+"/"+a.name, b.keyword+"/"+b.name)
	})
	return list
}
