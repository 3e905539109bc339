package hash

import (
	"bytes"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// maxExpiry is the latest time at which a field can expire, in unix
// milliseconds, as in redis-server.
const maxExpiry = 1<<46 - 1

var (
	errNoFields    = rediserr.New("Mandatory argument FIELDS is missing or not at the right position")
	errFieldNumber = rediserr.New("The `numfields` parameter must match the number of arguments")
	errNotPositive = rediserr.New("Number of fields must be a positive integer")
	errZeroFields  = rediserr.New("Parameter `numFields` should be greater than 0")
	errPastExpiry  = rediserr.New("invalid expire time, must be >= 0")
)

// isWord reports whether an argument is a word, in any case.
func isWord(arg []byte, word string) bool { return bytes.EqualFold(arg, []byte(word)) }

// fieldsAt returns the fields of `FIELDS numfields field …`, which begins at
// argument at and is the end of the line. notCount is the error for a count that
// is not above zero.
func fieldsAt(c *command.Ctx, at int, notCount error) ([][]byte, error) {
	if at >= len(c.Args) || !isWord(c.Args[at], "FIELDS") {
		return nil, errNoFields
	}
	if at+1 == len(c.Args) {
		return nil, notCount
	}
	n, err := c.Int(at + 1)
	if err != nil || n <= 0 {
		return nil, notCount
	}
	fields := c.Args[at+2:]
	if n != int64(len(fields)) {
		return nil, errFieldNumber
	}
	return fields, nil
}

// parseExpiry reads an argument as the time at which a field is to expire.
func parseExpiry(c *command.Ctx, arg []byte, unit command.TimeUnit) (engine.Expiry, error) {
	n, err := command.ParseInt(arg)
	if err != nil {
		return 0, err
	}
	if n < 0 {
		return 0, errPastExpiry
	}
	at, ok := command.ExpiryAt(n, unit, c.Now)
	if !ok || at > maxExpiry {
		return 0, rediserr.InvalidExpire(c.Command.Name)
	}
	return engine.Expiry(max(at, 1)), nil // 0 would be never
}

// unitOf is the unit of the option that sets an expiry.
func unitOf(option string) command.TimeUnit {
	switch option {
	case "EX":
		return command.Seconds
	case "PX":
		return command.Milliseconds
	case "EXAT":
		return command.UnixSeconds
	default:
		return command.UnixMilliseconds
	}
}

// toSeconds rounds milliseconds, which are not negative, up.
func toSeconds(ms int64) int64 { return (ms + 999) / 1000 }
