package app

import (
	"context"
	"image"
	"slices"
	"sync"

	"fyne.io/fyne/v2"

	"cheval/catalog"
)

// mostPictures bounds how many pictures are kept; a rail's is some 60 KB.
const mostPictures = 600

// pictureKey names one picture of one product.
type pictureKey struct {
	product *catalog.Product
	variant int
	w, h    int
}

// pictures draws product pictures away from the UI goroutine, one at a time
// (drawing takes a core for some tens of milliseconds, which the mirror must
// not miss), and keeps them. What is asked for last is drawn first: it is what
// can be seen now.
type pictures struct {
	draw func(p *catalog.Product, variant int, size image.Point) (image.Image, error)
	onUI func(func())

	mu    sync.Mutex
	have  map[pictureKey]image.Image
	order []pictureKey // of have, the oldest first
	queue []*pictureJob
	wake  chan struct{}
	begin chan struct{} // closed by release
	once  sync.Once
	stop  context.CancelFunc
	done  chan struct{}
}

type pictureJob struct {
	key     pictureKey
	product *catalog.Product
	ready   []func()
}

func newPictures(draw func(*catalog.Product, int, image.Point) (image.Image, error), onUI func(func())) *pictures {
	ctx, stop := context.WithCancel(context.Background())
	p := &pictures{draw: draw, onUI: onUI, have: map[pictureKey]image.Image{}, wake: make(chan struct{}, 1), begin: make(chan struct{}), stop: stop, done: make(chan struct{})}
	go p.work(ctx)
	return p
}

// release lets drawing begin; before it, pictures are only noted.
func (p *pictures) release() { p.once.Do(func() { close(p.begin) }) }

// get returns a picture if it is there. Else it has it drawn, calls ready on
// the UI goroutine when it is, and returns the same picture in another size
// for the meantime, or nil.
func (p *pictures) get(product *catalog.Product, variant int, size image.Point, ready func()) image.Image {
	k := pictureKey{product, variant, size.X, size.Y}
	p.mu.Lock()
	defer p.mu.Unlock()
	if img, ok := p.have[k]; ok {
		return img
	}
	i := slices.IndexFunc(p.queue, func(j *pictureJob) bool { return j.key == k })
	if i >= 0 {
		p.queue[i].ready = append(p.queue[i].ready, ready)
		return p.other(k)
	}
	p.queue = append(p.queue, &pictureJob{k, product, []func(){ready}})
	select {
	case p.wake <- struct{}{}:
	default:
	}
	return p.other(k)
}

// other finds a picture in another size, the newest first.
func (p *pictures) other(k pictureKey) image.Image {
	for _, o := range slices.Backward(p.order) {
		if o.product == k.product && o.variant == k.variant {
			return p.have[o]
		}
	}
	return nil
}

func (p *pictures) work(ctx context.Context) {
	defer close(p.done)
	select {
	case <-ctx.Done():
	case <-p.begin:
	}
	for ctx.Err() == nil {
		j := p.next()
		if j == nil {
			select {
			case <-ctx.Done():
			case <-p.wake:
			}
			continue
		}
		img, err := p.draw(j.product, j.key.variant, image.Pt(j.key.w, j.key.h))
		if err != nil {
			fyne.LogError("picture of "+j.product.ID, err)
		}
		p.finish(j, img)
	}
}

// next looks at the last job without taking it off, so that get still sees it.
func (p *pictures) next() *pictureJob {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) == 0 {
		return nil
	}
	return p.queue[len(p.queue)-1]
}

// finish keeps a picture and tells who waits for it. One that could not be
// drawn is kept as nil, so that it is not tried for ever.
func (p *pictures) finish(j *pictureJob, img image.Image) {
	p.mu.Lock()
	p.have[j.key] = img
	p.order = append(p.order, j.key)
	if len(p.order) > mostPictures {
		delete(p.have, p.order[0])
		p.order = p.order[1:]
	}
	ready := j.ready
	p.mu.Unlock()
	for _, f := range ready {
		p.onUI(f)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = slices.DeleteFunc(p.queue, func(o *pictureJob) bool { return o == j })
}

// waiting is how many pictures are still to be drawn.
func (p *pictures) waiting() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.queue)
}

// Close stops drawing and waits.
func (p *pictures) Close() {
	p.stop()
	<-p.done
}
