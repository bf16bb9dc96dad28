// Choosing a place: from a list, by a click on a grid, by numbers, or where this
// device is.

import { h, t, toast, dialog, field } from './base.js';

const places = [
  ['Vientiane', 17.9757, 102.6331], ['Luang Prabang', 19.8856, 102.1347], ['Pakse', 15.1202, 105.799],
  ['Savannakhet', 16.5704, 104.7622], ['Phongsaly', 21.6843, 102.1059], ['Luang Namtha', 20.9486, 101.4019],
  ['Xam Neua', 20.4164, 104.0483], ['Phonsavan', 19.4612, 103.2186], ['Thakhek', 17.4103, 104.8305],
  ['Sekong', 15.3442, 106.7241], ['Attapeu', 14.8071, 106.8318], ['Salavan', 15.7166, 106.4174],
];

const grid = { west: 100, east: 108, south: 13.8, north: 22.6, scale: 30 };
const x = (lon) => (lon - grid.west) * grid.scale;
const y = (lat) => (grid.north - lat) * grid.scale;

function svg(tag, props, ...children) {
  const el = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(props)) el.setAttribute(name, value);
  el.append(...children);
  return el;
}

/**
 * pad is a grid of degrees with some towns, to point at. It is for the mouse and
 * the finger: the fields below say the same to all others.
 */
function pad(choose) {
  const width = x(grid.east);
  const height = y(grid.south);
  const pin = svg('circle', { r: 6, class: 'pin' });
  const root = svg('svg', { viewBox: `0 0 ${width} ${height}`, class: 'pad', 'aria-hidden': 'true' });
  for (let lon = grid.west; lon <= grid.east; lon++) root.append(svg('line', { x1: x(lon), x2: x(lon), y1: 0, y2: height }));
  for (let lat = Math.ceil(grid.south); lat <= grid.north; lat++) root.append(svg('line', { x1: 0, x2: width, y1: y(lat), y2: y(lat) }));
  for (const [name, lat, lon] of places) {
    root.append(svg('circle', { cx: x(lon), cy: y(lat), r: 2.5 }), svg('text', { x: x(lon) + 4, y: y(lat) - 3 }, name));
  }
  root.append(pin);
  root.addEventListener('pointerdown', (e) => {
    const box = root.getBoundingClientRect();
    choose(grid.north - (e.clientY - box.top) / box.height * (grid.north - grid.south),
      grid.west + (e.clientX - box.left) / box.width * (grid.east - grid.west));
  });
  return { root, show: (lat, lon) => { pin.setAttribute('cx', x(lon)); pin.setAttribute('cy', y(lat)); } };
}

/** locationDialog asks for a place and hands it on. */
export function locationDialog(send) {
  const lat = field(t('latitude'), { type: 'number', step: 'any', min: -90, max: 90, required: true });
  const lon = field(t('longitude'), { type: 'number', step: 'any', min: -180, max: 180, required: true });
  const accuracy = field(t('accuracy'), { type: 'number', min: 0, max: 1500, value: 20 });
  const set = (latitude, longitude) => {
    lat.input.value = Number(latitude.toFixed(5));
    lon.input.value = Number(longitude.toFixed(5));
    map.show(latitude, longitude);
  };
  const map = pad(set);
  const shown = () => map.show(Number(lat.input.value), Number(lon.input.value));
  lat.input.addEventListener('input', shown);
  lon.input.addEventListener('input', shown);
  const preset = h('select', { id: 'preset', onchange: (e) => set(...places[e.target.value].slice(1)) },
    places.map(([name], i) => h('option', { value: i }, name)));
  const own = h('button', {
    type: 'button',
    onclick: () => navigator.geolocation.getCurrentPosition(
      (p) => { set(p.coords.latitude, p.coords.longitude); accuracy.input.value = Math.round(p.coords.accuracy); },
      (err) => toast(t('failed', err.message))),
  }, t('ownPlace'));
  const form = h('form', { method: 'dialog' },
    h('div', { class: 'field' }, h('label', { for: 'preset' }, t('place')), preset), map.root,
    h('div', { class: 'row' }, lat.box, lon.box), accuracy.box,
    'geolocation' in navigator && own,
    h('div', { class: 'row end' },
      h('button', { type: 'button', onclick: () => box.close() }, t('cancel')),
      h('button', { type: 'submit', class: 'primary' }, t('send'))));
  form.addEventListener('submit', () => send({
    latitude: Number(lat.input.value), longitude: Number(lon.input.value), accuracy: Number(accuracy.input.value),
  }));
  set(...places[0].slice(1));
  const box = dialog(t('location'), form);
}
