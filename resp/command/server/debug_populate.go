package server

import (
	"fmt"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// maxFill is the longest value that DEBUG POPULATE makes, in bytes.
const maxFill = 512 << 20

var errFill = rediserr.New("value is out of range, must be positive")

// debugPopulate implements DEBUG POPULATE: it makes strings for keys with numbers
// that are not there yet.
func debugPopulate(c *command.Ctx) error {
	count, err := c.Count(2)
	if err != nil {
		return err
	}
	prefix, size := "key", int64(0)
	if len(c.Args) > 3 {
		prefix = string(c.Args[3])
	}
	if len(c.Args) > 4 {
		if size, err = c.Count(4); err != nil {
			return err
		}
		if size > maxFill {
			return errFill
		}
	}
	for i := range count {
		key, value := fmt.Appendf(nil, "%s:%d", prefix, i), fmt.Appendf(nil, "value:%d", i)
		if size > 0 {
			value = append(value, make([]byte, size)...)[:size]
		}
		err := withKey(c, c.Tx.DB(), key, func(tx *engine.Tx) error {
			if !tx.Peek(key) {
				tx.SetString(key, value, engine.NoExpiry)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	c.Out.OK()
	return nil
}
