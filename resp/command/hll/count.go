package hll

import (
	"slices"

	"kvd/engine/ds/hll"
	"kvd/resp/command"
)

// slowKeys is the number of words from which a command on many keys leaves the
// event loop: a dense HyperLogLog takes some ten microseconds.
const slowKeys = 50

func countSpecs() []command.Spec {
	countKeys := command.KeyRange(1, -1, 1, command.RW|command.Access)
	countKeys[0].Notes = "RW: the cardinality is noted in the value, and a sparse value may become dense"
	return []command.Spec{
		{
			Name: "pfadd", Syntax: "key [element ...]", Arity: -2, Flags: command.Write | command.DenyOOM | command.Fast,
			Keys: command.Key(1, command.RW|command.Insert), Since: "2.8.9", Complexity: "O(1) for each element",
			SlowArgs: 5000, Summary: "Counts elements in the HyperLogLog at a key, which is made if missing.", Handler: pfadd,
		},
		{
			Name: "pfcount", Syntax: "key [key ...]", Arity: -2, Flags: command.ReadOnly | command.MayReplicate,
			Keys: countKeys, Since: "2.8.9", SlowArgs: slowKeys,
			Complexity: "O(1) for one key, mostly without looking at its registers; O(N) for N keys",
			Summary:    "Estimates how many different elements HyperLogLogs have counted together.", Handler: pfcount,
		},
		{
			Name: "pfmerge", Syntax: "destkey [sourcekey ...]", Arity: -2, Flags: command.Write | command.DenyOOM,
			Keys:  command.Keys(command.Key(1, command.RW|command.Access|command.Insert), command.KeyRange(2, -1, 1, command.RO|command.Access)),
			Since: "2.8.9", Complexity: "O(N) for N HyperLogLogs", SlowArgs: slowKeys,
			Summary: "Adds what HyperLogLogs have counted to the one at a key, which is made if missing.", Handler: pfmerge,
		},
	}
}

// growth is by how many bytes an element lengthens a sparse value at most.
const growth = 3

// pfadd implements PFADD.
func pfadd(c *command.Ctx) error {
	key, elements := c.Args[1], c.Args[2:]
	s, err := lookup(c, key)
	if err != nil {
		return err
	}
	if s.Exists() && hll.IsDense(s.Bytes()) {
		elements = uncovered(s.Bytes(), elements)
	}
	if s.Exists() && len(elements) == 0 {
		c.Out.Int(0)
		return nil
	}

	b := draft(c, s, 2+growth*len(elements))
	changed := !s.Exists()
	for _, e := range elements {
		after, added, err := hll.Add(b, e, c.Config().HLLSparseMaxBytes)
		if err != nil {
			return errCorrupt
		}
		b, changed = after, changed || added
	}
	if !changed {
		c.Out.Int(0)
		return nil
	}
	hll.Outdate(b)
	c.Tx.EditDraft(key, b, "pfadd")
	c.Out.Int(1)
	return nil
}

// uncovered leaves out the elements at the beginning that change nothing: mostly
// that is all of them, and the value need not be copied.
func uncovered(b []byte, elements [][]byte) [][]byte {
	i := slices.IndexFunc(elements, func(e []byte) bool { return !hll.Covers(b, e) })
	if i < 0 {
		return nil
	}
	return elements[i:]
}

// pfcount implements PFCOUNT. For one key the result is noted in its value, but
// not on disk: a command that reads has nothing to write there.
func pfcount(c *command.Ctx) error {
	if len(c.Args) > 2 {
		u, err := union(c, c.Args[1:])
		if err != nil {
			return err
		}
		c.Out.Int(int64(u.Count()))
		return nil
	}
	key := c.Args[1]
	s, err := lookup(c, key)
	if err != nil {
		return err
	}
	if !s.Exists() {
		c.Out.Int(0)
		return nil
	}
	n, ok := hll.Cached(s.Bytes())
	if !ok {
		if n, err = hll.Count(s.Bytes()); err != nil {
			return errCorrupt
		}
		var header [hll.HeaderSize]byte
		copy(header[:], s.Bytes())
		hll.Cache(header[:], n)
		c.Tx.Annotate(key, header[:])
	}
	c.Out.Int(int64(n))
	return nil
}

// union joins the HyperLogLogs at keys.
func union(c *command.Ctx, keys [][]byte) (*hll.Union, error) {
	u := new(hll.Union)
	for _, key := range keys {
		s, err := lookup(c, key)
		if err != nil {
			return nil, err
		}
		if !s.Exists() {
			continue
		}
		if err := u.Merge(s.Bytes()); err != nil {
			return nil, errCorrupt
		}
	}
	return u, nil
}

// pfmerge implements PFMERGE. The result is dense if one of the HyperLogLogs is.
func pfmerge(c *command.Ctx) error {
	u, err := union(c, c.Args[1:])
	if err != nil {
		return err
	}
	anyDense := false
	for _, key := range c.Args[1:] {
		s, err := lookup(c, key)
		if err != nil {
			return err
		}
		anyDense = anyDense || s.Exists() && hll.IsDense(s.Bytes())
	}
	dest := c.Args[1]
	s, err := lookup(c, dest)
	if err != nil {
		return err
	}

	b := draft(c, s, hll.DenseSize)
	if anyDense {
		if b, err = hll.Densify(b); err != nil {
			return errCorrupt
		}
	}
	if b, err = u.Into(b, c.Config().HLLSparseMaxBytes); err != nil {
		return errCorrupt
	}
	c.Tx.EditDraft(dest, b, "pfadd")
	c.Out.OK()
	return nil
}
