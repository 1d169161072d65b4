package refine

import (
	"errors"
	"fmt"
	"image"
	"slices"
	"time"

	"cheval/models"
	"cheval/tryon/perceive"
	"cheval/tryon/render"
)

// Size is a size of the network's input, in cells.
type Size struct{ W, H int }

func (s Size) String() string { return fmt.Sprintf("%d×%d", s.W, s.H) }

// sizes that a network is run at, the largest first: of the same shape, so that
// the crop is the same. Training sees them all.
var sizes = [...]Size{{256, 128}, {192, 96}, {128, 64}}

// Names of the network's tensors, and its outputs' planes: gain less 1, then
// offset, of red, green and blue in sRGB 0..1.
const (
	inputName, outputName = "crop", "change"
	changePlanes          = 6
)

// Refiner runs the network at each of its sizes, with tensors allocated for
// life. It is for one goroutine at a time and allocates nothing per frame.
type Refiner struct {
	nets  []*models.Session // as sizes
	pace  pace
	input Input
	apply applier
}

// Open starts a network from its ONNX file, whose height and width must be open.
// What does not fit is refused with what was expected and what was found, and
// so is a network that gives no finite numbers for a grey picture.
func Open(rt *models.Runtime, onnx []byte) (_ *Refiner, err error) {
	r := &Refiner{}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	for _, s := range sizes {
		n, err := load(rt, onnx, s)
		if err != nil {
			return nil, fmt.Errorf("refine: the refiner cannot run: %w", err)
		}
		r.nets = append(r.nets, n)
	}
	return r, r.try()
}

// load starts the network at one size.
func load(rt *models.Runtime, onnx []byte, s Size) (*models.Session, error) {
	fixed, err := models.Fixed(onnx, models.RefinerShapes(s.W, s.H))
	if err != nil {
		return nil, err
	}
	return rt.LoadONNX("refiner "+s.String(), fixed)
}

// Close ends the sessions. It may be called twice.
func (r *Refiner) Close() (err error) {
	for _, n := range r.nets {
		err = errors.Join(err, n.Close())
	}
	return err
}

// try runs the smallest network on grey.
func (r *Refiner) try() error {
	n := r.nets[len(r.nets)-1]
	in := n.Input(inputName)
	for i := range in {
		in[i] = 0.5
	}
	if err := n.Run(); err != nil {
		return err
	}
	return checkFinite(n.Output(outputName))
}

// SetBudget has the size follow what refining a frame may take, beginning with
// what a trial of the smallest makes likely; 0: the largest, whatever it takes.
func (r *Refiner) SetBudget(d time.Duration) error {
	r.pace = pace{budget: d}
	if d == 0 {
		return nil
	}
	small := len(sizes) - 1
	best := time.Hour
	for range trials {
		start := time.Now()
		if err := r.nets[small].Run(); err != nil {
			return err
		}
		best = min(best, time.Since(start))
	}
	r.pace.begin(best * trialShare)
	return nil
}

const (
	trials = 3
	// trialShare is what refining takes in all, for one run of the network.
	trialShare = 2
)

// SetSize stays with one of Sizes; another counts as the largest.
func (r *Refiner) SetSize(s Size) { r.pace = pace{step: max(slices.Index(sizes[:], s), 0)} }

// Sizes are those that the network is run at, the largest first.
func Sizes() []Size { return slices.Clone(sizes[:]) }

// Took tells what refining a whole frame took, for the budget.
func (r *Refiner) Took(d time.Duration) { r.pace.took(d) }

// Size is what a guide must have for the next Refine.
func (r *Refiner) Size() Size { return sizes[r.pace.step] }

// Refine refines what was drawn on composite with guide g, of the Size that
// the refiner asked for, and returns the rectangle outside of which nothing has
// changed. frame is the picture without the product. It is an error where the
// network gives numbers that are not finite; composite is then as it was.
func (r *Refiner) Refine(composite, frame *image.RGBA, g *render.Guide, face *perceive.Face) (image.Rectangle, error) {
	if !g.Drawn {
		return image.Rectangle{}, nil
	}
	n := r.nets[r.pace.step]
	r.input.Data = n.Input(inputName)
	r.input.Set(frame, composite, g, face)
	if err := n.Run(); err != nil {
		return image.Rectangle{}, err
	}
	change := n.Output(outputName)
	if err := checkFinite(change); err != nil {
		return image.Rectangle{}, err
	}
	r.input.weigh(change)
	return r.apply.apply(composite, change, g), nil
}

// weigh multiplies a change with the fade.
func (p *Input) weigh(change []float32) {
	n := p.W * p.H
	for c := range changePlanes {
		plane := change[c*n : (c+1)*n]
		for i, f := range p.Fade {
			plane[i] *= f
		}
	}
}

// ErrNotFinite says that the network gave NaN or infinities.
var ErrNotFinite = errors.New("refine: the refiner gave numbers that are not finite: its weights are damaged")

func checkFinite(v []float32) error {
	var sum float32
	for _, x := range v {
		sum += x - x // 0, or NaN for good
	}
	if sum != 0 {
		return ErrNotFinite
	}
	return nil
}
