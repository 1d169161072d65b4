package viewport

import (
	"context"
	"fmt"
	"image"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hajimehoshi/ebiten/v2"
)

// Of Ebitengine's first pictures, warmUp are not counted (it compiles its
// shaders and makes its textures), and the next trial are. It is kept where
// their median leaves the frame's other stages room at 30 frames a second, or
// where the CPU is no quicker.
const (
	warmUp       = 6
	trial        = 15
	quickEnough  = 20 * time.Millisecond
	noEbitengine = "drawn on the CPU"
)

// chooser paints with what is best on this machine. All its methods but want
// belong to the mirror's goroutine.
type chooser struct {
	mode    Painter
	cpu     cpuPainter
	gpu     *gpuPainter // nil until Ebitengine is up, or again when it failed
	why     string      // it is not used
	settled bool
	times   struct{ cpu, gpu []time.Duration }

	up      chan error // Ebitengine's answer
	waiting sync.WaitGroup
	wall    func(image.Point) *scene
	wanted  atomic.Bool // a full-screen window, which only Ebitengine draws
}

// open begins to start Ebitengine, unless the mode is OnCPU. poke is called
// when it answered.
func (c *chooser) open(ctx context.Context, mode Painter, poke func(), wall func(image.Point) *scene) {
	c.mode, c.wall = mode, wall
	c.up = make(chan error, 1)
	c.times.cpu = make([]time.Duration, 0, trial)
	c.times.gpu = make([]time.Duration, 0, warmUp+trial)
	if mode == OnCPU {
		c.settled, c.why = true, noEbitengine+", as was asked"
		return
	}
	c.waiting.Add(1)
	go func() {
		defer c.waiting.Done()
		c.up <- theStage().wait(ctx)
		poke()
	}()
}

// close gives back what Ebitengine holds. Its context has ended.
func (c *chooser) close() {
	c.waiting.Wait()
	if c.gpu == nil {
		return
	}
	theStage().wanted.Store(noMonitor)
	c.darken()
	c.gpu.close() // fails only when the driver is gone, and its images with it
	c.gpu = nil
}

// want says that a full-screen window is wanted.
func (c *chooser) want(full bool) { c.wanted.Store(full) }

// fullScreen returns the number of the display that shows the mirror, or -1.
func (c *chooser) fullScreen() int {
	if c.gpu == nil {
		return noMonitor
	}
	return int(c.gpu.stage.wanted.Load())
}

func (c *chooser) name() string {
	if c.onGPU() {
		return c.gpu.name()
	}
	return c.cpu.name()
}

// onGPU says whether the next picture is Ebitengine's.
func (c *chooser) onGPU() bool {
	return c.gpu != nil && (!c.settled || c.why == "" || c.wanted.Load())
}

// paint draws s into dst and says what drew it and, where that is not
// Ebitengine, why.
func (c *chooser) paint(s *scene, dst *image.RGBA) (name, why string) {
	c.hear()
	began := time.Now()
	if c.onGPU() {
		err := c.gpu.paint(s, dst)
		if err == nil {
			c.judge(time.Since(began))
			return c.gpu.name(), ""
		}
		c.gpu, c.settled, c.why = nil, true, noEbitengine+": "+err.Error()
	}
	c.cpu.paint(s, dst)
	if len(c.times.cpu) < trial {
		c.times.cpu = append(c.times.cpu, time.Since(began))
	}
	return c.cpu.name(), c.why
}

// hear takes Ebitengine's answer, if it has come.
func (c *chooser) hear() {
	select {
	case err := <-c.up:
		if err != nil {
			c.settled, c.why = true, noEbitengine+": "+err.Error()
			return
		}
		c.gpu = &gpuPainter{stage: theStage(), wall: c.wall}
		c.settled = c.mode == OnEbitengine
	default:
	}
}

// judge counts one of Ebitengine's pictures, and settles after enough.
func (c *chooser) judge(took time.Duration) {
	if c.settled || len(c.times.cpu) == 0 {
		return
	}
	c.times.gpu = append(c.times.gpu, took)
	if len(c.times.gpu) < warmUp+trial {
		return
	}
	c.settled = true
	gpu, cpu := median(c.times.gpu[warmUp:]), median(c.times.cpu)
	if gpu > quickEnough && gpu > cpu {
		c.why = fmt.Sprintf("%s: Ebitengine needs %.0f ms a picture with this graphics driver, the CPU %.0f ms", noEbitengine,
			gpu.Seconds()*1000, cpu.Seconds()*1000)
	}
}

func median(d []time.Duration) time.Duration {
	s := slices.Clone(d)
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
