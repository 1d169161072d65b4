package photo

import (
	"fmt"
	"image"
	"math"
	"math/bits"

	"cheval/studio/internal/pixels"

	"github.com/corona10/goimagehash"
)

// Print is what two photos are compared by.
type Print struct {
	// Hash is the perceptual hash (of the DCT, 64 bits).
	Hash uint64
	// Colours are the mean colours of 4x4 fields, sRGB: one cut photographed
	// alike in two colourways is two products.
	Colours [16][3]uint8
}

// PrintOf computes a photo's print.
func PrintOf(img *image.RGBA) (p Print, err error) {
	small := image.NewRGBA(image.Rect(0, 0, 64, 64))
	if err := pixels.Scale(img, small); err != nil {
		return p, err
	}
	hash, err := goimagehash.PerceptionHash(small)
	if err != nil {
		return p, fmt.Errorf("photo: perceptual hash: %w", err)
	}
	p.Hash = hash.GetHash()
	fields := image.NewRGBA(image.Rect(0, 0, 4, 4))
	if err := pixels.Scale(small, fields); err != nil {
		return p, err
	}
	for i := range p.Colours {
		copy(p.Colours[i][:], fields.Pix[4*i:])
	}
	return p, nil
}

// Distance says how different two photos are: bits of the hash (0..64), and
// colour (root mean square over the fields, 0..255).
func Distance(a, b Print) (hash int, colour float64) {
	sum := 0.0
	for i := range a.Colours {
		for c := range 3 {
			d := float64(a.Colours[i][c]) - float64(b.Colours[i][c])
			sum += d * d
		}
	}
	return bits.OnesCount64(a.Hash ^ b.Hash), math.Sqrt(sum / (3 * float64(len(a.Colours))))
}

// AlikeBits and AlikeColour are how far apart two photos may be and still be
// called nearly the same (docs/studio.md tells how they were found).
const (
	AlikeBits   = 12
	AlikeColour = 28
)

// Group is a set of photos that are nearly the same, each with its distance
// from the first.
type Group struct {
	Photos []int // indices into the prints, rising
	Bits   []int // of the hash, 0 for the first
}

// Groups finds the near-duplicates among prints; photos without any are in no
// group. Being alike is passed on, so that a series stands together.
func Groups(prints []Print) (groups []Group) {
	parent := make([]int, len(prints))
	for i := range parent {
		parent[i] = i
	}
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for i := range prints {
		for j := range i {
			if b, c := Distance(prints[i], prints[j]); b <= AlikeBits && c <= AlikeColour {
				a, b := root(i), root(j)
				parent[max(a, b)] = min(a, b)
			}
		}
	}
	at := map[int]int{}
	for i := range prints {
		r := root(i)
		if r == i {
			continue
		}
		if _, ok := at[r]; !ok {
			at[r] = len(groups)
			groups = append(groups, Group{Photos: []int{r}, Bits: []int{0}})
		}
		g := &groups[at[r]]
		b, _ := Distance(prints[i], prints[r])
		g.Photos, g.Bits = append(g.Photos, i), append(g.Bits, b)
	}
	return groups
}
