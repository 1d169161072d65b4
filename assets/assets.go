// Package assets holds what ships inside the program: the starter catalogue,
// translations, icons and the like. It only hands files out; what they mean is
// known to those who read them.
package assets

import (
	"embed"
	"io/fs"
)

//go:embed catalogue/*.json
var catalogue embed.FS

// Catalogue returns the starter catalogue: one JSON file a product, in the
// order in which they are shown. See catalog.Load.
func Catalogue() fs.FS {
	sub, err := fs.Sub(catalogue, "catalogue")
	if err != nil { // the name is valid, so this cannot be
		panic(err)
	}
	return sub
}
