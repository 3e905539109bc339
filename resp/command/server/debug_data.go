package server

import (
	"context"
	"fmt"
	"strings"

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
