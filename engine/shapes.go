package engine

import "kvd/internal/change"

// shape is what the engine has to know of a type made of elements.
type shape struct {
	// load applies the stored row of an element and unload its removal. Both
	// take rows in any order and more than once.
	load   func(c *collection, sub, value []byte, expire int64) error
	unload func(c *collection, sub []byte) error
	// each calls fn with every element as its row has it, until fn returns false.
	each func(c *collection, fn func(sub, value []byte, expire int64) bool)
	// len returns the number of elements.
	len func(c *collection) int
}

// shapes are the types made of elements.
var shapes = [...]shape{
	change.List:    {(*collection).loadList, (*collection).unloadList, (*collection).eachList, (*collection).lenList},
	change.SetType: {(*collection).loadSet, (*collection).unloadSet, (*collection).eachSet, (*collection).lenSet},
	change.ZSet:    {(*collection).loadZSet, (*collection).unloadZSet, (*collection).eachZSet, (*collection).lenZSet},
	change.Hash:    {(*collection).loadHash, (*collection).unloadHash, (*collection).eachHash, (*collection).lenHash},
	change.Stream:  {(*collection).loadStream, (*collection).unloadStream, (*collection).eachStream, (*collection).lenStream},
}

// shapeOf returns the shape of a type, if it is made of elements.
func shapeOf(kind change.Type) (*shape, bool) {
	if int(kind) >= len(shapes) || shapes[kind].load == nil {
		return nil, false
	}
	return &shapes[kind], true
}

// isCollection reports whether the values of a type are made of elements.
func isCollection(kind change.Type) bool { return kind >= change.List && kind <= change.Stream }
