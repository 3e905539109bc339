package hash

import (
	"kvd/engine"
	"kvd/resp/command"
)

// What HEXPIRE and its sisters reply for each field.
const (
	replyNoField = -2
	replyNoTTL   = -1
	replyRefused = 0
	replyChanged = 1
	replyDeleted = 2
)

const fieldList = "FIELDS numfields field [field ...]"

func expireSpecs() []command.Spec {
	spec := func(name, time, summary string, h command.Handler) command.Spec {
		return command.Spec{
			Name: name, Syntax: "key " + time + " [NX | XX | GT | LT]{condition} " + fieldList, Arity: -6,
			Flags: command.Write | command.DenyOOM | command.Fast, Keys: command.Key(1, command.RW|command.Update),
			Since: "7.4.0", Complexity: onePerField, SlowArgs: slowArgs, Summary: summary, Handler: h,
		}
	}
	return []command.Spec{
		spec("hexpire", "seconds", "Sets the time to live of fields, in seconds.", hexpire),
		spec("hpexpire", "milliseconds", "Sets the time to live of fields, in milliseconds.", hpexpire),
		spec("hexpireat", "unix-time-seconds", "Sets the time at which fields expire, in seconds since 1970.", hexpireat),
		spec("hpexpireat", "unix-time-milliseconds", "Sets the time at which fields expire, in milliseconds since 1970.", hpexpireat),
		{
			Name: "hpersist", Syntax: "key " + fieldList, Arity: -5, Flags: command.Write | command.Fast,
			Keys: command.Key(1, command.RW|command.Update), Since: "7.4.0", Complexity: onePerField, SlowArgs: slowArgs,
			Summary: "Lets fields stay until they are deleted.", Handler: hpersist,
		},
	}
}

func hexpire(c *command.Ctx) error    { return setExpiry(c, command.Seconds) }
func hpexpire(c *command.Ctx) error   { return setExpiry(c, command.Milliseconds) }
func hexpireat(c *command.Ctx) error  { return setExpiry(c, command.UnixSeconds) }
func hpexpireat(c *command.Ctx) error { return setExpiry(c, command.UnixMilliseconds) }

// setExpiry implements HEXPIRE and its sisters. A time that has passed deletes
// the field.
func setExpiry(c *command.Ctx, unit command.TimeUnit) error {
	h, err := c.Tx.Hash(c.Args[1])
	if err != nil {
		return err
	}
	at, err := parseExpiry(c, c.Args[2], unit)
	if err != nil {
		return err
	}
	when, next := conditionOf(c.Args[3]), 4
	if when == engine.Always {
		next = 3
	}
	fields, err := fieldsAt(c, next, errZeroFields)
	if err != nil {
		return err
	}
	c.Out.Array(len(fields))
	h.Expire(fields, at, when, func(_ []byte, done engine.FieldExpiry) {
		switch done {
		case engine.FieldMissing:
			c.Out.Int(replyNoField)
		case engine.FieldRefused:
			c.Out.Int(replyRefused)
		case engine.FieldChanged:
			c.Out.Int(replyChanged)
		case engine.FieldDeleted:
			c.Out.Int(replyDeleted)
		}
	})
	return nil
}

// conditionOf returns the condition that a word stands for; any other word is
// none.
func conditionOf(word []byte) engine.FieldCondition {
	switch {
	case isWord(word, "NX"):
		return engine.IfNever
	case isWord(word, "XX"):
		return engine.IfExpires
	case isWord(word, "GT"):
		return engine.IfLater
	case isWord(word, "LT"):
		return engine.IfEarlier
	}
	return engine.Always
}

func hpersist(c *command.Ctx) error {
	h, err := c.Tx.Hash(c.Args[1])
	if err != nil {
		return err
	}
	fields, err := fieldsAt(c, 2, errNotPositive)
	if err != nil {
		return err
	}
	c.Out.Array(len(fields))
	h.Expire(fields, engine.NoExpiry, engine.IfExpires, func(_ []byte, done engine.FieldExpiry) {
		switch done {
		case engine.FieldMissing:
			c.Out.Int(replyNoField)
		case engine.FieldRefused:
			c.Out.Int(replyNoTTL)
		default:
			c.Out.Int(replyChanged)
		}
	})
	return nil
}
