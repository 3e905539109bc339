//go:build !unix

package wire

import (
	"io/fs"
	"net"
)

// bindUnix leaves the permissions to the directory: there are none of a socket
// file here.
func bindUnix(path string, _ fs.FileMode) (net.Listener, error) {
	return net.Listen("unix", path)
}
