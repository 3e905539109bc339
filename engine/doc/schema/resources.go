package schema

import (
	"net/url"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"kvd/engine/doc"
)

// addResources tells each node in which resource it stands, and each resource
// which dynamic anchors it has. Only schemas with dynamic references need it.
func (b *builder) addResources(c *jsonschema.Compiler) {
	resources := make(map[string]*resource) // by place
	for address, v := range b.loader.docs {
		eachObject(v, nil, func(pointer string, object doc.Value) {
			if pointer == "" || object.Member([]byte("$id")).Kind() == doc.String {
				resources[place(address, pointer)] = b.newResource(c, place(address, pointer), object)
			}
		})
	}
	for address, v := range b.loader.docs {
		eachObject(v, nil, func(pointer string, object doc.Value) {
			if name := object.Member([]byte("$dynamicAnchor")); name.Kind() == doc.String {
				if r := resourceOf(resources, place(address, pointer)); r != nil {
					r.anchors[string(name.Text())] = b.compiled(c, place(address, pointer))
				}
			}
		})
	}
	for _, n := range b.nodes {
		n.resource = resourceOf(resources, n.where)
	}
}

func (b *builder) newResource(c *jsonschema.Compiler, where string, object doc.Value) *resource {
	return &resource{
		root:      b.compiled(c, where),
		anchors:   make(map[string]*node),
		recursive: object.Member([]byte("$recursiveAnchor")).Kind() == doc.True,
	}
}

// compiled returns the node of the schema at a place, nil if none can be there.
func (b *builder) compiled(c *jsonschema.Compiler, where string) *node {
	s, err := c.Compile(where)
	if err != nil {
		return nil // an object that only looks like a schema
	}
	return b.node(s)
}

// place writes the place of a schema as the compiler does.
func place(address, pointer string) string {
	names := strings.Split(pointer, "/")
	for i, name := range names {
		names[i] = url.PathEscape(name)
	}
	return address + "#" + strings.Join(names, "/")
}

// resourceOf returns the innermost resource around a place.
func resourceOf(resources map[string]*resource, where string) *resource {
	for {
		if r := resources[where]; r != nil {
			return r
		}
		slash := strings.LastIndexByte(where, '/')
		if slash < strings.IndexByte(where, '#') {
			return nil
		}
		where = where[:slash]
	}
}
