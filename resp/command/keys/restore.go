package keys

import (
	"bytes"
	"errors"
	"math"
	"slices"

	"kvd/engine"
	"kvd/engine/doc"
	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/snapshot/rdb"
)

var (
	errBusyKey     = rediserr.Coded("BUSYKEY", "Target key name already exists.")
	errTTL         = rediserr.New("Invalid TTL value, must be >= 0")
	errIdleTime    = rediserr.New("Invalid IDLETIME value, must be >= 0")
	errFreq        = rediserr.New("Invalid FREQ value, must be >= 0 and <= 255")
	errDumpPayload = rediserr.New("DUMP payload version or checksum are wrong")
	errDumpFormat  = rediserr.New("Bad data format")
)

// restore implements RESTORE.
func restore(c *command.Ctx) error {
	key := c.Args[1]
	opt, err := parseRestore(c)
	if err != nil {
		return err
	}
	if !opt.replace && c.Tx.Exists(key) {
		return errBusyKey
	}
	at, err := restoreExpiry(c, opt)
	if err != nil {
		return err
	}
	if err := c.Heavy(len(c.Args[3]) / dumpUnit); err != nil {
		return err
	}
	v, err := decode(c.Args[3])
	if err != nil {
		return err
	}
	if v.Type == rdb.JSON {
		if v.String, err = parseDocument(v.String); err != nil {
			return err
		}
	}

	if c.Tx.Past(at) || !dropFields(v, c.Tx.Now()) {
		c.Tx.Delete(key) // it would be gone at once
	} else {
		c.Tx.Restore(key, at, func() { fill(c, key, v) })
		opt.note(c.Tx, key)
	}
	c.Out.OK()
	return nil
}

type restoreOptions struct {
	replace, absolute bool
	idle, freq        int64 // or -1
}

func parseRestore(c *command.Ctx) (restoreOptions, error) {
	opt := restoreOptions{idle: -1, freq: -1}
	s := c.Options(4)
	for s.Next() {
		switch word := s.Option(); {
		case word == "REPLACE":
			opt.replace = true
		case word == "ABSTTL":
			opt.absolute = true
		case word == "IDLETIME" && opt.freq < 0:
			if opt.idle = s.Int(); s.Err() == nil && opt.idle < 0 {
				s.Fail(errIdleTime)
			}
		case word == "FREQ" && opt.idle < 0:
			if opt.freq = s.Int(); s.Err() == nil && (opt.freq < 0 || opt.freq > math.MaxUint8) {
				s.Fail(errFreq)
			}
		default:
			s.Fail(rediserr.Syntax)
		}
	}
	return opt, s.Err()
}

// note has the key count as used as the options say.
func (o restoreOptions) note(tx *engine.Tx, key []byte) {
	switch {
	case o.idle >= 0:
		tx.SetIdle(key, min(o.idle, math.MaxInt64/1000)*1000)
	case o.freq >= 0:
		tx.SetFrequency(key, uint8(o.freq))
	}
}

// restoreExpiry reads the second argument. A time beyond all has passed, as in
// redis-server, where the sum wraps around.
func restoreExpiry(c *command.Ctx, opt restoreOptions) (engine.Expiry, error) {
	ttl, err := command.ParseInt(c.Args[2])
	switch {
	case err != nil:
		return 0, err
	case ttl < 0:
		return 0, errTTL
	case ttl == 0:
		return engine.NoExpiry, nil
	case opt.absolute:
		return engine.Expiry(ttl), nil
	}
	return engine.Expiry(ttl + c.Tx.Now()), nil
}

func decode(payload []byte) (*rdb.Value, error) {
	v, err := rdb.Decode(payload)
	foreign := (*rdb.ModuleError)(nil)
	switch {
	case errors.Is(err, rdb.ErrChecksum):
		return nil, errDumpPayload
	case errors.As(err, &foreign) && foreign.Name == rdb.JSONModule:
		return nil, rediserr.Newf("Bad data format: %s in encoding %d is not supported", foreign.Name, foreign.Encoding)
	case err != nil:
		return nil, errDumpFormat
	}
	return v, nil
}

// dropFields takes the fields out of a hash whose time has passed, and reports
// whether anything is left of a value.
func dropFields(v *rdb.Value, now int64) bool {
	if v.Type != rdb.Hash {
		return true
	}
	v.Hash = slices.DeleteFunc(v.Hash, func(f rdb.Field) bool { return f.Expire != 0 && f.Expire <= now })
	return len(v.Hash) > 0
}

// fill makes the value of a payload at a key that there is none of.
func fill(c *command.Ctx, key []byte, v *rdb.Value) {
	cfg := c.Config()
	switch v.Type {
	case rdb.String:
		c.Tx.SetString(key, bytes.Clone(v.String), engine.NoExpiry)
	case rdb.List:
		l, _ := c.Tx.PeekList(key) // there is nothing that could have another type
		l.Push(engine.Right, v.List...)
	case rdb.Set:
		s, _ := c.Tx.PeekSet(key)
		s.Add(v.Set, engine.IntsetMax(cfg.SetMaxIntsetEntries))
	case rdb.ZSet:
		entries := make([]engine.ZEntry, len(v.ZSet))
		for i, e := range v.ZSet {
			entries[i] = engine.ZEntry(e)
		}
		z, _ := c.Tx.PeekZSet(key)
		z.Fill(entries, engine.ZLimits{Members: cfg.ZsetMaxListpackEntries, Bytes: cfg.ZsetMaxListpackValue})
	case rdb.Hash:
		fillHash(c, key, v.Hash)
	case rdb.Stream:
		fillStream(c, key, v.Stream)
	case rdb.JSON:
		// Nothing is there that could be against it: what holds for a collection was
		// looked at before the command.
		_ = c.Tx.PutDocuments(engine.DocumentPut{Key: key, Value: v.String, Event: "restore"})
	}
}

// parseDocument returns the document that a text is, in the form in which it is
// stored.
func parseDocument(text []byte) ([]byte, error) {
	v, err := doc.Parse(text)
	if syntax := (*doc.SyntaxError)(nil); errors.As(err, &syntax) {
		return nil, errDumpFormat
	}
	return v, command.DocumentError(err)
}

// fillHash sets the fields that stay at once, and then those that expire.
func fillHash(c *command.Ctx, key []byte, fields []rdb.Field) {
	cfg := c.Config()
	limits := engine.HashLimits{Entries: cfg.HashMaxListpackEntries, Value: cfg.HashMaxListpackValue}
	h, _ := c.Tx.PeekHash(key)
	pairs := make([][]byte, 0, 2*len(fields))
	for _, f := range fields {
		if f.Expire == 0 {
			pairs = append(pairs, f.Name, f.Value)
		}
	}
	if len(pairs) > 0 {
		h.Set(pairs, limits)
	}
	for _, f := range fields {
		if f.Expire != 0 {
			h.SetUntil([][]byte{f.Name, f.Value}, engine.Expiry(f.Expire), limits)
		}
	}
}
