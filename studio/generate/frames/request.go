package frames

import (
	"fmt"
	"slices"
	"strings"

	"cheval/catalog"
)

// MaxCount is how many frames one request may ask for.
const MaxCount = 1000

// Request says what to propose. What is left empty is drawn as often as frames
// have it.
type Request struct {
	Shape    catalog.Shape
	Material catalog.Material
	Kind     catalog.Kind
	Colour   string // one of Knows
	Size     catalog.Size
	// Like are frames that proposals are to be like, each as much as another:
	// one for "more like this", two for "between these".
	Like  []*catalog.Product
	Count int   // 1 to MaxCount
	First int   // the number of the first, from 0: "more" goes on from there
	Seed  int64 // from 0
}

// Known is what may be asked for.
type Known struct {
	Shapes    []catalog.Shape
	Materials []catalog.Material
	Kinds     []catalog.Kind
	Colours   []string
	Sizes     []catalog.Size
}

// Knows is what p may be asked for: shapes, materials and kinds of which it has
// seen a frame, and colours that it has seen or whose look is known.
func (p *Prior) Knows() Known {
	k := Known{Sizes: []catalog.Size{catalog.Narrow, catalog.Medium, catalog.Wide}}
	for _, s := range catalog.Shapes() {
		if slices.ContainsFunc(p.frames, func(f frame) bool { return f.family.shape == s }) {
			k.Shapes = append(k.Shapes, s)
		}
	}
	for _, m := range materials() {
		if slices.ContainsFunc(p.palette, func(w colourway) bool { return w.family.material == m }) {
			k.Materials = append(k.Materials, m)
		}
	}
	for _, kind := range kinds() {
		if slices.ContainsFunc(p.palette, func(w colourway) bool { return w.family.kind == kind }) {
			k.Kinds = append(k.Kinds, kind)
		}
	}
	for _, c := range catalog.Colours() {
		_, usual := catalog.Nominal(c)
		if usual || slices.ContainsFunc(p.palette, func(w colourway) bool { return w.look.Colour == c }) {
			k.Colours = append(k.Colours, c)
		}
	}
	return k
}

// Check says in one sentence what of r the prior does not know, and what it
// knows, or returns nil.
func (p *Prior) Check(r Request) error {
	k := p.Knows()
	for _, err := range []error{
		oneOf("shape", r.Shape, k.Shapes), oneOf("material", r.Material, k.Materials), oneOf("kind", r.Kind, k.Kinds),
		oneOf("colour", r.Colour, k.Colours), oneOf("size", r.Size, k.Sizes),
	} {
		if err != nil {
			return err
		}
	}
	switch {
	case r.Count < 1 || r.Count > MaxCount:
		return fmt.Errorf("frames: %d frames cannot be proposed at once; 1 to %d can", r.Count, MaxCount)
	case r.First < 0 || r.First > MaxCount:
		return fmt.Errorf("frames: proposals are numbered from 0 to %d, so none begin at %d", MaxCount, r.First)
	case r.Seed < 0:
		return fmt.Errorf("frames: the seed %d is negative; give one from 0", r.Seed)
	case r.Shape == catalog.Browline && r.Material != "" && r.Material != catalog.Acetate:
		return fmt.Errorf("frames: a browline frame has acetate brows on a metal rim, so it cannot be all %s; leave the material out", r.Material)
	case r.Colour == "crystal" && stuff(r.Material) == catalog.Metal:
		return fmt.Errorf("frames: %s frames cannot be crystal, which is clear acetate; choose another colour or acetate", r.Material)
	}
	return p.checkLiked(r)
}

func (p *Prior) checkLiked(r Request) error {
	if len(r.Like) > 16 {
		return fmt.Errorf("frames: %d frames are to be liked at once; at most 16 can", len(r.Like))
	}
	for _, q := range r.Like {
		if !q.Wearable() {
			return fmt.Errorf("frames: nothing can be proposed like %s, which is no eyewear that can be worn", q.ID)
		}
	}
	return nil
}

func oneOf[T ~string](what string, v T, known []T) error {
	if v == "" || slices.Contains(known, v) {
		return nil
	}
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = string(k)
	}
	return fmt.Errorf("frames: the %s %.40q is not known; known are %s", what, v, strings.Join(names, ", "))
}
