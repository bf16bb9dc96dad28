// How a message looks: text with its entities, media, buttons.

import { h, t, time, fullName } from './base.js';
import { pollNode } from './poll.js';

const fileURL = (id) => 'simulator/file/' + encodeURIComponent(id);

const wrappers = {
  bold: () => h('strong'),
  italic: () => h('em'),
  underline: () => h('u'),
  strikethrough: () => h('s'),
  code: () => h('code'),
  pre: () => h('code', { class: 'pre' }),
  blockquote: () => h('span', { class: 'quote' }),
  expandable_blockquote: () => opens('quote folded'),
  hashtag: () => h('span', { class: 'link' }),
  mention: () => h('span', { class: 'link' }),
  text_mention: () => h('span', { class: 'link' }),
};

function safeLink(address) {
  try {
    const url = new URL(/^[a-z]+:/i.test(address) ? address : 'https://' + address);
    return ['http:', 'https:', 'mailto:', 'tel:'].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** opens makes an element whose text is shown whole when it is pressed. */
function opens(kind) {
  const el = h('span', { class: kind, role: 'button', tabindex: '0', 'aria-expanded': 'false' });
  const show = () => { el.classList.add('open'); el.setAttribute('aria-expanded', 'true'); };
  el.addEventListener('click', show);
  el.addEventListener('keydown', (e) => { if (e.key === 'Enter' || e.key === ' ') show(); });
  return el;
}

function wrapper(entity, text, acts) {
  switch (entity.type) {
    case 'spoiler': return opens('spoiler');
    case 'bot_command':
      return h('button', { type: 'button', class: 'link', onclick: () => acts.say(text) });
    case 'url': case 'text_link': case 'email': case 'phone_number': {
      const prefix = { email: 'mailto:', phone_number: 'tel:' }[entity.type] ?? '';
      const href = safeLink(prefix + (entity.url ?? text));
      if (!href) return h('span');
      if (acts.isDeepLink(href)) return h('button', { type: 'button', class: 'link', onclick: () => acts.open(href) });
      return h('a', { href, target: '_blank', rel: 'noopener noreferrer' });
    }
    default: return (wrappers[entity.type] ?? (() => h('span')))();
  }
}

/** richText makes nodes of a text. Offsets are UTF-16, as in JavaScript. */
export function richText(text, entities, acts) {
  const out = document.createDocumentFragment();
  const marks = entities ?? [];
  const cuts = new Set([0, text.length]);
  for (const e of marks) cuts.add(e.offset).add(e.offset + e.length);
  const at = [...cuts].filter((n) => n >= 0 && n <= text.length).sort((a, b) => a - b);
  let open = []; // pairs of entity and element
  for (let i = 0; i + 1 < at.length; i++) {
    const inside = marks.filter((e) => e.offset <= at[i] && e.offset + e.length >= at[i + 1]);
    let same = 0;
    while (same < open.length && same < inside.length && open[same][0] === inside[same]) same++;
    open = open.slice(0, same);
    for (const e of inside.slice(same)) {
      const el = wrapper(e, text.slice(e.offset, e.offset + e.length), acts);
      (open.at(-1)?.[1] ?? out).append(el);
      open.push([e, el]);
    }
    (open.at(-1)?.[1] ?? out).append(text.slice(at[i], at[i + 1]));
  }
  return out;
}

function media(m) {
  const out = [];
  if (m.photo) {
    const shown = m.photo.find((p) => p.width >= 400) ?? m.photo.at(-1);
    out.push(h('img', {
      src: fileURL(shown.file_id), alt: m.caption || t('photoOf', fullName(m.from)), width: shown.width,
      height: shown.height, loading: 'lazy',
    }));
  }
  if (m.voice) {
    out.push(h('audio', { controls: true, preload: 'none', src: fileURL(m.voice.file_id), 'aria-label': t('voice', m.voice.duration ?? 0) }));
    out.push(h('span', { class: 'meta' }, t('voice', m.voice.duration ?? 0)));
  }
  if (m.audio) out.push(h('audio', { controls: true, preload: 'none', src: fileURL(m.audio.file_id), 'aria-label': m.audio.file_name ?? 'audio' }));
  const film = m.video ?? m.animation ?? m.video_note;
  if (film) out.push(h('video', { controls: true, preload: 'metadata', src: fileURL(film.file_id), 'aria-label': film.file_name ?? 'video' }));
  if (m.document && !m.animation) {
    out.push(h('a', { class: 'document', href: fileURL(m.document.file_id), download: m.document.file_name ?? 'file' },
      h('span', { 'aria-hidden': 'true' }, '📄 '), t('document', m.document.file_name ?? ''),
      h('span', { class: 'meta' }, ' ' + size(m.document.file_size ?? 0))));
  }
  if (m.location) {
    const { latitude, longitude } = m.location;
    out.push(h('div', { class: 'place' }, '📍 ', m.location.live_period ? t('live') + ' ' : '', m.venue ? m.venue.title + ', ' + m.venue.address + ' ' : '',
      `${latitude.toFixed(5)}, ${longitude.toFixed(5)} `,
      h('a', {
        href: `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=14/${latitude}/${longitude}`,
        target: '_blank', rel: 'noopener noreferrer',
      }, t('openMap'))));
  }
  if (m.dice) out.push(h('div', { class: 'dice' }, m.dice.emoji, ' ', String(m.dice.value)));
  if (m.contact) out.push(h('div', { class: 'place' }, '👤 ', fullName(m.contact), ' ', m.contact.phone_number));
  return out;
}

function size(bytes) {
  return bytes < 1024 ? bytes + ' B' : bytes < 1 << 20 ? (bytes / 1024).toFixed(1) + ' KB' : (bytes / (1 << 20)).toFixed(1) + ' MB';
}

/** summary is a message in a few words. */
export function summary(m) {
  const service = serviceLine(m);
  if (service) return service;
  const text = m.text || m.caption;
  if (text) return text.length > 60 ? text.slice(0, 60) + '…' : text;
  for (const [kind, word] of [['photo', 'photo'], ['location', 'location'], ['contact', 'contact']]) {
    if (m[kind]) return t(word);
  }
  if (m.poll) return t('poll') + ': ' + m.poll.question;
  if (m.dice) return m.dice.emoji;
  if (m.voice) return t('voice', m.voice.duration ?? 0);
  if (m.document) return t('document', m.document.file_name ?? '');
  return '…';
}

function serviceLine(m) {
  if (m.pinned_message) return t('pinned', summary(m.pinned_message));
  if (m.new_chat_members) return t('joined', m.new_chat_members.map(fullName).join(', '));
  if (m.left_chat_member) return t('left', fullName(m.left_chat_member));
  if (m.new_chat_title) return t('group.renamed', m.new_chat_title);
  if (m.forum_topic_created) return t('topic.created', m.forum_topic_created.name);
  if (m.forum_topic_edited) return t('topic.edited', m.forum_topic_edited.name ?? '');
  if (m.forum_topic_closed || m.general_forum_topic_hidden) return t('topic.closed');
  if (m.forum_topic_reopened || m.general_forum_topic_unhidden) return t('topic.reopened');
  if (m.migrate_to_chat_id) return '→ ' + m.migrate_to_chat_id;
  if (m.migrate_from_chat_id) return '← ' + m.migrate_from_chat_id;
  return null;
}

const icons = { url: ' ↗', web_app: ' ▣', copy_text: ' 📋' };

function inlineButton(m, b, acts) {
  const icon = Object.keys(icons).find((k) => b[k]);
  const button = h('button', { type: 'button', class: b.style ? 'style-' + b.style : null }, b.text,
    icon && h('span', { 'aria-hidden': 'true' }, icons[icon]));
  button.addEventListener('click', () => acts.press(m, b, button));
  return button;
}

/** messageNode makes a message's list item. mine tells who wrote it. */
export function messageNode(m, mine, acts) {
  const service = serviceLine(m);
  if (service) return h('div', { class: 'service', 'data-id': m.message_id }, h('span', null, service));
  const body = h('div', { class: 'bubble' });
  const thread = m.is_topic_message && acts.topicName?.(m);
  if (thread) body.append(h('div', { class: 'meta' }, '# ' + thread));
  if (acts.inGroup && !mine) body.append(h('div', { class: 'author' }, fullName(m.from)));
  if (m.forward_origin) body.append(h('div', { class: 'meta' }, t('forwardedFrom', fullName(m.forward_origin.sender_user))));
  if (m.reply_to_message && !m.reply_to_message.forum_topic_created) body.append(h('div', { class: 'replied' }, h('b', null, fullName(m.reply_to_message.from)), ' ', summary(m.reply_to_message)));
  body.append(...media(m));
  if (m.poll) body.append(pollNode(m, acts.votes?.[m.poll.id] ?? [], acts));
  const text = m.text ?? m.caption;
  if (text) {
    const p = h('div', { class: 'text', dir: 'auto' });
    p.append(richText(text, m.entities ?? m.caption_entities, acts));
    body.append(p);
  }
  const stamp = h('div', { class: 'stamp' },
    m.effect && h('span', { class: 'effect' }, m.effect + ' '),
    m.edit_date && h('span', null, t('edited') + ' '),
    h('time', { datetime: new Date(m.date * 1000).toISOString() }, time(m.date)),
    mine && h('span', { class: 'tick', role: 'img', 'aria-label': t(m.read ? 'read' : 'sent') }, m.read ? ' ✓✓' : ' ✓'));
  const more = h('button', { type: 'button', class: 'more', 'aria-label': t('actions'), 'aria-haspopup': 'dialog' }, '⋯');
  more.addEventListener('click', () => acts.more(m));
  stamp.append(more);
  body.append(stamp);
  const reactions = Object.values(m.reactions ?? {}).flat().map((r) => r.emoji ?? '★');
  if (reactions.length) body.append(h('div', { class: 'reactions' }, reactions.join(' ')));
  const item = h('article', { class: mine ? 'mine' : 'theirs', 'data-id': m.message_id },
    h('span', { class: 'hidden' }, (mine ? t('you') : fullName(m.from)) + ': '), body);
  if (m.reply_markup?.inline_keyboard?.length) {
    item.append(h('div', { class: 'inline', role: 'group', 'aria-label': summary(m) },
      m.reply_markup.inline_keyboard.map((row) => h('div', { class: 'row' }, row.map((b) => inlineButton(m, b, acts))))));
  }
  return item;
}
