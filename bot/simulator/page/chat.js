// A seat: one person at their phone, with the list of their chats and a chat.

import { h, t, api, attempt, toast, alertBox, dialog, fullName, seatName, time } from './base.js';
import { messageNode, summary } from './message.js';
import { Composer } from './compose.js';
import { locationDialog } from './place.js';
import { linkDialog } from './link.js';
import { groupActs, members, topicName, topicSelect } from './group.js';

export class Seat {
  /**
   * @param {object} world what all seats share: state() and select(seat)
   * @param {number} userID whose phone this is
   */
  constructor(world, userID) {
    this.world = world;
    this.userID = userID;
    this.chat = null; // {bot} or {group}
    this.topic = 0; // of a forum, to write in
    this.unread = new Map(); // messages that came to chats that are not open, by chat
    this.messages = new Map();
    this.typingTimer = 0;
    this.person = h('select', { 'aria-label': t('person'), onchange: (e) => this.sit(Number(e.target.value)) });
    this.title = h('h2', { class: 'name' });
    this.subtitle = h('span', { class: 'subtitle', 'aria-live': 'polite' });
    this.back = h('button', { type: 'button', class: 'icon back', 'aria-label': t('back'), onclick: () => this.showList() }, '‹');
    this.menu = h('button', { type: 'button', class: 'icon', 'aria-label': t('menu'), 'aria-haspopup': 'dialog', onclick: () => this.openMenu() }, '⋮');
    this.log = h('div', { class: 'messages', role: 'log', 'aria-live': 'polite', tabindex: '0' });
    this.empty = h('p', { class: 'empty' }, t('noMessages'));
    this.list = h('ul', { class: 'chatlist', 'aria-label': t('chats') });
    this.pin = h('button', { type: 'button', class: 'pinbar', hidden: true });
    this.topics = h('div', { class: 'topics' });
    this.composer = new Composer(this);
    this.acted = Promise.resolve();
    this.root = h('section', { class: 'seat', 'aria-label': t('person') },
      h('div', { class: 'head' }, this.back,
        h('div', { class: 'who' }, this.title, this.subtitle), this.person, this.menu),
      this.topics, this.pin, this.list, this.empty, this.log, this.composer.root);
    this.root.addEventListener('keydown', (e) => this.shortcut(e));
    this.acts = {
      say: (text) => this.say(text),
      open: (link) => this.do('open', { link }),
      isDeepLink: (href) => /^https:\/\/(t|telegram)\.me\//.test(href),
      press: (m, b, el) => this.press(m, b, el),
      more: (m) => this.openActions(m),
      vote: (m, options) => this.vote(m, options),
      topicName: (m) => topicName(this.world, m.chat.id, m.message_thread_id),
      votes: {},
      who: () => this.userID,
      inGroup: false,
    };
  }

  get user() { return this.world.state().users.find((u) => u.id === this.userID); }
  get bot() { return this.world.state().bots.find((b) => b.id === this.chat?.bot) ?? this.world.state().bots[0]; }
  get where() { return this.chat?.group ? { group: this.chat.group, topic: this.topic } : { bot: this.bot.id }; }
  get group() { return this.world.state().groups.find((g) => g.id === this.chat?.group); }

  /**
   * do lets the person act in the chat that is open, one thing after the other:
   * requests that a browser sends at once arrive in any order.
   */
  do(what, body) {
    const path = `do/${this.userID}/${what}`;
    const act = { ...this.where, ...body };
    this.acted = this.acted.then(() => attempt(() => api(path, act)));
    return this.acted;
  }

  say(text, replyTo) { return this.do('say', { text, reply_to: replyTo ?? 0 }); }

  async sit(userID) {
    this.userID = userID;
    this.world.moved(this);
    await this.openChat(this.chat ?? { bot: this.world.state().bots[0].id });
  }

  async showList() {
    this.root.classList.add('listing');
    this.drawHead();
    await this.drawList();
    this.list.querySelector('button')?.focus();
  }

  async drawList() {
    const chats = await attempt(() => api('chats?user=' + this.userID)) ?? [];
    chats.sort((a, b) => (b.last?.date ?? 0) - (a.last?.date ?? 0));
    this.list.replaceChildren(...chats.map((c) => this.entry(c)));
  }

  /** entry is a line of the list: name, last message, when, how many are new. */
  entry({ bot, group, title, last }) {
    const chat = group ? { group } : { bot };
    const fresh = this.unread.get(group ?? bot) ?? 0;
    const who = last?.from?.id === this.userID ? t('you') + ': ' : '';
    return h('li', null, h('button', {
      type: 'button', onclick: async () => { await this.openChat(chat); this.composer.focus(); },
    }, h('span', { class: 'avatar', 'aria-hidden': 'true' }, [...title][0] ?? '?'),
    h('span', { class: 'entry' }, h('b', null, title), h('span', { class: 'meta' }, last ? who + summary(last) : t('noMessages'))),
    h('span', { class: 'entry end' }, h('span', { class: 'meta' }, last ? time(last.date) : ''),
      fresh > 0 && h('span', { class: 'fresh', 'aria-label': t('unread', fresh) }, String(fresh)))));
  }

  /** openChat loads a chat of the person. */
  async openChat(chat) {
    this.chat = chat;
    this.topic = 0;
    this.unread.delete(chat.group ?? chat.bot);
    this.drawBack();
    this.root.classList.remove('listing');
    await this.load();
  }

  async load() {
    const query = new URLSearchParams({ user: this.userID, ...this.where });
    const loaded = await attempt(() => api('chat?' + query));
    if (!loaded) return;
    this.messages = new Map(loaded.messages.map((m) => [m.message_id, m]));
    this.commands = loaded.commands;
    this.blocked = loaded.blocked;
    this.started = loaded.started;
    this.acts.inGroup = Boolean(this.chat.group);
    this.acts.votes = loaded.votes;
    this.pinned = loaded.pinned;
    this.drawHead();
    this.drawPin();
    this.drawMessages();
    this.composer.setKeyboard(loaded.keyboard);
    this.composer.update();
    this.setTyping(loaded.typing);
  }

  /** refresh takes up new commands, names and blocks, and leaves the messages. */
  async refresh() {
    const query = new URLSearchParams({ user: this.userID, ...this.where });
    const loaded = await attempt(() => api('chat?' + query));
    if (!loaded) return;
    Object.assign(this, { commands: loaded.commands, blocked: loaded.blocked, started: loaded.started, pinned: loaded.pinned });
    this.drawHead();
    this.drawPin();
    this.composer.update();
  }

  /** drawPin shows the newest pinned message above the chat. */
  drawPin() {
    const m = this.messages.get(this.pinned?.at(-1));
    this.pin.hidden = !m;
    if (!m) return;
    this.pin.textContent = '📌 ' + summary(m);
    this.pin.onclick = () => this.log.querySelector(`[data-id="${m.message_id}"]`)?.scrollIntoView({ block: 'center' });
  }

  /** drawBack tells on the way to the list how much is new there. */
  drawBack() {
    const fresh = [...this.unread.values()].reduce((a, b) => a + b, 0);
    this.back.textContent = fresh ? '‹ ' + fresh : '‹';
    this.back.setAttribute('aria-label', fresh ? t('back') + ', ' + t('unread', fresh) : t('back'));
  }

  async vote(m, options) {
    const before = this.acts.votes;
    this.acts.votes = { ...before, [m.poll.id]: options };
    if (await this.do('vote', { message_id: m.message_id, options })) return;
    this.acts.votes = before;
    this.edited(this.messages.get(m.message_id));
  }

  get name() {
    if (!this.chat?.group) return this.bot.first_name;
    return this.world.state().groups.find((g) => g.id === this.chat.group)?.title ?? '?';
  }

  drawHead() {
    const { users } = this.world.state();
    const listing = this.root.classList.contains('listing');
    this.title.textContent = listing ? t('chats') : this.name;
    this.person.replaceChildren(...users.map((u) => h('option', { value: u.id, selected: u.id === this.userID },
      fullName(u) + (u.seat ? ` (${seatName(u.seat)})` : ''))));
    this.person.value = String(this.userID);
    const topics = topicSelect(this);
    this.topics.replaceChildren(...(topics ? [topics] : []));
    this.root.setAttribute('aria-label', fullName(this.user));
    this.log.setAttribute('aria-label', t('messages', this.name));
    this.setTyping('');
  }

  setTyping(action) {
    clearTimeout(this.typingTimer);
    const shown = action && action !== 'cancel';
    this.subtitle.textContent = this.root.classList.contains('listing') ? '' : shown ? t(action.startsWith('upload') ? 'uploadPhoto' : 'typing')
      : this.group ? members(this.group).join(', ') : this.bot.short_description || '@' + this.bot.username;
    if (shown) this.typingTimer = setTimeout(() => this.setTyping(''), 5000);
  }

  drawMessages() {
    this.log.replaceChildren(...[...this.messages.values()].map((m) => this.node(m)));
    this.markEmpty();
    this.scroll();
  }

  markEmpty() {
    const none = this.messages.size === 0;
    this.empty.hidden = !none;
    this.empty.textContent = (none && this.bot.description) || t('noMessages');
  }

  node(m) { return messageNode(m, m.from?.id === this.userID, this.acts); }

  scroll() {
    requestAnimationFrame(() => { this.log.scrollTop = this.log.scrollHeight; });
  }

  /** belongs reports whether an event is about the chat that is open. */
  belongs(data) {
    if (this.root.classList.contains('listing')) return false;
    if (this.chat?.group) return data.chat === this.chat.group;
    return data.chat === this.userID && data.bot === this.bot.id;
  }

  /** event takes up one event of the server. */
  event(kind, data) {
    if (kind === 'toast' && data.user === this.userID) return this.toasted(data.toast);
    if (!this.chat || !data) return undefined;
    if (!this.belongs(data)) return kind === 'message' ? this.elsewhere(data) : undefined;
    switch (kind) {
      case 'message': return this.added(data.message);
      case 'edit': return this.edited(data.message);
      case 'delete': return this.removed(data.message);
      case 'read': return this.wasRead(data.message_id);
      case 'action': return this.setTyping(data.action);
      case 'pins': return this.refresh();
      default: return undefined;
    }
  }

  /** elsewhere counts what came to another chat of this person. */
  elsewhere(data) {
    const group = this.world.state().groups.find((g) => g.id === data.chat);
    const mine = group ? group.members.some((m) => m.user.id === this.userID) : data.chat === this.userID;
    if (!mine || data.message.from?.id === this.userID) return;
    const key = group ? group.id : data.bot;
    this.unread.set(key, (this.unread.get(key) ?? 0) + 1);
    this.drawBack();
    if (this.root.classList.contains('listing')) this.drawList();
  }

  added(m) {
    if (this.messages.has(m.message_id)) return this.edited(m);
    this.messages.set(m.message_id, m);
    this.log.append(this.node(m));
    this.started = true;
    this.markEmpty();
    if (m.pinned_message) this.refresh();
    if (m.keyboard || m.remove_keyboard) this.composer.setKeyboard(m.keyboard ?? null);
    if (m.force_reply && m.from?.id !== this.userID) this.composer.replyTo(m);
    if (m.from?.id !== this.userID) this.setTyping('');
    this.composer.update();
    return this.scroll();
  }

  edited(m) {
    const old = this.log.querySelector(`[data-id="${m.message_id}"]`);
    this.messages.set(m.message_id, m);
    if (!old) return;
    const hadFocus = old.contains(document.activeElement);
    const place = [...old.querySelectorAll('.inline button')].indexOf(document.activeElement);
    const fresh = this.node(m);
    old.replaceWith(fresh);
    if (!hadFocus) return;
    // The button that was pressed may be gone: the focus must not be lost.
    (fresh.querySelectorAll('.inline button')[place] ?? this.composer.input).focus({ preventScroll: true });
  }

  removed(m) {
    const old = this.log.querySelector(`[data-id="${m.message_id}"]`);
    if (old?.contains(document.activeElement)) this.composer.focus();
    old?.remove();
    this.messages.delete(m.message_id);
    this.markEmpty();
  }

  wasRead(id) {
    const m = this.messages.get(id);
    if (!m) return;
    m.read = true;
    const tick = this.log.querySelector(`[data-id="${id}"] .tick`);
    if (tick) {
      tick.textContent = ' ✓✓';
      tick.setAttribute('aria-label', t('read'));
    }
  }

  toasted(answer) {
    for (const el of this.root.querySelectorAll('[aria-busy=true]')) el.removeAttribute('aria-busy');
    if (!answer.text) return;
    if (answer.alert) alertBox(answer.text, this.name);
    else toast(answer.text);
  }

  async press(m, b, el) {
    if (b.callback_data) {
      el.setAttribute('aria-busy', 'true');
      setTimeout(() => el.removeAttribute('aria-busy'), 15000);
      const ok = await this.do('tap', { message_id: m.message_id, data: b.callback_data });
      if (!ok) el.removeAttribute('aria-busy');
    } else if (b.url && this.acts.isDeepLink(b.url)) {
      this.do('open', { link: b.url });
    } else if (b.url && /^https?:/.test(b.url)) {
      window.open(b.url, '_blank', 'noopener,noreferrer');
    } else if (b.copy_text) {
      await attempt(() => navigator.clipboard.writeText(b.copy_text.text));
      toast(t('copied'));
    } else {
      toast(t('notHere'));
    }
  }

  /** pressKey does what a button of the reply keyboard says. */
  async pressKey(key) {
    if (key.request_contact) return this.do('contact', {});
    if (key.request_location) return locationDialog((where) => this.do('location', where));
    for (const what of ['request_poll', 'request_users', 'request_chat', 'web_app']) {
      if (key[what]) return toast(t('notHere'));
    }
    return this.say(key.text);
  }

  /** Alt+1…9 presses a button of the newest message that has some. */
  shortcut(e) {
    if (!e.altKey || e.ctrlKey || e.metaKey || !/^Digit[1-9]$/.test(e.code)) return;
    const boards = this.root.querySelectorAll('.inline');
    const button = boards[boards.length - 1]?.querySelectorAll('button')[Number(e.code.at(-1)) - 1];
    if (!button) return;
    e.preventDefault();
    button.click();
  }

  openActions(m) {
    const mine = m.from?.id === this.userID;
    const item = (word, f) => h('button', { type: 'button', onclick: () => { box.close(); f(); } }, t(word));
    const box = dialog(t('actions'), h('p', { class: 'meta' }, summary(m)), h('div', { class: 'stack' },
      item('reply', () => this.composer.replyTo(m)),
      mine && (m.text || m.caption) && item('edit', () => this.composer.edit(m)),
      item('forward', () => this.do('forward', { message_id: m.message_id })),
      item('delete', () => this.do('delete', { message_id: m.message_id })),
      !mine && item('age', () => this.do('age', { message_id: m.message_id })),
      item('copy', () => attempt(async () => { await navigator.clipboard.writeText(m.text ?? m.caption ?? ''); toast(t('copied')); })),
      h('button', { type: 'button', onclick: () => box.close() }, t('cancel'))));
  }

  openMenu() {
    const item = (label, f) => h('button', { type: 'button', onclick: () => { box.close(); f(); } }, label);
    const languages = h('select', { id: 'applang', onchange: (e) => this.do('language', { language: e.target.value }) },
      ['lo', 'en', 'fr', 'vi', 'th', 'zh'].map((code) => h('option', { value: code, selected: this.user.language_code === code }, code)));
    const box = dialog(t('menu'),
      h('div', { class: 'field' }, h('label', { for: 'applang' }, t('language')), languages),
      h('div', { class: 'stack' },
        item(t('link'), () => linkDialog(this)),
        this.blocked ? item(t('unblock'), () => this.do('unblock', {})) : item(t('block'), () => this.do('block', {})),
        item(t('script'), () => this.showScript()),
        groupActs(this, item),
        !this.group && item(t('deactivate'), () => this.do('deactivate', {})),
        item(t('close'), () => {})));
  }

  /** showScript shows the conversation as a dialogue test would be written. */
  async showScript() {
    const query = new URLSearchParams({ user: this.userID, ...this.where });
    const got = await attempt(() => api('script?' + query));
    if (!got) return;
    const text = h('textarea', { rows: 14, readonly: true, 'aria-label': t('script'), class: 'script' });
    text.value = got.script;
    const box = dialog(t('script'), text, h('div', { class: 'row end' },
      h('button', { type: 'button', onclick: () => attempt(async () => { await navigator.clipboard.writeText(got.script); toast(t('copied')); }) }, t('copy')),
      h('button', { type: 'button', class: 'primary', onclick: () => box.close() }, t('close'))));
  }
}
