"""faster-whisper beside Cheval: reads a line {"audio", "lang"} and answers {"text", "ms"}.

Usage: PYTHON bench_voice.py FOLDER, where FOLDER holds model.bin and tokenizer.json.
It is the reference of `cheval bench voice --reference PYTHON` and no part of the product.
"""
import json
import pathlib
import sys
import time

from faster_whisper import WhisperModel
from faster_whisper.audio import decode_audio
from tokenizers import Tokenizer

folder = pathlib.Path(sys.argv[1])
tokens = Tokenizer.from_file(str(folder / "tokenizer.json"))
times = [f"<|{i * 0.02:.2f}|>" for i in range(1501)]
words = [tokens.id_to_token(i) or "" for i in range(50364)] + times
(folder / "vocabulary.json").write_text(json.dumps(words))
config = {"suppress_ids": [], "suppress_ids_begin": [220, 50257], "lang_ids": list(range(50259, 50358)), "alignment_heads": []}
(folder / "config.json").write_text(json.dumps(config))
model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=2)
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    ask = json.loads(line)
    audio = decode_audio(ask["audio"])
    start = time.perf_counter()
    segments, _ = model.transcribe(audio, language=ask["lang"] or None, beam_size=1)
    text = "".join(s.text for s in segments)
    print(json.dumps({"text": text, "ms": (time.perf_counter() - start) * 1000}), flush=True)
