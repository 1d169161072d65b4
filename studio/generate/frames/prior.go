package frames

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"cheval/catalog"
)

// Model is the prior's name for records; its number changes with how frames are
// drawn.
const Model = "frames-1"

// family is what a frame's measures are expected by.
type family struct {
	shape    catalog.Shape
	material catalog.Material
	kind     catalog.Kind
}

// frame is one that the prior learned from.
type frame struct {
	product *catalog.Product
	family  family
	x       []float64 // coordinates
	look    *looks
}

// Prior is the density of frames. It does not change once it is fitted; any
// goroutine may use it.
type Prior struct {
	version string
	frames  []frame
	outline outlines
	density density
	palette []colourway
	limit   float64 // 1st percentile of the differences between frames, mm
}

// leastFrames is how many frames a density is fitted to at least.
const leastFrames = 12

// Fit learns from the frames among products: those that can be worn and were
// not generated themselves. The starter catalogue should be among them, so that
// a small shop has a prior too; of products with one ID the last counts.
func Fit(products []*catalog.Product) (*Prior, error) {
	p := &Prior{}
	var radii [][]float64
	for _, q := range distinct(products) {
		r, err := outlineOf(&q.Eyewear)
		if err != nil {
			continue // what cannot be built teaches nothing
		}
		radii = append(radii, r)
		p.frames = append(p.frames, frame{product: q, family: familyOf(q), x: measuresOf(&q.Eyewear), look: lookOf(&q.Eyewear, r)})
	}
	if len(p.frames) < leastFrames {
		return nil, fmt.Errorf("frames: %d frames can be learned from, but at least %d are needed; add the starter catalogue", len(p.frames), leastFrames)
	}
	if err := p.outline.fit(radii); err != nil {
		return nil, err
	}
	for i := range p.frames {
		p.frames[i].x = append(p.frames[i].x, p.outline.scores(radii[i])...)
	}
	if err := p.density.fit(p.frames); err != nil {
		return nil, err
	}
	p.palette = colourways(p.frames)
	p.limit = percentile(p.frames, 0.01)
	p.version = Model + " " + p.fingerprint()
	return p, nil
}

// distinct are the products to learn from, in the order of their IDs.
func distinct(products []*catalog.Product) []*catalog.Product {
	last := map[string]*catalog.Product{}
	for _, p := range products {
		if p.Wearable() && p.Origin.Source != Source {
			last[p.ID] = p
		}
	}
	out := make([]*catalog.Product, 0, len(last))
	for _, p := range last {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b *catalog.Product) int { return strings.Compare(a.ID, b.ID) })
	return out
}

func familyOf(p *catalog.Product) family {
	f := family{p.Eyewear.Shape, p.Eyewear.Material, p.Kind}
	if f.kind == "" {
		f.kind = kindOf(&p.Variants[0].Lens)
	}
	return f
}

// kindOf is what a lens is for, by how much light it lets through.
func kindOf(l *catalog.Lens) catalog.Kind {
	if l.Transmission < 0.6 {
		return catalog.Sun
	}
	return catalog.Optical
}

// Version names the prior for records: what it is and a hash of all that it
// learned from. Priors of one version propose the same frames.
func (p *Prior) Version() string { return p.version }

// Len is how many frames the prior learned from.
func (p *Prior) Len() int { return len(p.frames) }

// Limit is the difference from a frame that exists below which a proposal is
// its copy, mm: the 1st percentile of the differences between frames.
func (p *Prior) Limit() float64 { return p.limit }

// fingerprint is the beginning of the hash of all that a draw depends on.
func (p *Prior) fingerprint() string {
	type learned struct {
		ID      string
		Kind    catalog.Kind
		Eyewear catalog.Eyewear
		Looks   []catalog.Variant
	}
	var all []learned
	for _, f := range p.frames {
		l := learned{ID: f.product.ID, Kind: f.family.kind, Eyewear: f.product.Eyewear}
		for _, c := range p.palette {
			if c.product == f.product.ID {
				l.Looks = append(l.Looks, c.look)
			}
		}
		all = append(all, l)
	}
	b, err := json.Marshal(all)
	if err != nil { // a measure that is no number cannot be worn
		panic(fmt.Sprintf("frames: %v", err))
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])[:12]
}

// percentile of the differences between all pairs, of at most 2000 frames.
func percentile(frames []frame, share float64) float64 {
	frames = frames[:min(len(frames), 2000)]
	var all []float64
	for i := range frames {
		for j := range i {
			all = append(all, frames[i].look.apart(frames[j].look))
		}
	}
	slices.Sort(all)
	return stat.Quantile(share, stat.Empirical, all, nil)
}

// outlines are lenses' outlines as a mean and the directions in which they vary
// (principal components), the most first.
type outlines struct {
	mean       []float64
	components *mat.Dense // rays x number
}

// Of the outlines' variance this much is kept, in at most so many directions.
const (
	keptVariance = 0.995
	mostScores   = 8
)

func (o *outlines) fit(radii [][]float64) error {
	data := mat.NewDense(len(radii), rays, slices.Concat(radii...))
	var pc stat.PC
	if !pc.PrincipalComponents(data, nil) {
		return errors.New("frames: the outlines of the catalogue's lenses have no principal components")
	}
	o.mean = make([]float64, rays)
	for k := range o.mean {
		o.mean[k] = stat.Mean(mat.Col(nil, k, data), nil)
	}
	vars, total, n, sum := pc.VarsTo(nil), 0.0, 0, 0.0
	for _, v := range vars {
		total += v
	}
	for n < min(len(vars), mostScores) && sum < keptVariance*total {
		sum += vars[n]
		n++
	}
	var all mat.Dense
	pc.VectorsTo(&all)
	o.components = mat.DenseCopyOf(all.Slice(0, rays, 0, n))
	return nil
}

// scores are how far an outline lies from the mean in each direction.
func (o *outlines) scores(radii []float64) []float64 {
	d := make([]float64, rays)
	for k := range d {
		d[k] = radii[k] - o.mean[k]
	}
	var s mat.VecDense
	s.MulVec(o.components.T(), mat.NewVecDense(rays, d))
	return s.RawVector().Data
}

// radii are those of scores.
func (o *outlines) radii(scores []float64) []float64 {
	var r mat.VecDense
	r.MulVec(o.components, mat.NewVecDense(len(scores), scores))
	out := r.RawVector().Data
	for k := range out {
		out[k] += o.mean[k]
	}
	return out
}
