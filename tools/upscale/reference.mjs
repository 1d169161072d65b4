// Makes the reference outputs that the converted super-resolution models are
// compared with, in TensorFlow.js itself.
//
//     npm install @tensorflow/tfjs@4.11.0 @upscalerjs/esrgan-slim@1.0.0
//     node reference.mjs node_modules/@upscalerjs/esrgan-slim/models ../../models/convert/testdata
//
// The picture is 128x128: channel c at (x, y) is
// 127 + 80·sin(x/9 + c)·cos(y/7) + 3·((31x + 17y + 7c) mod 8). Written are every
// 97th element of the answer (height, width, channel) and its mean. Nothing of
// this is part of the product.
import * as fs from 'node:fs'
import * as path from 'node:path'
import tf from '@tensorflow/tfjs'

const [models, out] = process.argv.slice(2)
const side = 128
await tf.setBackend('cpu')
for (const name of ['x2', 'x4']) {
  const folder = path.join(models, name)
  const file = JSON.parse(fs.readFileSync(path.join(folder, 'model.json')))
  const data = fs.readFileSync(path.join(folder, file.weightsManifest[0].paths[0]))
  const model = await tf.loadLayersModel(tf.io.fromMemory({
    modelTopology: file.modelTopology,
    weightSpecs: file.weightsManifest[0].weights,
    weightData: data.buffer.slice(data.byteOffset, data.byteOffset + data.length),
  }))
  const picture = new Float32Array(side * side * 3)
  for (let y = 0, i = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      for (let c = 0; c < 3; c++, i++)
        picture[i] = 127 + 80 * Math.sin(x / 9 + c) * Math.cos(y / 7) + 3 * ((31 * x + 17 * y + 7 * c) % 8)
  const answer = model.predict(tf.tensor4d(picture, [1, side, side, 3]))
  const all = answer.dataSync()
  const values = []
  let sum = 0
  all.forEach((v, i) => { sum += v; if (i % 97 === 0) values.push(Number(v.toFixed(3))) })
  fs.writeFileSync(path.join(out, `esrgan_slim_${name}.json`), JSON.stringify({ shape: answer.shape, stride: 97, mean: sum / all.length, values }) + '\n')
  console.log(name, answer.shape, sum / all.length)
}
