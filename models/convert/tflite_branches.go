package convert

import (
	"slices"

	"cheval/models/convert/tflite"
)

// lane is one branch, from its rectangle to its landmarks.
type lane struct {
	matrix, sample *operator
	path           []*operator // from the sampled grid to the last convolution
	reshape, end   *operator
	mul            *operator // nil where the matrix is used as it is
}

func (g *merger) findLanes() bool {
	for i := range g.m.ops {
		if end := &g.m.ops[i]; end.name == "TransformLandmarks" {
			l := g.lane(end)
			if l == nil || len(g.lanes) == maxLanes {
				return false
			}
			g.lanes = append(g.lanes, l)
		}
	}
	slices.SortStableFunc(g.lanes, func(a, b *lane) int { return a.sample.index - b.sample.index })
	return len(g.lanes) > 1
}

// lane follows a branch from its end back to where it begins.
func (g *merger) lane(end *operator) *lane {
	if len(end.in) != 2 {
		return nil
	}
	l := &lane{end: end, reshape: g.writer[end.in[0]], matrix: g.writer[end.in[1]]}
	if l.matrix != nil && l.matrix.code == tflite.BuiltinOperatorMUL {
		l.mul = l.matrix
		l.matrix = g.writer[l.mul.in[0]]
	}
	if l.reshape == nil || l.reshape.code != tflite.BuiltinOperatorRESHAPE || l.matrix == nil || l.matrix.name != "Landmarks2TransformMatrix" {
		return nil
	}
	seen := map[*operator]bool{}
	if !g.walkBack(l, l.reshape.in[0], seen) || l.sample == nil {
		return nil
	}
	slices.SortFunc(l.path, func(a, b *operator) int { return a.index - b.index })
	return l
}

// walkBack collects what computes tensor i, as far as the sampled grid.
func (g *merger) walkBack(l *lane, i int, seen map[*operator]bool) bool {
	if i < 0 || g.m.tensors[i].data != nil {
		return true
	}
	op := g.writer[i]
	if op == nil {
		return false
	}
	if seen[op] {
		return true
	}
	seen[op] = true
	if op.name == "TransformTensorBilinear" {
		first := l.sample == nil
		l.sample = op
		return first
	}
	if l.path = append(l.path, op); len(l.path) > maxPath {
		return false
	}
	for _, in := range op.in {
		if !g.walkBack(l, in, seen) {
			return false
		}
	}
	return true
}

// alike says whether all lanes do the same with numbers of their own.
func (g *merger) alike() bool {
	first := g.lanes[0]
	shape := func(i int) []int { return g.m.tensors[i].shape }
	for k, l := range g.lanes {
		s := l.sample
		if len(s.in) != 2 || s.in[1] != l.matrix.out[0] || s.in[0] != first.sample.in[0] || len(l.path) != len(first.path) ||
			!slices.Equal(shape(s.out[0]), shape(first.sample.out[0])) || !g.same(l.matrix.in[0], first.matrix.in[0], 4) {
			return false
		}
		marks := shape(l.matrix.in[0])
		if len(marks) != 3 {
			return false
		}
		box, err := readLandmarkOptions(l.matrix.custom, marks[1])
		if err != nil {
			return false
		}
		if g.boxes = append(g.boxes, box); box.width != g.boxes[0].width || box.height != g.boxes[0].height {
			return false
		}
		for j := range l.path {
			if !g.alikeAt(k, j) {
				return false
			}
		}
	}
	return true
}

// alikeAt compares step j of lane k with that of the first lane.
func (g *merger) alikeAt(k, j int) bool {
	l, first := g.lanes[k], g.lanes[0]
	a, b := l.path[j], first.path[j]
	last := j == len(l.path)-1
	pa, oka := a.parameters()
	pb, okb := b.parameters()
	if !oka || !okb || pa != pb || a.code != b.code || len(a.in) != len(b.in) {
		return false
	}
	sa, sb := g.m.tensors[a.out[0]].shape, g.m.tensors[b.out[0]].shape
	if len(sa) != 4 || sa[0] != 1 || !slices.Equal(sa, sb) && !last {
		return false
	}
	if last && (a.code != tflite.BuiltinOperatorCONV_2D || sa[1]*sa[2] != 1 || sa[3]%2 != 0) {
		return false
	}
	for i := range a.in {
		ta, tb := &g.m.tensors[max(a.in[i], 0)], &g.m.tensors[max(b.in[i], 0)]
		switch {
		case a.in[i] < 0 || b.in[i] < 0:
			return false
		case ta.data == nil || tb.data == nil:
			if ta.data != nil || tb.data != nil || l.step(g.writer[a.in[i]]) != first.step(g.writer[b.in[i]]) {
				return false
			}
		case len(ta.shape) != len(tb.shape) || len(ta.shape) == 0 || !last && !slices.Equal(ta.shape, tb.shape):
			return false
		case a.code == tflite.BuiltinOperatorPAD && !slices.Equal(ta.data, tb.data):
			return false
		}
	}
	return true
}

// step is where an operator stands in a lane, -1 for the sampled grid.
func (l *lane) step(op *operator) int {
	if op == l.sample {
		return -1
	}
	return slices.Index(l.path, op)
}

// parameters are the options of an operator that can be merged.
type parameters struct {
	padding                                                        tflite.Padding
	activation                                                     tflite.Activation
	strideH, strideW, dilateH, dilateW, kernelH, kernelW, multiply int32
}

func (op *operator) parameters() (p parameters, ok bool) {
	switch op.code {
	case tflite.BuiltinOperatorCONV_2D:
		var o tflite.Conv2DOptions
		if op.read(tflite.BuiltinOptionsConv2DOptions, &o) != nil {
			return p, false
		}
		return parameters{o.Padding(), o.Activation(), o.StrideH(), o.StrideW(), o.DilationH(), o.DilationW(), 0, 0, 0}, true
	case tflite.BuiltinOperatorDEPTHWISE_CONV_2D:
		var o tflite.DepthwiseConv2DOptions
		if op.read(tflite.BuiltinOptionsDepthwiseConv2DOptions, &o) != nil {
			return p, false
		}
		return parameters{o.Padding(), o.Activation(), o.StrideH(), o.StrideW(), o.DilationH(), o.DilationW(), 0, 0, o.DepthMultiplier()}, true
	case tflite.BuiltinOperatorMAX_POOL_2D:
		var o tflite.Pool2DOptions
		if op.read(tflite.BuiltinOptionsPool2DOptions, &o) != nil {
			return p, false
		}
		return parameters{o.Padding(), o.Activation(), o.StrideH(), o.StrideW(), 1, 1, o.FilterH(), o.FilterW(), 0}, true
	case tflite.BuiltinOperatorADD:
		var o tflite.AddOptions
		if op.read(tflite.BuiltinOptionsAddOptions, &o) != nil {
			return p, false
		}
		return parameters{activation: o.Activation()}, true
	case tflite.BuiltinOperatorPRELU, tflite.BuiltinOperatorPAD, tflite.BuiltinOperatorRELU:
		return p, true
	}
	return p, false
}

// same says whether two tensors hold the same, computed in up to depth steps.
func (g *merger) same(i, j, depth int) bool {
	if i == j {
		return true
	}
	if i < 0 || j < 0 || depth == 0 {
		return false
	}
	ti, tj := &g.m.tensors[i], &g.m.tensors[j]
	if ti.kind != tj.kind || !slices.Equal(ti.shape, tj.shape) {
		return false
	}
	if ti.data != nil || tj.data != nil {
		return ti.sparse == nil && tj.sparse == nil && slices.Equal(ti.data, tj.data)
	}
	a, b := g.writer[i], g.writer[j]
	if a == nil || b == nil || a.code != b.code || len(a.in) != len(b.in) {
		return false
	}
	switch a.code {
	case tflite.BuiltinOperatorRESHAPE: // the second input says what the shape says
		return g.same(a.in[0], b.in[0], depth-1)
	case tflite.BuiltinOperatorMUL:
		var oa, ob tflite.MulOptions
		return a.read(tflite.BuiltinOptionsMulOptions, &oa) == nil && b.read(tflite.BuiltinOptionsMulOptions, &ob) == nil &&
			oa.Activation() == ob.Activation() && g.same(a.in[0], b.in[0], depth-1) && g.same(a.in[1], b.in[1], depth-1)
	}
	return false
}

// closed says whether nothing else reads what is computed within the lanes.
func (g *merger) closed() bool {
	inside := g.replaced()
	last := 0
	for op := range inside {
		last = max(last, op.index)
	}
	ends := map[*operator]bool{}
	for _, l := range g.lanes {
		ends[l.end] = true
	}
	for op := range inside {
		if slices.Contains(g.m.outputs, op.out[0]) && !ends[op] {
			return false
		}
		for _, r := range g.readers[op.out[0]] {
			if ends[op] && r.index < last || !ends[op] && !inside[r] {
				return false
			}
		}
	}
	return true
}
