package studio

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"io"
	"strconv"
	"time"

	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/studio/embed"
	"cheval/studio/enhance"
	"cheval/studio/generate"
	"cheval/studio/photo"
)

// enlargeDesign are the factors by which a kept design is enlarged, one after
// the other: from 128 pixels to what a shop shows.
var enlargeDesign = [...]int{4, 2}

// Drafts is where a draft's pictures go; store.Store is one.
type Drafts interface {
	PutPicture(r io.Reader) (hash string, err error)
	embed.Shop
}

// Draft makes a draft of a design: the picture as it was drawn, whose step makes
// it again bit for bit, the same enlarged by the super-resolution model, and a
// picture for the shop. The pictures are kept; the batch is the caller's to
// apply.
func (s *Studio) Draft(ctx context.Context, to Drafts, m *generate.Design, step catalog.Step, name map[string]string) (b store.Batch, err error) {
	p := &catalog.Product{ID: designID(m, step), State: catalog.Draft, Category: m.Category, Name: name,
		Origin: catalog.Origin{Source: "generated", At: time.Now().UTC().Truncate(time.Second), Steps: []catalog.Step{step}}}
	p.Variants = []catalog.Variant{{SKU: p.ID, Colour: m.Colour}}
	cut, err := s.CutOut(ctx, photoOf(m.Image))
	if err != nil {
		return b, err
	}
	large := &Picture{Image: m.Image, Steps: []catalog.Step{step}}
	for _, factor := range enlargeDesign {
		if err := ctx.Err(); err != nil {
			return b, err
		}
		if err := s.enlargeBy(large, factor); err != nil {
			return b, err
		}
	}
	steepen(large.Image)
	large.note(s.step("edge", "", map[string]string{"steepness": strconv.Itoa(steepness)}))
	cut.Image, cut.Steps = large.Image, large.Steps
	plan := ShopPlan()
	plan.Straighten, plan.Adjust = false, &enhance.Adjust{} // it was drawn upright and in its colour
	shop, err := s.Make(ctx, cut, plan)
	if err != nil {
		return b, err
	}
	for _, made := range []struct {
		role  catalog.Role
		image *image.NRGBA
		steps []catalog.Step
	}{{catalog.Original, m.Image, []catalog.Step{step}}, {catalog.CutOut, large.Image, large.Steps}, {catalog.Enhanced, shop.Image, shop.Steps}} {
		x, err := keepDrawn(to, made.image)
		if err != nil {
			return b, fmt.Errorf("studio: keep design %s: %w", p.ID, err)
		}
		x.Role, x.Name, x.Steps = made.role, p.ID+".png", made.steps
		if len(p.Pictures) > 0 {
			x.From = p.Pictures[0].Hash
		}
		p.Pictures = append(p.Pictures, x)
	}
	b = store.Batch{Kind: store.Generate, Note: p.ID, Put: []*catalog.Product{p}}
	if look, err := s.Embed(to, p); err == nil { // else it is made when the catalogue's are brought up to date
		b.Looks = []store.Vector{look}
	}
	return b, nil
}

// steepness is how much sharper a design's edge becomes once it is enlarged, for
// at 128 pixels it is some pixels wide.
const steepness = 3

// steepen sharpens a cut-out's edge about where it is half covered.
func steepen(m *image.NRGBA) {
	for i := 3; i < len(m.Pix); i += 4 {
		m.Pix[i] = uint8(min(max((int(m.Pix[i])-128)*steepness+128, 0), 255))
	}
}

func keepDrawn(to Drafts, m *image.NRGBA) (catalog.Picture, error) {
	var b bytes.Buffer
	if err := Encode(&b, m); err != nil {
		return catalog.Picture{}, err
	}
	hash, err := to.PutPicture(&b)
	return catalog.Picture{Hash: hash, Width: m.Rect.Dx(), Height: m.Rect.Dy()}, err
}

// designID tells designs apart: by what was asked, the seed and the place in
// the request, and by the colour, which may be another than was drawn first.
func designID(m *generate.Design, step catalog.Step) string {
	id := fmt.Sprintf("design-%s-%s-%s-%d", m.Category, m.Colour, strconv.FormatInt(m.Seed, 36), m.Number+1)
	sum := sha256.Sum256([]byte(step.Parameters["style"]))
	return id + "-" + hex.EncodeToString(sum[:4])
}

// photoOf is a cut-out as a photo that was cut out before.
func photoOf(m *image.NRGBA) *photo.Photo {
	p := &photo.Photo{Image: image.NewRGBA(m.Rect), Alpha: image.NewAlpha(m.Rect)}
	for i := range p.Alpha.Pix {
		a := int(m.Pix[4*i+3])
		for c := range 3 {
			p.Image.Pix[4*i+c] = uint8((int(m.Pix[4*i+c])*a + 255*(255-a) + 127) / 255)
		}
		p.Image.Pix[4*i+3], p.Alpha.Pix[i] = 255, uint8(a)
	}
	return p
}
