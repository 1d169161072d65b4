package frames

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"cheval/catalog"
)

// Source is the origin of products that were generated.
const Source = "generated"

// Tool is the step that made a kept proposal.
const Tool = "generate"

// Product is the draft that a kept proposal becomes: its measures and look, and
// the request, seed and prior that made it, by which Remake makes it again.
// name is what it is called by language; version is Cheval's.
func (p *Prior) Product(r Request, m *Proposal, name map[string]string, version string, at time.Time) (*catalog.Product, error) {
	id := fmt.Sprintf("frame-%s-%s-%d-%d", m.Eyewear.Shape, strconv.FormatInt(m.Seed, 36), m.Number, m.Attempt)
	if hash := strings.Fields(p.version)[1]; len(hash) > 4 {
		id += "-" + hash[:4]
	}
	v := m.Variant
	v.SKU = strings.ToUpper(id)
	out := &catalog.Product{
		ID: id, Category: catalog.Worn, Name: name, Kind: m.Kind, Eyewear: m.Eyewear, Variants: []catalog.Variant{v},
		State: catalog.Draft, Origin: catalog.Origin{Source: Source, At: at, Steps: []catalog.Step{p.step(r, m, version, at)}},
	}
	if err := out.Validate(); err != nil {
		return nil, fmt.Errorf("frames: make a draft of a proposal: %w", err)
	}
	return out, nil
}

func (p *Prior) step(r Request, m *Proposal, version string, at time.Time) catalog.Step {
	parameters := map[string]string{"category": catalog.Worn, "number": strconv.Itoa(m.Number), "attempt": strconv.Itoa(m.Attempt)}
	for name, v := range map[string]string{
		"shape": string(r.Shape), "material": string(r.Material), "kind": string(r.Kind), "colour": r.Colour, "size": string(r.Size),
	} {
		if v != "" {
			parameters[name] = v
		}
	}
	var like []string
	for _, q := range r.Like {
		like = append(like, q.ID)
	}
	if len(like) > 0 {
		parameters["like"] = strings.Join(like, " ")
	}
	return catalog.Step{Tool: Tool, Model: p.version, Version: version, Seed: m.Seed, Parameters: parameters, At: at}
}

// Remake makes the proposal of a recorded step again, bit for bit. find gives
// the products that were liked. A step of another prior is an error: the frames
// it learned from are others now, and only the measures that the product keeps
// make it again.
func (p *Prior) Remake(s catalog.Step, find func(id string) *catalog.Product) (*Proposal, error) {
	if s.Tool != Tool || s.Model != p.version {
		return nil, fmt.Errorf("frames: that design is of the prior %q, this one is %q: the catalogue's frames are others now, and the measures that the product keeps make it again", s.Model, p.version)
	}
	of := s.Parameters
	r := Request{Shape: catalog.Shape(of["shape"]), Material: catalog.Material(of["material"]), Kind: catalog.Kind(of["kind"]),
		Colour: of["colour"], Size: catalog.Size(of["size"]), Count: 1, Seed: s.Seed}
	for _, id := range strings.Fields(of["like"]) {
		q := find(id)
		if q == nil {
			return nil, fmt.Errorf("frames: that design is like %s, which is no longer in the catalogue; the measures that the product keeps make it again", id)
		}
		r.Like = append(r.Like, q)
	}
	number, err1 := strconv.ParseUint(of["number"], 10, 16)
	attempt, err2 := strconv.ParseUint(of["attempt"], 10, 16)
	if err1 != nil || err2 != nil {
		return nil, fmt.Errorf("frames: the record of a design has number %.20q and attempt %.20q, which are none", of["number"], of["attempt"])
	}
	if err := p.Check(r); err != nil {
		return nil, err
	}
	d, err := p.drawing(r)
	if err != nil {
		return nil, err
	}
	return d.rebuilt(int(number), int(attempt))
}
