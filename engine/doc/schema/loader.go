package schema

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"kvd/engine/doc"
)

// loader gives the compiler the schemas that one refers to: those that the
// resolver has, and nothing from the disk or the network.
type loader struct {
	resolve Resolver
	docs    map[string]doc.Value // by URL
}

var errTooMany = fmt.Errorf("the schema reaches more than %d others", MaxSchemas)

// Load implements jsonschema.URLLoader.
func (l *loader) Load(address string) (any, error) {
	name, ok := strings.CutPrefix(address, URL)
	if !ok {
		return nil, errors.New("$ref may only lead to " + URL + "<name> or within the schema")
	}
	if len(l.docs) > MaxSchemas {
		return nil, errTooMany
	}
	text, ok := l.resolve(name)
	if !ok {
		return nil, fmt.Errorf("no schema '%s'", shown([]byte(name)))
	}
	v, err := parse(text)
	if err != nil {
		return nil, err
	}
	l.docs[address] = v
	return unpack(v), nil
}

// names returns the names of the schemas that were loaded beside the one with a
// name, in order.
func (l *loader) names(but string) (list []string) {
	for address := range l.docs {
		if name := strings.TrimPrefix(address, URL); name != but {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// raw returns the schema at a place as its author has written it; nil if it is
// not one that was loaded here.
func (l *loader) raw(where string) doc.Value {
	address, fragment, _ := strings.Cut(where, "#")
	text, err := url.PathUnescape(fragment)
	if err != nil {
		return nil
	}
	p, err := doc.ParsePointer([]byte(text))
	if err != nil {
		return nil
	}
	return p.Find(l.docs[address])
}

// eachObject calls fn with every object in a value and the pointer to it.
func eachObject(v doc.Value, pointer []byte, fn func(pointer string, object doc.Value)) {
	if v.Kind() == doc.Object {
		fn(string(pointer), v)
	}
	i := 0
	for it := v.Items(); it.Next(); i++ {
		if !it.Value().IsContainer() {
			continue
		}
		at := bytes.Clone(pointer)
		if v.Kind() == doc.Object {
			at = doc.AppendPointerName(at, it.Name())
		} else {
			at = strconv.AppendInt(append(at, '/'), int64(i), 10)
		}
		eachObject(it.Value(), at, fn)
	}
}
