package generate

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"

	"cheval/models"
	"cheval/models/weights"
	"cheval/studio/embed"
)

// Model is the designer's name for records.
const Model = "designer"

// MaxCount is how many designs one request may ask for.
const MaxCount = 10_000

// attempts bounds how often one design is tried, mostAttempts how often where
// all looked too much like training pictures.
const attempts, mostAttempts = 12, 60

// Request says what to design.
type Request struct {
	Category string // one of Knows
	Colour   string // one of Knows; "" as products of the category are
	Like     []Liked
	Count    int   // designs, 1 to MaxCount
	First    int   // the number of the first, from 0: "more" goes on from there
	Seed     int64 // from 0
}

// Design is one picture, with all that made it.
type Design struct {
	Number   int // within the request, from First
	Seed     int64
	Attempt  int // the one that was taken
	Tries    int // that were drawn to get it
	Category string
	Colour   string // by ColourName of Lab
	Lab      Lab    // the dominant colour
	Image    *image.NRGBA
	Style    Style // draws Image again
	// Quality is the classifier's belief in the category times the rank of the
	// discriminator's score among real photos: 0 to 1.
	Quality   float64
	Nearest   Nearest
	Doubt     Doubt // of the best of all attempts
	Embedding embed.Embedding
}

// Designer designs products. One goroutine at a time may use it.
type Designer struct {
	tables         *tables
	mapper, drawer *models.Session
	reader, judge  *models.Session
	encoder        *embed.Encoder
	version        string
}

// Installed says whether this program ships with a designer.
func Installed() bool {
	_, err := weights.Read("designer.tables.json")
	return err == nil
}

// Open starts the designer's networks on r; it takes a second. Close it before
// r.
func Open(r *models.Runtime) (_ *Designer, err error) {
	d := &Designer{}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	if !Installed() {
		return nil, errors.New("generate: no designer is installed: this build of Cheval ships without one; take a release that has it")
	}
	if d.tables, err = readTables(); err != nil {
		return nil, err
	}
	for name, s := range map[string]**models.Session{
		"designer_map": &d.mapper, "designer_draw": &d.drawer, "designer_read": &d.reader, "designer_judge": &d.judge} {
		onnx, err := weights.Read(name + ".onnx")
		if err != nil {
			return nil, err
		}
		if *s, err = r.LoadONNX(name, onnx); err != nil {
			return nil, err
		}
	}
	if d.encoder, err = embed.Open(r); err != nil {
		return nil, err
	}
	mark, err := weights.Mark("designer_draw.onnx")
	if err != nil {
		return nil, err
	}
	d.version = Model + " " + mark
	return d, d.fits()
}

// fits checks that the networks belong together.
func (d *Designer) fits() error {
	style, asked := len(d.mapper.Output("style")), len(d.mapper.Input("asked"))
	switch {
	case asked != len(d.tables.Categories)+3:
		return fmt.Errorf("generate: the designer takes %d numbers of what is asked for and its tables make %d", asked, len(d.tables.Categories)+3)
	case len(d.drawer.Input("coarse")) != style || len(d.reader.Output("style")) != style:
		return fmt.Errorf("generate: the designer's styles are %d, %d and %d numbers long; they must be equal", style, len(d.drawer.Input("coarse")), len(d.reader.Output("style")))
	case len(d.drawer.Output("planes")) != 4*pixels:
		return fmt.Errorf("generate: the designer draws %d numbers; %d were expected", len(d.drawer.Output("planes")), 4*pixels)
	}
	return nil
}

// Close ends the sessions. It may be called twice.
func (d *Designer) Close() (err error) {
	for _, s := range []*models.Session{d.mapper, d.drawer, d.reader, d.judge} {
		if s != nil {
			err = errors.Join(err, s.Close())
		}
	}
	if d.encoder != nil {
		err = errors.Join(err, d.encoder.Close())
	}
	return err
}

// Known are the words that a request may use.
type Known struct{ Categories, Colours []string }

// Knows lists the categories and colours that may be asked for.
func (d *Designer) Knows() Known { return Known{d.tables.Categories, d.tables.Colours} }

// Check says what is wrong with a request, before anything is drawn.
func (d *Designer) Check(r Request) error { return d.tables.check(r) }

// Generate makes the request's designs one after another and hands each over
// when it is done. It ends early where give fails or ctx ends.
func (d *Designer) Generate(ctx context.Context, r Request, give func(*Design) error) error {
	if err := d.Check(r); err != nil {
		return err
	}
	for n := r.First; n < r.First+r.Count; n++ {
		design, err := d.design(ctx, r, n)
		if err != nil {
			return err
		}
		if err := give(design); err != nil {
			return err
		}
	}
	return nil
}

// design tries until an attempt is good, or takes the best of all, which is no
// copy.
func (d *Designer) design(ctx context.Context, r Request, number int) (best *Design, err error) {
	for i := 0; i < attempts || i < mostAttempts && best.Doubt == DoubtCopy; i++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		made, err := d.attempt(r, number, i)
		if err != nil {
			return nil, err
		}
		if best == nil || made.Doubt == "" || better(made, best) {
			best = made
		}
		if best.Tries = i + 1; made.Doubt == "" {
			return made, nil
		}
	}
	return best, nil
}

// better prefers what is no copy, then quality.
func better(a, b *Design) bool {
	if (a.Doubt == DoubtCopy) != (b.Doubt == DoubtCopy) {
		return b.Doubt == DoubtCopy
	}
	return a.Quality > b.Quality
}

// attempt draws one picture and judges it.
func (d *Designer) attempt(r Request, number, i int) (*Design, error) {
	c := newChance(r.Seed, number, i)
	like := blend(c, r.Like)
	colour := d.tables.colour(c, r.Category, r.Colour)
	if like != nil && r.Colour == "" {
		colour = like.colour
	}
	style, err := d.newStyle(c, r.Category, colour, like)
	if err != nil {
		return nil, err
	}
	made := &Design{Number: number, Seed: r.Seed, Attempt: i, Category: r.Category, Style: style}
	return made, d.finish(made, r.Colour)
}

// finish draws a design's style and judges the picture.
func (d *Designer) finish(made *Design, colour string) (err error) {
	if made.Image, err = d.Draw(made.Style); err != nil {
		return err
	}
	return d.assess(made, colour)
}

// Recolour draws a design in another colour, as products of its category have
// it; form and fabric stay.
func (d *Designer) Recolour(m *Design, colour string) (*Design, error) {
	if err := d.tables.check(Request{Category: m.Category, Colour: colour, Count: 1}); err != nil {
		return nil, err
	}
	made := &Design{Number: m.Number, Seed: m.Seed, Attempt: m.Attempt, Category: m.Category, Style: m.Style}
	made.Style.colour = d.tables.colour(newChance(m.Seed, m.Number, m.Attempt), m.Category, colour)
	return made, d.finish(made, colour)
}

// ask writes what is asked for as the networks take it.
func (d *Designer) ask(dst []float32, category string, colour Lab) {
	n := len(d.tables.Categories)
	for i, name := range d.tables.Categories {
		dst[i] = 0
		if name == category {
			dst[i] = 1
		}
	}
	dst[n] = float32((colour[0] - 50) / labScale)
	dst[n+1], dst[n+2] = float32(colour[1]/labScale), float32(colour[2]/labScale)
}

func finite(what string, v []float32) error {
	for _, x := range v {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return fmt.Errorf("generate: %s holds what is no number: the designer's weights may be damaged, or the device may be at fault; try the CPU", what)
		}
	}
	return nil
}
