package evaluate

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"cheval/recommender/model"
)

// Genres are the nineteen flags of a line of MovieLens' u.item.
var genres = [...]string{"unknown", "action", "adventure", "animation", "children", "comedy", "crime", "documentary", "drama", "fantasy", "film-noir", "horror", "musical", "mystery", "romance", "sci-fi", "thriller", "war", "western"}

// maxFacets bounds the features of all items together.
const maxFacets = 20_000_000

// ReadItems reads features of items, in the order of ids; lines of other items
// are left out. The file is MovieLens' u.item (separated by |, with genres), or
// a table with a header whose first column is the item and whose others are
// facets; a cell may hold several values separated by |.
func ReadItems(r io.Reader, ids []string) (*model.Features, error) {
	in := bufio.NewReaderSize(r, maxLine)
	head, err := in.Peek(maxLine)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("recommender: read the items: %w", err)
	}
	first, _, _ := strings.Cut(string(head), "\n")
	b := &itemsBuilder{at: map[string]int{}, feature: map[string]int32{}, rows: make([][]model.Value, len(ids))}
	for i, id := range ids {
		b.at[id] = i
	}
	if strings.Count(first, "|") >= 23 && !strings.Contains(first, ",|") {
		err = b.movieLens(in)
	} else {
		err = b.table(in)
	}
	if err != nil {
		return nil, err
	}
	f := &model.Features{Names: b.names}
	for _, row := range b.rows {
		f.Add(row, nil)
	}
	return f, nil
}

type itemsBuilder struct {
	at      map[string]int
	feature map[string]int32
	names   []string
	rows    [][]model.Value
	count   int
}

func (b *itemsBuilder) add(item int, facet, value string) error {
	value = strings.TrimSpace(value)
	if value == "" {
		return nil
	}
	if b.count++; b.count > maxFacets {
		return fmt.Errorf("recommender: more than %d features of items", maxFacets)
	}
	name := facet + "=" + value
	i, ok := b.feature[name]
	if !ok {
		i = int32(len(b.names))
		b.feature[name] = i
		b.names = append(b.names, name)
	}
	b.rows[item] = append(b.rows[item], model.Value{Feature: i, Weight: 1})
	return nil
}

func (b *itemsBuilder) movieLens(r io.Reader) error {
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 0, maxLine), maxLine)
	for n := 1; in.Scan(); n++ {
		f := strings.Split(in.Text(), "|")
		if len(f) != 24 {
			return fmt.Errorf("recommender: line %d of the items has %d columns separated by |, but 24 are MovieLens'", n, len(f))
		}
		item, ok := b.at[f[0]]
		if !ok {
			continue
		}
		for k, g := range genres {
			if f[5+k] == "1" {
				if err := b.add(item, "genre", g); err != nil {
					return err
				}
			}
		}
		if y := len(f[2]); y >= 4 {
			if err := b.add(item, "decade", f[2][y-4:y-1]+"0s"); err != nil {
				return err
			}
		}
	}
	if err := in.Err(); err != nil {
		return fmt.Errorf("recommender: read the items: %w", err)
	}
	return nil
}

func (b *itemsBuilder) table(r io.Reader) error {
	in := csv.NewReader(r)
	in.ReuseRecord = true
	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		return errors.New("recommender: the file of items is empty")
	}
	if err != nil {
		return fmt.Errorf("recommender: read the items: %w", err)
	}
	if len(header) < 2 {
		return fmt.Errorf("recommender: line 1 of the items has %d column, but needs the item and one or more facets", len(header))
	}
	facets := append([]string(nil), header...)
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("recommender: read the items: %w", err) // says line and column
		}
		item, ok := b.at[row[0]]
		if !ok {
			continue
		}
		for k, cell := range row[1:] {
			for _, v := range strings.Split(cell, "|") {
				if err := b.add(item, facets[k+1], v); err != nil {
					return err
				}
			}
		}
	}
}
