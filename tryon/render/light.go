package render

import (
	"image"
	"math"

	"cheval/tryon/perceive"

	"github.com/go-gl/mathgl/mgl32"
)

// Light is how a face is lit and how the camera draws it, as far as a product
// beside it should share. The zero Light stands for a bright, even room.
type Light struct {
	// Ambient is what a white matt surface would show under the light that
	// comes from all around, Direct what it gains when it faces Direction;
	// linear RGB, 1 being the picture's white.
	Ambient, Direct [3]float32
	// Direction points towards the light, in camera space, unit.
	Direction mgl32.Vec3
	// Behind is the mean of the picture around the face, linear: what surfaces
	// seen at a grazing angle reflect.
	Behind [3]float32
	// Blur is the picture's point spread, σ in pixels; Noise its grain, σ in
	// 8-bit levels.
	Blur, Noise float32
	// Weight is how many pictures it rests on, up to a limit; 0: none.
	Weight float32
}

// evenLight is used where nothing is known.
var evenLight = Light{
	Ambient:   [3]float32{0.62, 0.62, 0.62},
	Direct:    [3]float32{0.34, 0.34, 0.34},
	Direction: mgl32.Vec3{-0.35, 0.55, 0.76},
	Behind:    [3]float32{0.35, 0.35, 0.35},
	Blur:      0.5,
}

func (l Light) orDefault() Light {
	if l.Ambient == [3]float32{} && l.Direct == [3]float32{} {
		return evenLight
	}
	if l.Direction.Dot(l.Direction) < 0.25 {
		l.Direction = evenLight.Direction
	}
	l.Direction = l.Direction.Normalize()
	return l
}

const (
	// lightMemory is how many pictures a Light rests on at most: at 30 a second
	// it follows a change within half a second.
	lightMemory = 14
	// Skin, light to dark, reflects 0.6 to 0.1 of the light; without knowing
	// whose, the middle is taken, and leans on the picture as a whole.
	skinAlbedo = 0.34
	pictureKey = 0.20 // mean of a well exposed picture, linear
	trustSkin  = 0.62 // the rest goes to the picture's mean
	// Skin's colour against its green, the mean of light and dark skin; how much
	// of a departure from it is put down to the light (the rest is the person).
	skinRed, skinBlue = 1.62, 0.68
	trustColour       = 0.4
	whiteLimit        = 1.3
	// hairShade is how much of what lies behind reaches the sides of the head,
	// past hair and ears.
	hairShade = 0.5
)

// EstimateLight finds the light on a face: it fits the first two bands of
// spherical harmonics (R. Ramamoorthi, P. Hanrahan, "An efficient
// representation for irradiance environment maps", 2001) to patches of skin and
// the mesh's normals there, leaving out what does not look like the rest (hair,
// glasses, highlights). The picture's sharpness and grain are measured beside.
// prev is the last picture's estimate of the same face, into which the new one
// is smoothed; the zero Light where there is none. It allocates nothing.
func EstimateLight(img *image.RGBA, face *perceive.Face, prev Light) Light {
	var patches [len(skinPatches)]patch
	n := gather(img, face, &patches)
	if n < 12 {
		if prev.Weight > 0 {
			return prev
		}
		return evenLight
	}
	all, behind := meanLight(img, face.Box)
	now := fitLight(patches[:n], all.luminance())
	now.Behind = behind.array()
	now.Blur = measureBlur(img, face)
	now.Noise = measureNoise(patches[:n])
	return blendLight(prev, now)
}

// blendLight smooths the estimate over time.
func blendLight(prev, now Light) Light {
	n := clamp(prev.Weight, 0, lightMemory)
	k := 1 / (n + 1)
	out := Light{Weight: min(n+1, lightMemory)}
	if n == 0 {
		prev = now
	}
	for i := range out.Ambient {
		out.Ambient[i] = prev.Ambient[i] + (now.Ambient[i]-prev.Ambient[i])*k
		out.Direct[i] = prev.Direct[i] + (now.Direct[i]-prev.Direct[i])*k
		out.Behind[i] = prev.Behind[i] + (now.Behind[i]-prev.Behind[i])*k
	}
	wp, wn := toRGB(prev.Direct).luminance()*(1-k), toRGB(now.Direct).luminance()*k
	d := prev.Direction.Mul(wp + 1e-4).Add(now.Direction.Mul(wn))
	out.Direction = now.Direction
	if d.Len() > 1e-5 {
		out.Direction = d.Normalize()
	}
	out.Blur = prev.Blur + (now.Blur-prev.Blur)*k
	out.Noise = prev.Noise + (now.Noise-prev.Noise)*k
	return out
}

// patch is a small piece of skin in the picture.
type patch struct {
	colour rgb // linear mean
	y      float32
	normal mgl32.Vec3
	weight float32
	grain  float32 // of its middle, 8-bit levels, signed
}

// gather measures the patches that face the camera inside the picture.
func gather(img *image.RGBA, face *perceive.Face, out *[len(skinPatches)]patch) int {
	size := float32(face.Box.Dx())
	r := int(clamp(size/70, 1, 8))
	n := 0
	for _, t := range skinPatches {
		a, b, c := face.Metric[t[0]], face.Metric[t[1]], face.Metric[t[2]]
		normal := b.Sub(a).Cross(c.Sub(a))
		if l := normal.Len(); l > 1e-6 {
			normal = normal.Mul(1 / l)
		}
		p := face.Points[t[0]].Add(face.Points[t[1]]).Add(face.Points[t[2]]).Mul(1.0 / 3)
		x, y := int(p[0]), int(p[1])
		if normal[2] < 0.2 || !image.Rect(x-r-1, y-r-1, x+r+2, y+r+2).In(img.Rect) {
			continue
		}
		out[n] = measurePatch(img, x, y, r)
		out[n].normal = normal
		n++
	}
	return n
}

// measurePatch averages at most 5×5 pixels within r of (x, y).
func measurePatch(img *image.RGBA, x, y, r int) patch {
	c := sharedCurves()
	var p patch
	step := max(r/2, 1)
	var count float32
	for j := -r; j <= r; j += step {
		for i := -r; i <= r; i += step {
			q := img.Pix[img.PixOffset(x+i, y+j):]
			p.colour = p.colour.add(rgb{c.linear[q[0]], c.linear[q[1]], c.linear[q[2]]})
			count++
		}
	}
	p.colour = p.colour.scale(1 / count)
	p.y = p.colour.luminance()
	g := func(i, j int) float32 { return float32(img.Pix[img.PixOffset(x+i, y+j)+1]) }
	// J. Immerkær, "Fast noise variance estimation", 1996: blind to slopes.
	p.grain = (g(-1, -1) + g(1, -1) + g(-1, 1) + g(1, 1)) - 2*(g(0, -1)+g(-1, 0)+g(1, 0)+g(0, 1)) + 4*g(0, 0)
	return p
}

// fitLight solves y = a + b·normal over the patches by weighted least squares,
// three times, each time trusting less what lies far off.
func fitLight(p []patch, mean float32) Light {
	var ys, reds, blues [len(skinPatches)]float32
	for i, q := range p {
		g := max(q.colour.g, 1e-4)
		ys[i], reds[i], blues[i] = q.y, q.colour.r/g, q.colour.b/g
	}
	mid, red, blue := medianOf(ys[:len(p)]), medianOf(reds[:len(p)]), medianOf(blues[:len(p)])
	for i := range p {
		q := &p[i]
		g := max(q.colour.g, 1e-4)
		q.weight = max(q.normal[2], 0.1)
		off := abs(q.colour.r/g/red-1) + abs(q.colour.b/g/blue-1)
		q.weight *= 1 - smoothstep(0.35, 0.8, off)
		q.weight *= smoothstep(0.1*mid, 0.3*mid, q.y) * (1 - smoothstep(0.9, 1, max(q.colour.r, q.colour.g)))
	}
	a, b := mid*0.75, mgl32.Vec3{0, 0.08 * mid, 0.25 * mid}
	for range 3 {
		a, b = solveLight(p, mid)
		for i := range p {
			r := abs(p[i].y-a-b.Dot(p[i].normal)) / max(mid, 1e-3)
			p[i].weight *= 1 - smoothstep(0.15, 0.5, r)
		}
	}
	return exposed(a, b, mid, mean, red, blue)
}

// solveLight leans on what faces usually show, from above and in front, by as
// much as twelve patches: the normals of a face say little about the rest.
func solveLight(p []patch, mid float32) (a float32, b mgl32.Vec3) {
	const prior = 12
	var m [4][5]float64
	m[0][0] = 0.05 // a is free
	for k, v := range [4]float64{0, 0, 0.06, 0.22} {
		if k > 0 {
			m[k][k] += prior * 0.25
			m[k][4] += prior * 0.25 * v * float64(mid)
		}
	}
	m[0][4] = 0.05 * 0.75 * float64(mid)
	for i := range p {
		v := [4]float64{1, float64(p[i].normal[0]), float64(p[i].normal[1]), float64(p[i].normal[2])}
		w := float64(p[i].weight)
		for r := range v {
			for c := range v {
				m[r][c] += w * v[r] * v[c]
			}
			m[r][4] += w * v[r] * float64(p[i].y)
		}
	}
	x := solve4(&m)
	return float32(x[0]), mgl32.Vec3{float32(x[1]), float32(x[2]), float32(x[3])}
}

// solve4 solves the symmetric positive definite system in place.
func solve4(m *[4][5]float64) (x [4]float64) {
	for i := range 4 {
		for r := i + 1; r < 4; r++ {
			f := m[r][i] / m[i][i]
			for c := i; c < 5; c++ {
				m[r][c] -= f * m[i][c]
			}
		}
	}
	for i := 3; i >= 0; i-- {
		x[i] = m[i][4]
		for c := i + 1; c < 4; c++ {
			x[i] -= m[i][c] * x[c]
		}
		x[i] /= m[i][i]
	}
	return x
}

// exposed turns the skin's fit into the light on white.
func exposed(a float32, b mgl32.Vec3, mid, mean, red, blue float32) Light {
	white := pow(max(mid, 1e-3)/skinAlbedo, trustSkin) * pow(max(mean, 1e-3)/pictureKey, 1-trustSkin)
	// Cameras expose so that white paper is not burnt out.
	white = max(white, 0.05)
	white /= sqrt(1 + white*white/(whiteLimit*whiteLimit))
	k := white / max(mid, 1e-3)
	a, b = a*k, b.Mul(k)
	strength := b.Len()
	l := Light{Direction: evenLight.Direction}
	if strength > 1e-4 {
		l.Direction = b.Mul(1 / strength)
	}
	a = max(a, 0.25*white)
	strength = min(strength, 1.2*a)
	tint := rgb{pow(red/skinRed, trustColour), 1, pow(blue/skinBlue, trustColour)}
	tint = rgb{clamp(tint.r, 0.75, 1.3), 1, clamp(tint.b, 0.7, 1.35)}
	tint = tint.scale(1 / tint.luminance())
	l.Ambient, l.Direct = tint.scale(a).array(), tint.scale(strength).array()
	return l
}

// medianOf sorts the values, a hundred or so, and returns their middle.
func medianOf(v []float32) float32 {
	for i := 1; i < len(v); i++ {
		x, j := v[i], i
		for ; j > 0 && v[j-1] > x; j-- {
			v[j] = v[j-1]
		}
		v[j] = x
	}
	return v[len(v)/2]
}

// meanLight of the picture, and of what of it lies around the face, from a
// grid of pixels.
func meanLight(img *image.RGBA, face image.Rectangle) (all, around rgb) {
	c := sharedCurves()
	b := img.Rect
	face = face.Inset(-face.Dx() / 8)
	const nx, ny = 48, 32
	var n float32
	for j := range ny {
		y := b.Min.Y + (2*j+1)*b.Dy()/(2*ny)
		for i := range nx {
			x := b.Min.X + (2*i+1)*b.Dx()/(2*nx)
			q := img.Pix[img.PixOffset(x, y):]
			v := rgb{c.linear[q[0]], c.linear[q[1]], c.linear[q[2]]}
			all = all.add(v)
			if !(image.Point{X: x, Y: y}).In(face) {
				around = around.add(v)
				n++
			}
		}
	}
	all = all.scale(1.0 / (nx * ny))
	if n < 16 {
		return all, all.scale(hairShade)
	}
	return all, around.scale(hairShade / n)
}

func measureNoise(p []patch) float32 {
	var grains [len(skinPatches)]float32
	for i, q := range p {
		grains[i] = abs(q.grain)
	}
	// |grain| of normal noise has the median 0.6745·6·σ.
	return clamp(medianOf(grains[:len(p)])/(0.6745*6), 0, 12)
}

// Landmarks of the eyes' boxes: outer, inner, upper, lower.
var eyeMarks = [2][4]int{{33, 133, 159, 145}, {263, 362, 386, 374}}

// measureBlur reads the point spread off the sharpest edges about the eyes: an
// edge of contrast C blurred by σ is at its steepest C/(σ·√2π) a pixel.
func measureBlur(img *image.RGBA, face *perceive.Face) float32 {
	const bins, binWidth = 64, 0.06
	var count [bins]int
	total := 0
	for _, e := range eyeMarks {
		x0, x1 := face.Points[e[0]][0], face.Points[e[1]][0]
		if x0 > x1 {
			x0, x1 = x1, x0
		}
		h := (x1 - x0) * 0.45
		mid := (face.Points[e[2]][1] + face.Points[e[3]][1]) / 2
		box := image.Rect(int(x0), int(mid-h), int(x1), int(mid+h)).Intersect(img.Rect.Inset(8))
		for y := box.Min.Y; y < box.Max.Y; y++ {
			for x := box.Min.X; x < box.Max.X; x++ {
				for _, step := range [2]int{4, img.Stride} {
					if s, ok := edgeSpread(img.Pix, img.PixOffset(x, y)+1, step); ok {
						count[min(int(s/binWidth), bins-1)]++
						total++
					}
				}
			}
		}
	}
	if total < 12 {
		return evenLight.Blur
	}
	seen := 0
	for i, c := range count {
		if seen += c; seen*5 >= total { // the sharpest fifth
			s := (float32(i) + 0.5) * binWidth
			// The difference over two pixels has widened it by 1/√3.
			return clamp(sqrt(max(s*s-0.33, 0)), 0.3, 2)
		}
	}
	return evenLight.Blur
}

// edgeSpread measures the edge at pix[i] along step, if it is steepest there.
func edgeSpread(pix []uint8, i, step int) (sigma float32, ok bool) {
	at := func(k int) int { return int(pix[i+k*step]) }
	g := at(1) - at(-1)
	sign := 1
	if g < 0 {
		g, sign = -g, -1
	}
	if g < 24 || sign*(at(2)-at(0)) > g || sign*(at(0)-at(-2)) >= g {
		return 0, false
	}
	lo, hi := -1, 1
	for lo > -6 && sign*(at(lo)-at(lo-1)) > 0 {
		lo--
	}
	for hi < 6 && sign*(at(hi+1)-at(hi)) > 0 {
		hi++
	}
	contrast := sign * (at(hi) - at(lo))
	return float32(contrast) / (float32(g) / 2 * float32(math.Sqrt(2*math.Pi))), true
}
