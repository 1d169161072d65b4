package understand

import (
	"context"
	"hash/fnv"
	"math"
	"math/rand/v2"
)

// buckets is how many weights an intent has for hashed features.
const buckets = 1 << 15

// classifier is a softmax regression over hashed features: one row of buckets
// weights an intent. It does not change after training.
type classifier struct {
	weights [][]float32 // [intent][bucket]
}

// example is a sentence with its intent, as hashed features.
type example struct {
	features []uint32
	intent   int
	weight   float32
}

func hashed(features []string) []uint32 {
	out := make([]uint32, len(features))
	for i, f := range features {
		h := fnv.New32a()
		h.Write([]byte(f))
		out[i] = h.Sum32() % buckets
	}
	return out
}

// train fits a classifier by AdaGrad on the cross-entropy with L2 decay, in
// passes over the shuffled examples; the same examples and seed give the same
// weights.
func train(ctx context.Context, examples []example, passes int) (*classifier, error) {
	n := len(Intents())
	c := &classifier{weights: make([][]float32, n)}
	grads := make([][]float32, n)
	for k := range c.weights {
		c.weights[k] = make([]float32, buckets)
		grads[k] = make([]float32, buckets)
	}
	order := make([]int, len(examples))
	for i := range order {
		order[i] = i
	}
	r := rand.New(rand.NewPCG(1, 2))
	p := make([]float64, n)
	for range passes {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			e := &examples[i]
			c.scores(e.features, p)
			scale := 1 / float32(math.Sqrt(float64(len(e.features))))
			for k := range p {
				g := float32(p[k])
				if k == e.intent {
					g--
				}
				g *= e.weight * scale
				if g < 1e-4 && g > -1e-4 {
					continue
				}
				w, a := c.weights[k], grads[k]
				for _, f := range e.features {
					a[f] += g * g
					w[f] -= 0.12*g/float32(math.Sqrt(float64(a[f])+1e-6)) + 1e-6*w[f]
				}
			}
		}
	}
	return c, nil
}

// scores fills p with the probability of each intent.
func (c *classifier) scores(features []uint32, p []float64) {
	scale := 1 / math.Sqrt(float64(max(len(features), 1)))
	for k, w := range c.weights {
		var s float32
		for _, f := range features {
			s += w[f]
		}
		p[k] = float64(s) * scale
	}
	softmax(p)
}
