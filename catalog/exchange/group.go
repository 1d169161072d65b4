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
	case title == "" && (g.format == Shopify || g.format == Table && (g.has(Handle) || g.get(row.Cells, SKU) == "")):
		// It goes on with the product above: Shopify's CSV may leave the handle
		// out there, and price lists merge the cells.
		return g.last, g.last
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

// gatherer gathers rows into groups and gives each away as soon as its last
// row was read.
type gatherer struct {
	*reader
	survey  *survey
	give    func(*group) error
	key     grouper
	open    *group            // that the row before belongs to
	waiting map[string]*group // that go on in other places
}

// groups reads the file and calls give with each product's rows, in order.
func (f *File) groups(ctx context.Context, r *reader, s *survey, give func(*group) error) error {
	g := &gatherer{reader: r, survey: s, give: give, key: grouper{layout: &r.layout}, waiting: map[string]*group{}}
	err := f.each(ctx, g.take, func(row int, why string) { r.found.add(row, "", "%s", why) })
	if err != nil {
		return err
	}
	if err := g.end(); err != nil {
		return err
	}
	if len(g.waiting) > 0 {
		return errors.New("the file changed while it was read; import it again")
	}
	return nil
}

func (g *gatherer) take(row Row) error {
	key, handle := g.key.key(row)
	switch {
	case key == "":
		g.found.add(row.Number, g.name(Handle), "the row names no product; it is left out")
		return nil
	case g.open == nil || g.open.key != key:
		if err := g.begin(key, handle, row); err != nil {
			return err
		}
	}
	if len(g.open.rows) >= MaxProductRows {
		g.found.add(row.Number, g.name(Handle), "product %.60q has over %d rows; this one is left out", handle, MaxProductRows)
		return nil
	}
	g.open.rows = append(g.open.rows, row)
	return nil
}

// begin ends the group before and opens the one of a row, or opens it again.
func (g *gatherer) begin(key, handle string, row Row) error {
	if err := g.end(); err != nil {
		return err
	}
	if g.open = g.waiting[key]; g.open == nil {
		g.open = &group{key: key, handle: handle}
		if g.survey.runs[key] > 1 {
			g.waiting[key] = g.open
		}
	}
	if g.open.runs++; g.open.runs == 2 {
		g.found.add(row.Number, g.name(Handle), "product %.60q has rows in several places, from row %d on; they are taken together", g.open.handle, g.open.rows[0].Number)
	}
	return nil
}

// end gives the open group away, unless rows of it are to follow elsewhere.
func (g *gatherer) end() error {
	ended := g.open
	g.open = nil
	if ended == nil || ended.runs < g.survey.runs[ended.key] {
		return nil
	}
	delete(g.waiting, ended.key)
	return g.give(ended)
}

// oneProduct leaves out the rows of a second product that goes by the same
// handle: one with a name of its own whose variants are there already, or that
// stands elsewhere. Rows that only name a variant differently stay.
func (r *reader) oneProduct(g *group) []Row {
	first := g.rows[0]
	title := r.get(first.Cells, Title)
	switch {
	case r.format != Shopify && !r.has(Handle):
		return r.oneName(g)
	case r.format != Shopify || title == "":
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

// oneName is the rows of a product that only its SKU names: those of the same
// name in other colours and sizes, as a style number has them, and those that
// go on from one. Any other is left out.
func (r *reader) oneName(g *group) (keep []Row) {
	name := func(row Row) string {
		return r.get(row.Cells, Title) + "\x00" + r.get(row.Cells, TitleEN) + "\x00" + r.get(row.Cells, TitleZH)
	}
	seen, left := map[string]bool{}, false
	for _, row := range g.rows {
		look := r.get(row.Cells, Colour) + "\x00" + r.get(row.Cells, Size)
		switch {
		case r.goesOn(row) && left:
			r.found.add(row.Number, "", "the row goes on from one that is left out, and is left out with it")
			continue
		case !r.goesOn(row) && (name(row) != name(g.rows[0]) || seen[look]):
			left = true
			r.found.add(row.Number, r.name(SKU), "%.60q stands in row %d already; the row is left out: give it an SKU of its own", g.handle, g.rows[0].Number)
			continue
		}
		left, seen[look] = false, true
		keep = append(keep, row)
	}
	return keep
}

func (r *reader) optionKey(row Row) string {
	return r.get(row.Cells, Option1Value) + "\x00" + r.get(row.Cells, Option2Value) + "\x00" + r.get(row.Cells, Option3Value)
}
