// Package sandbox is Lua 5.1 as scripts of clients get it: the language by
// gopher-lua, and around it libraries of our own, since those of gopher-lua
// differ from Lua 5.1 in what they print, what they accept and how much they
// take.
//
// Invariants: nothing that a script does outlives it, since all that scripts
// share (the globals, the libraries) is frozen; and a script can't take more
// memory than its Budget, nor run on after Budget.Stop. The first needs
// rewrite.go, which compiles the few operations that gopher-lua leaves without
// a hook into calls of functions that have one.
package sandbox
