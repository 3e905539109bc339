// Package arch holds the rules about the code as a whole, as tests: which
// package may import which, how long files and functions may be, and what no
// test may do. docs/ARCHITECTURE.md explains the arrows.
//
// Invariant: every package of the module has a row in the table below.
package arch

import (
	"slices"
	"strings"
)

// row says what the packages that match pattern may import, tests excepted.
//
// A pattern is a path below the module; "x/..." is x and all below it, "x/*" is
// what stands directly below x. The first row that matches a package counts.
type row struct {
	pattern string
	// may are the packages of the module that it may import.
	may []string
	// third are the paths of other modules, with all below them.
	third []string
}

// Homes of the third parties that several rows name.
const (
	apd     = "github.com/cockroachdb/apd/v3"
	btree   = "github.com/tidwall/btree"
	semver  = "github.com/Masterminds/semver/v3"
	ulid    = "github.com/oklog/ulid/v2"
	zstd    = "github.com/klauspost/compress/zstd"
	bbolt   = "go.etcd.io/bbolt"
	lua     = "github.com/yuin/gopher-lua"
	match   = "github.com/tidwall/match"
	redcon  = "github.com/tidwall/redcon"
	sys     = "golang.org/x/sys"
	xxh3    = "github.com/zeebo/xxh3"
	zerolog = "github.com/rs/zerolog"
)

// shared are the packages of internal that any command may use. The assembly
// and the test server are not among them: nothing below may know them.
var shared = []string{
	"internal/change", "internal/clock", "internal/config", "internal/fail", "internal/glob", "internal/longdouble",
	"internal/rediserr",
}

// below are the packages that commands are made of. The structures of engine/ds
// know no keys: some commands calculate with them.
var below = append([]string{
	"engine", "engine/doc", "engine/doc/*", "engine/ds/*", "resp/reply", "resp/session", "resp/stats", "resp/acl", "resp/pubsub", "resp/script",
}, shared...)

// arrows is the table of docs/ARCHITECTURE.md.
var arrows = []row{
	{pattern: "internal/change"},
	{pattern: "internal/clock"},
	{pattern: "internal/fail"},
	{pattern: "internal/longdouble", may: []string{"internal/rediserr"}},
	{pattern: "internal/oracle"},
	{pattern: "internal/rediserr"},
	{pattern: "internal/glob", third: []string{match}},
	{pattern: "internal/config", may: []string{"internal/glob", "internal/rediserr"}},
	{pattern: "internal/logging", may: []string{"internal/clock"}, third: []string{zerolog}},

	{pattern: "engine/slab", third: []string{sys}},
	{pattern: "engine/index", may: []string{"engine/slab"}},
	{pattern: "engine/packed"},
	{pattern: "engine/doc"},
	{pattern: "engine/doc/path", may: []string{"engine/doc"}},
	{pattern: "engine/doc/query", may: []string{"engine/doc", "engine/doc/path"}, third: []string{apd, btree}},
	{
		pattern: "engine/doc/schema",
		may:     []string{"engine/doc", "engine/doc/path"},
		third:   []string{apd, semver, ulid, "github.com/santhosh-tekuri/jsonschema/v6", "github.com/sosodev/duration"},
	},
	{pattern: "engine/ds/*", may: []string{"engine/ds/*", "engine/index", "engine/packed", "engine/slab"}},
	{
		pattern: "engine",
		may:     []string{"engine/...", "internal/change", "internal/clock", "internal/glob", "internal/rediserr"},
		third:   []string{btree},
	},

	{pattern: "persist/disk", third: []string{sys}},
	{pattern: "persist/codec", may: []string{"internal/change"}},
	{pattern: "persist/pages", may: []string{"persist/codec", "persist/disk"}},
	{
		pattern: "persist/journal",
		may:     []string{"internal/change", "internal/fail", "persist/codec", "persist/disk"},
	},
	{
		pattern: "persist/storetest",
		may:     []string{"internal/change", "internal/clock", "persist", "persist/..."},
		third:   []string{"pgregory.net/rapid"},
	},
	{pattern: "persist/history", may: []string{"internal/change"}, third: []string{zstd}},
	{
		pattern: "persist",
		may: []string{
			"internal/change", "internal/clock", "internal/fail",
			"persist/codec", "persist/disk", "persist/history", "persist/journal", "persist/pages",
		},
		third: []string{bbolt, zerolog},
	},

	{pattern: "internal/link"},

	{pattern: "migrate/ops", may: []string{"engine/doc", "engine/doc/path", "internal/clock"}, third: []string{"github.com/itchyny/gojq"}},
	{
		pattern: "migrate/run",
		may: []string{
			"engine", "engine/doc", "internal/change", "internal/clock", "internal/fail", "internal/rediserr", "migrate", "migrate/ops",
		},
	},
	{pattern: "migrate", may: []string{"engine/doc", "migrate/ops"}, third: []string{semver, zstd}},

	{pattern: "snapshot/rdb"},
	{pattern: "snapshot/s3"},
	{pattern: "snapshot/archive", may: []string{"engine", "engine/doc", "persist/codec"}, third: []string{zstd}},
	{pattern: "snapshot/transfer", may: []string{"internal/link", "snapshot/rdb"}},
	{
		pattern: "snapshot",
		may: []string{
			"engine", "engine/doc", "internal/change", "internal/clock", "internal/fail", "internal/glob", "internal/rediserr",
			"persist", "persist/disk", "snapshot/archive", "snapshot/s3",
		},
		third: []string{ulid, zerolog, "filippo.io/age", "github.com/netresearch/go-cron"},
	},

	{pattern: "resp/reply", may: []string{"internal/rediserr"}, third: []string{redcon}},
	{pattern: "resp/wire", may: []string{"internal/clock", "internal/rediserr"}, third: []string{sys}},
	{pattern: "resp/stats"},
	{pattern: "resp/acl", may: []string{"internal/glob", "internal/rediserr"}},
	{pattern: "resp/script/sandbox", third: []string{lua}},
	{
		pattern: "resp/script",
		may:     []string{"internal/clock", "internal/rediserr", "resp/reply", "resp/script/sandbox"}, third: []string{lua},
	},
	{pattern: "resp/pubsub", may: []string{"internal/glob", "resp/session"}},
	{pattern: "resp/session", may: []string{"engine", "internal/change", "internal/rediserr", "resp/acl", "resp/reply"}},
	{pattern: "resp/replication", may: append([]string{"internal/link", "persist/disk", "resp/command", "snapshot/rdb", "snapshot/transfer"}, below...), third: []string{zerolog}},
	{pattern: "resp/command", may: append([]string{"migrate/run", "snapshot"}, below...)},
	{pattern: "resp/command/keys", may: append([]string{"internal/link", "resp/command", "snapshot/rdb"}, below...), third: []string{xxh3}},
	{pattern: "resp/command/history", may: append([]string{"resp/command", "snapshot/rdb"}, below...)},
	{pattern: "resp/command/migration", may: append([]string{"migrate", "migrate/run", "resp/command"}, below...)},
	{pattern: "resp/command/snap", may: append([]string{"resp/command", "snapshot", "snapshot/archive"}, below...)},
	{pattern: "resp/command/script", may: append([]string{"resp/command", "snapshot/rdb"}, below...)},
	{pattern: "resp/command/commandtest", may: []string{"engine", "internal/change", "internal/clock", "internal/config", "resp/command", "resp/reply"}},
	{pattern: "resp/command/*", may: append([]string{"resp/command"}, below...), third: []string{xxh3}},
	{
		pattern: "resp",
		may:     append([]string{"engine", "resp/..."}, shared...),
		third:   []string{zerolog},
	},

	{pattern: "internal/app", may: []string{"..."}, third: []string{zerolog}},
	{pattern: "cmd/...", may: []string{"..."}, third: []string{zerolog, "go.yaml.in/yaml/v4"}},
	{pattern: "docs/examples/...", third: []string{"github.com/redis/go-redis/v9"}},

	{pattern: "internal/testkit", may: []string{"..."}, third: []string{redcon, zerolog}},
	{pattern: "tests/...", may: []string{"..."}, third: []string{bbolt, redcon, zerolog}},
	{pattern: "bench/...", may: []string{"..."}, third: []string{redcon}},
}

// forTests are the modules that tests may import wherever they stand, beside
// those of their package.
var forTests = []string{
	"github.com/redis/go-redis/v9", "github.com/redis/rueidis", "go.uber.org/goleak", "pgregory.net/rapid",
	"github.com/hibiken/asynq", "github.com/go-redsync/redsync/v4", "github.com/anishathalye/porcupine",
	"github.com/johannesboyne/gofakes3", "filippo.io/age",
	bbolt, redcon, sys, zerolog,
}

// apex are the packages that join all others, and who may import them: nothing
// that is part of the server.
var apex = map[string][]string{
	"internal/app":     {"cmd/...", "internal/testkit", "tests/...", "bench/..."},
	"internal/testkit": {"tests/...", "bench/..."},
}

// rowOf returns the row of a package.
func rowOf(pkg string) (row, bool) {
	i := slices.IndexFunc(arrows, func(r row) bool { return matches(r.pattern, pkg) })
	if i < 0 {
		return row{}, false
	}
	return arrows[i], true
}

// allows reports whether the row lets a package import another of the module.
func (r row) allows(imported string) bool {
	return slices.ContainsFunc(r.may, func(p string) bool { return matches(p, imported) })
}

// allowsThird reports whether the row lets a package import one of another
// module.
func (r row) allowsThird(path string) bool { return anyBelow(r.third, path) }

// anyBelow reports whether path is one of modules or below it.
func anyBelow(modules []string, path string) bool {
	return slices.ContainsFunc(modules, func(m string) bool { return path == m || strings.HasPrefix(path, m+"/") })
}

// matches reports whether a package matches a pattern.
func matches(pattern, pkg string) bool {
	if pattern == "..." {
		return true
	}
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == base || strings.HasPrefix(pkg, base+"/")
	}
	if base, ok := strings.CutSuffix(pattern, "/*"); ok {
		rest, below := strings.CutPrefix(pkg, base+"/")
		return below && !strings.Contains(rest, "/")
	}
	return pattern == pkg
}
