//go:build !linux && !race && !invariants

package slab

// checked says whether wrong uses of references are looked for.
const checked = false
