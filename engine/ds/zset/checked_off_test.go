//go:build !race && !invariants

package zset

// checked says whether wrong uses of references are looked for.
const checked = false
