package blackbox

import "syscall"

// childAttr makes a server die with the process that tests it, should that be
// killed before it can clean up.
func childAttr() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
