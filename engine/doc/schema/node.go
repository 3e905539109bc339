package schema

import (
	"regexp"

	"kvd/engine/doc"
)

// types is a set of JSON types.
type types uint8

const (
	typeNull types = 1 << iota
	typeBoolean
	typeInteger
	typeNumber
	typeString
	typeArray
	typeObject
)

var typeNames = [...]string{"null", "boolean", "integer", "number", "string", "array", "object"}

// node is a schema in the form in which it is applied to values. What a node does
// not say is nil, or below zero for a limit.
type node struct {
	where    string // the place of the schema, as an URL
	never    bool   // the schema false
	types    types  // 0: all
	enum     []doc.Value
	words    map[string]struct{} // of an enum of many strings
	constant doc.Value
	format   *format
	number   *numberRules
	text     *textRules
	object   *objectRules
	array    *arrayRules

	ref     *node
	dynamic *dynamicRef
	allOf   []*node
	anyOf   []*node
	oneOf   []*node
	not     *node
	when    *node // if
	then    *node
	other   *node // else

	restProperties *node // unevaluatedProperties
	restItems      *node // unevaluatedItems

	resource *resource // set where references depend on the way there
	fills    bool      // it, or what it applies, has defaults
	value    doc.Value // default
	auto     auto      // x-kvd-default
	maxBytes int       // x-kvd-maxBytes of the format bytes; -1: no limit
}

// numberRules are what a schema says of numbers. The bounds are texts.
type numberRules struct {
	minimum, maximum, above, below []byte
	multiple                       []byte
}

// textRules are what a schema says of strings, in characters.
type textRules struct {
	minimum, maximum int
	pattern          *pattern
}

// pattern is a regular expression. Matching takes at most size steps of the
// machine for each byte.
type pattern struct {
	re   *regexp.Regexp
	size int
}

// objectRules are what a schema says of objects.
type objectRules struct {
	minimum, maximum int
	properties       map[string]property
	required         []string
	patterns         []patternProperty
	additional       *node
	names            *node
	dependencies     []dependency
	ordered          []namedNode // properties, as the schema has them
}

type namedNode struct {
	name []byte
	node *node
}

// property is what a schema says of a member with one name.
type property struct {
	node     *node // nil: nothing
	required int   // its place in required, or -1
}

type patternProperty struct {
	pattern *pattern
	node    *node
}

// dependency is what the member name asks for: others, or a schema for the object.
type dependency struct {
	name    string
	keyword string
	needs   []string
	node    *node
}

// arrayRules are what a schema says of arrays.
type arrayRules struct {
	minimum, maximum       int
	unique                 bool
	prefix                 []*node
	items                  *node
	itemsKeyword           string
	contains               *node
	minContains            int
	maxContains            int
	containsCountsAsLooked bool // since 2020-12 it counts for unevaluatedItems
}

// resource is a schema with a URL of its own: dynamic references look for anchors
// in those through which the check has come.
type resource struct {
	root      *node
	anchors   map[string]*node
	recursive bool // $recursiveAnchor
}

// dynamicRef is a $dynamicRef, or a $recursiveRef, whose anchor is empty.
type dynamicRef struct {
	target *node
	anchor string
	moves  bool // whether it depends on the way at all
}

// typesOf returns the types that a value has: a number without a fraction is an
// integer too.
func typesOf(v doc.Value) types {
	switch v.Kind() {
	case doc.Null:
		return typeNull
	case doc.False, doc.True:
		return typeBoolean
	case doc.Number:
		if integral(v.Text()) {
			return typeInteger | typeNumber
		}
		return typeNumber
	case doc.String:
		return typeString
	case doc.Array:
		return typeArray
	case doc.Object:
		return typeObject
	}
	return 0
}

// typeName is the type of a value in a message.
func typeName(v doc.Value) string {
	switch v.Kind() {
	case doc.Number:
		if integral(v.Text()) {
			return "integer"
		}
		return "number"
	default:
		return v.TypeName()
	}
}

// names lists the types of a set.
func (t types) names() (list []string) {
	for i, name := range typeNames {
		if t&(1<<i) != 0 && (name != "integer" || t&typeNumber == 0) {
			list = append(list, name)
		}
	}
	return list
}
