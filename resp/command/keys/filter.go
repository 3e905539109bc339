package keys

import (
	"bytes"
	"strconv"
	"strings"

	"kvd/engine"
	"kvd/internal/glob"
	"kvd/resp/command"
)

// everything is the pattern that all keys fit.
const everything = "*"

// filter decides which keys a scan returns.
type filter struct {
	pattern []byte
	prefix  []byte // with which all that fits the pattern begins
	any     bool   // every key fits
	literal bool   // only the key that is the pattern itself fits
	kind    string // in small letters; empty: any type
}

func newFilter(pattern []byte) filter {
	f := filter{pattern: pattern, prefix: glob.Prefix(pattern)}
	f.any = string(pattern) == everything
	f.literal = len(f.prefix) == len(f.pattern)
	return f
}

// scanFilter returns the filter of SCAN.
func scanFilter(opt command.ScanOptions) filter {
	f := newFilter(opt.Match)
	f.any = f.any || opt.Match == nil
	if opt.Type != nil {
		f.kind = strings.ToLower(string(opt.Type))
		if f.kind == "" {
			f.kind = "none" // what was given is no type, and no key has it
		}
	}
	return f
}

func (f *filter) keeps(it engine.Item) bool {
	switch {
	case f.kind != "" && !strings.EqualFold(command.TypeName(it.Type), f.kind):
		return false
	case f.any:
		return true
	case !bytes.HasPrefix(it.Key, f.prefix):
		return false
	}
	return f.literal && len(it.Key) == len(f.prefix) || !f.literal && glob.Match(f.pattern, it.Key)
}

// list is keys that were copied from under the locks of the engine. They stand
// in blocks, which never move, so that to add one costs its own bytes only.
type list struct {
	blocks [][]byte
	sizes  []uint32
}

// blockSize is the size of a block in bytes; a longer key has its own.
const blockSize = 16 << 10

func (l *list) add(key []byte) {
	last := len(l.blocks) - 1
	if last < 0 || cap(l.blocks[last])-len(l.blocks[last]) < len(key) {
		l.blocks = append(l.blocks, make([]byte, 0, max(l.nextBlock(), len(key))))
		last++
	}
	l.blocks[last] = append(l.blocks[last], key...)
	l.sizes = append(l.sizes, uint32(len(key)))
}

// nextBlock begins small: most scans find little.
func (l *list) nextBlock() int { return min(512<<len(l.blocks), blockSize) }

// write replies with the keys as an array.
func (l *list) write(c *command.Ctx) {
	c.Out.Array(len(l.sizes))
	next := 0
	for _, block := range l.blocks {
		for len(block) > 0 {
			n := int(l.sizes[next])
			next++
			c.Out.Bulk(block[:n])
			block = block[n:]
		}
	}
	for range l.sizes[next:] {
		c.Out.Bulk(nil) // an empty key at the end
	}
}

// formatCursor writes a cursor as clients get it.
func formatCursor(cursor uint64) string { return strconv.FormatUint(cursor, 10) }
