// What all parts of the page share: words, elements, requests, toasts.

let words = {};
let language = 'en';

/** loadTexts reads the words of the page in a language. */
export async function loadTexts(code) {
  const all = await (await fetch('texts.json')).json();
  language = all[code] ? code : 'en';
  words = { ...all.en, ...all[language] };
  document.documentElement.lang = language;
}

/** t is a text of the page; {0}, {1}… are replaced by the other arguments. */
export function t(key, ...args) {
  return (words[key] ?? key).replace(/\{(\d)\}/g, (_, n) => args[n] ?? '');
}

export const pageLanguage = () => language;

/**
 * h makes an element. Properties that begin with "on" are listeners, others
 * are attributes; text children become text, never markup.
 */
export function h(tag, props, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) el.addEventListener(name.slice(2), value);
    else if (value === true) el.setAttribute(name, '');
    else el.setAttribute(name, value);
  }
  el.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return el;
}

/** A Refusal is what the server said no to. */
export class Refusal extends Error {}

/** api calls the control API; it throws a Refusal with the server's words. */
export async function api(path, body, method) {
  const init = body === undefined
    ? { method: method ?? 'GET' }
    : { method: method ?? 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
  const response = await fetch('simulator/' + path, init);
  const result = await response.json();
  if (!response.ok) throw new Refusal(result.error ?? response.statusText);
  return result;
}

let toastTimer;

/** toast shows a line for some seconds. */
export function toast(text) {
  const el = document.getElementById('toast');
  el.textContent = text;
  el.classList.add('shown');
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => el.classList.remove('shown'), 4500);
}

/** failed shows what went wrong; what is a fault of this page goes to the console, too. */
export function failed(err) {
  if (!(err instanceof Refusal)) console.error(err);
  toast(t('failed', err.message));
}

/** attempt runs something and shows what went wrong. */
export async function attempt(f) {
  try {
    return await f();
  } catch (err) {
    failed(err);
    return undefined;
  }
}

/** dialog shows a modal window; the browser keeps the focus in it. */
export function dialog(title, ...content) {
  const box = h('dialog', { 'aria-label': title },
    h('h2', null, title), ...content);
  box.addEventListener('close', () => box.remove());
  document.body.append(box);
  box.showModal();
  return box;
}

/** alertBox shows a bot's answer that wants an OK. */
export function alertBox(text, title) {
  const box = dialog(title, h('p', null, text),
    h('div', { class: 'row end' }, h('button', { type: 'button', onclick: () => box.close() }, t('ok'))));
}

/** field is an input with its label. */
export function field(label, props) {
  const id = 'f' + Math.random().toString(36).slice(2);
  const input = h('input', { id, autocomplete: 'off', ...props });
  return { input, box: h('div', { class: 'field' }, h('label', { for: id }, label), input) };
}

let zone; // the programme's time zone, which need not be this device's

export const setZone = (name) => { zone = name; };

/**
 * when writes a time in the programme's zone: "time", "seconds", "short" with
 * the day, "full" with the year. Its words are the page's, since browsers lack
 * the Lao ones.
 */
export function when(date, style) {
  const part = {};
  for (const { type, value } of new Intl.DateTimeFormat('en-GB', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', weekday: 'short',
    hour: '2-digit', minute: '2-digit', second: '2-digit',
  }).formatToParts(date)) part[type] = value;
  const clock = part.hour + ':' + part.minute;
  if (style === 'time') return clock;
  if (style === 'seconds') return clock + ':' + part.second;
  const name = (key, n) => t(key).split(' ')[n];
  const weekday = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(part.weekday);
  const month = Number(part.month) - 1;
  return style === 'short'
    ? t('date.short', name('date.days', weekday), part.day, name('date.mon', month), clock)
    : t('date.full', name('date.weekdays', weekday), part.day, name('date.months', month), part.year, clock);
}

/** time is a message's time of day. */
export const time = (unix) => when(new Date(unix * 1000), 'time');

/** seatName is what the page calls a seat. */
export const seatName = (seat) => words['seat.' + seat] ?? seat;

export const fullName = (who) => [who?.first_name, who?.last_name].filter(Boolean).join(' ') || who?.title || '?';
