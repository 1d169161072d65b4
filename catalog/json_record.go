package catalog

import "time"

// The file's form of the types in record.go.
type (
	optionFile struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	pictureFile struct {
		Hash   string     `json:"hash,omitempty"`
		Role   Role       `json:"role"`
		Width  int        `json:"width,omitempty"`
		Height int        `json:"height,omitempty"`
		Name   string     `json:"name,omitempty"`
		URL    string     `json:"url,omitempty"`
		Alt    string     `json:"alt,omitempty"`
		SKU    string     `json:"sku,omitempty"`
		From   string     `json:"from,omitempty"`
		Steps  []stepFile `json:"steps,omitempty"`
	}
	stepFile struct {
		Tool       string            `json:"tool"`
		Model      string            `json:"model,omitempty"`
		Version    string            `json:"version,omitempty"`
		Seed       int64             `json:"seed,omitempty"`
		Parameters map[string]string `json:"parameters,omitempty"`
		At         time.Time         `json:"at,omitzero"`
	}
	originFile struct {
		Source string     `json:"source,omitempty"`
		File   string     `json:"file,omitempty"`
		At     time.Time  `json:"at,omitzero"`
		Steps  []stepFile `json:"steps,omitempty"`
	}
	sheetFile struct {
		Format string     `json:"format"`
		Header []string   `json:"header"`
		Rows   [][]string `json:"rows"`
	}
)

func (f *pictureFile) picture() Picture {
	return Picture{f.Hash, f.Role, f.Width, f.Height, f.Name, f.URL, f.Alt, f.SKU, f.From, stepsOf(f.Steps)}
}

func fileOfPicture(p *Picture) pictureFile {
	return pictureFile{p.Hash, p.Role, p.Width, p.Height, p.Name, p.URL, p.Alt, p.SKU, p.From, fileOfSteps(p.Steps)}
}

func (f *originFile) origin() Origin { return Origin{f.Source, f.File, f.At, stepsOf(f.Steps)} }

func fileOfOrigin(o *Origin) originFile {
	return originFile{o.Source, o.File, o.At, fileOfSteps(o.Steps)}
}

func stepsOf(fs []stepFile) (steps []Step) {
	for _, f := range fs {
		steps = append(steps, Step(f))
	}
	return steps
}

func fileOfSteps(steps []Step) (fs []stepFile) {
	for _, s := range steps {
		fs = append(fs, stepFile(s))
	}
	return fs
}
