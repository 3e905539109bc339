//go:build !linux

package blackbox

import "syscall"

func childAttr() *syscall.SysProcAttr { return nil }
