package config

// Access says who may use a dangerous command or option.
type Access string

// The values of the enable-… options.
const (
	AccessNone  Access = "no"
	AccessAll   Access = "yes"
	AccessLocal Access = "local" // loopback and unix socket connections
)

// Origin is where a command came from.
type Origin uint8

// The origins of a command.
const (
	Remote Origin = iota
	Local         // a loopback or unix socket connection, or the server itself
)

// Allows reports whether a client from there has the access.
func (a Access) Allows(from Origin) bool {
	return a == AccessAll || a == AccessLocal && from == Local
}

// ChannelDefault says which channels a new ACL user may use.
type ChannelDefault string

// The values of acl-pubsub-default.
const (
	AllChannels   ChannelDefault = "allchannels"
	ResetChannels ChannelDefault = "resetchannels"
)

// Security is who may do what.
type Security struct {
	ProtectedMode          bool   // without a password, refuse all but loopback
	RequirePass            string // password of the default user; "": none
	EnableDebugCommand     Access
	EnableProtectedConfigs Access
	ACLFile                string // path; "": none
	ACLLogMaxLen           int    // entries
	ACLPubSubDefault       ChannelDefault
	Users                  [][]string        // words of the `user` lines, name first
	RenamedCommands        map[string]string // old name to new one, lower case; to "" takes the command away
}

var accessLevels = enum(AccessNone, AccessAll, AccessLocal)

var securityParams = in(SectionSecurity,
	Param{
		Name: "protected-mode", Default: "yes", Change: AnyTime,
		Doc: "Without a password, refuse clients from other machines.",
		set: at(yesNo, func(c *Config) *bool { return &c.ProtectedMode }),
	},
	Param{
		Name: "requirepass", Default: "", Change: AnyTime, Secret: true,
		Doc: "Password of the default user. CONFIG GET does not show it, unlike Redis's: it answers `(hidden)` if there is one.",
		set: at(text, func(c *Config) *string { return &c.RequirePass }),
	},
	Param{
		Name: "enable-debug-command", Default: "no", Change: Fixed,
		Doc: "Who may use DEBUG.",
		set: at(accessLevels, func(c *Config) *Access { return &c.EnableDebugCommand }),
	},
	Param{
		Name: "enable-protected-configs", Default: "no", Change: Fixed,
		Doc: "Who may change protected options at run time.",
		set: at(accessLevels, func(c *Config) *Access { return &c.EnableProtectedConfigs }),
	},
	Param{
		Name: "aclfile", Default: "", Change: Fixed,
		Doc: "File of users, read at start and by ACL LOAD, written by ACL SAVE.",
		set: at(text, func(c *Config) *string { return &c.ACLFile }),
	},
	Param{
		Name: "acllog-max-len", Default: "128", Change: AnyTime,
		Doc: "Refusals that ACL LOG remembers.",
		set: at(integer(0, 1<<31-1), func(c *Config) *int { return &c.ACLLogMaxLen }),
	},
	Param{
		Name: "acl-pubsub-default", Default: "resetchannels", Change: AnyTime,
		Doc: "Whether a new user may use every channel or none.",
		set: at(enum(AllChannels, ResetChannels), func(c *Config) *ChannelDefault { return &c.ACLPubSubDefault }),
	},
	Param{
		Name: "user", Change: Fixed, fileOnly: true,
		Doc: "Defines an ACL user; one line for each.",
		set: many(userLines, func(c *Config) *[][]string { return &c.Users }),
	},
	Param{
		Name: "rename-command", Change: Fixed, fileOnly: true,
		Doc: "Gives a command another name, or takes it away. ACL rules do this better.",
		set: many(renames, func(c *Config) *map[string]string { return &c.RenamedCommands }),
	},
	Param{
		Name: "include", Change: Fixed, fileOnly: true,
		Doc: "Reads other files at this place.",
		set: included{never{"include is followed in files only"}},
	},
)

const reasonNoModules = "kvd has no loadable modules."

var securityInert = noEffect(SectionSecurity, reasonNoModules,
	inert("enable-module-command", "no", Fixed, accessLevels, "Who may load modules."),
	Param{
		Name: "loadmodule", Change: Fixed, fileOnly: true,
		Doc: "Loads a module; the server refuses to start with it.",
		set: never{"kvd can't load modules; remove the line"},
	},
)
