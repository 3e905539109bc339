package hll

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"kvd/engine"
	"kvd/engine/ds/hll"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

var (
	errNoKey     = rediserr.New("The specified key does not exist")
	errNotSparse = rediserr.New("HLL encoding is not sparse")
)

func debugSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "pfdebug", Syntax: "subcommand key", Arity: 3, Flags: command.Write | command.DenyOOM | command.Admin | command.SystemDoc,
			Keys: command.Key(2, command.RW|command.Access), Since: "2.8.9", Complexity: "O(N) for N registers",
			Summary: "Shows how a HyperLogLog is kept, or makes it dense.", Handler: pfdebug,
		},
		{
			Name: "pfselftest", Arity: 1, Flags: command.Admin | command.SystemDoc | command.Slow | command.NoTx, Since: "2.8.9",
			Complexity: "O(1)", Summary: "Checks that HyperLogLogs estimate as well as they should.", Handler: pfselftest,
		},
	}
}

// pfdebug implements PFDEBUG. Whether there is a key matters before the
// subcommand does, as in redis-server.
func pfdebug(c *command.Ctx) error {
	s, err := lookup(c, c.Args[2])
	if err != nil {
		return err
	}
	if !s.Exists() {
		return errNoKey
	}
	switch sub := c.Args[1]; strings.ToUpper(string(sub)) {
	case "GETREG":
		return getreg(c, s)
	case "DECODE":
		if hll.IsDense(s.Bytes()) {
			return errNotSparse
		}
		c.Out.Bulk(hll.AppendRuns(nil, s.Bytes()))
	case "ENCODING":
		if hll.IsDense(s.Bytes()) {
			c.Out.Status("dense")
		} else {
			c.Out.Status("sparse")
		}
	case "TODENSE":
		return todense(c, s)
	default:
		return rediserr.Newf("Unknown PFDEBUG subcommand '%s'", sub)
	}
	return nil
}

// getreg writes all registers. The value becomes dense by it.
func getreg(c *command.Ctx, s engine.String) error {
	u := new(hll.Union)
	if err := u.Merge(s.Bytes()); err != nil {
		return errCorrupt
	}
	if err := densify(c, s); err != nil {
		return err
	}
	c.Out.Array(hll.Registers)
	for _, rank := range u.Ranks() {
		c.Out.Int(int64(rank))
	}
	return nil
}

// todense makes the value dense and tells whether it was not.
func todense(c *command.Ctx, s engine.String) error {
	n := int64(1)
	if hll.IsDense(s.Bytes()) {
		n = 0
	}
	if err := densify(c, s); err != nil {
		return err
	}
	c.Out.Int(n)
	return nil
}

func densify(c *command.Ctx, s engine.String) error {
	if hll.IsDense(s.Bytes()) {
		return nil
	}
	b, err := hll.Densify(s.Bytes())
	if err != nil {
		return errCorrupt
	}
	c.Tx.EditDraftQuietly(c.Args[2], b)
	return nil
}

const (
	// testElements is how many elements PFSELFTEST counts.
	testElements = 1 << 17
	// testError is how many times the standard error an estimate may be off.
	testError = 6
)

// pfselftest implements PFSELFTEST: it counts more and more elements, in both
// formats, and looks at the estimates again and again.
func pfselftest(c *command.Ctx) error {
	limits := [2]int64{c.Config().HLLSparseMaxBytes, 0} // sparse for a while, and dense at once
	sketches := [2][]byte{hll.AppendNew(nil), hll.AppendNew(nil)}
	var element []byte
	for i, check := 1, 1; i <= testElements; i++ {
		element = strconv.AppendInt(element[:0], int64(i), 10)
		for j := range sketches {
			var err error
			if sketches[j], _, err = hll.Add(sketches[j], element, limits[j]); err != nil {
				return fmt.Errorf("self test: element %d: %w", i, err)
			}
		}
		if i == check {
			check *= 2
			if err := verify(sketches, i); err != nil {
				return err
			}
		}
	}
	c.Out.OK()
	return nil
}

// verify checks the estimates for n elements.
func verify(sketches [2][]byte, n int) error {
	allowed := math.Ceil(testError * 1.04 / math.Sqrt(hll.Registers) * float64(n))
	for _, b := range sketches {
		got, err := hll.Count(b)
		switch {
		case err != nil:
			return fmt.Errorf("self test: %d elements: %w", n, err)
		case math.Abs(float64(got)-float64(n)) > allowed:
			return fmt.Errorf("self test: %d elements are estimated as %d", n, got)
		}
	}
	return nil
}
