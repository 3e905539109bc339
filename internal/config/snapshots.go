package config

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Snapshots is where snapshots are kept, and how.
type Snapshots struct {
	SnapshotDir          string // below Dir, unless it is absolute
	SnapshotTargets      []SnapshotTarget
	SnapshotMaxBytes     int64
	SnapshotSpool        int64
	SnapshotRecipients   []string
	SnapshotIdentityFile string
}

// SnapshotTarget is a place for snapshots.
type SnapshotTarget struct {
	Name string
	Kind string // dir or s3
	Path string // of a dir
	// Endpoint, Bucket and the rest are those of an s3. Its credentials come from
	// the environment.
	Endpoint, Bucket, Prefix, Region string
	ByHost                           bool  // the bucket's name stands before the host
	PartSize                         int64 // bytes; 0: as the client likes
	words                            []string
}

var snapshotParams = in(SectionDurability,
	Param{
		Name: "snapshot-dir", Default: "snapshots", Change: Locked,
		Doc: "Directory of snapshots, below `dir` unless it is absolute. Only kvd has it, and the settings below.",
		set: at(path, func(c *Config) *string { return &c.SnapshotDir }),
	},
	Param{
		Name: "snapshot-target", Default: "", Change: Locked, fileOnly: true, additive: true,
		Doc: "Another place for snapshots: a name, then `dir` and a path, or `s3`, endpoint and bucket and any of `prefix p`, `region r`, `style host`, `part-size bytes`. The credentials of s3 are AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN of the environment.",
		set: many(snapshotTargets, func(c *Config) *[]SnapshotTarget { return &c.SnapshotTargets }),
	},
	Param{
		Name: "snapshot-max-bytes", Default: "1024gb", Change: AnyTime,
		Doc: "The most that a snapshot may have uncompressed to be read.",
		set: at(size(1<<20, math.MaxInt64), func(c *Config) *int64 { return &c.SnapshotMaxBytes }),
	},
	Param{
		Name: "snapshot-spool", Default: "256mb", Change: AnyTime,
		Doc: "Size of the database file above which a snapshot is made of a copy of it: while a snapshot reads the file itself, that can only grow.",
		set: at(size(0, math.MaxInt64), func(c *Config) *int64 { return &c.SnapshotSpool }),
	},
	Param{
		Name: "snapshot-recipients", Default: "", Change: Locked,
		Doc: "Public keys of age that snapshots are encrypted to; without any they are not.",
		set: many(keyList, func(c *Config) *[]string { return &c.SnapshotRecipients }),
	},
	Param{
		Name: "snapshot-identity-file", Default: "", Change: Locked,
		Doc: "File with the private keys of age that encrypted snapshots are read with.",
		set: at(text, func(c *Config) *string { return &c.SnapshotIdentityFile }),
	},
)

// keyList is a list of words.
var keyList = list[[]string]{
	parse:  func(_, words []string) ([]string, error) { return slices.DeleteFunc(slices.Clone(words), isEmpty), nil },
	format: func(words []string) string { return strings.Join(words, " ") },
	allow:  "keys such as age1…",
}

func isEmpty(s string) bool { return s == "" }

// snapshotTargets is the snapshot-target directive, of which there may be many.
var snapshotTargets = list[[]SnapshotTarget]{
	parse:  parseSnapshotTarget,
	format: func([]SnapshotTarget) string { return "" },
	split: func(all []SnapshotTarget) (lines [][]string) {
		for _, t := range all {
			lines = append(lines, t.words)
		}
		return lines
	},
	allow: "name dir path, or name s3 endpoint bucket and options",
}

func parseSnapshotTarget(old []SnapshotTarget, words []string) ([]SnapshotTarget, error) {
	if len(words) == 0 || len(words) == 1 && words[0] == "" {
		return nil, nil
	}
	if len(words) < 3 {
		return nil, errWordCount
	}
	t := SnapshotTarget{Name: words[0], Kind: strings.ToLower(words[1]), words: slices.Clone(words)}
	if t.Name == "default" || slices.ContainsFunc(old, func(o SnapshotTarget) bool { return o.Name == t.Name }) {
		return nil, fmt.Errorf("there is a snapshot target called %q already", t.Name)
	}
	switch {
	case t.Kind == "dir" && len(words) == 3:
		t.Path = words[2]
	case t.Kind == "s3" && len(words) >= 4 && len(words)%2 == 0:
		t.Endpoint, t.Bucket = words[2], words[3]
		for pair := range slices.Chunk(words[4:], 2) {
			if err := t.option(pair[0], pair[1]); err != nil {
				return nil, err
			}
		}
	default:
		return nil, errors.New("a snapshot target is `name dir path` or `name s3 endpoint bucket` and pairs of options")
	}
	return append(slices.Clip(old), t), nil
}

func (t *SnapshotTarget) option(name, value string) (err error) {
	switch strings.ToLower(name) {
	case "prefix":
		t.Prefix = value
	case "region":
		t.Region = value
	case "style":
		t.ByHost = strings.EqualFold(value, "host")
		if !t.ByHost && !strings.EqualFold(value, "path") {
			return errors.New("style is 'path' or 'host'")
		}
	case "part-size":
		const least = 5 << 20
		if t.PartSize, err = parseBytes(value); err == nil && t.PartSize < least {
			err = errors.New("part-size is at least " + strconv.Itoa(least))
		}
	default:
		err = fmt.Errorf("unknown option %q of a snapshot target", name)
	}
	return err
}
