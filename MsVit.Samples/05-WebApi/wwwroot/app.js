'use strict';

const at = id => document.getElementById(id);
const percent = value => `${(100 * value).toFixed(1)}%`;
const stillness = matchMedia('(prefers-reduced-motion: reduce)');
const uniform = 'All pixels have the same color, so the result means little.';
let model = null;
let film = 0;
let asked = 0;

start();

async function start() {
  try {
    model = await answer(await fetch('model'));
  } catch (error) {
    at('model').textContent = 'No model is available.';
    return fail(error);
  }
  const takesClips = model.input === 'Frames';
  at('model').textContent = `${model.network}, version ${model.version}: ${model.parameters.toLocaleString()} parameters, `
    + `${model.timeSteps} time steps, ${model.width} x ${model.height}, ${model.labels.length} classes (${model.labels.slice(0, 12).join(', ')}${model.labels.length > 12 ? ', ...' : ''}).`;
  at('drop-what').textContent = takesClips ? 'Choose a recording' : 'Choose an image';
  at('images').hidden = takesClips;
  if (!takesClips) {
    at('file').accept = 'image/png,image/jpeg,image/bmp,image/gif,image/webp';
    const examples = [...document.querySelectorAll('[data-example]')];
    if (!examples.every(button => model.labels.includes(button.dataset.example))) {
      at('examples-help').textContent = 'Or press an example (the model does not know all of these shapes):';
    }
    // The screenshot in the README opens the page at #star.
    examples.find(button => `#${button.dataset.example}` === location.hash)?.click();
  }
}

/* Input */

at('drop').addEventListener('click', () => at('file').click());
at('file').addEventListener('change', () => {
  if (at('file').files.length > 0) {
    classify(at('file').files[0]);
  }
  at('file').value = '';
});
document.addEventListener('dragover', event => {
  event.preventDefault();
  at('drop').classList.add('over');
});
document.addEventListener('dragleave', () => at('drop').classList.remove('over'));
document.addEventListener('drop', event => {
  event.preventDefault();
  at('drop').classList.remove('over');
  if (event.dataTransfer.files.length > 0) {
    classify(event.dataTransfer.files[0]);
  }
});
document.addEventListener('paste', event => {
  if (event.clipboardData.files.length > 0) {
    classify(event.clipboardData.files[0]);
  }
});

for (const button of document.querySelectorAll('[data-example]')) {
  button.addEventListener('click', async () => {
    const name = button.dataset.example;
    try {
      const response = await fetch(`examples/${name}.png`);
      if (!response.ok) {
        throw new Error(`The example ${name} cannot be loaded: the server returned status ${response.status}.`);
      }
      await classify(new File([await response.blob()], `the ${name}`, { type: 'image/png' }));
    } catch (error) {
      fail(error);
      reveal();
    }
  });
}

async function classify(file, drawn = false) {
  const mine = ++asked;
  at('error').hidden = true;
  at('drawing-note').hidden = true;
  at('status').textContent = `Classifying ${file.name || 'the image'}\u2026`;
  const clip = model?.input === 'Frames';
  const began = performance.now();
  try {
    if (file.size > model?.maxBytes) {
      throw new Error(`The file has ${megabytes(file.size)} MB. The server takes at most ${megabytes(model.maxBytes)} MB.`);
    }
    const insight = model?.hasInsight ?? true;
    const url = clip
      ? `predict/clip?insight=${insight}&name=${encodeURIComponent(file.name)}`
      : `predict?insight=${insight}&drawing=${drawn}`;
    const result = await answer(await fetch(url, { method: 'POST', body: file, headers: { 'Content-Type': 'application/octet-stream' } }));
    const took = performance.now() - began;
    const image = clip ? null : await createImageBitmap(file);
    if (mine === asked) {
      show(result, image);
      at('status').textContent = `${result.label}, ${percent(result.probability)}. Model version ${result.modelVersion}, ${took.toFixed(0)} ms.`
        + (image && isUniform(copyOf(image)) ? ` ${uniform}` : '');
      reveal();
    }
  } catch (error) {
    if (mine === asked) {
      fail(error);
      reveal();
    }
  }
}

async function answer(response) {
  if (response.ok) {
    return response.json();
  }
  const problem = (response.headers.get('Content-Type') ?? '').includes('json') ? await response.json() : {};
  throw new Error(problem.detail ?? problem.title ?? `The server returned status ${response.status}.`);
}

function fail(error) {
  const unreachable = error instanceof TypeError;
  at('error').textContent = unreachable ? 'The server cannot be reached. Is it running?' : error.message;
  at('error').hidden = false;
  hideResult('Classification failed.');
}

function hideResult(status) {
  at('status').textContent = status;
  for (const id of ['result', 'attention-panel', 'raster-panel', 'rates-panel', 'energy-panel']) {
    at(id).hidden = true;
  }
}

// On a phone the result is below the input.
function reveal() {
  const title = at('result-title').getBoundingClientRect();
  if (title.top < 0 || title.bottom > innerHeight / 2) {
    at('result-panel').scrollIntoView({ block: 'start', behavior: stillness.matches ? 'auto' : 'smooth' });
  }
}

const megabytes = bytes => Math.ceil(bytes / (1 << 20)).toLocaleString();

function copyOf(image) {
  const copy = new OffscreenCanvas(Math.min(256, image.width), Math.min(256, image.height));
  copy.getContext('2d').drawImage(image, 0, 0, copy.width, copy.height);
  return copy;
}

function isUniform(canvas) {
  const pixels = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  return pixels.every(pixel => pixel === pixels[0]);
}

/* Drawing: the strokes are in the canvas, the paper is its background, which follows the theme. */

const pen = at('draw').getContext('2d', { willReadFrequently: true });
const brush = { x: 128, y: 128, size: 18 };
moveBrush(0, 0);

function clearDrawing() {
  pen.clearRect(0, 0, 256, 256);
  at('drawing-note').hidden = true;
}

function moveBrush(right, down) {
  brush.x = Math.min(248, Math.max(8, brush.x + right));
  brush.y = Math.min(248, Math.max(8, brush.y + down));
  at('brush').style.left = `${100 * brush.x / 256}%`;
  at('brush').style.top = `${100 * brush.y / 256}%`;
}

function dab(x, y, from) {
  at('drawing-note').hidden = true;
  pen.strokeStyle = pen.fillStyle = at('color').value;
  pen.lineWidth = brush.size;
  pen.lineCap = 'round';
  pen.beginPath();
  if (from) {
    pen.moveTo(from.x, from.y);
    pen.lineTo(x, y);
    pen.stroke();
  } else {
    // A line without a length leaves no mark.
    pen.arc(x, y, brush.size / 2, 0, 2 * Math.PI);
    pen.fill();
  }
}

function place(event) {
  const box = at('draw').getBoundingClientRect();
  return { x: (event.clientX - box.left) * 256 / box.width, y: (event.clientY - box.top) * 256 / box.height };
}

let last = null;
at('draw').addEventListener('pointerdown', event => {
  at('draw').setPointerCapture(event.pointerId);
  last = place(event);
  dab(last.x, last.y);
});
at('draw').addEventListener('pointermove', event => {
  if (last) {
    const next = place(event);
    dab(next.x, next.y, last);
    last = next;
  }
});
for (const end of ['pointerup', 'pointercancel']) {
  at('draw').addEventListener(end, () => { last = null; });
}
at('draw').addEventListener('keydown', event => {
  const step = { ArrowLeft: [-8, 0], ArrowRight: [8, 0], ArrowUp: [0, -8], ArrowDown: [0, 8] }[event.key];
  if (step) {
    const from = { x: brush.x, y: brush.y };
    moveBrush(...step);
    if (brush.down) {
      dab(brush.x, brush.y, from);
    }
  } else if (event.key === ' ') {
    brush.down = true;
    dab(brush.x, brush.y);
  } else if (event.key === 'Delete' || event.key === 'Backspace') {
    clearDrawing();
  } else {
    return;
  }
  event.preventDefault();
});
at('draw').addEventListener('keyup', event => {
  if (event.key === ' ') {
    brush.down = false;
  }
});
at('clear').addEventListener('click', clearDrawing);
at('classify-drawing').addEventListener('click', classifyDrawing);

function classifyDrawing() {
  const image = element('canvas');
  image.width = image.height = 256;
  const context = image.getContext('2d');
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--paper');
  context.fillRect(0, 0, 256, 256);
  context.drawImage(at('draw'), 0, 0);
  if (isUniform(image)) {
    // An answer that is still on its way belongs to an earlier image.
    asked++;
    at('error').hidden = true;
    hideResult('Nothing was drawn.');
    at('drawing-note').textContent = 'Nothing was drawn. Draw something first.';
    at('drawing-note').hidden = false;
    return;
  }
  image.toBlob(blob => classify(new File([blob], 'the drawing'), true), 'image/png');
}

/* Result */

function show(result, image) {
  const insight = result.insight;
  at('result').hidden = false;
  at('classes').replaceChildren(...result.top.map(item => bar('li', 'class', item.label, item.probability, percent(item.probability))));
  // An ONNX model only predicts.
  at('steps-panel').hidden = !insight;
  at('seen').hidden = !insight && !image;
  if (!insight) {
    if (image) {
      showSeen(image);
    }
    return;
  }
  showSeen(image, insight.frames);
  showSteps(result, insight);
  showAttention(image, insight);
  showRaster(insight);
  showRates(insight);
  showEnergy(insight.energy);
}

function bar(tag, kind, name, share, text, other) {
  const row = element(tag, kind);
  const track = element('div', 'track');
  const fill = element('div', other ? 'fill other' : 'fill');
  fill.style.width = `${100 * Math.min(1, share)}%`;
  track.append(fill);
  row.append(element('span', 'name', name), track, element('span', 'number', text));
  return row;
}

function element(tag, kind, text) {
  const made = document.createElement(tag);
  if (kind) {
    made.className = kind;
  }
  if (text !== undefined) {
    made.textContent = text;
  }
  return made;
}

// Fits an image to the network's input as the server does.
function paint(context, image, size) {
  const [width, height] = [image.width, image.height];
  context.fillStyle = '#000';
  context.fillRect(0, 0, size, size);
  if (model.imageFit === 'Stretch') {
    return context.drawImage(image, 0, 0, size, size);
  }
  const aspect = model.width / model.height;
  const [boxWidth, boxHeight] = aspect > 1 ? [size, size / aspect] : [size * aspect, size];
  const scale = model.imageFit === 'Pad'
    ? Math.min(boxWidth / width, boxHeight / height)
    : Math.max(boxWidth / width, boxHeight / height) / model.cropShare;
  context.save();
  context.beginPath();
  context.rect((size - boxWidth) / 2, (size - boxHeight) / 2, boxWidth, boxHeight);
  context.clip();
  context.drawImage(image, (size - (width * scale)) / 2, (size - (height * scale)) / 2, width * scale, height * scale);
  context.restore();
}

function showSeen(image, frames) {
  clearInterval(film);
  const context = at('seen').getContext('2d');
  if (image) {
    return paint(context, image, 192);
  }
  const counts = Uint8Array.from(atob(frames.counts), letter => letter.charCodeAt(0));
  let t = 0;
  const draw = () => {
    paintFrame(context, frames, counts, t);
    t = (t + 1) % frames.timeSteps;
  };
  draw();
  if (!stillness.matches) {
    film = setInterval(draw, 150);
  }
}

// Channel 0 is OFF, blue; the last is ON, orange.
function paintFrame(context, frames, counts, t) {
  const { channels, height, width } = frames;
  const plane = height * width;
  const image = new ImageData(width, height);
  const level = count => Math.min(255, 70 * count);
  for (let i = 0; i < plane; i++) {
    const off = channels > 1 ? level(counts[((t * channels) * plane) + i]) : 0;
    const on = level(counts[(((t * channels) + channels - 1) * plane) + i]);
    image.data.set([Math.min(255, on + (off / 5)), (on * 0.6) + (off * 0.5), off, 255], 4 * i);
  }
  const small = new OffscreenCanvas(width, height);
  small.getContext('2d').putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, 192, 192);
}

function showSteps(result, insight) {
  const best = model.labels.indexOf(result.label);
  at('steps').replaceChildren(...insight.probabilitiesPerStep.map((probabilities, t) =>
    bar('div', 'class', `${t + 1}: ${model.labels[probabilities.indexOf(Math.max(...probabilities))]}`, probabilities[best], percent(probabilities[best]))));
}

function showAttention(image, insight) {
  at('attention-panel').hidden = insight.attention.length === 0;
  at('attention').replaceChildren(...insight.attention.map(map => {
    const figure = element('figure');
    const canvas = element('canvas');
    canvas.width = canvas.height = 192;
    const mean = map.rates.reduce((sum, rate) => sum + rate, 0) / map.rates.length;
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', `Attention of ${map.description}, ${map.width} by ${map.height} positions, mean ${percent(mean)}`);
    const context = canvas.getContext('2d');
    if (image) {
      paint(context, image, 192);
    }
    const most = Math.max(...map.rates, 1e-9);
    for (let i = 0; i < map.rates.length; i++) {
      const [x, y] = [i % map.width, Math.floor(i / map.width)];
      context.fillStyle = image ? `rgba(0, 0, 0, ${0.85 * (1 - (map.rates[i] / most))})` : `rgb(${255 * map.rates[i] / most}, ${160 * map.rates[i] / most}, 40)`;
      const [left, top] = [Math.round(x * 192 / map.width), Math.round(y * 192 / map.height)];
      context.fillRect(left, top, Math.round((x + 1) * 192 / map.width) - left, Math.round((y + 1) * 192 / map.height) - top);
    }
    const caption = element('figcaption', '', `${map.description}: ${map.width} x ${map.height}, mean ${percent(mean)} `);
    caption.append(element('code', '', map.block));
    figure.append(canvas, caption);
    return figure;
  }));
}

let rasterOf = null;
at('layer').addEventListener('change', drawRaster);

function showRaster(insight) {
  const chosen = at('layer').value;
  rasterOf = insight;
  at('raster-panel').hidden = false;
  at('layer').replaceChildren(...insight.layers.map(layer => {
    const option = element('option', '', `${layer.description} (${layer.name})`);
    option.value = layer.name;
    return option;
  }));
  if (insight.layers.some(layer => layer.name === chosen)) {
    at('layer').value = chosen;
  }
  drawRaster();
}

function drawRaster() {
  const layer = rasterOf.layers.find(item => item.name === at('layer').value);
  const steps = layer.ratePerStep.map((rate, t) => {
    const row = element('div', 'step');
    row.append(element('span', '', `t = ${t + 1}`), marks(layer.raster.map(neuron => count(neuron[t])), layer.levels), element('span', 'number', often(rate, layer.levels)));
    return row;
  });
  at('raster').replaceChildren(...steps);
  const spikes = layer.raster.reduce((sum, neuron) => sum + [...neuron].reduce((some, digit) => some + count(digit), 0), 0);
  at('raster-note').textContent = `${layer.raster.length} of ${layer.neurons.toLocaleString()} neurons, evenly spread, one column each; `
    + `${rasterOf.timeSteps} time ${rasterOf.timeSteps === 1 ? 'step' : 'steps'} from top to bottom; ${spikes} spikes shown. On the right: `
    + (layer.levels > 1 ? `spikes per neuron, of all neurons. They fire up to ${layer.levels} spikes in a time step:` : 'the share of all neurons that fire.');
  at('raster-legend').hidden = layer.levels === 1;
  at('raster-legend').replaceChildren(...Array.from({ length: layer.levels }, (_, i) => {
    const key = element('span', 'key');
    key.append(marks([i + 1], layer.levels), i === 0 ? '1 spike' : `${i + 1} spikes`);
    return key;
  }));
}

// The number of spikes in a time step is a digit of base 36.
const count = digit => parseInt(digit, 36);

// Neurons of one spike fire or do not; others fire so many spikes.
const often = (rate, levels) => levels > 1 ? rate.toFixed(2) : percent(rate);

// As wide as the panel, whatever its width. The more spikes, the taller the mark.
function marks(counts, levels) {
  const drawing = (name, attributes) => {
    const made = document.createElementNS('http://www.w3.org/2000/svg', name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    return made;
  };
  const svg = drawing('svg', { viewBox: `0 0 ${counts.length} 1`, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  svg.append(drawing('path', { d: counts.map((spikes, n) => spikes > 0 ? `M${n + 0.1} 1h.8v${-spikes / levels}h-.8z` : '').join('') }));
  return svg;
}

function showRates(insight) {
  at('rates-panel').hidden = false;
  const rates = insight.layers.map(layer => layer.ratePerStep.reduce((sum, rate) => sum + rate, 0) / insight.timeSteps);
  const most = Math.max(...rates, 1e-9);
  const levels = Math.max(...insight.layers.map(layer => layer.levels));
  at('rates-note').textContent = levels > 1
    ? `On average, a neuron fires ${often(insight.firingRate, levels)} spikes per time step, of at most ${levels}. The longest bar is ${often(most, levels)}.`
    : `On average, ${percent(insight.firingRate)} of all neurons fire per time step. The longest bar is ${percent(most)}.`;
  at('rates').replaceChildren(...insight.layers.map((layer, i) => {
    const row = bar('div', 'rate', layer.description, rates[i] / most, often(rates[i], levels));
    row.querySelector('.name').append(' ', element('code', '', layer.name));
    return row;
  }));
}

function showEnergy(energy) {
  at('energy-panel').hidden = false;
  const most = Math.max(energy.picojoules, energy.annPicojoules);
  const table = element('table');
  table.innerHTML = '<thead><tr><td></td><th scope="col">operations</th><th scope="col">energy</th></tr></thead>';
  const body = element('tbody');
  for (const [name, operations, picojoules] of [
    ['this network on this input', energy.operations, energy.picojoules],
    ['conventional network of the same size', energy.annOperations, energy.annPicojoules]]) {
    const row = element('tr');
    const heading = element('th', '', name);
    heading.scope = 'row';
    row.append(heading, element('td', '', `${(operations / 1e6).toFixed(2)} M`), element('td', '', `${picojoulesToMicro(picojoules).toFixed(3)} \u00b5J`));
    body.append(row);
  }
  table.append(body);
  const box = element('div', 'box');
  box.append(table);
  at('energy').replaceChildren(
    bar('div', 'rate', 'this network', energy.picojoules / most, `${picojoulesToMicro(energy.picojoules).toFixed(2)} \u00b5J`),
    bar('div', 'rate', 'conventional', energy.annPicojoules / most, `${picojoulesToMicro(energy.annPicojoules).toFixed(2)} \u00b5J`, true),
    box,
    element('p', '', `Assumes ${energy.macPicojoules} pJ per multiply-accumulate and ${energy.accumulatePicojoules} pJ per addition (${energy.constants}). This is an estimate, not a measurement.`));
  at('left-out').replaceChildren(...energy.leftOut.map(line => element('li', '', line)));
}

function picojoulesToMicro(picojoules) {
  return picojoules / 1e6;
}
