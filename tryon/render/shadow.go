package render

// weighShadows sets how much of the light at each of the head's vertices comes
// from the key and from around, where it is skin.
func (s *scene) weighShadows(h *head, pts []headPoint) {
	l := &s.light
	direct, ambient := l.direct.luminance(), l.ambient.luminance()
	for i := range pts {
		key := direct * max(h.n[i].Dot(l.dir), 0)
		share := key / max(key+ambient, 1e-4)
		pts[i].key, pts[i].around = h.skin[i]*share, h.skin[i]*(1-share)
	}
}
