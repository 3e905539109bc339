package keys

import (
	"math"

	"kvd/engine"
	"kvd/engine/doc"
	"kvd/internal/change"
	"kvd/resp/command"
	"kvd/snapshot/rdb"
)

func dumpSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "dump", Syntax: "key", Arity: 2, Flags: command.ReadOnly, Keys: command.Key(1, command.RO|command.Access),
			Tips: []string{tipOutput}, Since: "2.6.0", Complexity: "O(N) where N is the size of the value",
			Summary: "Returns the value of a key as bytes that RESTORE reads.", Handler: dump,
		},
		{
			Name:  "restore",
			Arity: -4, Flags: command.Write | command.DenyOOM, Categories: command.CatDangerous,
			Syntax: "key ttl{integer} serialized-value [REPLACE]{@3.0.0} [ABSTTL]{@5.0.0} [IDLETIME seconds{integer}]{@5.0.0} [FREQ frequency{integer}]{@5.0.0}",
			Keys:   command.Key(1, command.OW|command.Update), Since: "2.6.0",
			Complexity: "O(N) where N is the size of the value, O(N*log(N)) for a sorted set",
			History: []command.Change{
				{Version: "3.0.0", Text: "`REPLACE` was added."},
				{Version: "5.0.0", Text: "`ABSTTL` was added."},
				{Version: "5.0.0", Text: "`IDLETIME` and `FREQ` were added."},
			},
			Summary: "Makes a key of what DUMP returned.", Handler: restore,
		},
	}
}

// dumpUnit is how many bytes of a value are as much work for DUMP and RESTORE as
// an element is for other commands.
const dumpUnit = 8

// dump implements DUMP. It spells what it can as redis-server 7.0 does, so that
// other servers read it; a hash with fields that expire needs 7.4.
func dump(c *command.Ctx) error {
	key := c.Args[1]
	o, ok := c.Tx.Object(key)
	if ok {
		if err := c.Heavy(o.Length / dumpUnit); err != nil {
			return err
		}
	}
	v, err := valueOf(c.Tx, key, o.Type)
	if err != nil {
		return err
	}
	if v == nil {
		c.Out.Null()
		return nil
	}
	c.Out.Bulk(rdb.Encode(nil, v))
	return nil
}

// valueOf returns the value at a key that has this type, or nil if it is
// missing. It notes the access.
func valueOf(tx *engine.Tx, key []byte, kind change.Type) (*rdb.Value, error) {
	switch kind {
	case change.List:
		return listOf(tx.List(key))
	case change.SetType:
		return setOf(tx.Set(key))
	case change.ZSet:
		return zsetOf(tx.ZSet(key))
	case change.Hash:
		return hashOf(tx.Hash(key))
	case change.Stream:
		return streamOf(tx.Stream(key))
	case change.JSON:
		return documentOf(tx.Document(key))
	}
	s, err := tx.String(key)
	if err != nil || !s.Exists() {
		return nil, err
	}
	return &rdb.Value{Type: rdb.String, String: s.Bytes()}, nil
}

// documentOf returns a document as its text. What is stored beside it stays here.
func documentOf(d engine.Document, err error) (*rdb.Value, error) {
	if err != nil || !d.Exists() {
		return nil, err
	}
	return &rdb.Value{Type: rdb.JSON, String: doc.AppendText(nil, d.Value())}, nil
}

// copies is memory for elements that are valid for a moment only.
type copies []byte

func (m *copies) add(b []byte) []byte {
	const chunk = 16 << 10
	if cap(*m)-len(*m) < len(b) {
		*m = make([]byte, 0, max(chunk, len(b)))
	}
	start := len(*m)
	*m = append(*m, b...)
	return (*m)[start:len(*m):len(*m)]
}

func listOf(l engine.List, err error) (*rdb.Value, error) {
	if err != nil || !l.Exists() {
		return nil, err
	}
	v := &rdb.Value{Type: rdb.List, List: make([][]byte, 0, l.Len())}
	l.Range(0, l.Len(), engine.Left, func(value []byte) bool {
		v.List = append(v.List, value)
		return true
	})
	return v, nil
}

func setOf(s engine.Set, err error) (*rdb.Value, error) {
	if err != nil || !s.Exists() {
		return nil, err
	}
	v := &rdb.Value{Type: rdb.Set, Compact: s.Intset(), Set: make([][]byte, 0, s.Len())}
	var room copies
	s.All(func(member []byte) bool {
		v.Set = append(v.Set, room.add(member))
		return true
	})
	return v, nil
}

func zsetOf(z engine.ZSet, err error) (*rdb.Value, error) {
	if err != nil || !z.Exists() {
		return nil, err
	}
	v := &rdb.Value{Type: rdb.ZSet, Compact: z.Listpack(), ZSet: make([]rdb.Scored, 0, z.Len())}
	var room copies
	z.Range(0, math.MaxInt, engine.Ascending, func(member []byte, score float64) bool {
		v.ZSet = append(v.ZSet, rdb.Scored{Member: room.add(member), Score: score})
		return true
	})
	return v, nil
}

func hashOf(h engine.Hash, err error) (*rdb.Value, error) {
	if err != nil || !h.Exists() {
		return nil, err
	}
	v := &rdb.Value{Type: rdb.Hash, Compact: h.Compact(), Hash: make([]rdb.Field, 0, h.Len())}
	h.Fields(func(field, value []byte, at engine.Expiry) bool {
		v.Hash = append(v.Hash, rdb.Field{Name: field, Value: value, Expire: int64(at)})
		return true
	})
	if len(v.Hash) == 0 {
		return nil, nil
	}
	return v, nil
}
