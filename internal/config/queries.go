package config

import "time"

// Queries is how long searches for documents may take.
type Queries struct {
	// QueryTimeout is how long a search may take that does not say it itself; 0 is
	// any time.
	QueryTimeout time.Duration
}

var queryParams = in(SectionDocuments,
	Param{
		Name: "query-timeout", Default: "5000", Change: AnyTime,
		Doc: "How long DOC.FIND, DOC.COUNT, DOC.AGG and DOC.UPDATE may search, in milliseconds, unless they say TIMEOUT; 0 is any time.",
		set: at(duration(time.Millisecond, 0, 1<<31), func(c *Config) *time.Duration { return &c.QueryTimeout }),
	},
)
