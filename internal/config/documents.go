package config

// Documents is how JSON documents are kept.
type Documents struct {
	// JSONDelEmpty removes a key when a deletion leaves an empty document.
	JSONDelEmpty bool
}

var documentParams = in(SectionDocuments,
	Param{
		Name: "json-del-empty", Default: "yes", Change: AnyTime,
		Doc: "Whether JSON.DEL removes a key of which it leaves only {} or [].",
		set: at(yesNo, func(c *Config) *bool { return &c.JSONDelEmpty }),
	},
)
