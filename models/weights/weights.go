// Package weights holds the networks that the project trained itself, with
// what they need to be read and a card of each (data, licence, measures).
//
// It leaves their training to models/training, and what goes in and out of
// them to the packages that run them.
package weights

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
)

// The whole folder, so that a network ships as soon as it is here.
//
//go:embed *
var files embed.FS

// ErrAbsent says that a file does not ship with this program.
var ErrAbsent = errors.New("it does not ship with this program")

// Read returns a file of this folder.
func Read(name string) ([]byte, error) {
	b, err := files.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrAbsent
	}
	if err != nil {
		return nil, fmt.Errorf("weights: read %s: %w", name, err)
	}
	return b, nil
}

// Mark is the beginning of a file's SHA-256, by which records tell versions
// apart.
func Mark(name string) (string, error) {
	b, err := Read(name)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:6]), nil
}
