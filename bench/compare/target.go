package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// durability is how a server keeps its data.
type durability int

const (
	memory   durability = iota // not at all
	everySec                   // in a log, synced once a second
	always                     // in a log, synced before each reply
)

// Names of the targets, in the report too.
const (
	kvdName   = "kvd"
	redisName = "redis-server"
)

// target is a kind of server.
type target struct {
	name    string
	version string
	binary  string
	// options give the command line for a way of keeping data.
	options func(durability) []string
	// syncs is the line of INFO with the number of fsyncs; empty: there is none.
	syncs string
}

// findTargets builds kvd, unless there is one already, and looks for a
// redis-server.
func findTargets(ctx context.Context, kvd, dir string) ([]target, error) {
	if kvd == "" {
		kvd = filepath.Join(dir, "kvd")
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", kvd, "kvd/cmd/kvd")
		build.Env = append(build.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build kvd: %w\n%s", err, out)
		}
	}
	ours := target{name: kvdName, binary: kvd, options: kvdOptions, syncs: "kvd_journal_syncs"}
	if err := ours.ask(ctx, "version"); err != nil {
		return nil, err
	}
	targets := []target{ours}
	if path, err := exec.LookPath(redisName); err == nil {
		redis := target{name: redisName, binary: path, options: redisOptions}
		if err := redis.ask(ctx, "--version"); err != nil {
			return nil, err
		}
		targets = append(targets, redis)
	}
	return targets, nil
}

// ask learns the version.
func (t *target) ask(ctx context.Context, flag string) error {
	out, err := exec.CommandContext(ctx, t.binary, flag).Output()
	if err != nil {
		return fmt.Errorf("version of %s: %w", t.name, err)
	}
	t.version = parseVersion(string(bytes.TrimSpace(out)))
	return nil
}

// parseVersion finds the number in what a server says of its version: "kvd
// 0.1.0 (…)" or "Redis server v=7.0.15 sha=…".
func parseVersion(text string) string {
	for word := range strings.FieldsSeq(text) {
		word = strings.TrimPrefix(strings.TrimPrefix(word, "v="), "v")
		if word[:min(1, len(word))] >= "0" && word[:min(1, len(word))] <= "9" {
			return word
		}
	}
	return text
}

func kvdOptions(d durability) []string {
	common := []string{"--io-loops", "1", "--loglevel", "warning"}
	switch d {
	case everySec:
		return append(common, "--appendonly", "yes", "--appendfsync", "everysec")
	case always:
		return append(common, "--appendonly", "yes", "--appendfsync", "always")
	default:
		return append(common, "--appendonly", "no")
	}
}

func redisOptions(d durability) []string {
	common := []string{"--loglevel", "warning", "--save", ""}
	switch d {
	case everySec:
		return append(common, "--appendonly", "yes", "--appendfsync", "everysec")
	case always:
		return append(common, "--appendonly", "yes", "--appendfsync", "always")
	default:
		return append(common, "--appendonly", "no")
	}
}
