package config

// Replication is how another server is followed (REPLICAOF).
type Replication struct {
	MasterUser string // "": the default user
	MasterAuth string // "": none
}

var followParams = in(SectionReplication,
	secret(Param{
		Name: "masterauth", Default: "", Change: AnyTime,
		Doc: "Password for the server that REPLICAOF names.",
		set: at(text, func(c *Config) *string { return &c.MasterAuth }),
	}),
	Param{
		Name: "masteruser", Default: "", Change: AnyTime,
		Doc: "User for the server that REPLICAOF names; empty is the default one.",
		set: at(text, func(c *Config) *string { return &c.MasterUser }),
	},
)
