package evaluate

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"cheval/recommender/model"
)

// Interactions are people's events with the names they had in the file.
type Interactions struct {
	Data   *model.Data
	People []string
	Items  []string
	// Repeated is how many lines were the same person, item and time as one before.
	Repeated int
}

// Bounds of a file of interactions.
const (
	maxLine  = 1 << 16
	maxLines = 50_000_000
)

// Read reads lines of person, item, rating, time (Unix seconds), separated by
// tabs (MovieLens' u.data) or commas; a first line of words is a header and may
// name the columns in another order. A mistake is told with line and column.
func Read(r io.Reader) (*Interactions, error) {
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 0, maxLine), maxLine)
	b := newBuilder()
	var cols columns
	n := 0
	for in.Scan() {
		n++
		line := strings.TrimSuffix(in.Text(), "\r")
		if n == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
			var header bool
			var err error
			if cols, header, err = layout(line); err != nil {
				return nil, err
			}
			if header {
				continue
			}
		}
		if line == "" {
			continue
		}
		if n > maxLines {
			return nil, fmt.Errorf("recommender: more than %d lines of interactions", maxLines)
		}
		if err := b.line(cols, line, n); err != nil {
			return nil, err
		}
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("recommender: line %d of the interactions: %w", n+1, err)
	}
	return b.done()
}

// columns is where a line's fields stand.
type columns struct {
	sep                        string
	person, item, rating, time int
	count                      int
}

// layout reads the first line: which separator, and a header if there is one.
func layout(line string) (columns, bool, error) {
	c := columns{sep: ",", person: 0, item: 1, rating: 2, time: 3, count: 4}
	if strings.Contains(line, "\t") {
		c.sep = "\t"
	}
	fields := strings.Split(line, c.sep)
	if len(fields) < 4 {
		return c, false, fmt.Errorf("recommender: line 1 of the interactions has %d columns, but needs person, item, rating and time, separated by tabs or commas", len(fields))
	}
	if _, err := strconv.ParseFloat(strings.TrimSpace(fields[3]), 64); err == nil {
		return c, false, nil
	}
	c.count = len(fields)
	at := map[string]int{}
	for i, f := range fields {
		name, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(f)), ":")
		at[name] = i
	}
	for _, want := range []struct {
		to    *int
		names []string
	}{
		{&c.person, []string{"user_id", "userid", "user", "person", "profile"}},
		{&c.item, []string{"item_id", "itemid", "movieid", "item", "product"}},
		{&c.rating, []string{"rating", "weight", "value"}},
		{&c.time, []string{"timestamp", "time", "at"}},
	} {
		found := slices.IndexFunc(want.names, func(n string) bool { _, ok := at[n]; return ok })
		if found < 0 {
			return c, false, fmt.Errorf("recommender: line 1 of the interactions names no column %s (one of %s)", want.names[0], strings.Join(want.names, ", "))
		}
		*want.to = at[want.names[found]]
	}
	return c, true, nil
}

// builder gathers lines by person.
type builder struct {
	out    Interactions
	person map[string]int32
	item   map[string]int32
	events [][]met
	seen   map[lineKey]bool
}

type met struct {
	model.Seen
	line int
}

type lineKey struct {
	person, item int32
	at           int64
}

func newBuilder() *builder {
	return &builder{person: map[string]int32{}, item: map[string]int32{}, seen: map[lineKey]bool{}}
}

func (b *builder) line(c columns, line string, n int) error {
	f := strings.Split(line, c.sep)
	if len(f) < c.count {
		return fmt.Errorf("recommender: line %d of the interactions has %d columns, but line 1 has %d", n, len(f), c.count)
	}
	field := func(col int) string { return strings.TrimSpace(f[col]) }
	if field(c.person) == "" || field(c.item) == "" {
		return fmt.Errorf("recommender: line %d of the interactions, column %d: the name is empty", n, 1+map[bool]int{true: c.person, false: c.item}[field(c.person) == ""])
	}
	rating, err := strconv.ParseFloat(field(c.rating), 32)
	if err != nil || math.IsNaN(rating) || math.IsInf(rating, 0) {
		return fmt.Errorf("recommender: line %d of the interactions, column %d: the rating %.20q is no number", n, c.rating+1, field(c.rating))
	}
	at, err := strconv.ParseFloat(field(c.time), 64)
	if err != nil || !(math.Abs(at) < 1e15) {
		return fmt.Errorf("recommender: line %d of the interactions, column %d: the time %.20q is no number of seconds", n, c.time+1, field(c.time))
	}
	b.add(field(c.person), field(c.item), float32(rating), int64(at), n)
	return nil
}

// add keeps one event. The rating is kept as the weight; Implicit makes likes of it.
func (b *builder) add(person, item string, rating float32, at int64, n int) {
	p, ok := b.person[person]
	if !ok {
		p = int32(len(b.out.People))
		b.person[person] = p
		b.out.People = append(b.out.People, person)
		b.events = append(b.events, nil)
	}
	i, ok := b.item[item]
	if !ok {
		i = int32(len(b.out.Items))
		b.item[item] = i
		b.out.Items = append(b.out.Items, item)
	}
	key := lineKey{p, i, at}
	if b.seen[key] {
		b.out.Repeated++
		return
	}
	b.seen[key] = true
	b.events[p] = append(b.events[p], met{model.Seen{Item: i, Weight: rating, At: at}, n})
}

// done orders each person's events by time, equal times as they stood.
func (b *builder) done() (*Interactions, error) {
	if len(b.events) == 0 {
		return nil, model.ErrNoData
	}
	b.out.Data = &model.Data{Items: len(b.out.Items), People: make([][]model.Seen, len(b.events))}
	for p, list := range b.events {
		slices.SortStableFunc(list, func(x, y met) int {
			switch {
			case x.At < y.At:
				return -1
			case x.At > y.At:
				return 1
			}
			return 0
		})
		for _, e := range list {
			b.out.Data.People[p] = append(b.out.Data.People[p], e.Seen)
		}
	}
	return &b.out, b.out.Data.Check()
}

// Implicit makes every event one like of weight 1: that a person met the item
// is what is learned, as the protocol of leave-one-out evaluation has it.
func (i *Interactions) Implicit() {
	for _, seen := range i.Data.People {
		for k := range seen {
			seen[k].Weight = 1
		}
	}
}
