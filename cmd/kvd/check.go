package main

import (
	"context"
	"fmt"
	"os"

	"kvd/persist"
)

// check verifies a data directory that no server has open.
func check(args []string) int {
	if len(args) != 1 {
		fmt.Fprintln(os.Stderr, "usage: kvd check DIR")
		return exitUsage
	}
	report, err := persist.Check(context.Background(), args[0])
	if err != nil {
		return failure(err)
	}
	fmt.Print(report)
	if len(report.Faults) > 0 {
		return exitDamaged
	}
	return exitOK
}
