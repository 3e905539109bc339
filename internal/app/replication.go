package app

import (
	"os"
	"path/filepath"

	"kvd/resp/replication"
)

// openReplication makes what copies data from and to other servers.
func (a *App) openReplication() {
	a.within = newWithin()
	dir := os.TempDir()
	if a.store != nil {
		if abs, err := filepath.Abs(a.opt.Config.Dir); err == nil {
			dir = abs // what a crash leaves there is removed at the next start
		}
	}
	a.copies = replication.New(replication.Options{
		Services: a.services, Clock: a.opt.Clock, Log: a.part("replication"), Dir: dir, Reach: a.within.dial,
	})
	a.services.Replication = a.copies
}

// serveWithin serves the connections of the server to itself.
func (a *App) serveWithin() {
	a.serving.Add(1)
	go func() {
		defer a.serving.Done()
		if err := a.server.Wire().Serve(a.within); err != nil {
			a.log.Error().Err(err).Msg("the server can't reach itself any more")
		}
	}()
}

// stopReplication ends following before those who wait for the server's end.
func (a *App) stopReplication() {
	if a.copies != nil {
		a.copies.Close()
	}
}
