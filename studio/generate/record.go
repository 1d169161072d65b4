package generate

import (
	"fmt"
	"image"
	"strconv"
	"strings"
	"time"

	"cheval/catalog"
)

// Tool is the step that made a kept design.
const Tool = "generate"

// Version is the designer's name and the beginning of its drawer's SHA-256.
func (d *Designer) Version() string { return d.version }

// Step records how a design was made: what was asked for, the seed, and the
// style, by which Remake draws it again. like are the names of what it was to
// be like; version is Cheval's.
func (d *Designer) Step(m *Design, asked Request, version string, at time.Time) (catalog.Step, error) {
	style, err := m.Style.MarshalText()
	if err != nil {
		return catalog.Step{}, err
	}
	parameters := map[string]string{
		"category": m.Category, "number": strconv.Itoa(m.Number), "attempt": strconv.Itoa(m.Attempt), "style": string(style),
		"quality": strconv.FormatFloat(m.Quality, 'f', 4, 64), "nearest": m.Nearest.Photo,
		"nearest_distance": strconv.FormatFloat(m.Nearest.Distance, 'f', 4, 64),
	}
	if asked.Colour != "" {
		parameters["colour"] = asked.Colour
	}
	var like []string
	for _, l := range asked.Like {
		like = append(like, l.Name)
	}
	if len(like) > 0 {
		parameters["like"] = strings.Join(like, " ")
	}
	return catalog.Step{Tool: Tool, Model: d.Version(), Version: version, Seed: m.Seed, Parameters: parameters, At: at}, nil
}

// Remake draws the design of a recorded step again, bit for bit on the same
// device. A step of another designer is an error: its stored picture is what
// remains.
func (d *Designer) Remake(s catalog.Step) (*image.NRGBA, error) {
	if s.Tool != Tool || s.Model != d.Version() {
		return nil, fmt.Errorf("generate: that design is of %q and this is %q, which draws otherwise: the picture that was kept is what remains of it", s.Model, d.Version())
	}
	var style Style
	if err := style.UnmarshalText([]byte(s.Parameters["style"])); err != nil {
		return nil, err
	}
	return d.Draw(style)
}
