// Command kvd is a Redis-compatible server. See kvd --help.
package main

import (
	"fmt"
	"os"
)

// Exit codes.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
	exitDamaged = 3 // the data directory is damaged
)

func main() { os.Exit(run(os.Args[1:])) }

// run runs a sub-command, or the server, and returns the exit code.
func run(args []string) int {
	if len(args) > 0 {
		switch args[0] {
		case "-h", "--help", "help":
			fmt.Print(usage)
			return exitOK
		case "-v", "--version", "version":
			printVersion()
			return exitOK
		case "check":
			return check(args[1:])
		case "snapshot":
			return snapshots(args[1:])
		case "migrate":
			return migrations(args[1:])
		case "compact":
			return compact(args[1:])
		case "import":
			return importKeys(args[1:])
		case "export":
			return exportKeys(args[1:])
		}
	}
	return serve(args)
}

// failure prints why a command failed.
func failure(err error) int {
	fmt.Fprintln(os.Stderr, "kvd:", err)
	return exitFailure
}
