package command

import "kvd/internal/rediserr"

// defaultScanCount is how many elements a SCAN looks at when COUNT is not
// given.
const defaultScanCount = 10

// ScanOptions are the options of SCAN and its sisters.
type ScanOptions struct {
	// Match is the pattern that elements must fit; nil for all.
	Match []byte
	// Count is about how many elements to look at; at least 1.
	Count int64
	// Type is the type that keys must have, as the client spelt it; nil for all.
	Type []byte
	// NoValues leaves the values of a hash out.
	NoValues bool
}

// ScanExtra is what one command of the SCAN family has beside MATCH and COUNT.
type ScanExtra uint8

// Extras of the family.
const (
	// ScanPlain: MATCH and COUNT only, as SSCAN and ZSCAN.
	ScanPlain ScanExtra = iota
	// ScanTypes: TYPE too, as SCAN.
	ScanTypes
	// ScanNoValues: NOVALUES too, as HSCAN.
	ScanNoValues
)

// Cursor returns argument i as the cursor of a SCAN; the error is
// rediserr.InvalidCursor.
func (c *Ctx) Cursor(i int) (uint64, error) { return ParseCursor(c.Args[i]) }

// ScanOptions reads the options of SCAN, SSCAN, HSCAN and ZSCAN from argument
// from on. Like redis-server, the commands on one key look at it first: a key
// that is not there gives an empty scan whatever its options.
func (c *Ctx) ScanOptions(from int, extra ScanExtra) (ScanOptions, error) {
	opt := ScanOptions{Count: defaultScanCount}
	s := c.Options(from)
	for s.Next() {
		switch word := s.Option(); {
		case word == "COUNT":
			if opt.Count = s.Int(); opt.Count < 1 {
				s.Fail(rediserr.Syntax)
			}
		case word == "MATCH":
			opt.Match = s.Arg()
		case word == "TYPE" && extra == ScanTypes:
			opt.Type = s.Arg()
		case word == "NOVALUES" && extra == ScanNoValues:
			opt.NoValues = true
		default:
			s.Fail(rediserr.Syntax)
		}
	}
	if len(opt.Match) == 1 && opt.Match[0] == '*' {
		opt.Match = nil
	}
	return opt, s.Err()
}
