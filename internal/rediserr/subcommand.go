package rediserr

import "strings"

// SubcommandSyntax is the error for a subcommand with arguments that it does
// not take, where the arity alone does not tell.
func SubcommandSyntax(parent string, sub []byte) *Error {
	return Newf("unknown subcommand or wrong number of arguments for '%.128s'. Try %s HELP.", sub, strings.ToUpper(parent))
}
