package viewport

import (
	"context"
	"fmt"
	"image"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hajimehoshi/ebiten/v2"
)

const (
	// settleIn is how many pictures the CPU paints before Ebitengine is
	// started, so that it does not hold up a mirror that is just opening.
	settleIn = 20
	// Of Ebitengine's first pictures, warmUp are not counted (it compiles its
	// shaders and makes its textures), and the next trial are.
	warmUp = 6
	trial  = 15
	// quickEnough is what a picture may take at the median for Ebitengine to be
	// kept, in nanoseconds a pixel: 5.4 ms, a sixth of a frame, for 1152×720.
	// With a graphics card it takes less; where software stands in for one it
	// takes 8 ms and more of both cores, which other stages need, and then the
	// quicker of the two paints.
	quickEnough = 6.5
)

// chooser paints with what is best on this machine. All its methods but want
// and shown belong to the mirror's goroutine.
type chooser struct {
	mode    Painter
	cpu     cpuPainter
	gpu     *gpuPainter // nil unless it is used
	ready   bool        // Ebitengine is up
	settled bool        // the choice is made: onCPU says which
	onCPU   bool
	why     string // for a person, where it is the CPU
	painted int
	times   struct{ cpu, gpu []float64 } // nanoseconds a pixel

	ctx     context.Context // of the mirror
	up      chan error      // Ebitengine's answer
	asked   bool
	poke    func()
	waiting sync.WaitGroup
	wall    func(image.Point) *scene
	wanted  atomic.Bool // a full-screen window, which only Ebitengine draws
}

// open prepares to choose. poke is called when Ebitengine answered.
func (c *chooser) open(ctx context.Context, mode Painter, poke func(), wall func(image.Point) *scene) {
	c.ctx, c.mode, c.poke, c.wall = ctx, mode, poke, wall
	c.up = make(chan error, 1)
	c.times.cpu = make([]float64, 0, trial)
	c.times.gpu = make([]float64, 0, warmUp+trial)
	switch mode {
	case OnCPU:
		c.settled, c.onCPU, c.why = true, true, "the CPU draws, as was asked"
	case OnEbitengine:
		c.settled = true
		c.ask()
	default:
		if !graphicsCard(filepath.Glob) {
			c.settled, c.onCPU, c.why = true, true, "the CPU draws: this machine has no graphics card"
		}
	}
}

// graphicsCard says whether there is a device that draws. Where there is none,
// a driver in software would share the CPU with everything else: on two cores
// it needs 9 ms of both for what the CPU paints by itself in 1.5, and Ebitengine
// 60 MB. So it is not even tried.
func graphicsCard(glob func(string) ([]string, error)) bool {
	if runtime.GOOS != "linux" {
		return true
	}
	for _, device := range [...]string{"/dev/dri/renderD*", "/dev/nvidia[0-9]*", "/dev/dxg", "/dev/mali*"} {
		if found, err := glob(device); err == nil && len(found) > 0 {
			return true
		}
	}
	return false
}

// ask has Ebitengine started, once.
func (c *chooser) ask() {
	if c.asked {
		return
	}
	c.asked = true
	c.waiting.Add(1)
	go func() {
		defer c.waiting.Done()
		c.up <- theStage().wait(c.ctx)
		c.poke()
	}()
}

// close gives back what Ebitengine holds. The mirror's context has ended.
func (c *chooser) close() {
	c.waiting.Wait()
	c.dropGPU()
}

// dropGPU takes the full-screen window away and gives the textures back.
func (c *chooser) dropGPU() {
	if c.gpu == nil {
		return
	}
	c.darken()
	c.gpu.stage.wanted.Store(noMonitor)
	c.gpu.close() // fails only when the driver is gone, and its images with it
	c.gpu = nil
}

// want says whether a full-screen window is wanted.
func (c *chooser) want(full bool) { c.wanted.Store(full) }

// fullScreen returns the number of the display that shows the mirror, or -1.
func (c *chooser) fullScreen() int {
	if c.gpu == nil {
		return noMonitor
	}
	return int(c.gpu.stage.wanted.Load())
}

// useGPU says whether the next picture is Ebitengine's.
func (c *chooser) useGPU() bool {
	return c.ready && (!c.settled || !c.onCPU || c.wanted.Load())
}

func (c *chooser) name() string {
	if c.useGPU() {
		return (*gpuPainter)(nil).name()
	}
	return c.cpu.name()
}

// paint draws s into dst and says what drew it and, where that is not
// Ebitengine, why.
func (c *chooser) paint(s *scene, dst *image.RGBA) (name, why string) {
	c.hear()
	began := time.Now()
	if c.useGPU() {
		if c.gpu == nil {
			c.gpu = &gpuPainter{stage: theStage(), wall: c.wall}
		}
		err := c.gpu.paint(s, dst)
		if err == nil {
			c.judge(time.Since(began), s.size)
			return c.gpu.name(), ""
		}
		c.gpu, c.ready = nil, false
		c.giveUp(err)
	} else if c.gpu != nil {
		c.dropGPU()
	}
	c.cpu.paint(s, dst) // cannot fail
	if len(c.times.cpu) < trial {
		c.times.cpu = append(c.times.cpu, perPixel(time.Since(began), s.size))
	}
	return c.cpu.name(), c.why
}

// hear takes Ebitengine's answer, if it has come, and asks for it in time.
func (c *chooser) hear() {
	if c.painted++; c.painted > settleIn && !c.settled || c.wanted.Load() {
		c.ask()
	}
	select {
	case err := <-c.up:
		if c.ready = err == nil; !c.ready {
			c.giveUp(err)
		}
	default:
	}
}

func (c *chooser) giveUp(err error) {
	c.settled, c.onCPU, c.why = true, true, "the CPU draws: "+err.Error()
}

// judge counts one of Ebitengine's pictures, and settles after enough.
func (c *chooser) judge(took time.Duration, size image.Point) {
	if c.settled {
		return
	}
	c.times.gpu = append(c.times.gpu, perPixel(took, size))
	if len(c.times.gpu) < warmUp+trial {
		return
	}
	c.settled = true
	gpu, cpu := median(c.times.gpu[warmUp:]), median(c.times.cpu)
	if c.onCPU = gpu > quickEnough && gpu > cpu; c.onCPU {
		const hd = 1280 * 720 / 1e6 // pixels, and nanoseconds in milliseconds
		c.why = fmt.Sprintf("the CPU draws: with this graphics driver Ebitengine needs %.1f ms for a picture of 1280×720, the CPU %.1f ms", gpu*hd, cpu*hd)
	}
}

// perPixel is a time in nanoseconds a pixel.
func perPixel(took time.Duration, size image.Point) float64 {
	return float64(took) / float64(max(size.X*size.Y, 1))
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Clone(v)
	slices.Sort(s)
	return s[len(s)/2]
}

// darken takes the last picture off the full-screen window.
func (c *chooser) darken() {
	if c.gpu != nil {
		c.gpu.stage.do(darkJob{}) // fails only when the window is gone, too
	}
}

type darkJob struct{}

func (darkJob) run(screen *ebiten.Image) {
	if screen != nil {
		screen.Clear()
	}
}
