package catalog

// PicturesOf returns a product's stored pictures with the first of these roles
// that any of them has.
func (p *Product) PicturesOf(roles ...Role) (out []Picture) {
	for _, role := range roles {
		for _, x := range p.Pictures {
			if x.Role == role && x.Hash != "" {
				out = append(out, x)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}
