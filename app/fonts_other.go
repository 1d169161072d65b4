//go:build !unix

package app

import "os"

// mapFile reads a file.
func mapFile(path string) ([]byte, error) { return os.ReadFile(path) }

// rest does nothing: the fonts are not mapped.
func (fonts) rest() {}
