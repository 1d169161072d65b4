//go:build !linux

package store

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncFileSystem writes all to the disk that the system still holds.
func syncFileSystem(*os.File) error {
	unix.Sync()
	return nil
}
