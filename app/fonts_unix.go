//go:build unix

package app

import (
	"os"
	"syscall"

	"fyne.io/fyne/v2"
)

// mapFile maps a file into memory, to be written to without changing it. It
// stays mapped for the life of the program.
func mapFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE)
}

// rest gives back the memory of what was read from the mapped files; it comes
// again when it is needed. The first page, which was written, stays.
func (f fonts) rest() {
	if !f.mapped {
		return
	}
	page := os.Getpagesize()
	for _, r := range []fyne.Resource{f.regular, f.bold} {
		if data := r.Content(); len(data) > page {
			_ = syscall.Madvise(data[page:], syscall.MADV_DONTNEED) // no more than advice
		}
	}
}
