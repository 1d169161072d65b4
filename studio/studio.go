// Package studio makes products of photos: it runs the steps on a photo in
// their order, and records each so that it can be made again.
//
// It leaves to its parts what the steps do (photo, cutout, enhance), to
// studio/queue many photos, to studio/anchor what makes a picture wearable, and
// to catalog/store where products are kept.
package studio

import (
	"context"
	"errors"
	"fmt"
	"image"
	"strconv"
	"sync"
	"time"

	"cheval/catalog"
	"cheval/models"
	"cheval/studio/brush"
	"cheval/studio/cutout"
	"cheval/studio/embed"
	"cheval/studio/enhance"
	"cheval/studio/photo"
)

// Studio holds the models that photos pass. Any goroutine may use it; the
// models themselves run one photo at a time.
type Studio struct {
	runtime *models.Runtime
	version string

	mu       sync.Mutex // guards what follows
	cutter   *cutout.Cutter
	upscaler *enhance.Upscaler
	encoder  *embed.Encoder
	rest     time.Duration // without work after which the models are ended; 0: never
	resting  *time.Timer   // set when a model was used
	restErr  error         // of ending them then
	reader   *enhance.Reader
	noReader error // why there is none, once it was tried
}

// Open makes a studio that runs its models on r; version is Cheval's, for the
// record. Each model is started when it is first needed, which takes a second.
// Close the studio before r.
func Open(r *models.Runtime, version string) *Studio {
	return &Studio{runtime: r, version: version}
}

// Close ends the models' sessions and gives their memory back, two gigabytes of
// it. It may be called twice, and a studio that is used again starts them again.
func (s *Studio) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.resting != nil {
		s.resting.Stop() // one that runs already waits for mu, and finds nothing to end
	}
	err := errors.Join(s.restErr, s.end())
	s.restErr = nil
	return err
}

// RestAfter ends the models whenever none was used for d, as Close does; what
// needs them next starts them again. It is to be said before the first photo.
func (s *Studio) RestAfter(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rest = d
}

// used begins the wait for rest anew. mu is held.
func (s *Studio) used() {
	switch {
	case s.rest <= 0:
	case s.resting == nil:
		s.resting = time.AfterFunc(s.rest, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.restErr = errors.Join(s.restErr, s.end())
		})
	default:
		s.resting.Reset(s.rest)
	}
}

// end closes the models. mu is held.
func (s *Studio) end() (err error) {
	if s.cutter != nil {
		err = s.cutter.Close()
	}
	if s.upscaler != nil {
		err = errors.Join(err, s.upscaler.Close())
	}
	if s.encoder != nil {
		err = errors.Join(err, s.encoder.Close())
	}
	if s.reader != nil {
		err = errors.Join(err, s.reader.Close())
	}
	s.cutter, s.upscaler, s.encoder, s.reader, s.noReader = nil, nil, nil, nil, nil
	return err
}

// Picture is a picture on its way, with how it was made.
type Picture struct {
	Image    *image.NRGBA
	part     image.Rectangle // of the photo that it shows; zero: all
	Steps    []catalog.Step
	Problems []photo.Problem
}

// Cut is a photo with its product found.
type Cut struct {
	Photo    *photo.Photo
	Coarse   *image.Alpha // what the network says
	Alpha    *image.Alpha // its refined edge
	Estimate enhance.Estimate
	Network  time.Duration // that the network took

	unmeasured []photo.Problem // of the Estimate
	Picture                    // the product alone
}

// CutOut takes the product out of a photo. A picture that has transparency of
// its own was cut out before, and keeps that.
func (s *Studio) CutOut(ctx context.Context, p *photo.Photo) (*Cut, error) {
	c := &Cut{Photo: p, Alpha: p.Alpha, Coarse: p.Alpha}
	if p.Alpha == nil {
		if err := s.find(ctx, c); err != nil {
			return nil, err
		}
		c.note(s.step("cutout", cutout.Model, nil))
	} else {
		c.note(s.step("own-alpha", "", nil))
	}
	return c, s.finish(c, nil)
}

// Recut is CutOut with a mask that a person corrected by these strokes. before,
// where not nil, is an earlier cut of the photo: its light is not measured again.
func (s *Studio) Recut(p *photo.Photo, alpha *image.Alpha, strokes []brush.Stroke, before *Cut) (*Cut, error) {
	c := &Cut{Photo: p, Alpha: alpha, Coarse: alpha}
	c.note(s.step("cutout", cutout.Model, nil))
	c.note(s.step("brush", "", strokesRecord(strokes)))
	return c, s.finish(c, before)
}

// strokesRecord is the strokes' text in parts that a record takes; of more
// than it takes, only how many there were.
func strokesRecord(strokes []brush.Stroke) map[string]string {
	const most, parts = 8000, 90
	out := map[string]string{"count": strconv.Itoa(len(strokes))}
	text := brush.Encode(strokes)
	if len(text) > most*parts {
		return out
	}
	for i := 0; len(text) > 0; i++ {
		n := min(most, len(text))
		out[fmt.Sprintf("strokes-%02d", i)] = text[:n]
		text = text[n:]
	}
	return out
}

// find runs the network and refines what it says.
func (s *Studio) find(ctx context.Context, c *Cut) (err error) {
	if c.Coarse, c.Network, err = s.coarse(ctx, c.Photo.Image); err != nil {
		return err
	}
	c.Alpha = cutout.Refine(c.Photo.Image, c.Coarse)
	return ctx.Err()
}

// coarse is what the network says, when it is this photo's turn, and how long
// it took.
func (s *Studio) coarse(ctx context.Context, img *image.RGBA) (_ *image.Alpha, took time.Duration, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	defer s.used()
	if s.cutter == nil {
		if s.cutter, err = cutout.Open(s.runtime); err != nil {
			return nil, 0, err
		}
	}
	began := time.Now()
	mask, err := s.cutter.Cut(img)
	return mask, time.Since(began), err
}

// finish measures and judges the photo and takes the product out. before is an
// earlier cut of it, or nil.
func (s *Studio) finish(c, before *Cut) (err error) {
	if c.Problems, err = photo.Judge(c.Photo.Image, c.Alpha); err != nil {
		return err
	}
	if before != nil {
		c.Estimate, c.unmeasured = before.Estimate, before.unmeasured
	} else {
		c.Estimate, c.unmeasured = s.Measure(c.Photo)
	}
	c.Problems = append(c.Problems, c.unmeasured...)
	if c.Photo.Animated {
		c.Problems = append(c.Problems, photo.Problem{Kind: photo.Animated, Text: "it is animated: only its first picture is used"})
	}
	c.Image = cutout.Extract(c.Photo.Image, c.Alpha)
	if enhance.Bounds(c.Image).Empty() {
		c.Problems = append(c.Problems, photo.Problem{Kind: photo.NoProduct, Text: "no product was found: take it on a plainer background, or mark it by brush"})
	}
	return nil
}

func (p *Picture) note(step catalog.Step) { p.Steps = append(p.Steps, step) }

func (s *Studio) step(tool, model string, parameters map[string]string) catalog.Step {
	if model != "" {
		model = modelName(model)
	}
	return catalog.Step{Tool: tool, Model: model, Version: s.version, Parameters: parameters, At: time.Now().UTC().Truncate(time.Second)}
}

// modelName is the model's name with the beginning of its file's hash.
func modelName(name string) string {
	for _, it := range models.Manifest() {
		if it.Name == name {
			return name + " " + it.SHA256[:12]
		}
	}
	return name
}

// Plan says what is made of a cut-out.
type Plan struct {
	// Adjust are the sliders; nil takes enhance.Auto.
	Adjust *enhance.Adjust
	// Straighten turns a crooked product upright.
	Straighten bool
	Framing    enhance.Framing
	// Least is the longer side below which the product is enlarged by the
	// super-resolution model; 0 never.
	Least    int
	Colour   string // recoloured to this name or #rrggbb; "" as it is
	Backdrop enhance.Backdrop
	Shadow   enhance.Shadow
}

// ShopPlan is the usual one: a square picture on white with a soft shadow.
func ShopPlan() Plan {
	return Plan{Straighten: true, Framing: enhance.Framing{Margin: 0.06, Square: true}, Least: 800, Backdrop: enhance.White, Shadow: enhance.Soft}
}

// Make follows a plan. c is not changed.
func (s *Studio) Make(ctx context.Context, c *Cut, plan Plan) (*Picture, error) {
	p := &Picture{Image: c.Image, Steps: append([]catalog.Step(nil), c.Steps...), Problems: c.Problems}
	for _, do := range []func(*Picture, *Cut, Plan) error{s.enlarge, s.adjust, s.recolour, s.frame, s.shop} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := do(p, c, plan); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Enhance adjusts a whole photo, or a picture that was cut out before, by what
// was measured of it, and enlarges it 1, 2 or 4 times.
func (s *Studio) Enhance(ctx context.Context, in *photo.Photo, e enhance.Estimate, a enhance.Adjust, factor int) (*Picture, error) {
	alpha := in.Alpha
	if alpha == nil {
		alpha = image.NewAlpha(in.Image.Rect)
		for i := range alpha.Pix {
			alpha.Pix[i] = 255
		}
	}
	c := &Cut{Photo: in, Estimate: e}
	p := &Picture{Image: cutout.Extract(in.Image, alpha)}
	var err error
	if p.Problems, err = photo.Judge(in.Image, in.Alpha); err != nil {
		return nil, err
	}
	if factor > 1 {
		if err := s.enlargeBy(p, factor); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return p, s.adjust(p, c, Plan{Adjust: &a})
}

// Vary makes pictures to train on of a framed, square cut-out, on a backdrop.
func (s *Studio) Vary(ctx context.Context, framed *Picture, name string, a enhance.Augment, b enhance.Backdrop, shadow enhance.Shadow) (out []*Picture, err error) {
	for i := range a.Variants {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		chance := a.Chance(name, i)
		p := &Picture{Steps: append([]catalog.Step(nil), framed.Steps...), Problems: framed.Problems}
		if p.Image, err = a.Vary(framed.Image, chance); err != nil {
			return nil, err
		}
		step := s.step("augment", "", chance.Parameters())
		step.Seed = a.Seed
		p.note(step)
		if err := s.shop(p, nil, Plan{Backdrop: b, Shadow: shadow}); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// enlarge makes small products larger. It stands first, on the photo's own
// pixels, of which the network learned.
func (s *Studio) enlarge(p *Picture, _ *Cut, plan Plan) error {
	box := enhance.Bounds(p.Image)
	factor := enhance.FactorFor(max(box.Dx(), box.Dy()), plan.Least)
	if factor == 1 || box.Empty() {
		return nil
	}
	p.part = box.Inset(-8).Intersect(p.Image.Rect)
	p.Image = crop(p.Image, p.part)
	return s.enlargeBy(p, factor)
}

func (s *Studio) enlargeBy(p *Picture, factor int) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.used()
	if s.upscaler == nil {
		if s.upscaler, err = enhance.OpenUpscaler(s.runtime); err != nil {
			return err
		}
	}
	if p.Image, err = s.upscaler.Upscale(p.Image, factor); err != nil {
		return err
	}
	p.note(s.step("upscale", enhance.UpscaleModel(factor), map[string]string{"factor": strconv.Itoa(factor)}))
	return nil
}

// crop copies a part.
func crop(m *image.NRGBA, r image.Rectangle) *image.NRGBA {
	r = r.Intersect(m.Rect)
	out := image.NewNRGBA(r.Sub(r.Min))
	for y := range r.Dy() {
		copy(out.Pix[y*out.Stride:(y+1)*out.Stride], m.Pix[(r.Min.Y+y)*m.Stride+4*r.Min.X:])
	}
	return out
}

func (s *Studio) adjust(p *Picture, c *Cut, plan Plan) (err error) {
	a := enhance.Auto(c.Estimate)
	if plan.Adjust != nil {
		a = *plan.Adjust
	}
	e := c.Estimate
	model := ""
	if e.Correction != nil && a.Learned > 0 {
		model = e.Correction.Model
		if !p.part.Empty() {
			e.Correction = e.Correction.Within(p.part, c.Photo.Image.Rect)
		}
	}
	if p.Image, err = enhance.Apply(p.Image, e, a); err != nil {
		return err
	}
	p.note(s.step("enhance", model, map[string]string{
		"learned":       number(a.Learned),
		"white_balance": number(a.WhiteBalance), "exposure": number(a.Exposure), "local_contrast": number(a.LocalContrast),
		"denoise": number(a.Denoise), "sharpness": number(a.Sharpness),
		"gain":  number(e.Gain[0]) + " " + number(e.Gain[1]) + " " + number(e.Gain[2]),
		"black": number(e.Black), "white": number(e.White), "noise": number(e.Noise),
	}))
	return nil
}

func (s *Studio) recolour(p *Picture, _ *Cut, plan Plan) error {
	if plan.Colour == "" {
		return nil
	}
	target, err := enhance.ParseColour(plan.Colour)
	if err != nil {
		return err
	}
	p.Image = enhance.Recolour(p.Image, target)
	p.note(s.step("recolour", "", map[string]string{"colour": plan.Colour}))
	return nil
}

func (s *Studio) frame(p *Picture, _ *Cut, plan Plan) (err error) {
	f := plan.Framing
	if plan.Straighten {
		if f.Turn, err = enhance.Tilt(p.Image); err != nil {
			return err
		}
	}
	if p.Image, err = enhance.Frame(p.Image, f); err != nil {
		return err
	}
	p.note(s.step("frame", "", map[string]string{
		"turn": number(f.Turn), "margin": number(f.Margin), "square": strconv.FormatBool(f.Square), "size": strconv.Itoa(f.Size),
	}))
	return nil
}

func (s *Studio) shop(p *Picture, _ *Cut, plan Plan) (err error) {
	if plan.Backdrop == "" || plan.Backdrop == enhance.Transparent && plan.Shadow == enhance.NoShadow {
		return nil
	}
	if p.Image, err = enhance.Shop(p.Image, plan.Backdrop, plan.Shadow); err != nil {
		return err
	}
	p.note(s.step("shop", "", map[string]string{"backdrop": string(plan.Backdrop), "shadow": string(plan.Shadow)}))
	return nil
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
