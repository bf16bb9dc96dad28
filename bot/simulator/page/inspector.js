// The panel beside the chats: interview, traffic, clock, faults, people.

import { h, t, api, attempt, field, fullName, seatName, when } from './base.js';
import { groupForm, members } from './group.js';

const faults = [
  ['fault429', '429'], ['fault500', '500'], ['fault502', '502'], ['faultBefore', 'reset-before'],
  ['faultAfter', 'reset-after'], ['fault500After', '500-after'], ['fault409', '409'], ['faultSlow', 'slow'],
];
const updateFaults = [['faultDuplicate', 'duplicate'], ['faultWebhook', 'webhook'], ['faultAlbum', 'album'], ['faultLink', '404']];
const keptEntries = 200;

export class Inspector {
  constructor(world, root) {
    this.world = world;
    this.root = root;
    this.entries = [];
    this.shown = 'interview';
    this.filter = 'all';
  }

  async open() {
    this.root.hidden = false;
    const log = await attempt(() => api('log'));
    this.entries = [
      ...(log?.updates ?? []).map((u) => ({ kind: 'update', at: u.time, data: u })),
      ...(log?.calls ?? []).map((c) => ({ kind: 'call', at: c.time, data: c })),
    ].sort((a, b) => (a.at < b.at ? -1 : 1)).slice(-keptEntries);
    this.draw();
  }

  close() { this.root.hidden = true; }

  event(kind, data) {
    if (this.root.hidden) return;
    if (kind === 'update' || kind === 'call') {
      this.entries.push({ kind, at: data.time, data });
      this.entries = this.entries.slice(-keptEntries);
      if (this.shown === 'traffic') this.addEntry(this.entries.at(-1));
      if (this.shown === 'interview' && kind === 'call') this.later();
    }
    if (['clock', 'faults', 'people', 'held'].includes(kind) && ['clock', 'faults', 'people'].includes(this.shown)) this.body?.replaceChildren(...this.content());
  }

  /** later draws the interview once the bot has done with it. */
  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.drawInterview(), 250);
  }

  draw() {
    const pages = ['interview', 'traffic', 'clock', 'faults', 'people'];
    const tab = (name) => h('button', {
      type: 'button', role: 'tab', id: 'tab-' + name, 'aria-selected': String(name === this.shown), 'aria-controls': 'inspected',
      tabindex: name === this.shown ? 0 : -1, onclick: () => { this.shown = name; this.draw(); this.root.querySelector('#tab-' + name).focus(); },
    }, t(name));
    const tabs = h('div', { role: 'tablist', class: 'tablist', 'aria-label': t('inspector') }, pages.map(tab));
    tabs.addEventListener('keydown', (e) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
      if (!step) return;
      this.shown = pages[(pages.indexOf(this.shown) + step + pages.length) % pages.length];
      this.draw();
      this.root.querySelector('#tab-' + this.shown).focus();
    });
    this.body = h('div', { id: 'inspected', role: 'tabpanel', 'aria-labelledby': 'tab-' + this.shown, class: 'inspected', tabindex: '0' });
    this.body.append(...this.content());
    this.root.replaceChildren(tabs, this.body);
    if (this.shown === 'interview') this.drawInterview();
  }

  content() {
    switch (this.shown) {
      case 'traffic': return this.traffic();
      case 'clock': return this.clock();
      case 'faults': return this.faults();
      case 'people': return this.people();
      default: return [];
    }
  }

  async drawInterview() {
    if (this.shown !== 'interview' || this.root.hidden) return;
    const seat = this.world.current();
    let table = null;
    if (this.world.state().inspect && seat) table = await attempt(() => api('inspect?user=' + seat.userID));
    if (this.shown !== 'interview') return;
    if (!table) return this.body.replaceChildren(h('p', null, t('nothingInspected')));
    if (!Array.isArray(table.rows)) return this.body.replaceChildren(h('pre', { tabindex: 0 }, JSON.stringify(table, null, 2)));
    const row = (r) => h('tr', { class: (r.relevant ? '' : 'off ') + (r.current ? 'current' : '') , 'aria-current': r.current ? 'step' : null },
      h('th', { scope: 'row' }, h('span', null, r.label || r.name), h('code', null, r.name)),
      h('td', null, r.answer ?? ''), h('td', null, t(r.relevant ? 'yes' : 'no')), h('td', null, r.why && h('code', null, r.why), r.because && h('span', { class: 'meta because' }, r.because)));
    this.body.replaceChildren(h('table', null, h('caption', null, (table.title ?? '') + ' · ' + fullName(seat.user)),
      h('thead', null, h('tr', null, ['question', 'answer', 'relevant', 'why'].map((w) => h('th', { scope: 'col' }, t(w))))),
      h('tbody', null, table.rows.map(row))));
    return undefined;
  }

  traffic() {
    const choose = h('select', { id: 'filter', onchange: (e) => { this.filter = e.target.value; this.body.replaceChildren(...this.content()); } },
      ['all', 'updates', 'calls'].map((w) => h('option', { value: w, selected: w === this.filter }, t(w))));
    this.entryList = h('ol', { class: 'entries' });
    for (const e of this.entries) this.addEntry(e);
    return [h('div', { class: 'field' }, h('label', { for: 'filter' }, t('filter')), choose), this.entryList];
  }

  addEntry({ kind, at, data }) {
    if (this.filter !== 'all' && this.filter !== kind + 's') return;
    const clock = when(new Date(at), 'seconds');
    const failed = kind === 'call' && data.code !== 200;
    const title = kind === 'update' ? `↓ ${data.kind} ${data.id}` : `↑ ${data.method} ${data.code || '✂'}`;
    const body = kind === 'update' ? data.raw : { params: data.params, result: data.result, description: data.description };
    const pre = h('pre', { tabindex: 0 });
    const details = h('details', null, h('summary', { class: failed ? 'failed' : null }, h('span', { class: 'meta' }, clock + ' '), title,
      data.description && failed ? ' · ' + data.description : ''), pre);
    details.addEventListener('toggle', () => { pre.textContent = JSON.stringify(body, null, 2); }, { once: true });
    this.entryList?.prepend(h('li', null, details));
  }

  clock() {
    const advance = (body) => attempt(() => api('clock', body));
    const button = (word, body) => h('button', { type: 'button', onclick: () => advance(body) }, t(word));
    const by = field(t('advance') + ' (' + t('advanceHelp') + ')', { value: '36h', pattern: '[0-9.hms]+' });
    const form = h('form', null, by.box, h('button', { type: 'submit', class: 'primary' }, t('go')));
    form.addEventListener('submit', (e) => { e.preventDefault(); advance({ advance: by.input.value }); });
    return [h('p', { class: 'clockline' }, t('now', when(this.world.now(), 'full'))),
      h('div', { class: 'stack' }, button('minute', { advance: '1m' }), button('hour', { advance: '1h' }), button('day', { advance: '24h' }),
        button('week', { advance: '168h' }), button('monday', { weekday: 'monday', hour: 8 })), form];
  }

  faults() {
    const seconds = field(t('seconds'), { type: 'number', min: 1, max: 3600, value: 5 });
    const times = field(t('times'), { type: 'number', min: 1, max: 100, value: 1 });
    const method = field(t('faultMethod'), { list: 'methods', placeholder: t('faultAny'), spellcheck: 'false' });
    const only = h('input', { type: 'checkbox', id: 'faultonly' });
    const chat = () => (only.checked ? this.world.current()?.userID ?? 0 : 0);
    const set = (kind) => attempt(() => api('faults', {
      kind, retry_after: Number(seconds.input.value), times: Number(times.input.value), method: method.input.value.trim(), chat_id: chat(),
      delay: kind === 'slow' ? Number(seconds.input.value) * 1e9 : 0,
    }));
    const setUpdate = (kind) => attempt(() => api('faults', { kind, times: Number(times.input.value), method: kind === '404' ? 'file' : '' }));
    const updates = (what, body) => attempt(async () => { await api('updates/' + what, body); await this.world.reload(); this.event('held'); });
    const button = (word, f) => h('button', { type: 'button', onclick: f }, t(word));
    const state = this.world.state();
    const active = state.faults.map((f) => f.kind + (f.times > 0 ? ' ×' + f.times : '')).join(', ');
    const user = this.world.current()?.userID;
    return [h('p', { role: 'status' }, t('activeFaults', active || t('none'))), h('div', { class: 'row' }, seconds.box, times.box), method.box,
      h('datalist', { id: 'methods' }, ['sendMessage', 'editMessageText', 'answerCallbackQuery', 'sendPhoto', 'sendDocument', 'getFile', 'getUpdates'].map((m) => h('option', { value: m }))),
      h('label', { class: 'check' }, only, ' ', t('faultOnly')),
      h('h3', null, t('faultsCalls')), h('div', { class: 'stack' }, faults.map(([word, kind]) => button(word, () => set(kind)))),
      h('h3', null, t('faultsUpdates')), h('div', { class: 'stack' }, updateFaults.map(([word, kind]) => button(word, () => setUpdate(kind))),
        button('clear', () => attempt(() => api('faults', undefined, 'DELETE'))),
        button('redeliver', () => updates('redeliver', { n: 1 })),
        state.holding && h('p', { role: 'status' }, t('staleTap', state.held)),
        !state.holding && button('hold', () => updates('hold', {})),
        state.holding && button('release', () => updates('release', {})),
        state.holding && button('releaseSwapped', () => updates('release', { order: Array.from({ length: 20 }, (_, i) => 19 - i) })),
        button('jump', () => updates('jump', { id: 2000001 + Math.floor(Math.random() * 1000000) })),
        button('poison', () => updates('poison', { user, kind: 'unknown_kind' })),
        button('poisonMember', () => updates('poison', { user, kind: 'unknown_member' })))];
  }

  people() {
    const first = field(t('firstName'), { required: true, maxlength: 64 });
    const code = h('select', { id: 'newlang' }, ['lo', 'en'].map((c) => h('option', { value: c }, c)));
    const form = h('form', null, first.box, h('div', { class: 'field' }, h('label', { for: 'newlang' }, t('language')), code),
      h('button', { type: 'submit', class: 'primary' }, t('addPerson')));
    form.addEventListener('submit', (e) => {
      e.preventDefault();
      attempt(() => api('users', { first_name: first.input.value, language_code: code.value }));
    });
    const { users, bots, groups } = this.world.state();
    return [h('h3', null, t('people')), h('ul', { class: 'plain' }, users.map((u) => h('li', null, `${fullName(u)} · ${u.id} · ${u.language_code ?? ''} ${u.seat ? seatName(u.seat) : ''}`))),
      h('ul', { class: 'plain' }, bots.map((b) => h('li', null, `@${b.username} · `, t('pending', b.pending)))), form,
    h('h3', null, t('groups')),
    h('ul', { class: 'plain' }, groups.map((g) => h('li', null, `${g.title} · ${g.id} · ${members(g).join(', ')}${g.moved_to ? ' → ' + g.moved_to : ''}`))),
    groupForm(this.world)];
  }
}
