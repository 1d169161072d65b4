package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// grouper says which product a row belongs to. It sees the rows in order.
type grouper struct {
	*layout
	last string
}

// key names the product of a row; handle is what its ID is made of. Both are
// empty for a row that belongs to none.
func (g *grouper) key(row Row) (key, handle string) {
	handle = g.get(row.Cells, Handle)
	title := g.get(row.Cells, Title)
	if title == "" {
		title = g.get(row.Cells, TitleEN) + g.get(row.Cells, TitleZH)
	}
	switch {
	case handle != "":
	case g.format == Shopify && title == "":
		return g.last, g.last // goes on with the product above
	case g.format != Shopify && g.get(row.Cells, SKU) != "":
		handle = g.get(row.Cells, SKU)
	default:
		handle = strings.TrimSpace(title)
	}
	g.last = strings.ToLower(handle)
	return g.last, handle
}

// survey is what a first reading of the whole file finds: which products there
// are and which of them have rows in several places.
type survey struct {
	rows    int            // that hold data
	runs    map[string]int // how many times a product's rows begin, by key
	matcher *matcher       // nil: no pictures are looked for
}

// each reads every data row of a file that can be taken and gives the others
// to bad.
func (f *File) each(ctx context.Context, visit func(Row) error, bad func(row int, why string)) error {
	rows, err := f.rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for n := 0; ; n++ {
		if n%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		row, err := rows.next()
		if wrong := (*rowError)(nil); errors.As(err, &wrong) {
			bad(wrong.row, wrong.why)
			continue
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case n > MaxRows:
			return fmt.Errorf("it has over %d rows; split it", MaxRows)
		case row.Number <= f.HeaderRow && f.kind != xmlKind, blank(row.Cells):
			continue
		case f.kind == csvKind && len(trimEnd(row.Cells)) > len(f.Header):
			bad(row.Number, fmt.Sprintf("it has %d cells, but there are %d columns: a comma or a quote stands where it moves the others; the row is left out", len(trimEnd(row.Cells)), len(f.Header)))
			continue
		}
		if err := visit(row); err != nil {
			return err
		}
	}
}

// survey reads the file once. What is wrong with rows is said by the reading
// that follows.
func (f *File) survey(ctx context.Context, r *reader, withPictures bool) (*survey, error) {
	s := &survey{runs: map[string]int{}}
	if withPictures {
		s.matcher = newMatcher()
	}
	g, before := grouper{layout: &r.layout}, ""
	err := f.each(ctx, func(row Row) error {
		s.rows++
		key, _ := g.key(row)
		if key != "" && (key != before || s.runs[key] == 0) {
			s.runs[key]++
		}
		before = key
		if s.matcher != nil && key != "" {
			s.matcher.learn(r, key, row)
		}
		return nil
	}, func(int, string) { s.rows++ })
	return s, err
}

// group is the rows of one product as they come together.
type group struct {
	key, handle string
	rows        []Row
	runs        int
}

// groups reads the file and calls visit with each product's rows, the rows in
// order, as soon as the last of them was read.
func (f *File) groups(ctx context.Context, r *reader, s *survey, visit func(*group) error) error {
	waiting := map[string]*group{} // products with rows in several places
	var open *group
	end := func() error {
		g := open
		open = nil
		if g == nil || g.runs < s.runs[g.key] {
			return nil
		}
		delete(waiting, g.key)
		return visit(g)
	}
	key := grouper{layout: &r.layout}
	err := f.each(ctx, func(row Row) error {
		k, handle := key.key(row)
		if k == "" {
			r.found.add(row.Number, r.name(Handle), "the row names no product; it is left out")
			return nil
		}
		if open == nil || open.key != k {
			if err := end(); err != nil {
				return err
			}
			if open = waiting[k]; open == nil {
				open = &group{key: k, handle: handle}
				if s.runs[k] > 1 {
					waiting[k] = open
				}
			}
			if open.runs++; open.runs == 2 {
				r.found.add(row.Number, r.name(Handle), "product %.60q has rows in several places, from row %d on; they are taken together", open.handle, open.rows[0].Number)
			}
		}
		if len(open.rows) >= MaxProductRows {
			r.found.add(row.Number, r.name(Handle), "product %.60q has over %d rows; this one is left out", open.handle, MaxProductRows)
			return nil
		}
		open.rows = append(open.rows, row)
		return nil
	}, func(row int, why string) { r.found.add(row, "", "%s", why) })
	if err != nil {
		return err
	}
	return end()
}

// oneProduct leaves out the rows of a second product that goes by the same
// handle: one with a name of its own whose variants are there already, or that
// stands elsewhere. Rows that only name a variant differently stay.
func (r *reader) oneProduct(g *group) []Row {
	first := g.rows[0]
	title := r.get(first.Cells, Title)
	if r.format != Shopify || title == "" {
		return g.rows
	}
	seen := map[string]bool{}
	keep := make([]Row, 0, len(g.rows))
	other := Row{}
	for i, row := range g.rows {
		t := r.get(row.Cells, Title)
		options := r.optionKey(row)
		switch {
		case t == title || i == 0:
			other = Row{}
		case t != "" && (seen[options] || row.Number > g.rows[i-1].Number+1):
			other = row
			r.found.add(row.Number, r.name(Handle), "%.60q goes by the handle %s, which %.60q in row %d has already; it is left out: give it a handle of its own", t, g.handle, title, first.Number)
			continue
		case t != "":
			r.found.add(row.Number, r.name(Title), "%.60q is another name than the product's %.60q; the row is taken as a variant of it", t, title)
		}
		if other.Number > 0 {
			r.found.add(row.Number, r.name(Handle), "the row belongs to %.60q in row %d and is left out with it", r.get(other.Cells, Title), other.Number)
			continue
		}
		seen[options] = true
		keep = append(keep, row)
	}
	return keep
}

func (r *reader) optionKey(row Row) string {
	return r.get(row.Cells, Option1Value) + "\x00" + r.get(row.Cells, Option2Value) + "\x00" + r.get(row.Cells, Option3Value)
}
