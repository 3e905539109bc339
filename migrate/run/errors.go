package run

import (
	"errors"

	"kvd/migrate/ops"
)

// codeOf is the code of the error for a document that an operation can't change.
func codeOf(err error) string {
	var o *ops.Error
	if !errors.As(err, &o) {
		return "INVALID"
	}
	switch o.Kind {
	case ops.Clash:
		return "CONFLICT"
	case ops.Timeout:
		return "TIMEOUT"
	case ops.Limit:
		return "LIMIT"
	}
	return "INVALID"
}
