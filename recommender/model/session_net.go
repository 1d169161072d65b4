package model

import (
	"math"
	"math/rand/v2"
)

// sessionNet is the network of Session: SASRec (Kang & McAuley, ICDM 2018),
// pre-norm, one head. Windows of items are laid one behind the other as tokens.
type sessionNet struct {
	dim    int
	dropP  float64
	items  *param // tied: in and out
	bias   *param
	places *param
	blocks []*block
	gain   *param
	offset *param
}

// block is attention and a feed-forward layer, each with its norm before and
// its residual around it.
type block struct {
	gain1, offset1, q, k, v        *param
	gain2, offset2, w1, b1, w2, b2 *param
}

func newSessionNet(items, dim, blocks, window int, dropP float64, rng *rand.Rand) *sessionNet {
	n := &sessionNet{dim: dim, dropP: dropP,
		items:  newParam(items, dim, true, 1/math.Sqrt(float64(dim))/2, rng),
		bias:   newParam(items, 1, true, 0, rng),
		places: newParam(window, dim, false, 0.02, rng),
		gain:   newParam(1, dim, false, 0, rng).fill(1),
		offset: newParam(1, dim, false, 0, rng),
	}
	scale := 1 / math.Sqrt(float64(dim))
	square := func() *param { return newParam(dim, dim, false, scale, rng) }
	line := func(v float32) *param { return newParam(1, dim, false, 0, rng).fill(v) }
	for range blocks {
		n.blocks = append(n.blocks, &block{
			gain1: line(1), offset1: line(0), q: square(), k: square(), v: square(),
			gain2: line(1), offset2: line(0), w1: square(), b1: line(0), w2: square(), b2: line(0),
		})
	}
	return n
}

// params in a fixed order, for the optimiser and the file.
func (n *sessionNet) params() []*param {
	out := []*param{n.items, n.bias, n.places, n.gain, n.offset}
	for _, b := range n.blocks {
		out = append(out, b.gain1, b.offset1, b.q, b.k, b.v, b.gain2, b.offset2, b.w1, b.b1, b.w2, b.b2)
	}
	return out
}

// tape is what one pass keeps for its gradient.
type tape struct {
	n       int
	starts  []int // of windows; the last entry is n
	tokens  []int32
	dropIn  []bool
	blocks  []*blockTape
	x       []float32 // after the last block
	final   norm
	h       []float32 // normalised: what is multiplied by item vectors
	scaleIn float32
}

type blockTape struct {
	x             []float32 // in
	norm1, norm2  norm
	y1            []float32
	q, k, v       []float32
	att           [][]float32 // by window, T×T, rows are the looking tokens
	dropA, dropF  []bool
	mid           []float32 // after attention
	y2, hid, outF []float32
}

// forward runs the net; rng nil: no dropout.
func (n *sessionNet) forward(tokens []int32, starts []int, rng *rand.Rand) *tape {
	t := &tape{n: len(tokens), starts: starts, tokens: tokens, scaleIn: float32(math.Sqrt(float64(n.dim)))}
	d := n.dim
	x := make([]float32, t.n*d)
	for w := range len(starts) - 1 {
		for i := starts[w]; i < starts[w+1]; i++ {
			axpy(t.scaleIn, n.items.row(tokens[i]), x[i*d:(i+1)*d])
			axpy(1, n.places.row(int32(i-starts[w])), x[i*d:(i+1)*d])
		}
	}
	t.dropIn = drop(x, n.dropP, rng)
	for _, b := range n.blocks {
		bt := b.forward(x, t, d, n.dropP, rng)
		t.blocks = append(t.blocks, bt)
		x = bt.outF
	}
	t.x, t.h = x, make([]float32, len(x))
	t.final.forward(x, t.n, n.gain, n.offset, t.h)
	return t
}

func (b *block) forward(x []float32, t *tape, d int, dropP float64, rng *rand.Rand) *blockTape {
	make1 := func() []float32 { return make([]float32, t.n*d) }
	bt := &blockTape{x: x, y1: make1(), q: make1(), k: make1(), v: make1(), y2: make1(), hid: make1()}
	bt.norm1.forward(x, t.n, b.gain1, b.offset1, bt.y1)
	linear(bt.y1, t.n, b.q, nil, bt.q)
	linear(bt.y1, t.n, b.k, nil, bt.k)
	linear(bt.y1, t.n, b.v, nil, bt.v)
	o := make1()
	scale := float32(1 / math.Sqrt(float64(d)))
	for w := range len(t.starts) - 1 {
		lo, size := t.starts[w], t.starts[w+1]-t.starts[w]
		att := make([]float32, size*size)
		for i := range size {
			row := att[i*size : i*size+i+1]
			for j := range row {
				row[j] = scale * dot(bt.q[(lo+i)*d:(lo+i+1)*d], bt.k[(lo+j)*d:(lo+j+1)*d])
			}
			softmax(row)
			for j, a := range row {
				axpy(a, bt.v[(lo+j)*d:(lo+j+1)*d], o[(lo+i)*d:(lo+i+1)*d])
			}
		}
		bt.att = append(bt.att, att)
	}
	bt.dropA = drop(o, dropP, rng)
	bt.mid = o
	axpy(1, x, bt.mid)
	bt.norm2.forward(bt.mid, t.n, b.gain2, b.offset2, bt.y2)
	linear(bt.y2, t.n, b.w1, b.b1, bt.hid)
	relu(bt.hid)
	bt.outF = make1()
	linear(bt.hid, t.n, b.w2, b.b2, bt.outF)
	bt.dropF = drop(bt.outF, dropP, rng)
	axpy(1, bt.mid, bt.outF)
	return bt
}

// backward takes the gradient of h and adds up those of all params.
func (n *sessionNet) backward(t *tape, dh []float32, g *gradSet) {
	d := n.dim
	dx := make([]float32, t.n*d)
	t.final.backward(dh, t.n, n.gain, g.of[n.gain], g.of[n.offset], dx)
	for i := len(n.blocks) - 1; i >= 0; i-- {
		dx = n.blocks[i].backward(t, t.blocks[i], d, n.dropP, dx, g)
	}
	dropBack(dx, t.dropIn, n.dropP)
	for w := range len(t.starts) - 1 {
		for i := t.starts[w]; i < t.starts[w+1]; i++ {
			axpy(t.scaleIn, dx[i*d:(i+1)*d], g.of[n.items].row(t.tokens[i]))
			axpy(1, dx[i*d:(i+1)*d], g.of[n.places].row(int32(i-t.starts[w])))
		}
	}
}

func (b *block) backward(t *tape, bt *blockTape, d int, dropP float64, dout []float32, g *gradSet) []float32 {
	dmid := append([]float32(nil), dout...)
	dropBack(dout, bt.dropF, dropP)
	dhid := make([]float32, t.n*d)
	linearBack(bt.hid, t.n, b.w2, g.of[b.w2], g.of[b.b2], dout, dhid)
	reluBack(bt.hid, dhid)
	dy := make([]float32, t.n*d)
	linearBack(bt.y2, t.n, b.w1, g.of[b.w1], g.of[b.b1], dhid, dy)
	bt.norm2.backward(dy, t.n, b.gain2, g.of[b.gain2], g.of[b.offset2], dmid)
	dx := append([]float32(nil), dmid...)
	dropBack(dmid, bt.dropA, dropP)
	dq, dk, dv := attentionBack(t, bt, d, dmid)
	clear(dy)
	linearBack(bt.y1, t.n, b.q, g.of[b.q], nil, dq, dy)
	linearBack(bt.y1, t.n, b.k, g.of[b.k], nil, dk, dy)
	linearBack(bt.y1, t.n, b.v, g.of[b.v], nil, dv, dy)
	bt.norm1.backward(dy, t.n, b.gain1, g.of[b.gain1], g.of[b.offset1], dx)
	return dx
}

// attentionBack gives the gradients of queries, keys and values from that of
// what attention gave.
func attentionBack(t *tape, bt *blockTape, d int, do []float32) (dq, dk, dv []float32) {
	dq, dk, dv = make([]float32, t.n*d), make([]float32, t.n*d), make([]float32, t.n*d)
	scale := float32(1 / math.Sqrt(float64(d)))
	for w := range len(t.starts) - 1 {
		lo, size := t.starts[w], t.starts[w+1]-t.starts[w]
		for i := range size {
			row := bt.att[w][i*size : i*size+i+1]
			g := do[(lo+i)*d : (lo+i+1)*d]
			ds := make([]float32, len(row))
			sum := float32(0)
			for j, a := range row {
				ds[j] = dot(g, bt.v[(lo+j)*d:(lo+j+1)*d])
				sum += a * ds[j]
				axpy(a, g, dv[(lo+j)*d:(lo+j+1)*d])
			}
			for j, a := range row {
				s := a * (ds[j] - sum) * scale
				axpy(s, bt.k[(lo+j)*d:(lo+j+1)*d], dq[(lo+i)*d:(lo+i+1)*d])
				axpy(s, bt.q[(lo+i)*d:(lo+i+1)*d], dk[(lo+j)*d:(lo+j+1)*d])
			}
		}
	}
	return dq, dk, dv
}

// loss is the cross-entropy of each token's next item among itself and the
// negatives, in nats a token; it adds up the gradients.
func (n *sessionNet) loss(tokens, next, negatives []int32, starts []int, rng *rand.Rand, g *gradSet) float64 {
	t := n.forward(tokens, starts, rng)
	d, k := n.dim, len(negatives)
	table := make([]float32, k*d)
	for i, item := range negatives {
		copy(table[i*d:(i+1)*d], n.items.row(item))
	}
	logits := make([]float32, t.n*k)
	mul(false, true, matrix(t.n, d, t.h), matrix(k, d, table), 0, matrix(t.n, k, logits))
	dh, dtable := make([]float32, t.n*d), make([]float32, k*d)
	row, total := make([]float32, k+1), 0.0
	gi, gb := g.of[n.items], g.of[n.bias]
	for i := range t.n {
		h, l := t.h[i*d:(i+1)*d], logits[i*k:(i+1)*k]
		row[k] = dot(h, n.items.row(next[i])) + n.bias.w[next[i]]
		for j, item := range negatives {
			row[j] = l[j] + n.bias.w[item]
			if item == next[i] {
				row[j] = -1e9
			}
		}
		softmax(row)
		total -= math.Log(max(float64(row[k]), 1e-12))
		row[k]--
		copy(l, row[:k])
		axpy(row[k], n.items.row(next[i]), dh[i*d:(i+1)*d])
		axpy(row[k], h, gi.row(next[i]))
		gb.row(next[i])[0] += row[k]
		for j, item := range negatives {
			gb.row(item)[0] += row[j]
		}
	}
	mul(false, false, matrix(t.n, k, logits), matrix(k, d, table), 1, matrix(t.n, d, dh))
	mul(true, false, matrix(t.n, k, logits), matrix(t.n, d, t.h), 0, matrix(k, d, dtable))
	for j, item := range negatives {
		axpy(1, dtable[j*d:(j+1)*d], gi.row(item))
	}
	n.backward(t, dh, g)
	g.n += t.n
	return total / float64(t.n)
}
