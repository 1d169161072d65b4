package studio

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// pictureEndings are those of files that a folder is searched for. HEIC is
// among them, so that it is said that it is not supported.
var pictureEndings = []string{".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif"}

// IsPicture says by its name whether a file is taken for a photo. Hidden files
// are not: they are other programs' unfinished ones.
func IsPicture(name string) bool {
	return !strings.HasPrefix(filepath.Base(name), ".") && slices.Contains(pictureEndings, strings.ToLower(filepath.Ext(name)))
}

// Pictures lists the photos in a folder, by name; not those in its folders.
func Pictures(dir string) (paths []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("studio: read the folder %s: %w", filepath.Base(dir), err)
	}
	for _, e := range entries {
		if !e.IsDir() && IsPicture(e.Name()) {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths, nil
}
