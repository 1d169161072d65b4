package recognise

import "strings"

// Boosts of a bias word's tokens, in units of log probability: little for its
// beginning, more once it has begun, so that a word is completed rather than
// invented.
const (
	boostFirst = 0.7
	boostNext  = 2.0
)

// bias is a tree of the likely words' tokens.
type bias struct{ next map[int]*bias }

func newBias(v *vocabulary, phrases []string) *bias {
	root := &bias{next: map[int]*bias{}}
	for _, p := range phrases[:min(len(phrases), MaxBias)] {
		p = strings.TrimSpace(p)
		if p == "" || len(p) > 100 {
			continue
		}
		for _, spelled := range []string{" " + p, " " + strings.ToLower(p), p} {
			root.add(v.encode(spelled))
		}
	}
	return root
}

func (b *bias) add(tokens []int) {
	for _, t := range tokens {
		child := b.next[t]
		if child == nil {
			child = &bias{next: map[int]*bias{}}
			b.next[t] = child
		}
		b = child
	}
}

// follow returns the places in the tree after one more token: of the words
// that were under way and of those that begin with it.
func (b *bias) follow(active []*bias, token int) (next []*bias) {
	for _, a := range append(active, b) {
		if child := a.next[token]; child != nil && len(child.next) > 0 {
			next = append(next, child)
		}
	}
	return next
}

// apply raises what may come next.
func (b *bias) apply(active []*bias, logits []float32) {
	for t := range b.next {
		logits[t] += boostFirst
	}
	for _, a := range active {
		for t := range a.next {
			logits[t] += boostNext
		}
	}
}
