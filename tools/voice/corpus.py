"""Makes recordings to measure speech recognition with: sentences spoken by
Cheval's own voices and by others of espeak-ng, clean and in shop noise at 10 dB.

Usage: corpus.py SENTENCES.json CHEVAL OUT [COUNT]   (needs numpy, scipy and espeak-ng)
SENTENCES is a list of {"lang", "text"}, with "intent" and "slots" for `cheval
voice evaluate OUT/list.json --reference PYTHON`; OUT gets WAVs and list.json.
"""
import json
import pathlib
import subprocess
import sys

import numpy as np
from scipy.io import wavfile
from scipy.signal import butter, lfilter, resample_poly

RATE = 16000
VOICES = {
    "en": ["joe", "en-us", "en-gb+f3"],
    "zh": ["cmn-latn-pinyin", "cmn-latn-pinyin+f2"],
}


def speak(cheval, voice, lang, text, path):
    if voice == "joe":
        subprocess.run([cheval, "say", "--voice", voice, "--lang", lang, "--out", path, "--", text], check=True, stdout=subprocess.DEVNULL)
    else:
        subprocess.run(["espeak-ng", "-b", "1", "-v", voice, "-s", "155", "-w", path, "--stdin"], input=text.encode(), check=True)
    rate, x = wavfile.read(path)
    x = resample_poly(x.astype(np.float32) / 32768, RATE, rate)
    x = np.concatenate([np.zeros(RATE // 4), x, np.zeros(RATE // 4)])
    return x * 0.4 / max(abs(x).max(), 1e-6)


def shop(rng, n, talk):
    """Air conditioning, music through a ceiling speaker, steps and other people."""
    air = lfilter(*butter(1, 400 / (RATE / 2)), rng.standard_normal(n))
    t = np.arange(n) / RATE
    music = sum(np.sin(2 * np.pi * f * t + rng.uniform(0, 6)) * (1 + np.sin(2 * np.pi * rng.uniform(1, 3) * t)) for f in (196, 247, 294, 392))
    babble = sum(np.roll(np.resize(talk[rng.integers(len(talk))][::-1], n), rng.integers(n)) for _ in range(5))
    clicks = lfilter(*butter(2, [800 / (RATE / 2), 4000 / (RATE / 2)], "band"), (rng.random(n) < 3e-4) * rng.standard_normal(n) * 20)
    parts = [air, music, babble, clicks]
    mix = sum(g * p / (np.std(p) + 1e-9) for g, p in zip((1, 0.3, 0.8, 0.3), parts))
    return mix / np.std(mix)


def main():
    sentences = json.loads(pathlib.Path(sys.argv[1]).read_text())
    cheval, out = sys.argv[2], pathlib.Path(sys.argv[3])
    count = int(sys.argv[4]) if len(sys.argv) > 4 else 240
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(7)
    by = {lang: [s for s in sentences if s["lang"] == lang] for lang in VOICES}
    rows, talk = [], []
    for lang, share in (("en", count * 3 // 4), ("zh", count // 4)):
        texts = by[lang]
        for i in range(share):
            sentence = texts[i * len(texts) // share]
            text = sentence["text"]
            voice = VOICES[lang][i % len(VOICES[lang])]
            path = out / f"{lang}{i:03d}.wav"
            x = speak(cheval, voice, lang, text, str(path))
            talk.append(x)
            noisy = (i // len(VOICES[lang])) % 2 == 1
            if noisy:
                spoken = np.sqrt(np.mean(x[np.abs(x) > 0.01] ** 2))
                x = x + shop(rng, len(x), talk) * spoken / 10 ** (10 / 20)
            x = x * min(1, 0.99 / abs(x).max())
            wavfile.write(path, RATE, (x * 32767).astype(np.int16))
            rows.append({**sentence, "audio": path.name, "group": voice + ("/noise" if noisy else "/clean")})
    (out / "list.json").write_text(json.dumps(rows, ensure_ascii=False, indent=0))


main()
