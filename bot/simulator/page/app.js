// The page: seats side by side, an inspector, and events from the server.
//
// ?seats=1,2 or ?user=1 choose people by id or by seat name; ?inspect opens the
// inspector; ?lang=lo chooses the language of the page.

import { h, t, api, attempt, failed, loadTexts, toast, fullName, pageLanguage, seatName, setZone, when } from './base.js';
import { Seat } from './chat.js';
import { Inspector } from './inspector.js';

const query = new URLSearchParams(location.search);
const at = (id) => document.getElementById(id);

let state = null;
let offset = 0; // the server's clock against this device's
let seats = [];
let current = 0;

const world = {
  state: () => state,
  now: () => new Date(Date.now() + offset),
  current: () => seats[current],
  reload,
  moved: () => { drawTabs(); inspector.drawInterview(); },
};
const inspector = new Inspector(world, at('inspector'));

async function reload() {
  state = await api('state?language=' + pageLanguage());
  setZone(state.zone);
  setNow(state.now);
}

function setNow(text) {
  offset = new Date(text).getTime() - Date.now();
  showNow();
}

function showNow() {
  at('now').textContent = when(world.now(), 'short');
}

/** chosen are the people whom the address, or the server, puts on the seats. */
function chosen() {
  const asked = (query.get('seats') ?? query.get('user') ?? '').split(',').filter(Boolean);
  const found = asked.map((a) => state.users.find((u) => String(u.id) === a || u.seat === a || u.username === a)?.id);
  const ids = found.filter(Boolean);
  if (ids.length) return ids.slice(0, 3);
  if (state.seats.length) return state.seats.slice(0, 3);
  return state.users.slice(0, 1).map((u) => u.id);
}

function select(index) {
  current = index;
  seats.forEach((seat, i) => seat.root.classList.toggle('current', i === index));
  drawTabs();
  inspector.drawInterview();
}

function drawTabs() {
  at('tabs').hidden = seats.length < 2;
  at('tabs').replaceChildren(...seats.map((seat, i) => h('button', {
    type: 'button', 'aria-pressed': String(i === current), onclick: () => { select(i); seat.composer.focus(); },
  }, seat.user?.seat ? seatName(seat.user.seat) : fullName(seat.user))));
}

async function drawSeats() {
  const before = seats.map((s) => ({ user: s.userID, chat: s.chat }));
  const people = before.length ? before : chosen().map((user) => ({ user, chat: { bot: state.bots[0].id } }));
  seats = people.map(({ user }) => new Seat(world, user));
  at('seats').replaceChildren(...seats.map((s) => s.root));
  at('seats').style.setProperty('--seats', seats.length);
  seats.forEach((seat, i) => seat.root.addEventListener('focusin', () => { if (current !== i) select(i); }));
  select(Math.min(current, seats.length - 1));
  await Promise.all(seats.map((seat, i) => seat.openChat(people[i].chat)));
}

function drawWords() {
  for (const el of document.querySelectorAll('[data-text]')) el.textContent = t(el.dataset.text);
  for (const el of document.querySelectorAll('[data-label]')) el.setAttribute('aria-label', t(el.dataset.label));
  document.title = t('title');
  at('language').value = pageLanguage();
}

async function setLanguage(code) {
  await loadTexts(code);
  remember('language', code);
  await reload();
  drawWords();
  showNow();
  if (state.notice?.kind === 'problems') notice(state.notice);
  await drawSeats();
  if (!inspector.root.hidden) inspector.draw();
}

function remember(key, value) {
  try { localStorage.setItem('simulator.' + key, value); } catch { /* private mode */ }
}

function remembered(key) {
  try { return localStorage.getItem('simulator.' + key); } catch { return null; }
}

const dark = matchMedia('(prefers-color-scheme: dark)');

function setTheme(theme) {
  document.documentElement.dataset.theme = theme ?? (dark.matches ? 'dark' : 'light');
}

async function toggleInspector(open) {
  at('inspect').setAttribute('aria-expanded', String(open));
  if (open) await inspector.open();
  else inspector.close();
}

/** notice shows what the server tells everybody: problems of a form stay, a form that was read anew passes. */
function notice(data) {
  const box = at('notice');
  box.hidden = data?.kind !== 'problems';
  if (!data) return;
  if (data.kind !== 'problems') {
    toast(t('formRead', data.title ?? '') + (data.lines?.length ? ' ' + t('formLost', data.lines.join(', ')) : ''));
    inspector.drawInterview();
    return;
  }
  box.replaceChildren(h('h2', null, t('problems', data.title ?? '')), h('ul', null, (data.lines ?? []).map((line) => h('li', null, line))),
    h('button', { type: 'button', onclick: () => { box.hidden = true; } }, t('close')));
}

async function event(kind, data) {
  switch (kind) {
    case 'reset': await reload(); await drawSeats(); return;
    case 'reload': location.reload(); return;
    case 'notice': notice(data); return;
    case 'note': toast(data.text); return;
    case 'clock': setNow(data.now); break;
    case 'faults': state.faults = data; break;
    case 'people': case 'profile':
      await reload();
      await Promise.all(seats.map((s) => s.refresh()));
      drawTabs();
      break;
    default:
  }
  for (const seat of seats) seat.event(kind, data);
  inspector.event(kind, data);
}

function follow() {
  const source = new EventSource('simulator/events?after=' + state.last_event);
  let lost = false;
  let queue = Promise.resolve();
  source.onmessage = (e) => {
    const { kind, data } = JSON.parse(e.data);
    queue = queue.then(() => event(kind, data)).catch(failed);
  };
  source.onerror = () => { if (!lost) toast(t('lost')); lost = true; };
  source.onopen = () => { if (lost) toast(t('again')); lost = false; };
}

async function begin() {
  setTheme(remembered('theme'));
  dark.addEventListener('change', () => setTheme(remembered('theme')));
  await loadTexts(query.get('lang') ?? remembered('language') ?? (navigator.language.startsWith('lo') ? 'lo' : 'en'));
  await reload();
  if (!state.users.length) {
    await api('users', { first_name: 'Noy', language_code: pageLanguage() });
    await reload();
  }
  drawWords();
  await drawSeats();
  if (state.notice?.kind === 'problems') notice(state.notice);
  follow();
  setInterval(showNow, 10000);
  at('language').addEventListener('change', (e) => attempt(() => setLanguage(e.target.value)));
  at('theme').addEventListener('click', () => {
    const next = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
    remember('theme', next);
    setTheme(next);
  });
  at('inspect').addEventListener('click', () => toggleInspector(at('inspector').hidden));
  if (query.has('inspect')) await toggleInspector(true);
  document.documentElement.dataset.ready = 'true';
}

attempt(begin);
