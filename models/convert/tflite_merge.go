package convert

import (
	"encoding/binary"
	"math"
	"slices"

	"cheval/models/convert/tflite"
)

// The face mesh with attention runs five small networks (lips, two eyes, two
// irises) that are built alike: some 300 operators on a few pixels, whose cost
// is that of starting them. mergeBranches makes one network of grouped
// convolutions of them, with the same sums in it.

// Operators that only mergeBranches makes.
const (
	opMatrices tflite.BuiltinOperator = -1 - iota // n Landmarks2TransformMatrix of the same landmarks
	opSample                                      // n TransformTensorBilinear of the same tensor
	opRepeat                                      // parts of the channels, repeated
	opPoints                                      // n TransformLandmarks with the reshape before
	opLane                                        // the points of one of them
)

// Limits of what is merged: MediaPipe's model has 5 branches of 37 operators,
// 1.3 M numbers in them.
const (
	maxLanes  = 16
	maxPath   = 256
	maxMerged = 1 << 22
)

// merged is what such an operator knows beside its inputs.
type merged struct {
	boxes []*landmarkOptions // opMatrices
	slots []int              // opRepeat, opPoints: which input part each output part is; opLane: which part
}

func (m *merged) options() []*landmarkOptions {
	if m == nil {
		return nil
	}
	return m.boxes
}

// mergeBranches rewrites branches that are alike. It leaves the model as it is
// where it finds none, or anything that it does not expect.
func (m *model) mergeBranches() {
	g := &merger{m: m, writer: map[int]*operator{}, readers: map[int][]*operator{}}
	for i := range m.ops {
		op := &m.ops[i]
		if op.check() != nil || g.writer[op.out[0]] != nil {
			return
		}
		g.writer[op.out[0]] = op
		for _, in := range op.in {
			g.readers[in] = append(g.readers[in], op)
		}
	}
	if g.findLanes() && g.alike() && g.closed() && g.rewrite() && !g.broad {
		m.ops = g.result()
		return
	}
	m.tensors = m.tensors[:len(m.tensors)-g.added]
}

type merger struct {
	m       *model
	writer  map[int]*operator
	readers map[int][]*operator
	lanes   []*lane
	boxes   []*landmarkOptions // of each lane
	added   int                // tensors
	ops     []operator         // the merged ones
	numbers int                // in merged constants
	broad   bool               // some merged tensor is too large
}

// replaced are the operators that the merged ones stand for.
func (g *merger) replaced() map[*operator]bool {
	ops := map[*operator]bool{}
	for _, l := range g.lanes {
		for _, op := range append([]*operator{l.matrix, l.sample, l.reshape, l.mul, l.end}, l.path...) {
			if op != nil {
				ops[op] = true
			}
		}
	}
	return ops
}

// result puts the merged operators where the last replaced one stood.
func (g *merger) result() []operator {
	replaced := g.replaced()
	last := 0
	for op := range replaced {
		last = max(last, op.index)
	}
	var out []operator
	for i := range g.m.ops {
		op := &g.m.ops[i]
		if !replaced[op] {
			out = append(out, *op)
		}
		if op.index == last {
			out = append(out, g.ops...)
		}
	}
	return out
}

// part is the merged value of one step of the lanes.
type part struct {
	tensor int
	slots  []int // which part of the tensor each lane has
	lanes  []int // a lane for each part
}

func newPart(lanes []*lane, op func(l *lane) *operator) part {
	p := part{slots: make([]int, len(lanes))}
	seen := map[*operator]int{}
	for k, l := range lanes {
		slot, ok := seen[op(l)]
		if !ok {
			slot = len(p.lanes)
			seen[op(l)] = slot
			p.lanes = append(p.lanes, k)
		}
		p.slots[k] = slot
	}
	return p
}

// rewrite makes the merged operators.
func (g *merger) rewrite() bool {
	samples := newPart(g.lanes, func(l *lane) *operator { return l.sample })
	first := g.lanes[0]
	boxes := &merged{}
	for _, k := range samples.lanes {
		boxes.boxes = append(boxes.boxes, g.boxes[k])
	}
	matrices := g.emit(operator{code: opMatrices, name: "merged Landmarks2TransformMatrix", in: []int{first.matrix.in[0]}, merged: boxes},
		[]int{len(samples.lanes), 4, 4})
	samples.tensor = g.emit(operator{code: opSample, name: "merged TransformTensorBilinear", in: []int{first.sample.in[0], matrices}},
		g.wide(first.sample.out[0], len(samples.lanes)))
	parts := map[int]part{-1: samples}
	for j := range first.path {
		if !g.mergeStep(j, parts) {
			return false
		}
	}
	last := parts[len(first.path)-1]
	return len(last.lanes) == len(g.lanes) && g.mergeEnds(last, samples.slots, matrices)
}

// wide is the shape of n tensors like i side by side.
func (g *merger) wide(i, n int) []int {
	s := slices.Clone(g.m.tensors[i].shape)
	s[3] *= n
	return s
}

// emit adds a merged operator and a tensor for its output.
func (g *merger) emit(op operator, shape []int) int {
	op.index = g.lanes[0].end.index
	g.broad = g.broad || product(shape) > maxElements
	op.out = []int{g.tensor(tensor{name: "merged", shape: shape})}
	g.ops = append(g.ops, op)
	return op.out[0]
}

func (g *merger) tensor(t tensor) int {
	g.m.tensors = append(g.m.tensors, t)
	g.added++
	return len(g.m.tensors) - 1
}

// mergeStep makes one operator of step j of all lanes.
func (g *merger) mergeStep(j int, parts map[int]part) bool {
	p := newPart(g.lanes, func(l *lane) *operator { return l.path[j] })
	n := len(p.lanes)
	op := *g.lanes[0].path[j]
	op.group, op.in = n, slices.Clone(op.in)
	channels := 0 // the widest of the last convolutions decides
	for _, k := range p.lanes {
		channels = max(channels, g.m.tensors[g.lanes[k].path[j].out[0]].shape[3])
	}
	for i := range op.in {
		var ok bool
		if g.m.tensors[op.in[i]].data == nil {
			op.in[i] = g.aligned(parts[g.lanes[0].step(g.writer[op.in[i]])], p)
		} else if op.in[i], ok = g.mergeConstants(j, i, channels, p); !ok {
			return false
		}
	}
	shape := slices.Clone(g.m.tensors[op.out[0]].shape)
	shape[3] = channels * n
	p.tensor = g.emit(op, shape)
	parts[j] = p
	return true
}

// aligned is the tensor of one step as another reads it, part by part.
func (g *merger) aligned(from, to part) int {
	slots := make([]int, len(to.lanes))
	for q, k := range to.lanes {
		slots[q] = from.slots[k]
	}
	if len(slots) == len(from.lanes) && slices.IsSorted(slots) {
		return from.tensor
	}
	shape := slices.Clone(g.m.tensors[from.tensor].shape)
	shape[3] = shape[3] / len(from.lanes) * len(slots)
	return g.emit(operator{code: opRepeat, name: "repeated channels", in: []int{from.tensor}, group: len(from.lanes), merged: &merged{slots: slots}}, shape)
}

// mergeConstants puts constant i of step j of all lanes side by side: kernels
// of CONV_2D [O,h,w,I] and the bias along their first axis, filled up to so
// many channels; others, whose last axis is the channel, along that.
func (g *merger) mergeConstants(j, i, channels int, p part) (int, bool) {
	first := g.lanes[0].path[j]
	t := g.m.tensors[first.in[i]]
	if first.code == tflite.BuiltinOperatorPAD {
		return g.mergePad(t, len(p.lanes))
	}
	axis := len(t.shape) - 1
	if first.code == tflite.BuiltinOperatorCONV_2D {
		axis = 0
	}
	var all [][]float32
	for _, k := range p.lanes {
		c := &g.m.tensors[g.lanes[k].path[j].in[i]]
		if g.numbers += c.size(); g.numbers > maxMerged {
			return 0, false
		}
		v, err := c.floats()
		if err != nil {
			return 0, false
		}
		if axis == 0 { // at most a multiple of the widest, which is counted
			v = append(v, make([]float32, max(0, channels-c.shape[0])*product(c.shape[1:]))...)
		}
		all = append(all, v)
	}
	shape := slices.Clone(t.shape)
	width := shape[axis]
	if axis == 0 {
		width = channels * product(shape[1:])
		shape[0] = channels
	}
	shape[axis] *= len(all)
	return g.tensor(tensor{name: "merged", shape: shape, data: interleave(all, width)}), true
}

// mergePad widens a padding of channels at their end, the only one that n
// branches can share.
func (g *merger) mergePad(t tensor, n int) (int, bool) {
	if t.kind != tflite.TensorTypeINT32 || len(t.data) != 32 || slices.ContainsFunc(t.data[:28], func(b byte) bool { return b != 0 }) {
		return 0, false
	}
	t.data = slices.Clone(t.data)
	binary.LittleEndian.PutUint32(t.data[28:], binary.LittleEndian.Uint32(t.data[28:])*uint32(n))
	return g.tensor(t), true
}

// interleave takes width numbers of each list in turn, as float32 bytes.
func interleave(lists [][]float32, width int) []byte {
	var out []byte
	for at := 0; at < len(lists[0]); at += width {
		for _, v := range lists {
			for _, x := range v[at : at+width] {
				out = binary.LittleEndian.AppendUint32(out, math.Float32bits(x))
			}
		}
	}
	return out
}

// mergeEnds brings the points of all lanes back to the picture at once, and
// hands each lane its own.
func (g *merger) mergeEnds(last part, slots []int, matrices int) bool {
	n := len(g.lanes)
	points := g.m.tensors[last.tensor].shape[3] / n / 2
	k := make([][]float32, n)
	for i, l := range g.lanes {
		k[i] = slices.Repeat([]float32{1}, 16)
		if l.mul == nil {
			continue
		}
		var o tflite.MulOptions
		t := &g.m.tensors[l.mul.in[1]]
		if l.mul.read(tflite.BuiltinOptionsMulOptions, &o) != nil || o.Activation() != tflite.ActivationNONE || t.data == nil || t.size() != 16 {
			return false
		}
		v, err := t.floats()
		if err != nil {
			return false
		}
		k[i] = v
	}
	scale := g.tensor(tensor{name: "merged", shape: []int{n, 4, 4}, data: interleave(k, 16)})
	all := g.emit(operator{code: opPoints, name: "merged TransformLandmarks", in: []int{last.tensor, matrices, scale}, merged: &merged{slots: slots}},
		[]int{n, points, 2})
	for i, l := range g.lanes {
		want := g.m.tensors[l.end.out[0]].shape
		if len(want) != 3 || want[0] != 1 || want[2] != 2 || want[1] > points {
			return false
		}
		g.ops = append(g.ops, operator{code: opLane, name: "points of one branch", in: []int{all}, out: l.end.out, index: l.end.index,
			merged: &merged{slots: []int{last.slots[i]}}})
	}
	return true
}

// repeatChannels takes parts of the channels in the order of the slots.
func (c *converter) repeatChannels(op *operator) (string, error) {
	x, in, err := c.computed(op, 0, 4)
	if err != nil {
		return "", err
	}
	n := in[3] / op.group
	var idx []int
	for _, s := range op.merged.slots {
		for k := range n {
			idx = append(idx, s*n+k)
		}
	}
	return c.blocked(c.g.node("Gather", []string{x, c.g.ints(idx...)}, attrInt("axis", 1)), len(idx)), nil
}

// takeLane takes the points of one branch.
func (c *converter) takeLane(op *operator) (string, error) {
	x, in, err := c.computed(op, 0, 3)
	if err != nil {
		return "", err
	}
	out := c.outShape(op)
	idx := make([]int, product(out))
	for k := range idx {
		idx[k] = op.merged.slots[0]*in[1]*in[2] + k
	}
	return c.g.node("Gather", []string{c.g.reshape(x, -1), c.g.intTensor(out, idx)}), nil
}
