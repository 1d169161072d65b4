package store

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncFileSystem writes all to the disk that f's file system still holds.
func syncFileSystem(f *os.File) error { return unix.Syncfs(int(f.Fd())) }
