// Package doc implements DOC.*: collections of documents, which have a type, a
// prefix of keys, and indexes.
//
// A document is a JSON key, the collection's prefix and then its id, so that all
// commands on keys work on it; what the collection demands is checked by the engine
// wherever it is written.
//
// Invariant: a handler has built all documents that it writes before it writes the
// first one, so that a write is done as a whole or not at all.
package doc

import (
	"slices"

	"kvd/resp/command"
)

// Family is the commands on collections and their documents.
var Family = command.Family{
	Group: "doc", Categories: command.CatDoc,
	Commands: slices.Concat(collectionSpecs(), writeSpecs(), readSpecs(), changeSpecs(), searchSpecs(), aggSpecs(), indexSpecs()),
}

const sinceKvd = "kvd 0.2.0"

// The keys of commands on one document, on the documents of a line, and on a
// collection as a whole.
var (
	readKey     = command.Key(2, command.RO|command.Access)
	writeKey    = command.Key(2, command.RW|command.Access|command.Update)
	readPrefix  = command.Key(1, command.RO|command.Access)
	writePrefix = command.Key(1, command.RW|command.Access|command.Update)
)

const (
	// perDocument is what a write costs.
	perDocument = "O(N + I*log(D)) for a document of size N in a collection of D documents with I indexes"
	// conditionSyntax is the conditions of every write to one document.
	conditionSyntax = " [IFREV rev{integer}] [IFVER version{integer}]"
	returnSyntax    = " [RETURN <REV | ID | DOC | META>{return}]"
	expirySyntax    = "EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds"
	// writeSyntax is the options of writes of whole documents.
	writeSyntax = " [META json] [" + expirySyntax + " | KEEPTTL | PERSIST]{expiration} [AUTHOR author] [MSG message]" +
		conditionSyntax + returnSyntax
)

func help(c *command.Ctx) error {
	command.FamilyHelp(c, "doc.")
	return nil
}
