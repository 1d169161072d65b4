package render

import "image"

// composite lays the product's layer over the picture in linear light.
func (r *Renderer) composite(dst *image.RGBA, light Light) image.Rectangle {
	s, c := &r.scene, r.curves
	var touched image.Rectangle
	for y := range s.h {
		row := s.out.rows[y]
		if row.x0 >= row.x1 {
			continue
		}
		pix := dst.Pix[dst.PixOffset(s.origin.X+row.x0, s.origin.Y+y):]
		px := s.out.px[6*(y*s.w+row.x0) : 6*(y*s.w+row.x1)]
		for len(px) >= 6 {
			q := pix[:3:3]
			if px[3] != 1 || px[4] != 1 || px[5] != 1 || px[0] != 0 || px[1] != 0 || px[2] != 0 {
				q[0] = c.encode(c.linear[q[0]]*px[3] + px[0])
				q[1] = c.encode(c.linear[q[1]]*px[4] + px[1])
				q[2] = c.encode(c.linear[q[2]]*px[5] + px[2])
			}
			pix, px = pix[4:], px[6:]
		}
		touched = touched.Union(image.Rect(row.x0, y, row.x1, y+1))
	}
	return touched.Add(s.origin)
}
