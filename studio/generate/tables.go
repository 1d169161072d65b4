package generate

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"cheval/models/weights"
	"cheval/studio/embed"
)

// tables are what the designer knows besides its networks.
type tables struct {
	Categories []string                    `json:"categories"`
	Colours    []string                    `json:"colours"`
	Palette    map[string]map[string][]Lab `json:"palette"`    // by category and colour: of training products
	CopyLimit  float64                     `json:"copy_limit"` // 1st percentile of real-to-real distance
	Judge      []float64                   `json:"judge"`      // real photos' scores: percentiles 5, 25, 50, 75, 95
	Seen       []string                    `json:"seen"`       // names of the training pictures
	embeddings []int8                      // of Seen, embed.Width each; 127 is 1
	lengths    []float64                   // of the embeddings, at least 1
}

func readTables() (*tables, error) {
	b, err := weights.Read("designer.tables.json")
	if err != nil {
		return nil, err
	}
	t := &tables{}
	if err := json.Unmarshal(b, t); err != nil {
		return nil, fmt.Errorf("generate: read the designer's tables: %w", err)
	}
	seen, err := weights.Read("designer.seen.bin")
	if err != nil {
		return nil, err
	}
	if len(t.Seen) == 0 || len(t.Judge) != 5 || len(seen) != len(t.Seen)*embed.Width {
		return nil, fmt.Errorf("generate: the designer's tables name %d training pictures and hold %d numbers of them", len(t.Seen), len(seen))
	}
	t.embeddings = make([]int8, len(seen))
	t.lengths = make([]float64, len(t.Seen))
	for i, v := range seen {
		t.embeddings[i] = int8(v)
		t.lengths[i/embed.Width] += float64(int8(v)) * float64(int8(v))
	}
	for i, square := range t.lengths {
		t.lengths[i] = math.Sqrt(max(square, 1))
	}
	return t, nil
}

// check says what is known where a request asks for what is not.
func (t *tables) check(r Request) error {
	if !slices.Contains(t.Categories, r.Category) {
		return fmt.Errorf("generate: the designer does not know the category %q; it knows %s", r.Category, strings.Join(t.Categories, ", "))
	}
	if r.Colour != "" && !slices.Contains(t.Colours, r.Colour) {
		return fmt.Errorf("generate: the designer does not know the colour %q; it knows %s", r.Colour, strings.Join(t.Colours, ", "))
	}
	if r.Count < 1 || r.Count > MaxCount {
		return fmt.Errorf("generate: %d designs cannot be made at once; 1 to %d can", r.Count, MaxCount)
	}
	if r.Seed < 0 {
		return fmt.Errorf("generate: the seed %d is negative; give one from 0", r.Seed)
	}
	return nil
}

// colour draws a colour of that name ("" any) as products of the category have
// it, or, where few have, as products of other categories do; of those that
// have, one that nobody would call otherwise.
func (t *tables) colour(c *chance, category, name string) Lab {
	choices := t.Palette[category][name]
	if name == "" {
		for _, n := range t.Colours { // in their order, so that chance decides alone
			choices = append(choices, t.Palette[category][n]...)
		}
	}
	if len(choices) < 3 && name != "" {
		for _, other := range t.Categories {
			if other != category {
				choices = append(choices[:len(choices):len(choices)], t.Palette[other][name]...)
			}
		}
	}
	if name != "" {
		if plain := slices.DeleteFunc(slices.Clone(choices), func(v Lab) bool { return !clearly(v) }); len(plain) > 0 {
			choices = plain
		}
	}
	if len(choices) == 0 {
		return Lab{50, 0, 0}
	}
	base := choices[c.below(len(choices))]
	moved := Lab{base[0] + 3*c.normal(), base[1] + 2*c.normal(), base[2] + 2*c.normal()}
	if ColourName(moved) == ColourName(base) {
		return moved
	}
	return base
}

// clearly says whether a colour is called the same when it differs somewhat,
// by a ΔE of about 9 in lightness or in a and b.
func clearly(c Lab) bool {
	name := ColourName(c)
	for _, d := range [...]Lab{{9, 0, 0}, {-9, 0, 0}, {0, 9, 0}, {0, -9, 0}, {0, 0, 9}, {0, 0, -9}, {0, 6, 6}, {0, 6, -6}, {0, -6, 6}, {0, -6, -6}} {
		if ColourName(Lab{c[0] + d[0], c[1] + d[1], c[2] + d[2]}) != name {
			return false
		}
	}
	return true
}

// rank is where a score of the discriminator stands among those of real
// photos, 0 to 1.
func (t *tables) rank(score float64) float64 {
	shares := []float64{0.05, 0.25, 0.5, 0.75, 0.95}
	n := len(t.Judge) - 1
	if score <= t.Judge[0] {
		spread := max(t.Judge[2]-t.Judge[0], 1e-6)
		return max(0, shares[0]*(1-(t.Judge[0]-score)/spread))
	}
	for i := range n {
		if score <= t.Judge[i+1] {
			part := (score - t.Judge[i]) / max(t.Judge[i+1]-t.Judge[i], 1e-9)
			return shares[i] + part*(shares[i+1]-shares[i])
		}
	}
	return shares[n]
}
