package simulate

import (
	"encoding/csv"
	"fmt"
	"os"
	"strconv"

	"cheval/internal/wholefile"
	"cheval/recommender"
)

// Write writes a world as two tables, for the commands that read files. It
// returns how many events there are. A rating is an event's strength.
func (w *World) Write(interactions, items string) (events int, err error) {
	err = table(interactions, func(out *csv.Writer) error {
		if err := out.Write([]string{"person", "item", "rating", "time"}); err != nil {
			return err
		}
		for _, s := range w.Shoppers {
			for _, e := range s.Events {
				events++
				row := []string{s.ID, e.Product, strconv.FormatFloat(e.Strength(), 'g', 4, 64), strconv.FormatInt(e.At.Unix(), 10)}
				if err := out.Write(row); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return events, table(items, func(out *csv.Writer) error {
		facets, rows := recommender.Facets(w.Products)
		if err := out.Write(append([]string{"item"}, facets...)); err != nil {
			return err
		}
		for i, row := range rows {
			if err := out.Write(append([]string{w.Products[i].ID}, row...)); err != nil {
				return err
			}
		}
		return nil
	})
}

// table writes a file, whole or not at all.
func table(file string, fill func(*csv.Writer) error) error {
	err := wholefile.Write(file, 0o644, func(f *os.File) error {
		out := csv.NewWriter(f)
		if err := fill(out); err != nil {
			return err
		}
		out.Flush()
		return out.Error()
	})
	if err != nil {
		return fmt.Errorf("recommender: write the simulated shoppers: %w", err)
	}
	return nil
}
