// Package viewport presents what the engine sees as a mirror: flipped, before
// and after at a wipe, two products side by side, zoomed, with transitions and
// a debug overlay, in the shape of whatever shows it, and full-screen on a
// second display. It draws with Ebitengine, or on the CPU where there is no
// graphics driver.
//
// It leaves to others what is in the picture: it neither perceives nor
// renders products (tryon), and what shows its pictures in a window (app/live).
package viewport

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"sync"
	"time"

	"cheval/internal/latest"
	"cheval/tryon"
	"cheval/tryon/perceive"
)

// Painter chooses what draws a mirror.
type Painter uint8

const (
	// Auto begins on the CPU at once; where there is a graphics card it tries
	// Ebitengine when the mirror has settled in, and keeps it where it is quick
	// enough.
	Auto Painter = iota
	// OnEbitengine draws on the CPU only until Ebitengine is up.
	OnEbitengine
	// OnCPU never starts Ebitengine.
	OnCPU
)

// painter draws scenes. One goroutine uses it.
type painter interface {
	name() string
	// paint draws s into dst, which has its size.
	paint(s *scene, dst *image.RGBA) error
}

// Options of a mirror.
type Options struct {
	// Size is the mirror's size in pixels of the display; see SetSize.
	Size    image.Point
	Painter Painter
	// OnPicture, which may be nil, is called on the mirror's goroutine after a
	// picture was put into Pictures. It must not block.
	OnPicture func()
}

// Stats are what a mirror did since it was opened.
type Stats struct {
	// Painter is what draws: "Ebitengine" or "CPU"; Why is a sentence when it
	// is not Ebitengine, "" otherwise.
	Painter, Why string
	// Paint is the time that the last picture took, from a result to pixels.
	Paint time.Duration
	// Drawn is the size of the last picture, Shown that of the mirror; Reduced
	// says that SetPart lowered Drawn.
	Drawn, Shown image.Point
	Reduced      bool
	// Dropped counts results that a newer one replaced before they were drawn.
	Dropped uint64
	// FullScreen is the number of the display that shows the mirror by itself,
	// or -1.
	FullScreen int
}

// Mirror turns results into pictures on a goroutine of its own. All methods
// may be called from any goroutine, and none of them blocks on drawing but
// Snapshot, Monitors and Close.
type Mirror struct {
	results  *latest.Box[*tryon.Result]
	pictures *latest.Box[*Picture]
	pool     picturePool
	notify   func()
	wake     chan struct{}
	cancel   context.CancelFunc
	finished sync.WaitGroup

	mu    sync.Mutex
	view  View
	size  image.Point
	part  float32
	held  *tryon.Result // what is shown, for snapshots and new views
	wiped bool          // held was cleared, and the picture must be too
	stats Stats
	first panel // of the last picture

	// Below: only the mirror's goroutine.
	scene, wall scene
	follow      follower
	change      transition
	debug       debugLayer
	choice      chooser
}

// Open starts a mirror that has nothing to show yet. It never fails: where
// Ebitengine cannot start the mirror is drawn on the CPU, and Stats says why.
func Open(o Options) *Mirror {
	ctx, cancel := context.WithCancel(context.Background())
	m := &Mirror{
		results:  latest.New((*tryon.Result).Release),
		pictures: latest.New((*Picture).Release),
		notify:   o.OnPicture,
		wake:     make(chan struct{}, 1),
		cancel:   cancel,
		size:     image.Pt(max(o.Size.X, 1), max(o.Size.Y, 1)),
		view:     View{}.clamped(),
		part:     1,
		stats:    Stats{FullScreen: noMonitor},
	}
	m.choice.open(ctx, o.Painter, m.poke, m.composeWall)
	m.finished.Add(1)
	go m.loop(ctx)
	return m
}

// Close ends the mirror, takes its full-screen window away and waits. Pictures
// that are held stay valid. It may be called twice.
func (m *Mirror) Close() {
	m.cancel()
	m.finished.Wait()
	m.results.Close()
	m.pictures.Close()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held != nil {
		m.held.Release()
		m.held = nil
	}
}

// Show hands over one hold of r. The newest result wins.
func (m *Mirror) Show(r *tryon.Result) {
	m.results.Put(r)
	m.poke()
}

// Pictures is where the newest picture lies. Whoever takes it releases it.
func (m *Mirror) Pictures() *latest.Box[*Picture] { return m.pictures }

// SetView changes what is shown, at once also where no new result comes.
func (m *Mirror) SetView(v View) {
	v = v.clamped()
	m.mu.Lock()
	changed := m.view != v
	m.view = v
	m.mu.Unlock()
	if changed {
		m.poke()
	}
}

// SetSize says how many pixels of the display the mirror fills.
func (m *Mirror) SetSize(size image.Point) {
	if size.X < 1 || size.Y < 1 {
		return
	}
	m.mu.Lock()
	changed := m.size != size
	m.size = size
	m.mu.Unlock()
	if changed {
		m.poke()
	}
}

// SetPart lowers the drawn resolution to a part (0.25 to 1) of what it would
// be along each side: for machines that cannot keep the frame rate otherwise.
func (m *Mirror) SetPart(part float32) {
	m.mu.Lock()
	m.part = clamp(part, 0.25, 1)
	m.mu.Unlock()
}

// Clear forgets what is shown. The next picture is black until a result comes.
func (m *Mirror) Clear() {
	m.mu.Lock()
	if m.held != nil {
		m.held.Release()
		m.held = nil
	}
	m.wiped = true
	m.mu.Unlock()
	if r, ok := m.results.TryTake(); ok {
		r.Release()
	}
	m.poke()
}

// Stats says what the mirror did so far.
func (m *Mirror) Stats() Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.stats
	s.Shown, s.Reduced, s.Dropped = m.size, m.part < 1, m.results.Dropped()
	return s
}

// Place returns where a rectangle of the camera's frame stands in the mirror
// as it is seen, in parts of the mirror's size; with two panels, in the left.
// Outside of 0..1 it is not visible.
func (m *Mirror) Place(r image.Rectangle) (x0, y0, x1, y1 float32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stats.Drawn.X == 0 || m.first.crop.empty() {
		return 0, 0, 0, 0
	}
	a := m.first.area(rectOf(r))
	w, h := float32(m.stats.Drawn.X), float32(m.stats.Drawn.Y)
	return a.x0 / w, a.y0 / h, a.x1 / w, a.y1 / h
}

// ErrNothingShown means that there is no frame to take a snapshot of.
var ErrNothingShown = errors.New("viewport: the mirror shows nothing yet; wait for the camera's first picture")

// Snapshot draws what is shown now, without the debug overlay, with all the
// pixels that the camera gives. The image is the caller's.
func (m *Mirror) Snapshot() (*image.RGBA, error) {
	m.mu.Lock()
	r, v, size := m.held, m.view, m.size
	if r != nil {
		r.Retain()
	}
	focus := m.follow.pos
	m.mu.Unlock()
	if r == nil {
		return nil, ErrNothingShown
	}
	defer r.Release()
	v = v.plain()
	var s scene
	s.compose(r, v, nativeSize(r.Frame.Image.Rect.Size(), size, v), focus)
	out := image.NewRGBA(image.Rectangle{Max: s.size})
	return out, new(cpuPainter).paint(&s, out)
}

func (m *Mirror) poke() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// loop draws whenever there is something new, until ctx ends.
func (m *Mirror) loop(ctx context.Context) {
	defer m.finished.Done()
	defer m.choice.close()
	tick := time.NewTicker(time.Second / 60) // carries a fade on without new frames
	defer tick.Stop()
	for {
		var fading <-chan time.Time
		if m.change.running() {
			fading = tick.C
		}
		select {
		case <-ctx.Done():
			return
		case <-m.wake:
		case <-fading:
		}
		m.turn()
	}
}

// turn draws one picture, if there is anything to draw.
func (m *Mirror) turn() {
	began := time.Now()
	r, again, wiped := m.next()
	if wiped {
		m.black()
	}
	if r == nil {
		return
	}
	defer r.Release()
	m.mu.Lock()
	v, size, part := m.view, m.size, m.part
	m.mu.Unlock()
	m.compose(r, v, size, part, again)
	p := m.pool.get(m.scene.size)
	p.Seq, p.Captured, p.Again = r.Frame.Seq, r.Frame.Captured, again
	name, why := m.choice.paint(&m.scene, p.Image)
	m.publish(p)
	m.mu.Lock()
	m.stats.Painter, m.stats.Why, m.stats.Drawn, m.stats.Paint = name, why, m.scene.size, time.Since(began)
	m.stats.FullScreen = m.choice.fullScreen()
	m.mu.Unlock()
}

// next returns a hold of the newest result, or of the last one again.
func (m *Mirror) next() (r *tryon.Result, again, wiped bool) {
	r, fresh := m.results.TryTake()
	m.mu.Lock()
	defer m.mu.Unlock()
	wiped, m.wiped = m.wiped, false
	if fresh {
		if m.held != nil {
			m.held.Release()
		}
		m.held = r
		return r.Retain(), false, wiped
	}
	if m.held == nil {
		return nil, false, wiped
	}
	return m.held.Retain(), true, wiped
}

// compose fills the scene with r.
func (m *Mirror) compose(r *tryon.Result, v View, size image.Point, part float32, again bool) {
	frame := r.Frame.Image.Rect.Size()
	if !again {
		m.mu.Lock() // Snapshot reads it
		m.follow.follow(active(r), frame.X, frame.Y, r.Frame.Captured)
		m.mu.Unlock()
	}
	drawn := drawnSize(frame, size, v, part)
	first := m.scene.compose(r, v, drawn, m.follow.pos)
	m.mu.Lock()
	m.first = first
	m.mu.Unlock()
	m.scene.fade, m.scene.begin = m.change.advance(r.Worn, v, drawn, time.Now())
	m.wall.reset(image.Point{})
	if v.Debug {
		m.debug.add(&m.scene, r, first, m.choice.name())
	}
}

// composeWall composes the full-screen window's picture from the result in
// hand. The mirror's goroutine waits in paint meanwhile.
func (m *Mirror) composeWall(size image.Point) *scene {
	m.mu.Lock()
	r, v := m.held, m.view
	if r != nil {
		r.Retain()
	}
	m.mu.Unlock()
	if r == nil {
		return nil
	}
	defer r.Release() // the scene's images are held by turn as well
	m.wall.compose(r, v.plain(), size, m.follow.pos)
	return &m.wall
}

// black publishes a picture without anything of anybody.
func (m *Mirror) black() {
	p := m.pool.get(image.Pt(2, 2))
	copy(p.Image.Pix, []byte{0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255})
	p.Seq, p.Captured, p.Again = 0, time.Now(), true
	m.change = transition{}
	m.choice.darken()
	m.publish(p)
}

func (m *Mirror) publish(p *Picture) {
	m.pictures.Put(p)
	if m.notify != nil {
		m.notify()
	}
}

// active returns the active face of r, or nil.
func active(r *tryon.Result) *perceive.Face {
	if len(r.Faces) == 0 {
		return nil
	}
	return r.Faces[0]
}

// Monitors names the displays, in the order of their numbers. It waits until
// Ebitengine is up, or ctx ends.
func (m *Mirror) Monitors(ctx context.Context) ([]string, error) {
	s := theStage()
	if err := s.wait(ctx); err != nil {
		return nil, fmt.Errorf("viewport: list displays: %w", err)
	}
	var j monitorsJob
	err := s.do(&j)
	return slices.Clip(j.names), err
}

// FullScreen shows the mirror by itself on display n (see Monitors), or no
// longer when n is -1. Escape, pressed in that window, ends it too.
func (m *Mirror) FullScreen(ctx context.Context, n int) error {
	names, err := m.Monitors(ctx)
	switch {
	case err != nil:
		return err
	case n >= len(names):
		return fmt.Errorf("viewport: there is no display %d, only %d: connect it and try again", n+1, len(names))
	}
	theStage().wanted.Store(int32(max(n, noMonitor)))
	m.choice.want(n >= 0)
	m.poke()
	return nil
}
