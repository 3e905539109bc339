//go:build race || invariants

package slab

// checked says whether wrong uses of references are looked for.
const checked = true
