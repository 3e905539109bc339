package codec

import "fmt"

// DamagedError says that a file does not hold what was written to it. It is one
// line for the operator: what, which file, where, and the way back.
type DamagedError struct {
	File   string
	Offset int64 // in bytes; -1: the file as a whole
	What   string
	Hint   string // how to get going again
}

// RestoreHint is the way back from damage that can't be repaired.
const RestoreHint = "restore the directory from a snapshot or a backup; `kvd check` lists every fault"

// Error implements error.
func (e *DamagedError) Error() string {
	where := ""
	if e.Offset >= 0 {
		where = fmt.Sprintf(" at offset %d", e.Offset)
	}
	hint := e.Hint
	if hint == "" {
		hint = RestoreHint
	}
	return fmt.Sprintf("%s is damaged%s: %s; %s", e.File, where, e.What, hint)
}
