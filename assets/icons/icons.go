// Package icons holds the line icons of the app: one family, drawn on a grid
// of 24 with a stroke of 1.7 and round ends, in currentColor.
//
// It leaves their colour and size to the app.
package icons

import "embed"

// Files holds NAME.svg for each icon.
//
//go:embed *.svg
var Files embed.FS
