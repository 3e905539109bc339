package server

import (
	"context"
	"fmt"
	"strings"

	"kvd/engine"
	"kvd/internal/change"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// Errors of DEBUG RELOAD.
var (
	errReloadOption = rediserr.New("DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.")
	errInside       = rediserr.New("DEBUG cannot load data inside a transaction")
)

// debugReload implements DEBUG RELOAD. The options are about a file that is
// written for it, which is not needed here.
func debugReload(c *command.Ctx) error {
	saving := true
	s := c.Options(2)
	for s.Next() {
		switch s.Option() {
		case "NOSAVE":
			saving = false
		case "MERGE", "NOFLUSH":
		default:
			return errReloadOption
		}
	}
	if c.Tx.Locked() {
		return errInside
	}
	if saving {
		if err := c.Services.Disk.Checkpoint(context.Background()); err != nil {
			return fmt.Errorf("checkpoint before loading: %w", err)
		}
	}
	return reload(c)
}

func debugLoadAOF(c *command.Ctx) error {
	if c.Tx.Locked() {
		return errInside
	}
	return reload(c)
}

// reload loads everything from disk again. A server without a disk keeps what it
// has.
func reload(c *command.Ctx) error {
	if c.Services.Disk.Persistent() {
		if err := c.Services.Disk.Reload(); err != nil {
			return fmt.Errorf("load the data again: %w", err)
		}
	}
	c.Out.OK()
	return nil
}

// debugObject implements DEBUG OBJECT. An address would tell nothing here.
func debugObject(c *command.Ctx) error {
	key := c.Args[2]
	var line string
	err := withKey(c, c.Tx.DB(), key, func(tx *engine.Tx) error {
		o, ok := tx.Object(key)
		if !ok {
			return rediserr.NoSuchKey
		}
		encoding, err := encodingOf(tx, key, &o)
		line = fmt.Sprintf("Value at:0x0 refcount:1 encoding:%s serializedlength:%d lru:%d lru_seconds_idle:%d",
			encoding, o.Length+1, (tx.Now()-o.Idle)/1000&(1<<24-1), o.Idle/1000)
		return err
	})
	if err != nil {
		return err
	}
	c.Out.Status(line)
	return nil
}

// encodingOf names the encoding that redis-server would use for a value.
func encodingOf(tx *engine.Tx, key []byte, o *engine.Object) (string, error) {
	const (
		longestInt      = 20 // digits
		longestEmbedded = 44 // bytes
	)
	switch {
	case o.Type != change.String:
		return "unknown", nil
	case o.Raw || o.Length > longestEmbedded:
		return "raw", nil
	case o.Length > longestInt:
		return "embstr", nil
	}
	s, err := tx.String(key)
	if err != nil {
		return "", err
	}
	if _, err := command.ParseInt(s.Bytes()); err == nil {
		return "int", nil
	}
	return "embstr", nil
}

// debugIndex implements DEBUG HTSTATS.
func debugIndex(c *command.Ctx) error {
	db, err := c.Int(2)
	switch {
	case err != nil:
		return err
	case db < 0 || db >= int64(c.Services.Engine.Databases()):
		return rediserr.New("Out of range database")
	}
	survey := c.Tx.Survey()
	k := survey.Databases[db]
	var b strings.Builder
	fmt.Fprintf(&b, "[Dictionary HT]\nkeys: %d\nvalues on disk only: %d\nmemory of the index, all databases: %d\n",
		k.Keys, k.OnDisk, survey.Usage.Index)
	fmt.Fprintf(&b, "[Expires HT]\nkeys: %d\naverage ttl: %d\nmemory of the queues, all databases: %d\n",
		k.Expires, k.AverageTTL, survey.Usage.Queue)
	c.Out.Verbatim("txt", b.String())
	return nil
}
