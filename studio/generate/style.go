package generate

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"math"

	"cheval/studio/embed"
)

// Style is what a product looks like: its form, its fabric (what is finer than
// form), and its dominant colour. It draws the product, bit for bit on the same
// device and version.
type Style struct {
	form, fabric []float32
	colour       Lab
}

// Liked is a product that designs are to be like.
type Liked struct {
	Name   string
	Style  Style
	Weight float64 // beside the others', above 0
}

// maxStyle bounds the text of a style.
const maxStyle = 1 << 16

// MarshalText writes a style for a record: form and fabric as float32 and the
// colour as float64, little-endian, in base64.
func (s Style) MarshalText() ([]byte, error) {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(s.form)))
	for _, part := range [][]float32{s.form, s.fabric} {
		for _, v := range part {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
	}
	for _, v := range s.colour {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return base64.StdEncoding.AppendEncode(nil, b), nil
}

var errStyle = errors.New("generate: this is no style of a design")

// UnmarshalText reads what MarshalText wrote. It takes foreign text.
func (s *Style) UnmarshalText(text []byte) error {
	if len(text) > maxStyle {
		return errStyle
	}
	b, err := base64.StdEncoding.AppendDecode(nil, text)
	if err != nil || len(b) < 4 {
		return errStyle
	}
	n := int(binary.LittleEndian.Uint32(b))
	if b = b[4:]; n > maxStyle || len(b) != 8*n+24 {
		return errStyle
	}
	out := Style{form: make([]float32, n), fabric: make([]float32, n)}
	for i := range n {
		out.form[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		out.fabric[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*(n+i):]))
	}
	for c := range out.colour {
		out.colour[c] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*n+8*c:]))
		if math.IsNaN(out.colour[c]) || math.IsInf(out.colour[c], 0) {
			return errStyle
		}
	}
	if finite("", out.form) != nil || finite("", out.fabric) != nil {
		return errStyle
	}
	*s = out
	return nil
}

// Read takes the style off a product's cut-out.
func (d *Designer) Read(cutout *image.NRGBA) (Style, error) {
	colour := toPlanes(d.reader.Input("planes"), embed.Normalise(cutout))
	if err := d.reader.Run(); err != nil {
		return Style{}, err
	}
	w := append([]float32(nil), d.reader.Output("style")...)
	return Style{w, w, colour}, finite("the style of a picture", w)
}

// Draw draws a style: a design again as it was, or what Read understood of a
// picture. It is embed.Edge wide and high, a cut-out.
func (d *Designer) Draw(s Style) (*image.NRGBA, error) {
	form, fabric := d.drawer.Input("coarse"), d.drawer.Input("fine")
	if len(s.form) != len(form) || len(s.fabric) != len(fabric) {
		return nil, fmt.Errorf("generate: a style of %d numbers cannot be drawn: this version's designer takes %d", len(s.form), len(form))
	}
	copy(form, s.form)
	copy(fabric, s.fabric)
	if err := d.drawer.Run(); err != nil {
		return nil, err
	}
	planes := d.drawer.Output("planes")
	if err := finite("the drawing", planes); err != nil {
		return nil, err
	}
	m := fromPlanes(planes, s.colour)
	tidy(m)
	return m, nil
}

// newStyle makes a style of what is asked for, drawn towards the liked one
// where there is one, its form less than its fabric.
func (d *Designer) newStyle(c *chance, category string, colour Lab, like *Style) (Style, error) {
	c.fill(d.mapper.Input("noise"), 1)
	d.ask(d.mapper.Input("asked"), category, colour)
	if err := d.mapper.Run(); err != nil {
		return Style{}, err
	}
	w := d.mapper.Output("style")
	s := Style{append([]float32(nil), w...), append([]float32(nil), w...), colour}
	if like != nil {
		form, fabric := float32(0.35+0.3*c.uniform()), float32(0.5+0.35*c.uniform())
		for i := range w {
			s.form[i] += form * (like.form[i] - w[i])
			s.fabric[i] += fabric * (like.fabric[i] - w[i])
		}
	}
	return s, nil
}

// blend mixes the liked styles in shares that chance moves about their weights;
// nil where nothing is liked.
func blend(c *chance, liked []Liked) *Style {
	if len(liked) == 0 {
		return nil
	}
	shares, total, first := make([]float64, len(liked)), 0.0, 0
	for i, l := range liked {
		shares[i] = -math.Log(1-c.uniform()) * l.Weight // a Dirichlet draw of shape 1
		total += shares[i]
		if shares[i] > shares[first] {
			first = i
		}
	}
	n := len(liked[0].Style.form)
	out := &Style{make([]float32, n), make([]float32, n), liked[first].Style.colour}
	for i, l := range liked {
		share := float32(shares[i] / max(total, 1e-300))
		for k := range n {
			out.form[k] += share * l.Style.form[k]
			out.fabric[k] += share * l.Style.fabric[k]
		}
	}
	return out
}
