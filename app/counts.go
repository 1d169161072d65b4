package app

import (
	"errors"
	"io/fs"
	"path/filepath"
	"time"
)

// counts are how often each product was worn, liked and photographed: sums
// over everybody, nothing about anybody.
type counts struct {
	path    string
	changed bool
	Since   time.Time               `json:"since"`
	By      map[string]productCount `json:"products"`
}

type productCount struct {
	Worn  int `json:"worn"`
	Liked int `json:"liked"`
	Photo int `json:"photo"`
}

// loadCounts reads the counts that were saved; where there are none, or the
// file is damaged, they begin at nought, and the error says why.
func loadCounts(home string, now time.Time) (*counts, error) {
	c := &counts{path: filepath.Join(home, "counts.json"), Since: now, By: map[string]productCount{}}
	err := loadJSON(c.path, c, now)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if c.By == nil {
		c.By = map[string]productCount{}
	}
	return c, err
}

func (c *counts) add(id string, f func(*productCount)) {
	n := c.By[id]
	f(&n)
	c.By[id] = n
	c.changed = true
}

// save writes the counts if there is something new and they have a file.
func (c *counts) save() error {
	if !c.changed || c.path == "" {
		return nil
	}
	c.changed = false
	return saveJSON(c.path, c)
}
