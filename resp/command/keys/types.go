package keys

import "kvd/internal/change"

// typeNames are the types as clients know them.
var typeNames = [...]string{change.String: "string"}

func typeName(kind change.Type) string { return typeNames[kind] }
