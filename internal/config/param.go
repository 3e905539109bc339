package config

import (
	"fmt"
	"slices"
	"strings"
)

// Change says when an option may be changed.
type Change uint8

const (
	// AnyTime options may be changed by CONFIG SET while the server runs.
	AnyTime Change = iota
	// Fixed options are read at start only; CONFIG SET always refuses, as
	// redis-server does.
	Fixed
	// Restart options can be changed at run time in redis-server but not here.
	// CONFIG SET takes the value they already have, so that a client that
	// states what it needs is content, and refuses any other.
	Restart
	// Protected options may be changed by CONFIG SET where
	// enable-protected-configs allows it.
	Protected
	// Locked options are answered like protected ones and never change while
	// the server runs.
	Locked
)

// Section is the heading under which an option is documented.
type Section string

// The sections, in the order of the reference page.
const (
	SectionNetwork     Section = "Network"
	SectionTLS         Section = "TLS"
	SectionSecurity    Section = "Security"
	SectionMemory      Section = "Memory"
	SectionDurability  Section = "Durability"
	SectionClients     Section = "Clients and commands"
	SectionMonitoring  Section = "Logs and monitoring"
	SectionEncoding    Section = "Encodings of small values"
	SectionDocuments   Section = "Documents"
	SectionProcess     Section = "Process"
	SectionReplication Section = "Replication"
	SectionCluster     Section = "Cluster"
)

// Param is one option.
type Param struct {
	Name    string
	Aliases []string // older names that mean the same
	Section Section
	Default string // as it would stand in a file; io-loops and the like document what 0 means
	Change  Change
	Doc     string // one sentence
	// NoEffect says why the option is accepted and changes nothing; "" for an
	// option that acts.
	NoEffect string
	// Secret options never leave the process but into the rewritten file.
	Secret bool

	// fileOnly marks a directive of files and command lines that CONFIG does
	// not know.
	fileOnly bool
	// additive marks an option whose lines add up within one configuration.
	additive bool
	set      setting
}

// Allowed describes the values the option takes.
func (p *Param) Allowed() string { return p.set.allowed() }

// Params returns all options, by section.
func Params() []Param { return slices.Clone(params) }

// params is every option. It is assembled once and never written to.
var params = slices.Concat(
	networkParams, networkInert, tlsParams, tlsInert, securityParams, securityInert,
	memoryParams, memoryInert, durabilityParams, snapshotParams, durabilityInert, clientParams,
	monitoringParams, monitoringInert, encodingParams, encodingInert, documentParams, queryParams, migrationParams,
	processParams, processInert, followParams, replicationParams, clusterParams,
)

// lookup finds an option by name or alias, without case.
func lookup(name string) *Param {
	for i := range params {
		if params[i].named(name) {
			return &params[i]
		}
	}
	return nil
}

func (p *Param) named(name string) bool {
	return strings.EqualFold(p.Name, name) ||
		slices.ContainsFunc(p.Aliases, func(alias string) bool { return strings.EqualFold(alias, name) })
}

// assign gives the option a value: the words of one line of a file.
func (p *Param) assign(c *Config, args []string) error {
	if err := p.set.parse(c, p.Name, args); err != nil {
		return &ValueError{Option: p.Name, Value: p.quote(args), Reason: err.Error()}
	}
	return nil
}

// clear empties an additive option, before the first of its new lines.
func (p *Param) clear(c *Config) error {
	if !p.additive {
		return nil
	}
	return p.assign(c, []string{""})
}

func (p *Param) quote(args []string) string {
	if p.Secret {
		return hidden
	}
	return strings.Join(args, " ")
}

// ValueError says that an option was given a value it does not take. Reason is
// what redis-server says, and names what would be allowed.
type ValueError struct {
	Option string
	Value  string // hidden for secrets
	Reason string
}

// Error implements error.
func (e *ValueError) Error() string {
	return fmt.Sprintf("%s %q: %s", e.Option, e.Value, e.Reason)
}
