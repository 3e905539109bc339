//go:build !race && !invariants

package stream

// checked says whether wrong uses of references are looked for.
const checked = false
