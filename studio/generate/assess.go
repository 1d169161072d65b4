package generate

import (
	"fmt"
	"image"
)

// Doubt is what may be wrong with a design; "" nothing is.
type Doubt string

const (
	DoubtCopy     Doubt = "copy"     // it looks too much like a picture that the designer learned from
	DoubtCategory Doubt = "category" // the classifier takes it for something else
	DoubtColour   Doubt = "colour"   // it came out otherwise than asked
	DoubtPoor     Doubt = "poor"     // the discriminator holds it for drawn
)

// Thresholds of the quality filter.
const (
	leastBelief = 0.5  // of the classifier in the category
	leastRank   = 0.02 // of the discriminator's score among real photos'
)

// assess fills in what a design looks like and what is wrong with it.
// colour is the asked one, "" none.
func (d *Designer) assess(m *Design, colour string) error {
	seen, err := d.encoder.See(m.Image)
	if err != nil {
		return fmt.Errorf("generate: look at design %d: %w", m.Number, err)
	}
	score, dominant, err := d.score(m.Image, m.Category)
	if err != nil {
		return err
	}
	belief, rank := float64(seen.Classes[m.Category]), d.tables.rank(score)
	m.Lab = dominant
	m.Colour = ColourName(m.Lab)
	m.Quality = belief * rank
	m.Embedding = seen.Embedding
	m.Nearest = d.tables.nearest(seen.Embedding, 1)[0]
	switch {
	case m.Nearest.Distance < d.tables.CopyLimit:
		m.Doubt = DoubtCopy
	case seen.Class != m.Category || belief < leastBelief:
		m.Doubt = DoubtCategory
	case colour != "" && m.Colour != colour:
		m.Doubt = DoubtColour
	case rank < leastRank:
		m.Doubt = DoubtPoor
	}
	return nil
}

// score is the discriminator's of a picture as drawn, as one of a category, and
// the picture's dominant colour.
func (d *Designer) score(m *image.NRGBA, category string) (score float64, dominant Lab, err error) {
	dominant = toPlanes(d.judge.Input("planes"), m)
	d.ask(d.judge.Input("asked"), category, dominant)
	if err := d.judge.Run(); err != nil {
		return 0, dominant, err
	}
	out := d.judge.Output("score")
	return float64(out[0]), dominant, finite("the discriminator's score", out)
}
