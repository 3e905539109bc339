package schema

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"kvd/engine/doc"
)

// validator is the compiler's own validator, which unpacks the document.
func validator(text string) (*jsonschema.Schema, error) {
	v, err := doc.Parse([]byte(text))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(&loader{resolve: noSchemas, docs: map[string]doc.Value{}})
	c.AssertFormat()
	if err := c.AddResource(URL+"T", unpack(v)); err != nil {
		return nil, err
	}
	return c.Compile(URL + "T")
}

// drawValue draws a small document, in which names and values often meet.
func drawValue(t *rapid.T, depth int) string {
	kinds := 8
	if depth == 0 {
		kinds = 6
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return "null"
	case 1:
		return rapid.SampledFrom([]string{"true", "false"}).Draw(t, "bool")
	case 2, 3:
		return rapid.SampledFrom([]string{"0", "1", "2", "3", "1.0", "1.5", "-1", "2e0", "25e-1", "10", "1e2"}).Draw(t, "number")
	case 4, 5:
		return rapid.SampledFrom([]string{`""`, `"a"`, `"b"`, `"ab"`, `"abc"`, `"é"`}).Draw(t, "string")
	case 6:
		n := rapid.IntRange(0, 4).Draw(t, "n")
		list := make([]string, n)
		for i := range list {
			list[i] = drawValue(t, depth-1)
		}
		return "[" + strings.Join(list, ",") + "]"
	}
	return drawObject(t, func() string { return drawValue(t, depth-1) })
}

func drawObject(t *rapid.T, member func() string) string {
	names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "ab"}), 0, 3, rapid.ID).Draw(t, "names")
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = fmt.Sprintf("%q:%s", name, member())
	}
	return "{" + strings.Join(list, ",") + "}"
}

// drawSchema draws a schema with a few keywords.
func drawSchema(t *rapid.T, depth int) string {
	if depth == 0 || rapid.IntRange(0, 9).Draw(t, "bool?") == 0 {
		return rapid.SampledFrom([]string{"true", "false", "{}", `{"type":"string"}`, `{"type":"integer"}`, `{"const":1}`}).Draw(t, "leaf")
	}
	sub := func() string { return drawSchema(t, depth-1) }
	list := func() string { return "[" + sub() + "," + sub() + "]" }
	small := func() string { return fmt.Sprint(rapid.IntRange(0, 3).Draw(t, "small")) }
	keywords := map[string]func() string{
		"type":    func() string { return drawTypes(t) },
		"enum":    func() string { return "[" + drawValue(t, 1) + "," + drawValue(t, 1) + "]" },
		"const":   func() string { return drawValue(t, 1) },
		"minimum": small, "maximum": small, "exclusiveMinimum": small, "exclusiveMaximum": small,
		"multipleOf": func() string { return rapid.SampledFrom([]string{"1", "0.5", "2", "1.5", "1e1"}).Draw(t, "of") },
		"minLength":  small, "maxLength": small,
		"pattern":  func() string { return rapid.SampledFrom([]string{`"^a"`, `"b$"`, `"."`}).Draw(t, "re") },
		"minItems": small, "maxItems": small, "minProperties": small, "maxProperties": small,
		"minContains": small, "maxContains": small,
		"uniqueItems": func() string { return "true" },
		"items":       sub, "contains": sub, "additionalProperties": sub, "propertyNames": sub, "not": sub,
		"if": sub, "then": sub, "else": sub, "unevaluatedProperties": sub, "unevaluatedItems": sub,
		"prefixItems": list, "allOf": list, "anyOf": list, "oneOf": list,
		"properties":        func() string { return drawObject(t, sub) },
		"patternProperties": func() string { return `{"^a":` + sub() + `}` },
		"dependentSchemas":  func() string { return drawObject(t, sub) },
		"dependentRequired": func() string { return `{"a":["b"],"c":["a","d"]}` },
		"required":          func() string { return `["a","b"]` },
		"$ref":              func() string { return rapid.SampledFrom([]string{`"#/$defs/x"`, `"#/$defs/y"`}).Draw(t, "ref") },
	}
	names := make([]string, 0, len(keywords))
	for name := range keywords {
		names = append(names, name)
	}
	slices.Sort(names)
	chosen := rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, 4, rapid.ID).Draw(t, "keywords")
	for i, name := range chosen {
		chosen[i] = fmt.Sprintf("%q:%s", name, keywords[name]())
	}
	return "{" + strings.Join(chosen, ",") + "}"
}

func drawTypes(t *rapid.T) string {
	list := rapid.SliceOfNDistinct(rapid.SampledFrom(typeNames[:]), 1, 3, rapid.ID).Draw(t, "types")
	text, _ := json.Marshal(list)
	return string(text)
}

// TestModel compares with the validator of the compiler.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inner := drawSchema(t, 3)
		text := fmt.Sprintf(`{"allOf":[%s],"$defs":{"x":{"type":["object","integer"],"properties":{"a":{"$ref":"#/$defs/y"}}},"y":%s}}`,
			inner, drawSchema(t, 1))
		s, err := Compile("T", []byte(text), noSchemas)
		if err != nil {
			return // a reference that goes in a circle
		}
		reference, err := validator(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for range 5 {
			v := drawValue(t, 3)
			compare(t, s, reference, text, v)
		}
	})
}

// fataler is what a test of rapid and one of testing have in common.
type fataler interface {
	Fatalf(format string, args ...any)
}

// compare fails if the two do not agree on a document. The text of all faults is
// made too, so that no message is left out.
func compare(t fataler, s *Schema, reference *jsonschema.Schema, schemaText, v string) {
	parsed, err := doc.Parse([]byte(v))
	if err != nil {
		t.Fatalf("%s: %v", v, err)
	}
	list, err := s.Check(parsed, Plain)
	if err != nil {
		t.Fatalf("%s: %v", v, err)
	}
	want := reference.Validate(unpack(parsed))
	if (want == nil) != (len(list) == 0) {
		t.Fatalf("schema %s, document %s: found %q, the compiler's validator %v", schemaText, v, Text(list), want)
	}
}
