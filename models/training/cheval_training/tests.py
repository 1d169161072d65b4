"""What the training promises. Run as  python -m unittest cheval_training.tests

On drawn garments; some two minutes on two cores.
"""
import csv
import os
import subprocess
import sys
import tempfile
import unittest

import numpy as np
import torch
from PIL import Image

from . import colour, enhancer, metrics, pairs, planes, products, refined, refiner, run, synth
from .dataset import Products

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def train(*arguments, processes=1):
    """Runs a training in processes of their own, with the variables that
    torchrun sets: its launcher in Debian's PyTorch 1.13 fails on Python 3.11."""
    command = [sys.executable, "-W", "ignore", "-m", *arguments, "--threads", "1"]
    started = []
    for rank in range(processes):
        env = dict(os.environ, PYTHONPATH=HERE, OMP_NUM_THREADS="1")
        if processes > 1:
            env.update(WORLD_SIZE=str(processes), RANK=str(rank), LOCAL_RANK=str(rank), MASTER_ADDR="127.0.0.1", MASTER_PORT="29517")
        started.append(subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
    for p in started:
        said = p.communicate()[1]
        if p.returncode:
            raise AssertionError(said[-2000:])


def weights(path):
    return torch.load(path, map_location="cpu")["net"]


def rows(path):
    with open(path) as f:
        return list(csv.DictReader(f))


class Training(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.cache = os.path.join(cls.folder.name, "cache")
        synth.write(cls.cache, train=6, validation=2)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def encoder(self, name, *more, **kind):
        out = os.path.join(self.folder.name, name)
        train("cheval_training.encoder", "train", "--cache", self.cache, "--out", out, "--batch", "8", "--steps", "4", *more, **kind)
        return os.path.join(out, "checkpoint.pt")

    def test_a_stopped_training_goes_on_as_if_it_had_not_been(self):
        whole = weights(self.encoder("whole"))
        path = self.encoder("stopped", "--minutes", "0.0001")  # ends after one step, with a checkpoint
        self.assertEqual(torch.load(path)["step"], 1)
        again = weights(self.encoder("stopped"))
        for name, w in whole.items():
            self.assertTrue(torch.equal(w, again[name]), name)

    def test_two_processes_learn_one_network(self):
        path = self.encoder("two", processes=2)
        state = torch.load(path)
        self.assertEqual(state["step"], 4)
        alone = weights(self.encoder("one"))
        apart = max((alone[n].float() - w.float()).abs().max().item() for n, w in state["net"].items())
        self.assertGreater(apart, 0)  # other pictures took part
        for name, w in state["net"].items():
            self.assertTrue(torch.isfinite(w.float()).all(), name)

    def test_a_loss_that_is_no_number_stops_before_it_is_saved(self):
        with self.assertRaisesRegex(SystemExit, "checkpoint is whole"):
            run.finite(3, judge=float("nan"))


class Refining(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.cache = os.path.join(cls.folder.name, "pairs")
        pairs.synth(cls.cache, train=6, held=2)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def fit(self, name, *more, **kind):
        out = os.path.join(self.folder.name, name)
        train("cheval_training.refiner", "fit", "--cache", self.cache, "--out", out, "--batch", "3", "--steps", "12", "--measure-every", "6", *more, **kind)
        return out

    def test_a_stopped_refiner_goes_on_as_if_it_had_not_been(self):
        whole = weights(os.path.join(self.fit("whole"), "fit", "checkpoint.pt"))
        path = os.path.join(self.fit("stopped", "--minutes", "0.0001"), "fit", "checkpoint.pt")
        self.assertEqual(torch.load(path)["step"], 1)
        again = weights(os.path.join(self.fit("stopped"), "fit", "checkpoint.pt"))
        for name, w in whole.items():
            self.assertTrue(torch.equal(w, again[name]), name)

    def test_two_processes_learn_one_refiner(self):
        out = self.fit("two", processes=2)
        self.assertEqual(torch.load(os.path.join(out, "fit", "checkpoint.pt"))["step"], 12)

    def test_the_exported_refiner_is_the_trained_one_at_every_size_and_nearer_to_the_truth(self):
        out = self.fit("exported")
        refined.main(["export", "--out", out, "--stage", "fit", "--weights", out])
        net = refiner.Refiner()
        net.load_state_dict(torch.load(os.path.join(out, "fit", "best.pt"))["net"])
        changer, held = refined.Changer(os.path.join(out, "refiner.onnx")), pairs.Pairs(self.cache, True)
        for size in pairs.SIZES:
            x = held.batch([0], size)
            with torch.no_grad():
                wanted = (net.eval()(x[:, :pairs.PLANES]) * x[:, pairs.FADE:])[0].numpy()
            self.assertLess(np.abs(changer(x[0].numpy()) - wanted).max(), 1e-4, size)
        rows = refined.summary(refined.figures(held, {"refined": changer}, None))
        self.assertGreater(rows["refined"]["gain_db"], 0)

    def test_where_the_fade_is_nothing_the_picture_stays(self):
        x = pairs.Pairs(self.cache, True).batch([0, 1])
        made = refiner.laid(x, torch.ones(2, 6, pairs.H, pairs.W))
        still = (x[:, pairs.FADE:] == 0).expand(-1, 3, -1, -1)
        self.assertTrue(torch.equal(made[still], x[:, pairs.DRAWN:pairs.DRAWN + 3][still]))

    def test_a_mirrored_pair_has_mirrored_normals(self):
        x = pairs.Pairs(self.cache, True).batch([0])
        seed = next(s for s in range(20) if np.random.default_rng(s).random() < 0.5)  # one that mirrors
        y = pairs.vary(x, np.random.default_rng(seed))
        self.assertTrue(torch.equal(y[0, pairs.NORMAL], -x[0, pairs.NORMAL].flip(-1)))
        self.assertTrue(torch.equal(y[0, pairs.COVER], x[0, pairs.COVER].flip(-1)))


class Files(unittest.TestCase):
    def test_a_full_disk_leaves_the_last_checkpoint(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "checkpoint.pt")
            run.write_whole(path, lambda f: f.write(b"good"))

            def full(f):
                f.write(b"half")
                raise OSError(28, "No space left on device")
            with self.assertRaises(OSError):
                run.write_whole(path, full)
            with open(path, "rb") as f:
                self.assertEqual(f.read(), b"good")
            self.assertEqual(os.listdir(folder), ["checkpoint.pt"])

    def test_a_table_forgets_what_came_after_the_checkpoint(self):
        with tempfile.TemporaryDirectory() as folder:
            t = run.Table(folder, "losses", ["a"], 0)
            for step in (20, 40, 60):
                t.add(step, a=step / 2)
            run.Table(folder, "losses", ["a"], 40)
            self.assertEqual([r["step"] for r in rows(os.path.join(folder, "losses.csv"))], ["20", "40"])


class Pictures(unittest.TestCase):
    def test_planes_come_back_as_the_picture(self):
        with tempfile.TemporaryDirectory() as cache:
            synth.write(cache, train=1, validation=1)
            p = Products(cache, "train")
            again = planes.to_rgba(planes.of_products(p, np.arange(len(p))).numpy(), p.lab)
            inside = p.rgba[..., 3] > 200
            self.assertLess(np.abs(again[inside].astype(int) - p.rgba[inside].astype(int)).mean(), 1)

    def test_a_normalised_product_is_centred_and_as_large_as_it_may_be(self):
        mask = np.zeros((512, 512), np.uint8)
        mask[100:300, 50:150] = 255
        photo = Image.new("RGB", (400, 533), (200, 30, 40))
        rgba = products.normalise(photo, mask)
        ys, xs = np.nonzero(rgba[..., 3] > 127)
        self.assertAlmostEqual(ys.max() - ys.min() + 1, products.FILL, delta=1)
        self.assertAlmostEqual((xs.max() + xs.min()) / 2, 63.5, delta=1)
        self.assertEqual(colour.name_of(colour.dominant(rgba)), "red")

    def test_bad_masks_are_told(self):
        blank = np.zeros((512, 512), np.uint8)
        self.assertEqual(products.fault_of(blank), "nothing found")
        self.assertEqual(products.fault_of(blank + 255), "fills the photo")
        half = blank.copy()
        half[100:400, 100:400] = 120
        half[200:260, 200:260] = 255
        self.assertIn(products.fault_of(half), ("unsure mask", "nothing found"))

    def test_copies_of_validation_leave_the_training(self):
        rng = np.random.default_rng(4)
        one, other = synth.garment("dress", rng), synth.garment("hat", rng)
        self.assertEqual(products.duplicates(np.stack([one, other, one]), ["train", "train", "validation"]), {0})


class Enhancing(unittest.TestCase):
    def test_it_goes_on_as_if_it_had_not_been_stopped(self):
        with tempfile.TemporaryDirectory() as folder:
            cache = os.path.join(folder, "cache")
            enhancer.smoke(["--cache", cache])

            def trained(name, *more):
                out = os.path.join(folder, name)
                train("cheval_training.enhancer", "train", "--cache", cache, "--out", out, "--batch", "4", "--steps", "3", *more)
                return os.path.join(out, "checkpoint.pt")
            whole = weights(trained("whole"))
            self.assertEqual(torch.load(trained("stopped", "--minutes", "0.0001"))["step"], 1)
            again = weights(trained("stopped"))
            for name, w in whole.items():
                self.assertTrue(torch.equal(w, again[name]), name)

    def test_untrained_it_changes_nothing(self):
        x = torch.rand(2, 3, 40, 30)
        change = enhancer.Enhancer().eval()(torch.rand(2, 3, enhancer.EDGE, enhancer.EDGE))
        self.assertLess((enhancer.apply(x, *change) - x).abs().max().item(), 1e-5)

    def test_whatever_it_says_equal_colours_stay_equal(self):
        torch.manual_seed(1)
        net = enhancer.Enhancer().eval()
        for last in (net.curve, net.matrix):
            torch.nn.init.normal_(last.weight)
        change = net(torch.rand(1, 3, enhancer.EDGE, enhancer.EDGE))
        self.assertTrue((change[0][:, :, 1:] > change[0][:, :, :-1]).all())
        flat = torch.full((1, 3, 20, 20), 0.4)
        self.assertLess(enhancer.apply(flat, *change).std((2, 3)).max().item(), 1e-5)

    def test_a_photo_made_worse_is_made_worse_the_same_way_again(self):
        x = torch.rand(3, 3, 32, 24)
        a, b = (enhancer.worsen(x, np.random.default_rng(6), whole=0) for _ in range(2))
        self.assertTrue(torch.equal(a, b))
        self.assertGreater((a - x).abs().mean().item(), 0.02)
        left = enhancer.worsen(x, np.random.default_rng(6), whole=1)
        self.assertLess((left - x).abs().max().item(), 0.5 / 255 + 1e-5)


class Measures(unittest.TestCase):
    def test_kid_is_nothing_for_one_crowd_and_grows_with_the_difference(self):
        rng = np.random.default_rng(2)

        def crowd(shift):
            v = rng.standard_normal((300, 128)) + shift
            return v / np.linalg.norm(v, axis=1, keepdims=True)
        same = metrics.kid(crowd(0), crowd(0))
        near, far = metrics.kid(crowd(0), crowd(0.1))["kid"], metrics.kid(crowd(0), crowd(0.4))["kid"]
        self.assertLess(abs(same["kid"]), 0.01)
        self.assertLess(same["kid"], near)
        self.assertLess(near, far)


if __name__ == "__main__":
    unittest.main()
