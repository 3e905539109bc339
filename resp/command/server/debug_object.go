package server

import (
	"fmt"
	"strconv"
	"strings"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// withObject is withKey for a key that is there, of which object tells.
func withObject(c *command.Ctx, key []byte, fn func(o engine.Object, encoding string) error) error {
	return withKey(c, c.Tx.DB(), key, func(tx *engine.Tx) error {
		o, ok := tx.Object(key)
		if !ok {
			return rediserr.NoSuchKey
		}
		encoding, err := command.Encoding(tx, key, &o)
		if err != nil {
			return err
		}
		return fn(o, encoding)
	})
}

// debugObject implements DEBUG OBJECT. An address would tell nothing here.
func debugObject(c *command.Ctx) error {
	now := c.Now.UnixMilli()
	return withObject(c, c.Args[2], func(o engine.Object, encoding string) error {
		c.Out.Status(fmt.Sprintf("Value at:0x0 refcount:1 encoding:%s serializedlength:%d lru:%d lru_seconds_idle:%d",
			encoding, o.Length+1, (now-o.Idle)/1000&(1<<24-1), o.Idle/1000))
		return nil
	})
}

// dump writes what is to be told of a value with a certain encoding to the log,
// which is what redis-server writes to its output.
func dump(c *command.Ctx, want, refusal, done string) error {
	key := c.Args[2]
	return withObject(c, key, func(o engine.Object, encoding string) error {
		if encoding != want {
			return rediserr.New(refusal)
		}
		c.Services.Process.Log(fmt.Sprintf("%q: %s, %d bytes of elements, %d in all", key, encoding, o.Length, o.Memory))
		c.Out.Status(done)
		return nil
	})
}

// debugListpack implements DEBUG LISTPACK.
func debugListpack(c *command.Ctx) error {
	return dump(c, "listpack", "Not a listpack encoded object.", "Listpack structure printed on stdout")
}

// debugQuicklist implements DEBUG QUICKLIST; more detail there is none.
func debugQuicklist(c *command.Ctx) error {
	return dump(c, "quicklist", "Not a quicklist encoded object.", "Quicklist structure printed on stdout")
}

var errNoTable = rediserr.New("The value stored at the specified key is not represented using an hash table")

// debugTable implements DEBUG HTSTATS-KEY.
func debugTable(c *command.Ctx) error {
	return withObject(c, c.Args[2], func(o engine.Object, encoding string) error {
		if encoding != "hashtable" && encoding != "skiplist" {
			return errNoTable
		}
		c.Out.Verbatim("txt", fmt.Sprintf("Hash table 0 stats (main hash table):\n bytes of elements: %d\n bytes in all: %d\n",
			o.Length, o.Memory))
		return nil
	})
}

var errThreshold = rediserr.New("argument must be a memory value bigger than 1 and smaller than 4gb")

// debugThreshold implements DEBUG QUICKLIST-PACKED-THRESHOLD. Elements of lists
// stand alone from a size on that does not change here.
func debugThreshold(c *command.Ctx) error {
	if n, ok := parseSize(strings.ToLower(string(c.Args[2]))); !ok || n >= 1<<32 {
		return errThreshold
	}
	c.Out.OK()
	return nil
}

// parseSize reads a number of bytes with a unit, such as 4gb.
func parseSize(text string) (n uint64, ok bool) {
	digits := strings.TrimRight(text, "bgkm")
	unit, ok := map[string]uint64{
		"": 1, "b": 1, "k": 1000, "kb": 1 << 10, "m": 1000_000, "mb": 1 << 20, "g": 1000_000_000, "gb": 1 << 30,
	}[text[len(digits):]]
	n, err := strconv.ParseUint(digits, 10, 32)
	return n * unit, ok && err == nil
}
