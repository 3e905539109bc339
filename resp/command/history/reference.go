package history

import (
	"kvd/engine"
	"kvd/resp/command"
)

// open returns the versions of a key and the number that a reference names.
func open(c *command.Ctx, key, ref []byte) (h engine.History, number uint64, err error) {
	if h, err = c.Tx.History(key); err != nil {
		return h, 0, err
	}
	number, err = command.VersionNumber(&h, ref)
	return h, number, err
}
