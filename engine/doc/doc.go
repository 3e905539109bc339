// Package doc holds JSON documents: values in one flat, ordered binary form,
// the parser and the serializer between it and JSON text, and the edits.
//
// # Form
//
// A value is a run of bytes without pointers, so it lives in one cell and is
// read where it lies. The first byte is the tag: the kind in the upper three
// bits, a size in the lower five.
//
//	kind 0  literal: 1 null, 2 false, 3 true in place of the size
//	kind 1  number: its text as RFC 8259 writes it, never converted
//	kind 2  string: its characters as UTF-8, escapes resolved
//	kind 3  array: number of elements, then the elements
//	kind 4  object: number of members, then name and value in turn
//
// The size is the number of bytes that follow the size itself: below 29 it
// stands in the tag, else the tag says 29, 30 or 31 and one, two or four bytes
// follow, little-endian. The number of elements is a varint, left out of an
// empty container. So each value says how far it reaches, and a reader skips
// what it does not look for.
//
// Invariants: sizes and numbers of elements have their shortest form, so one
// sequence of values has one form; names of an object differ; members keep
// their order of insertion; strings are valid UTF-8. Parser.Append and the
// edits keep these, and Check establishes them for bytes from elsewhere. The
// methods of Value rely on them.
package doc
