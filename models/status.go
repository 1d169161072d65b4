package models

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// Status is one row of `models list`.
type Status struct {
	Name    string `json:"name"`
	Package string `json:"package"`
	Version string `json:"version"`
	Licence string `json:"licence"`
	// SHA256 is of the file as its package holds it, before conversion.
	SHA256    string `json:"sha256"`
	Installed bool   `json:"installed"`
	Bytes     int64  `json:"bytes"` // of the file in its package

	Role string `json:"-"`
	// Optional rows (CUDA's) are not missed where they are not installed.
	Optional bool `json:"-"`
	// Problem says what is wrong, nil where Installed.
	Problem error `json:"-"`
}

// List tells of every item, and of the models that a person imported, whether
// it is installed, by receipt and size.
func (s *Store) List() []Status { return s.statuses(false) }

// Verify is List with every installed file read and compared with its
// SHA-256. The error is one sentence that names what is missing or damaged;
// CUDA's files are not missed where none is there.
func (s *Store) Verify() ([]Status, error) {
	rows := s.statuses(true)
	var bad []string
	var first error
	for _, r := range rows {
		if r.Installed || r.Optional && !s.anyCUDA() {
			continue
		}
		bad = append(bad, r.Name)
		if first == nil {
			first = r.Problem
		}
	}
	switch len(bad) {
	case 0:
		return rows, nil
	case 1:
		return rows, first
	}
	return rows, fmt.Errorf("models: %d items are missing, damaged or out of date in %s (%s): run `make models` (or `cheval models install`)", len(bad), s.root, strings.Join(bad, ", "))
}

func (s *Store) statuses(full bool) (rows []Status) {
	for _, it := range append(s.items[:len(s.items):len(s.items)], s.allImported()...) {
		err := s.check(it, full)
		rows = append(rows, Status{
			Name: it.Name, Package: it.Package.Name, Version: it.Package.Version, Licence: it.Licence,
			SHA256: it.SHA256, Installed: err == nil, Bytes: it.Bytes, Role: it.Role, Optional: it.CUDA, Problem: err,
		})
	}
	return rows
}

// anyCUDA says whether CUDA's files were ever installed here.
func (s *Store) anyCUDA() bool {
	for _, it := range s.items {
		if !it.CUDA {
			continue
		}
		if _, err := os.Stat(s.receiptPath(it)); !errors.Is(err, os.ErrNotExist) {
			return true
		}
	}
	return false
}
