package models

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	ort "github.com/yalue/onnxruntime_go"
)

// Value is a tensor that a program passes to an OpenSession or gets from it.
// Whoever has it closes it.
type Value struct {
	value ort.Value
	pins  runtime.Pinner // ONNX Runtime keeps a pointer to our memory
}

// number is what an OpenSession's tensors hold.
type number interface{ float32 | int64 }

// NewValue makes a tensor of that shape over data, row-major, which must not
// change while a session runs. The shape must fit data and hold something.
func NewValue[T number](data []T, shape ...int64) (*Value, error) {
	if len(data) == 0 {
		return nil, fmt.Errorf("models: tensor %v has no data", shape)
	}
	v := &Value{}
	v.pins.Pin(&data[0])
	t, err := ort.NewTensor(ort.Shape(shape), data)
	if err != nil {
		v.pins.Unpin()
		return nil, fmt.Errorf("models: tensor %v: %w", shape, err)
	}
	v.value = t
	return v, nil
}

// Floats is the memory of a float32 tensor, row-major, until Close; nil of any
// other.
func (v *Value) Floats() []float32 {
	if t, ok := v.value.(*ort.Tensor[float32]); ok {
		return t.GetData()
	}
	return nil
}

// Shape is the tensor's shape.
func (v *Value) Shape() []int64 { return v.value.GetShape() }

// Close frees the tensor. It may be called twice.
func (v *Value) Close() {
	if v != nil && v.value != nil {
		v.value.Destroy()
		v.value = nil
		v.pins.Unpin()
	}
}

// OpenSession is a model whose tensors have open shapes, or hold integers: a
// Session for what cannot be allocated once for life. It runs on the CPU. One
// goroutine at a time may use it.
type OpenSession struct {
	name    string
	session *ort.DynamicAdvancedSession
	outputs int
	in, out []ort.Value // of a run
	done    func(closer)
}

// OpenOptions say how an OpenSession runs.
type OpenOptions struct {
	Inputs, Outputs []string // names, in the order in which Run takes and gives them
	Threads         int      // at least 1; 0 is as for a Session
}

// LoadOpen starts a model of the store as an OpenSession. Close it, or the
// Runtime, when done.
func (r *Runtime) LoadOpen(name string, o OpenOptions) (*OpenSession, error) {
	path, err := r.store.Path(name)
	if err != nil {
		return nil, err
	}
	return r.LoadOpenFile(name, path, o)
}

// LoadOpenFile is LoadOpen of a file that the caller vouches for; name is for
// messages.
func (r *Runtime) LoadOpenFile(name, path string, o OpenOptions) (*OpenSession, error) {
	if o.Threads == 0 {
		o.Threads = threads
	}
	options, err := newOptions(sessionSpec{name: name, threads: o.Threads})
	if err != nil {
		return nil, err
	}
	defer options.Destroy()
	session, err := ort.NewDynamicAdvancedSession(path, o.Inputs, o.Outputs, options)
	if err != nil {
		return nil, fmt.Errorf("models: start %s: %w", name, err)
	}
	s := &OpenSession{name: name, session: session, outputs: len(o.Outputs),
		in: make([]ort.Value, len(o.Inputs)), out: make([]ort.Value, len(o.Outputs)), done: r.sessions.remove}
	r.sessions.add(s)
	return s, nil
}

// Run computes the outputs from the inputs, both in the order of OpenOptions.
// The caller closes what it gets. After Close it returns an error.
func (s *OpenSession) Run(in ...*Value) ([]*Value, error) {
	return s.RunUntil(context.Background(), in...)
}

// RunUntil is Run that stops, within milliseconds, when ctx ends, and then
// returns ctx's error.
func (s *OpenSession) RunUntil(ctx context.Context, in ...*Value) ([]*Value, error) {
	if s.session == nil {
		return nil, fmt.Errorf("models: %s was run after it was closed", s.name)
	}
	if len(in) != len(s.in) {
		return nil, fmt.Errorf("models: run %s: %d inputs where it takes %d", s.name, len(in), len(s.in))
	}
	for i, v := range in {
		s.in[i] = v.value
	}
	clear(s.out)
	err := s.run(ctx)
	runtime.KeepAlive(in)
	if ctx.Err() != nil {
		for _, v := range s.out {
			if v != nil {
				v.Destroy()
			}
		}
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("models: run %s: %w", s.name, err)
	}
	out := make([]*Value, s.outputs)
	for i, v := range s.out {
		out[i] = &Value{value: v}
	}
	return out, nil
}

// run computes; an end of ctx terminates it.
func (s *OpenSession) run(ctx context.Context) (err error) {
	if ctx.Done() == nil {
		return s.session.Run(s.in, s.out)
	}
	o, err := ort.NewRunOptions()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Destroy()) }()
	told := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(told)
		o.Terminate() // fails only before it is made and after it is destroyed
	})
	err = s.session.RunWithOptions(s.in, s.out, o)
	if !stop() {
		<-told
	}
	return err
}

// Close frees the session. It may be called twice.
func (s *OpenSession) Close() error {
	if s.session == nil {
		return nil
	}
	s.session.Destroy()
	s.session = nil
	s.done(s)
	return nil
}
