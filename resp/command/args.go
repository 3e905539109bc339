package command

import (
	"math"
	"time"

	"kvd/internal/rediserr"
)

// errNotPositive is what redis-server says of a count that is negative or no
// number at all.
var errNotPositive = rediserr.New("value is out of range, must be positive")

// Int returns argument i as an integer; the error is rediserr.NotInteger.
func (c *Ctx) Int(i int) (int64, error) { return ParseInt(c.Args[i]) }

// Count returns argument i as an integer that is not negative, such as the
// count of LPOP.
func (c *Ctx) Count(i int) (int64, error) {
	n, err := ParseInt(c.Args[i])
	if err != nil || n < 0 {
		return 0, errNotPositive
	}
	return n, nil
}

// Float returns argument i as a floating-point number; the error is
// rediserr.NotFloat.
func (c *Ctx) Float(i int) (float64, error) { return ParseFloat(c.Args[i]) }

// Timeout returns argument i as the time that a blocking command waits; 0 is
// for ever. See ParseTimeout.
func (c *Ctx) Timeout(i int) (time.Duration, error) { return ParseTimeout(c.Args[i]) }

// TimeUnit is the meaning of a number that stands for a point in time.
type TimeUnit uint8

// Units of EX, PX, EXAT and PXAT.
const (
	Seconds TimeUnit = iota
	Milliseconds
	UnixSeconds
	UnixMilliseconds
)

// ExpiryAt returns the point in time, in unix milliseconds, that n stands for:
// counted from now, or absolute. ok is false if it does not fit 64 bits.
func ExpiryAt(n int64, unit TimeUnit, now time.Time) (ms int64, ok bool) {
	if unit == Seconds || unit == UnixSeconds {
		if n > math.MaxInt64/1000 || n < math.MinInt64/1000 {
			return 0, false
		}
		n *= 1000
	}
	if unit == Seconds || unit == Milliseconds {
		base := now.UnixMilli()
		if n > math.MaxInt64-base {
			return 0, false
		}
		n += base
	}
	return n, true
}
