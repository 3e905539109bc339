// Package config holds the server's settings: one Param row for each, which
// feeds the configuration file, the command line, CONFIG GET, SET and REWRITE,
// and the reference page.
//
// Invariant: a published *Config never changes. Live swaps whole values, so a
// reader that called Get keeps a consistent view without a lock, and whoever
// changes a setting works on a private clone.
package config

import (
	"errors"
	"maps"
)

// Config is every setting. Durations and byte counts have their Go types; the
// units of the text are those of each Param.
type Config struct {
	Network
	TLS
	Security
	Memory
	Durability
	Clients
	Monitoring
	Encoding
	Snapshots
	Documents
	Queries
	Migrations
	Process
	Replication

	// File is the absolute path of the configuration file, "" without one.
	File string

	// inert holds the values of options that have no effect here, in the
	// spelling CONFIG GET shows.
	inert map[string]string
}

// Default returns the settings of a server that was given none.
func Default() *Config {
	c := &Config{inert: map[string]string{}}
	for _, p := range params {
		if p.fileOnly {
			continue
		}
		if err := p.set.parse(c, p.Name, []string{p.Default}); err != nil {
			panic("config: the default of " + p.Name + ": " + err.Error()) // a wrong row; a test parses them all
		}
	}
	return c
}

// clone returns a copy that may be changed. Slices are shared: a parser always
// builds a new one.
func (c *Config) clone() *Config {
	d := *c
	d.inert = maps.Clone(c.inert)
	return &d
}

// check refuses settings that contradict each other.
func (c *Config) check() error {
	switch {
	case c.Port == 0 && c.TLSPort == 0 && c.UnixSocket == "":
		return errors.New("nothing to listen on: port and tls-port are 0 and unixsocket is empty")
	case (c.Port != 0 || c.TLSPort != 0) && len(c.Bind) == 0 && c.UnixSocket == "":
		return errors.New("nothing to listen on: bind and unixsocket are empty")
	case c.TLSPort != 0 && c.TLSPort == c.Port:
		return errors.New("port and tls-port are the same")
	case c.TLSPort != 0 && (c.TLSCertFile == "" || c.TLSKeyFile == ""):
		return errors.New("tls-port needs tls-cert-file and tls-key-file")
	case c.JournalMaxSize < c.JournalSegmentSize:
		return errors.New("journal-max-size is below journal-segment-size")
	}
	return nil
}
