package rdb

import "fmt"

// A value of a module is a number that names the module and the version of its
// encoding, then parts, each with its kind before it, then modEnd.
const (
	// JSONModule is the name of RedisJSON's type.
	JSONModule = "ReJSON-RL"
	// jsonEncoding is the version of its encoding in which a document is one
	// string, the JSON text.
	jsonEncoding = 3

	moduleNameLen      = 9
	moduleChars        = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	moduleCharBits     = 6
	moduleEncodingBits = 10
)

// ModuleError says that a value belongs to a module that is not known, or has an
// encoding of it that is not read.
type ModuleError struct {
	Name     string
	Encoding int
}

// Error implements error.
func (e *ModuleError) Error() string {
	return fmt.Sprintf("a value of the module type '%s' in encoding %d is not supported", e.Name, e.Encoding)
}

// Unwrap makes it an ErrFormat for who doesn't care which.
func (e *ModuleError) Unwrap() error { return ErrFormat }

// moduleID is the number of a type of nine characters, in one encoding.
func moduleID(name string, encoding int) uint64 {
	var id uint64
	for i := range name {
		for place := range moduleChars {
			if moduleChars[place] == name[i] {
				id = id<<moduleCharBits | uint64(place)
			}
		}
	}
	return id<<moduleEncodingBits | uint64(encoding)
}

// moduleOf takes the number of a type apart.
func moduleOf(id uint64) *ModuleError {
	e := &ModuleError{Encoding: int(id & (1<<moduleEncodingBits - 1))}
	id >>= moduleEncodingBits
	var name [moduleNameLen]byte
	for i := moduleNameLen - 1; i >= 0; i-- {
		name[i] = moduleChars[id&(1<<moduleCharBits-1)]
		id >>= moduleCharBits
	}
	e.Name = string(name[:])
	return e
}

// module reads the value of a module, which is a document.
func (r *reader) module() *Value {
	id := r.number()
	if !r.bad && id != moduleID(JSONModule, jsonEncoding) {
		r.foreign = moduleOf(id)
		r.fail()
	}
	if r.number() != modString {
		r.fail()
	}
	v := &Value{Type: JSON, String: r.string()}
	if r.number() != modEnd {
		r.fail()
	}
	return v
}

// json writes a document.
func (w *writer) json(text []byte) {
	w.byte(typeModule)
	w.length(moduleID(JSONModule, jsonEncoding))
	w.length(modString)
	w.string(text)
	w.length(modEnd)
}
