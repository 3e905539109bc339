package main

import (
	"fmt"
	"runtime"

	"kvd/internal/app"
	"kvd/resp/command"
)

const usage = `kvd: a cache server that any Redis client can talk to, with nothing else to install.

Usage:
  kvd [config-file] [--option value ...]   serve clients
  kvd check DIR                            verify every page, row and journal record of a data directory
  kvd snapshot COMMAND [--addr|--dir]      create, list, verify, restore and prune snapshots
  kvd compact DIR | --addr HOST:PORT       give free space of the data file back
  kvd import SOURCE [--addr|--dir]         write dump.rdb, JSON lines, commands or a server's keys into kvd
  kvd export FILE [--addr|--dir]           write keys to dump.rdb, JSON lines or commands
  kvd migrate COMMAND                      change the shape of documents by the files of a folder; kvd migrate --help
  kvd version                              print the version
  kvd help                                 print this text

Options have redis.conf's names; docs/config.md lists them all. The most used:
  --port 6379                      TCP port; 0: none
  --bind 127.0.0.1 -::1            addresses to listen at
  --unixsocket PATH                listen at a unix socket too
  --dir .                          where the data is kept; made if missing
  --appendonly yes|no              keep data on disk (default), or in memory only
  --appendfsync everysec|always|no when a write is safe against power loss
  --maxmemory 512mb                limit for keys and values
  --maxmemory-policy allkeys-lru   what goes when the limit is reached
  --requirepass WORD               clients must authenticate
  --databases 16                   number of databases
  --io-loops N                     event loops; default: half the cores
  --loglevel notice  --logfile PATH

Exit codes: 0 clean end, 1 failure, 2 wrong use, 3 damaged data.
`

func printVersion() {
	fmt.Printf("kvd %s (compatible with Redis %s, %s %s/%s)\n", app.Version, command.RedisVersion,
		runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
