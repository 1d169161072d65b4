package render

import (
	"math"

	"github.com/go-gl/mathgl/mgl32"
)

// environment is what glossy surfaces reflect: a room seen from the wearer,
// prefiltered for roughness. Directions are camera space: x to the picture's
// right, y up, z towards the viewer. It has two channels: the room, to be
// multiplied by the ambient light, and its windows, by the direct light.
type environment struct {
	levels []envLevel // by roughness, the mirror first
	// byAlpha is the level by α, the square of roughness, in levelSteps.
	byAlpha [levelSteps + 1]float32
}

const levelSteps = 255

type envLevel struct {
	roughness float32
	size      int
	span      float32   // size, to scale by
	stride    int       // size and the border
	tex       []float32 // room and windows interleaved, octahedral, a border of one texel around
}

// emitter is a rectangle of light in the room, by angles as the wearer sees it.
type emitter struct {
	azimuth, elevation    float64 // degrees; azimuth positive to the picture's right, 0 towards the viewer
	halfWidth, halfHeight float64 // degrees
	soft                  float64 // degrees over which its edge fades
	room, window          float64 // radiance in each channel
}

// setting describes an environment before it is prefiltered.
type setting struct {
	floor, horizon, ceiling float64 // radiance by elevation -90, 0, 90
	behind                  float64 // factor for what lies behind the wearer
	emitters                []emitter
}

// shopRoom is what stands before a shopper: a large window or soft panel to
// one side (it is turned to where the light was found), a second one across,
// ceiling panels, the darker floor.
var shopRoom = setting{
	floor: 0.42, horizon: 0.75, ceiling: 1.15, behind: 1,
	emitters: []emitter{
		{azimuth: -38, elevation: 26, halfWidth: 13.5, halfHeight: 21.5, soft: 4.5, window: 5.5},
		{azimuth: -66, elevation: 26, halfWidth: 9.5, halfHeight: 21.5, soft: 4.5, window: 5.5},
		{azimuth: 62, elevation: 18, halfWidth: 6, halfHeight: 30, soft: 4, room: 1.3, window: 0.5},
		{azimuth: 0, elevation: 74, halfWidth: 60, halfHeight: 7, soft: 4, room: 2.6, window: 0.8},
	},
}

// studioRoom lights product pictures: a broad overhead box, strips at both
// sides that draw long highlights, a white table.
var studioRoom = setting{
	floor: 0.75, horizon: 0.62, ceiling: 0.95, behind: 1,
	emitters: []emitter{
		{azimuth: -10, elevation: 58, halfWidth: 55, halfHeight: 15, soft: 6, window: 3.4},
		{azimuth: -72, elevation: 12, halfWidth: 10, halfHeight: 45, soft: 5, window: 2.4},
		{azimuth: 75, elevation: 15, halfWidth: 8, halfHeight: 45, soft: 5, window: 1.8},
		{azimuth: 180, elevation: 45, halfWidth: 70, halfHeight: 20, soft: 10, window: 1.6},
	},
}

// radiance of the setting in direction d, unit, in both channels.
func (s *setting) radiance(d mgl32.Vec3) (room, window float32) {
	y := float64(d[1])
	base := s.horizon
	if y > 0 {
		base += (s.ceiling - s.horizon) * y
	} else {
		base += (s.floor - s.horizon) * math.Min(1, -y*1.6)
	}
	if d[2] < 0 {
		base *= 1 + (s.behind-1)*math.Min(1, -2*float64(d[2]))
	}
	el := math.Asin(math.Max(-1, math.Min(1, y))) * 180 / math.Pi
	az := math.Atan2(float64(d[0]), float64(d[2])) * 180 / math.Pi
	var win float64
	for _, e := range s.emitters {
		da := math.Remainder(az-e.azimuth, 360) * math.Cos(el*math.Pi/180) / math.Cos(e.elevation*math.Pi/180)
		w := edge(math.Abs(da)-e.halfWidth, e.soft) * edge(math.Abs(el-e.elevation)-e.halfHeight, e.soft)
		base += e.room * w
		win += e.window * w
	}
	return float32(base), float32(win)
}

// edge is 1 inside (over < -soft), 0 outside (over > 0), smooth between.
func edge(over, soft float64) float64 {
	t := math.Max(0, math.Min(1, -over/soft))
	return t * t * (3 - 2*t)
}

// envRoughness are the roughnesses that are prefiltered, and envSize the
// maps' sizes; between them lookups interpolate.
var (
	envRoughness = [...]float32{0, 0.12, 0.25, 0.4, 0.6, 0.85}
	envSize      = [...]int{144, 48, 36, 24, 18, 14}
)

// newEnvironment prefilters s: each texel of a level is the mean of the
// radiance over the GGX lobe about its direction, seen along it (the split-sum
// approximation: B. Karis, "Real Shading in Unreal Engine 4", SIGGRAPH 2013).
// The room's mean over the viewer's half is made 1, so that a white mirror and
// a white wall reflect alike; the windows' cosine-weighted mean is 1 too.
func newEnvironment(s *setting) *environment {
	e := &environment{}
	room, window := hemisphereMeans(s)
	kr, kw := 1/room, float32(0)
	if window > 0 {
		kw = 1 / window
	}
	for i, r := range envRoughness {
		n := envSize[i]
		l := envLevel{roughness: r, size: n, span: float32(n), stride: n + 2, tex: make([]float32, 2*(n+2)*(n+2))}
		for y := range n {
			for x := range n {
				d := octDecode((float32(x)+0.5)/l.span, (float32(y)+0.5)/l.span)
				a, b := lobeMean(s, d, r)
				l.set(x, y, a*kr, b*kw)
			}
		}
		e.levels = append(e.levels, l)
	}
	for i := range e.byAlpha {
		e.byAlpha[i] = e.levelOf(sqrt(float32(i) / levelSteps))
	}
	return e
}

// set writes a texel, and the border beside it.
func (l *envLevel) set(x, y int, room, window float32) {
	for j := y - b2i(y == 0); j <= y+b2i(y == l.size-1); j++ {
		for i := x - b2i(x == 0); i <= x+b2i(x == l.size-1); i++ {
			k := 2 * ((j+1)*l.stride + i + 1)
			l.tex[k], l.tex[k+1] = room, window
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// hemisphereMeans are cosine-weighted means over the half that faces the viewer.
func hemisphereMeans(s *setting) (room, window float32) {
	const n = 4096
	for i := range n {
		u, v := hammersley(i, n)
		r, phi := math.Sqrt(u), 2*math.Pi*v
		d := mgl32.Vec3{float32(r * math.Cos(phi)), float32(r * math.Sin(phi)), float32(math.Sqrt(1 - u))}
		a, b := s.radiance(d)
		room += a / n
		window += b / n
	}
	return room, window
}

func lobeMean(s *setting, d mgl32.Vec3, roughness float32) (room, window float32) {
	if roughness == 0 {
		return s.radiance(d)
	}
	const n = 48
	t, b := basis(d)
	var sum float32
	for i := range n {
		u, v := hammersley(i, n)
		h := ggxHalf(u, v, roughness)
		hv := t.Mul(h[0]).Add(b.Mul(h[1])).Add(d.Mul(h[2]))
		l := hv.Mul(2 * d.Dot(hv)).Sub(d)
		w := l.Dot(d)
		if w <= 0 {
			continue
		}
		x, y := s.radiance(l)
		room += x * w
		window += y * w
		sum += w
	}
	return room / sum, window / sum
}

// ggxHalf samples a half vector of the GGX distribution about z, α = roughness².
func ggxHalf(u, v float64, roughness float32) mgl32.Vec3 {
	a := float64(roughness * roughness)
	cos := math.Sqrt((1 - u) / (1 + (a*a-1)*u))
	sin := math.Sqrt(1 - cos*cos)
	return mgl32.Vec3{float32(sin * math.Cos(2*math.Pi*v)), float32(sin * math.Sin(2*math.Pi*v)), float32(cos)}
}

func hammersley(i, n int) (u, v float64) {
	bits := uint32(i)
	bits = bits<<16 | bits>>16
	bits = (bits&0x55555555)<<1 | (bits&0xAAAAAAAA)>>1
	bits = (bits&0x33333333)<<2 | (bits&0xCCCCCCCC)>>2
	bits = (bits&0x0F0F0F0F)<<4 | (bits&0xF0F0F0F0)>>4
	bits = (bits&0x00FF00FF)<<8 | (bits&0xFF00FF00)>>8
	return (float64(i) + 0.5) / float64(n), float64(bits) / (1 << 32)
}

// basis completes n, unit, to an orthonormal frame (Duff et al., 2017).
func basis(n mgl32.Vec3) (t, b mgl32.Vec3) {
	sign := float32(math.Copysign(1, float64(n[2])))
	a := -1 / (sign + n[2])
	c := n[0] * n[1] * a
	return mgl32.Vec3{1 + sign*n[0]*n[0]*a, sign * c, -sign * n[0]}, mgl32.Vec3{c, sign + n[1]*n[1]*a, -n[1]}
}

// octDecode takes a point of the unit square to a direction: the viewer's half
// is the diamond in the middle, what lies behind is folded over the corners.
func octDecode(u, v float32) mgl32.Vec3 {
	x, y := 2*u-1, 2*v-1
	z := 1 - abs(x) - abs(y)
	if z < 0 {
		x, y = (1-abs(y))*signOf(x), (1-abs(x))*signOf(y)
	}
	return mgl32.Vec3{x, y, z}.Normalize()
}

func abs(v float32) float32 { return math.Float32frombits(math.Float32bits(v) &^ (1 << 31)) }

func signOf(v float32) float32 {
	return math.Float32frombits(math.Float32bits(v)&(1<<31) | 0x3f800000)
}

// floor returns the integer at or under v, for |v| < 2³¹.
func floor(v float32) int {
	i := int(v)
	if float32(i) > v {
		i--
	}
	return i
}

// levelOf returns where roughness lies among the levels.
func (e *environment) levelOf(roughness float32) float32 {
	for i := 1; i < len(e.levels); i++ {
		lo, hi := e.levels[i-1].roughness, e.levels[i].roughness
		if roughness <= hi {
			return float32(i-1) + (roughness-lo)/(hi-lo)
		}
	}
	return float32(len(e.levels) - 1)
}

// lookup returns the prefiltered radiance in direction (x, y, z), unit.
func (e *environment) lookup(level, x, y, z float32) (room, window float32) {
	k := 1 / (abs(x) + abs(y) + abs(z))
	u, v := x*k, y*k
	if z < 0 {
		u, v = (1-abs(v))*signOf(u), (1-abs(u))*signOf(v)
	}
	u, v = u*0.5+0.5, v*0.5+0.5
	i := int(level)
	f := level - float32(i)
	room, window = e.levels[i].bilinear(u, v)
	if f > 0.02 && i+1 < len(e.levels) {
		r, w := e.levels[i+1].bilinear(u, v)
		room += (r - room) * f
		window += (w - window) * f
	}
	return room, window
}

// bilinear reads the map, which has a border of one texel, at (u, v) of 0..1.
func (l *envLevel) bilinear(u, v float32) (room, window float32) {
	x, y := u*l.span+0.5, v*l.span+0.5
	ix, iy := int(x), int(y)
	fx, fy := x-float32(ix), y-float32(iy)
	p := (*[4]float32)(l.tex[2*(iy*l.stride+ix):])
	q := (*[4]float32)(l.tex[2*((iy+1)*l.stride+ix):])
	a := p[0] + (p[2]-p[0])*fx
	b := p[1] + (p[3]-p[1])*fx
	c := q[0] + (q[2]-q[0])*fx
	d := q[1] + (q[3]-q[1])*fx
	return a + (c-a)*fy, b + (d-b)*fy
}
